"""The wallet, as payment calls it: hold money on its way out, give it back, and ask whether a wallet takes money."""

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


def status(user_id: str) -> str | None:
    """Return whether the player's wallet is ACTIVE, SUSPENDED, FROZEN or CLOSED; None before it is opened.

    Raises Refused, Unavailable.
    """
    try:
        return str(_quick.call("GET", f"/accounts/{user_id}")["status"])
    except Refused as refusal:
        if refusal.code == "NOT_FOUND":
            return None
        raise
