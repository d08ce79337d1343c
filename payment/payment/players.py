"""What payment asks about a player: users for the phone and the status, the wallet whether it is open, Cognito whether
there still is an account. Never kept.
"""

from dataclasses import dataclass, field

from betsafi import people
from betsafi.service_client import Refused, ServiceClient
from payment import wording
from payment.errors import AccountNotActive
from payment.settings import settings

_users = ServiceClient(settings.users_url)
# One quick question: M-Pesa waits 8 seconds for the validation of a paybill payment (three tries fit into the
# function's 7), and a player who waits for a prompt has M-Pesa's own 20 seconds before them.
_wallet = ServiceClient(settings.wallet_url, connect_timeout=1, read_timeout=settings.wallet_wait_ms / 1000)


@dataclass(frozen=True)
class Contact:
    """A player's number as M-Pesa writes it (254…) and status."""

    phone: str = field(repr=False)
    status: str


def check_account(sign_in_id: str) -> None:
    """Raise AccountNotActive for a token whose owner has deleted the account, or was stopped from signing in, since.

    Raises Unavailable, Misconfigured.
    """
    if not people.can_sign_in(sign_in_id):
        raise AccountNotActive(wording.ACCOUNT_CLOSED)


def contact(user_id: str) -> Contact:
    """Return the player's contact. Raises Refused (NOT_FOUND), Unavailable."""
    answer = _users.call("GET", f"/users/{user_id}/contact")
    return Contact(answer["phoneNumber"].removeprefix("+"), answer["status"])


def wallet_status(user_id: str) -> str | None:
    """Return whether the player's wallet is ACTIVE, SUSPENDED, FROZEN or CLOSED; None before it is opened.

    Raises Refused, Unavailable.
    """
    try:
        return str(_wallet.call("GET", f"/accounts/{user_id}")["status"])
    except Refused as refusal:
        if refusal.code == "NOT_FOUND":
            return None
        raise
