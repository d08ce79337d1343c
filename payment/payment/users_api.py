"""Users, as payment asks it: how a player is reached, and whether there still is an account. Of the number, a payment
keeps the beginning and the end."""

from dataclasses import dataclass, field

from betsafi import people
from betsafi.languages import Language, preferred
from betsafi.service_client import Refused, ServiceClient
from payment import wording
from payment.errors import AccountNotActive
from payment.settings import settings

_client = ServiceClient(settings.users_url)


@dataclass(frozen=True)
class Contact:
    """A player's number as M-Pesa writes it (254…), since when it is that and they are signed in, and the profile's
    language."""

    phone: str = field(repr=False)
    phone_changed_at: str = ""
    signed_out_at: str = ""
    language: Language = "en"


def check_account(sign_in_id: str) -> None:
    """Raise AccountNotActive for a token whose owner has deleted the account, or was stopped from signing in, since.

    Raises Unavailable, Misconfigured.
    """
    if not people.can_sign_in(sign_in_id):
        raise AccountNotActive(wording.ACCOUNT_CLOSED)


def confirm(user_id: str, code: str, used_for: str) -> None:
    """Use up a code that the player was sent, for one thing. Raises Refused (WRONG_CODE, NOT_FOUND), Unavailable."""
    _client.call("POST", f"/users/{user_id}/confirmations", {"code": code, "usedFor": used_for})


def language_of(user_id: str) -> Language:
    """Return the language of the player's profile; English where nobody is there any more. Raises Unavailable."""
    try:
        return contact(user_id).language
    except Refused:
        return "en"


def contact(user_id: str) -> Contact:
    """Return the player's contact. Raises Refused (NOT_FOUND), Unavailable."""
    answer = _client.call("GET", f"/users/{user_id}/contact")
    phone = answer["phoneNumber"].removeprefix("+")
    changed_at, out_at = answer.get("phoneChangedAt") or "", answer.get("signedOutAt") or ""
    return Contact(phone, changed_at, out_at, preferred(answer["language"]))
