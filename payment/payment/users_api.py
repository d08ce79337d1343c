"""Users, as payment asks it: a player's phone, and whether there still is an account. Never kept."""

from dataclasses import dataclass, field

from betsafi import people
from betsafi.service_client import ServiceClient
from payment import wording
from payment.errors import AccountNotActive
from payment.settings import settings

_client = ServiceClient(settings.users_url)


@dataclass(frozen=True)
class Contact:
    """A player's number as M-Pesa writes it (254…), and since when it is that and they are signed in."""

    phone: str = field(repr=False)
    phone_changed_at: str = ""
    signed_out_at: str = ""


def check_account(sign_in_id: str) -> None:
    """Raise AccountNotActive for a token whose owner has deleted the account, or was stopped from signing in, since.

    Raises Unavailable, Misconfigured.
    """
    if not people.can_sign_in(sign_in_id):
        raise AccountNotActive(wording.ACCOUNT_CLOSED)


def confirm(user_id: str, code: str, used_for: str) -> None:
    """Use up a code that the player was sent, for one thing. Raises Refused (WRONG_CODE, NOT_FOUND), Unavailable."""
    _client.call("POST", f"/users/{user_id}/confirmations", {"code": code, "usedFor": used_for})


def contact(user_id: str) -> Contact:
    """Return the player's contact. Raises Refused (NOT_FOUND), Unavailable."""
    answer = _client.call("GET", f"/users/{user_id}/contact")
    phone = answer["phoneNumber"].removeprefix("+")
    return Contact(phone, answer.get("phoneChangedAt") or "", answer.get("signedOutAt") or "")
