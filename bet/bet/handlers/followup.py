"""The net under `placeBet`: a bet that nobody accepted in time is rejected, and its event gives the stake back."""

from typing import Any

from bet.slips import acceptance
from betsafi.queue import handle_batch


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Look after each bet of a batch of delayed messages `{userId, betId}`."""
    return handle_batch(event, follow_up)


def follow_up(body: dict[str, Any]) -> None:
    """Reject a bet that is still PENDING past its time: see `acceptance.time_out`."""
    acceptance.time_out(body["userId"], body["betId"])
