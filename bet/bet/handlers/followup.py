"""The net under `placeBet`: a bet that nobody accepted in time is rejected, and its event gives the stake back."""

from typing import Any

from bet import store
from betsafi import clock
from betsafi.queue import handle_batch
from betsafi.telemetry import logger


class NotDueYet(Exception):
    """The bet may still be accepted; the message is tried again."""


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Look after each bet of a batch of delayed messages `{userId, betId}`."""
    return handle_batch(event, follow_up)


def follow_up(body: dict[str, Any]) -> None:
    """Reject the bet if it is still PENDING past its time. Raises NotDueYet before."""
    bet = store.get_bet(body["userId"], body["betId"])
    if bet["status"] != "PENDING":
        return
    if clock.stamp() <= bet["accept_before"]:
        raise NotDueYet(bet["bet_id"])
    store.reject(bet, "BET_TIMED_OUT")
    logger.info("bet timed out", bet_id=bet["bet_id"])
