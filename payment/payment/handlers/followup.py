"""Follow-ups: finish what a crash, a lost callback or a lost answer left unfinished.

One queue, several kinds of message: a delayed question about one payment; and by the clock {"scan": true}, which finds
every unfinished payment that no message is left for, {"balance": true}, and {"pull": true}, which books what M-Pesa has
and we have not, a page a message.
"""

from datetime import timedelta
from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from betsafi.queue import handle_batch
from betsafi.telemetry import begin, count, logger
from payment import deposits, followups, paybill, queue, reversals, store, upkeep, withdrawals
from payment.credentials import credentials
from payment.followups import FollowUp
from payment.states import DEPOSIT, OPEN, PAYBILL, REVERSAL, WITHDRAWAL

_GO_ON = {
    DEPOSIT: deposits.follow_up,
    PAYBILL: paybill.follow_up,
    WITHDRAWAL: withdrawals.follow_up,
    REVERSAL: reversals.follow_up,
}


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Handle a batch of messages; the failed ones come again."""
    return handle_batch(event, _handle)


def _handle(message: dict[str, Any]) -> None:
    if message.get("scan"):
        find_forgotten()
        upkeep.report_password_age()
    elif message.get("balance"):
        upkeep.report_queues()
        upkeep.ask_balance()
    elif "pull" in message:
        pull(message["pull"])
    else:
        take(followups.parse(message))


def pull(page: Any) -> None:
    """Book a page of what M-Pesa has, and send for the next one. `page` is True for the first."""
    if not credentials().can_take:  # a new stage, whose secret is not filled in yet
        return
    if page is True:
        since, until = paybill.pull_window()
        page = {"since": clock.stamp(since), "until": clock.stamp(until), "offset": 0}
    more = paybill.pull(clock.parse_stamp(page["since"]), clock.parse_stamp(page["until"]), page["offset"])
    if more:
        queue.send_message({"pull": {**page, "offset": more}})


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
    if payment["kind"] == PAYBILL:
        payment = paybill.give_up(payment)
    count("PaymentUnresolved")
    logger.warning("payment unresolved", payment_id=followup.payment_id, status=payment["status"])


def _go_on(payment: Item) -> Item:
    try:
        return _GO_ON[payment["kind"]](payment)
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
