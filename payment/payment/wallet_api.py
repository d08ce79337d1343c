"""The wallet, as payment calls it: hold money on its way out, give it back, and ask whether a wallet takes money."""

from collections.abc import Iterator
from typing import Any

from betsafi.errors import DomainError
from betsafi.service_client import Refused, ServiceClient
from payment.settings import settings

_client = ServiceClient(settings.wallet_url)
# One quick question: M-Pesa waits 8 seconds for the validation of a paybill payment (three tries fit into the
# function's 7), and a player who waits for a prompt has M-Pesa's own 20 seconds before them.
_quick = ServiceClient(settings.wallet_url, connect_timeout=1, read_timeout=settings.wallet_wait_ms / 1000)


def hold(user_id: str, payment_id: str, kind: str, amount_cents: int) -> None:
    """Set money aside under a payment's id. Raises Refused, Unavailable (outcome unknown)."""
    hold = {"holdId": payment_id, "userId": user_id, "kind": kind, "amountCents": amount_cents}
    _client.call("POST", "/holds", hold)


def release(user_id: str, payment_id: str, reason: str) -> None:
    """Give back what is held; a hold that arrives later is refused. Raises Refused, Unavailable."""
    _client.call("POST", f"/holds/{payment_id}/release", {"userId": user_id, "reason": reason})


def account(user_id: str) -> dict[str, Any]:
    """Return how the player's account stands. Raises Refused (NOT_FOUND before it is opened), Unavailable."""
    found: dict[str, Any] = _quick.call("GET", f"/accounts/{user_id}")
    return found


def withdrawal_caps(user_id: str) -> Iterator[tuple[int, DomainError]]:
    """Yield all that bounds a withdrawal in the wallet: the most cents that it holds, and how more is refused.

    Raises Refused, Unavailable.
    """
    for cap in account(user_id)["withdrawalCaps"]:
        yield cap["mostCents"], Refused(409, cap["code"], cap["message"], cap["info"], cap["sw"])


def status(user_id: str) -> str | None:
    """Return whether the player's wallet is ACTIVE, SUSPENDED, FROZEN or CLOSED; None before it is opened.

    Raises Refused, Unavailable.
    """
    try:
        return str(account(user_id)["status"])
    except Refused as refusal:
        if refusal.code == "NOT_FOUND":
            return None
        raise
