"""Going on with payments that a crash, a lost callback or a lost answer left unfinished."""

from datetime import timedelta
from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from betsafi.telemetry import begin, count, logger
from payment import queue, schedule
from payment.flows import deposits, paybill, reversals, withdrawals
from payment.schedule import FollowUp
from payment.states import DEPOSIT, OPEN, PAYBILL, REVERSAL, WITHDRAWAL
from payment.stores import channel, payments

_GO_ON = {
    DEPOSIT: deposits.follow_up,
    PAYBILL: paybill.follow_up,
    WITHDRAWAL: withdrawals.follow_up,
    REVERSAL: reversals.follow_up,
}
_GIVE_UP = {DEPOSIT: deposits.give_up, PAYBILL: paybill.give_up}


def take(followup: FollowUp) -> None:
    """Go on with one payment if it is due and still in the state that the message is about, then plan the next time."""
    if followup.due > clock.now().timestamp():
        queue.send([followup])
        return
    payment = payments.find(followup.payment_id)
    if payment is None or payment["version"] != followup.version or payment["status"] not in OPEN:
        return
    begin((payment.get("trace") or {}).get("correlation_id") or followup.payment_id, followup.payment_id)
    if _go_on(payment, schedule.is_late(followup, queue.DELAYS))["version"] != followup.version:
        return
    later = schedule.next_after(followup, queue.DELAYS)
    if later is not None:
        queue.send([later])
    if schedule.is_reported(followup, queue.DELAYS):
        _tell(payment)


def _go_on(payment: Item, late: bool) -> Item:
    """Return the payment as it stands afterwards. Money in that is late and not on M-Pesa's list is given up."""
    try:
        after = _GO_ON[payment["kind"]](payment)
        if late and after["version"] == payment["version"] and payment["kind"] in _GIVE_UP:
            return _GIVE_UP[payment["kind"]](payment)
        return after
    except Unavailable:
        logger.warning("a service did not answer", payment_id=payment["payment_id"])
        return payment


def _tell(payment: Item) -> None:
    """Let people know of a payment that should be finished, unless it only waits for a closed channel."""
    if payment["status"] == "HELD" and not channel.direction(WITHDRAWAL).open:
        return
    if payment["kind"] in (WITHDRAWAL, REVERSAL):
        payments.list_for_decision(payment)
    count("PaymentUnresolved")
    logger.warning("payment unresolved", payment_id=payment["payment_id"], status=payment["status"])


def find_forgotten(start: Any) -> int:
    """Send a question about every unfinished payment that no message is left for; return how many.

    `start` is True for the first pages of the table, which later ones follow.
    """
    now = clock.now()
    before = clock.stamp(now - timedelta(seconds=2 * queue.DELAYS[-1]))
    found, more = payments.open_payments(before, None if start is True else start)
    due = int(now.timestamp())
    queue.send(schedule.once(item["payment_id"], item["version"], due, queue.DELAYS) for item in found)
    if more:
        queue.send_message({"scan": more})
    logger.info("forgotten payments looked for", found=len(found))
    return len(found)
