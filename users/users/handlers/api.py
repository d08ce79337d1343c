"""Contact details for the services that must reach a player: payment (the phone to prompt and pay), notifications."""

from typing import Annotated

from pydantic import Field

from betsafi.bodies import Body, Id, refusal
from betsafi.errors import Erased, NotFound
from betsafi.events.model import Stamp
from betsafi.http import Api
from betsafi.protection import PlayerStatus
from users import models, wording
from users.flows import codes
from users.stores import people

handler = Api()

_CODE = Annotated[str, Field(strict=True, pattern=f"^{models.CODE}$"), refusal(wording.CODE_DIGITS)]


class Contact(Body):
    """How to reach a person."""

    user_id: Id
    phone_number: Annotated[str, Field(pattern=f"^{models.PHONE}$")]
    language: models.Language
    status: PlayerStatus
    email: Annotated[str | None, Field(max_length=models.LONGEST_EMAIL, description="Proven; null: none.")] = None
    phone_changed_at: Annotated[Stamp | None, Field(description="When the number was changed; null: never.")] = None
    signed_out_at: Annotated[Stamp | None, Field(description="When they signed out everywhere; null: never.")] = None


@handler.route(
    "GET", "/users/{userId}/contact", callers=("payment", "notifications"), gives=Contact, refuses=(NotFound, Erased)
)
def contact(caller: str, path: dict[str, str], asked: None) -> Contact:
    """Return the phone number in international form, the language and the status."""
    profile = people.get_profile(path["userId"])
    return Contact(
        user_id=profile["user_id"],
        phone_number=profile["phone_number"],
        language=profile["language"],
        status=profile["status"],
        email=profile.get("email"),
        phone_changed_at=profile.get("phone_changed_at"),
        signed_out_at=profile.get("signed_out_at"),
    )


class Confirmation(Body):
    """A code that a player was sent to confirm what they ask for, and the one thing that it is used for."""

    code: _CODE
    used_for: Id


class Confirmed(Body):
    """Whose code it was."""

    user_id: Id


@handler.route(
    "POST",
    "/users/{userId}/confirmations",
    callers=("payment",),
    takes=Confirmation,
    gives=Confirmed,
    refuses=(NotFound, Erased, codes.WrongCode),
)
def confirm(caller: str, path: dict[str, str], asked: Confirmation) -> Confirmed:
    """Use up the code that a player asked for (requestFreshCode), for one thing: the same again is the same answer."""
    profile = people.get_profile(path["userId"])
    codes.confirm(profile["phone_number"], asked.code, asked.used_for)
    return Confirmed(user_id=profile["user_id"])
