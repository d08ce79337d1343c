"""Follow-ups: finish what a crash, a lost callback or a lost answer left unfinished.

One queue, two kinds of message: a delayed question about one payment; and once a day, from a schedule, {"scan": true},
which finds every unfinished payment that no message is left for and puts it back into the queue.
"""

from datetime import timedelta
from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from betsafi.queue import handle_batch
from betsafi.telemetry import begin, count, logger
from payment import deposits, followups, queue, store, withdrawals
from payment.followups import FollowUp
from payment.states import DEPOSIT, OPEN


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Handle a batch of messages; the failed ones come again."""
    return handle_batch(event, _handle)


def _handle(message: dict[str, Any]) -> None:
    if message.get("scan"):
        find_forgotten()
    else:
        take(followups.parse(message))


def take(followup: FollowUp) -> None:
    """Go on with one payment if it is due and still in the state that the message is about, then plan the next time."""
    if followup.due > clock.now().timestamp():
        queue.send([followup])
        return
    payment = store.find(followup.payment_id)
    if payment is None or payment["version"] != followup.version or payment["status"] not in OPEN:
        return
    begin((payment.get("trace") or {}).get("correlation_id") or followup.payment_id, followup.payment_id)
    if _go_on(payment)["version"] != followup.version:
        return
    later = followups.next_after(followup, queue.DELAYS)
    if later is not None:
        queue.send([later])
        return
    count("PaymentUnresolved")
    logger.warning("payment unresolved", payment_id=followup.payment_id, status=payment["status"])


def _go_on(payment: Item) -> Item:
    try:
        return deposits.follow_up(payment) if payment["kind"] == DEPOSIT else withdrawals.follow_up(payment)
    except Unavailable:
        logger.warning("a service did not answer", payment_id=payment["payment_id"])
        return payment


def find_forgotten() -> int:
    """Send one last question for every unfinished payment that no message is left for; return how many."""
    last = len(queue.DELAYS) - 1
    now = clock.now()
    before = clock.stamp(now - timedelta(seconds=2 * queue.DELAYS[-1]))
    due = int(now.timestamp())
    forgotten = [FollowUp(item["payment_id"], item["version"], last, due) for item in store.open_payments(before)]
    queue.send(forgotten)
    logger.info("forgotten payments looked for", found=len(forgotten))
    return len(forgotten)
