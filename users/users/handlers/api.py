"""Contact details for the services that must reach a player: payment (the phone to prompt and pay), notifications."""

from typing import Annotated, Literal

from pydantic import Field

from betsafi.bodies import Body, Id
from betsafi.errors import NotFound
from betsafi.http import Api
from users import models, wording
from users.stores import people

handler = Api()


class Contact(Body):
    """How to reach a person."""

    user_id: Id
    phone_number: Annotated[str, Field(pattern=f"^{models.PHONE}$")]
    language: models.Language
    status: Literal["ACTIVE", "SUSPENDED"]


@handler.route(
    "GET", "/users/{userId}/contact", callers=("payment", "notifications"), gives=Contact, refuses=(NotFound,)
)
def contact(caller: str, path: dict[str, str], asked: None) -> Contact:
    """Return the phone number in international form, the language and the status."""
    profile = people.get_profile(path["userId"])
    if "phone_number" not in profile:
        raise NotFound(wording.ERASED)
    return Contact(
        user_id=profile["user_id"],
        phone_number=profile["phone_number"],
        language=profile["language"],
        status=profile["status"],
    )
