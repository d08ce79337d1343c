"""Follow-ups: finish what a crash, a lost callback or a lost answer left unfinished.

One queue, several kinds of message: a delayed question about one payment; and by the clock {"scan": true}, which finds
every unfinished payment that no message is left for, {"balance": true}, and {"pull": "new"}, which books what M-Pesa
has and we have not (once a day {"pull": true}, all of 48 hours). A scan and a pull go on in messages of their own.
"""

from datetime import timedelta
from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from betsafi.queue import handle_batch
from betsafi.telemetry import begin, count, logger
from payment import deposits, paybill, queue, reversals, schedule, upkeep, withdrawals
from payment.providers.mpesa.credentials import credentials
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


class NotBooked(Exception):
    """Payments that M-Pesa has could not be booked; their page is read again."""


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Handle a batch of messages; the failed ones come again."""
    return handle_batch(event, _handle)


def _handle(message: dict[str, Any]) -> None:
    if "scan" in message:
        if message["scan"] is True:
            upkeep.report_password_age()
            queue.send_message({"pull": True})
        find_forgotten(message["scan"])
    elif message.get("balance"):
        upkeep.report_queues()
        upkeep.ask_balance()
    elif "pull" in message:
        pull(message["pull"])
    else:
        take(schedule.parse(message))


def pull(page: Any) -> None:
    """Book a page of what M-Pesa has, and send for the next one.

    `page` is True for the first one of all that M-Pesa tells, "new" for the first one of what was not read yet. A page
    with a payment that cannot be booked is read again `alone`, by a message of its own that raises NotBooked until it
    can; the list then does not count as read.
    """
    if not credentials().can_take:  # a new stage, whose secret is not filled in yet
        return
    if page is True or page == "new":
        since, until = paybill.pull_window(only_new=page == "new")
        page = {"since": clock.stamp(since), "until": clock.stamp(until), "offset": 0, "first": "", "whole": True}
    since, until = clock.parse_stamp(page["since"]), clock.parse_stamp(page["until"])
    try:
        pulled = paybill.pull(since, until, page["offset"], page["first"])
    except Unavailable:
        # The next pull begins where the last whole one ended; the alarm is for when none gets through.
        count("PullFailed")
        logger.warning("M-Pesa did not answer a pull", offset=page["offset"])
        return
    if page.get("alone"):
        if pulled.failed:
            raise NotBooked(", ".join(pulled.failed))
        return
    if pulled.failed:
        queue.send_message({"pull": {**page, "alone": True}})
    whole = page.get("whole", True) and not pulled.failed
    if pulled.more:
        more = {"offset": pulled.more.offset, "first": pulled.more.first}
        queue.send_message({"pull": {**page, **more, "whole": whole}})
    elif whole:
        channel.save_pulled(page["since"], page["until"])


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
    if schedule.is_told(followup, queue.DELAYS):
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
