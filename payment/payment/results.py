"""What M-Pesa's results do to our orders, withdrawals and reversals: each is believed once, if it fits."""

from typing import Any

from betsafi import clock
from betsafi.approval import Agreement
from betsafi.dynamodb import Item, Write
from payment import callbacks, channel, store, wording
from payment.callbacks import Delivery, Result
from payment.daraja_codes import Outcome, Submission, Submitted, Verdict
from payment.states import REVERSAL, WITHDRAWAL


def given(payment: Item, submitted: Submitted) -> Item:
    """Write down what became of giving M-Pesa an order; whatever is not clear stays as it is and is followed up."""
    if submitted.fate is Submission.ACCEPTED:
        return store.move(payment, "SUBMITTED", submitted_at=clock.stamp())
    if submitted.fate is Submission.UNKNOWN and payment["status"] == "HELD":
        return store.move(payment, "SUBMIT_UNKNOWN", reason=submitted.reason)
    if submitted.fate is Submission.REFUSED:
        # Nothing was done, but this is no failure of the order: it is given again when the fault is mended.
        store.needs_operator(payment, submitted.reason)
    return payment


def stop(payment: Item, agreed: Agreement) -> Item:
    """End the repeating of an order, as two people decided; what was sent may still be done. Raises NotAllowedNow."""
    return store.move_by_hand(payment, "DELAYED", agreed, reason="STOPPED")


def end_unpaid(payment: Item, agreed: Agreement) -> Item:
    """End an order as not done, as two people decided on evidence. Raises NotAllowedNow."""
    return store.move_by_hand(payment, "FAILED", agreed, reason="RESOLVED_UNPAID")


def read(delivery: Delivery, kind: str) -> tuple[Item, Result] | None:
    """Return the payment and the result of a delivery; None, quarantined, if either cannot be made out."""
    try:
        result = callbacks.parse_result(delivery.body)
    except callbacks.Unreadable:
        store.quarantine(delivery, "UNREADABLE", {})
        return None
    payment = store.find(delivery.payment_id)
    if payment is None or payment["kind"] != kind:
        store.quarantine(delivery, "UNKNOWN_PAYMENT", facts(result))
        return None
    return payment, result


def facts(result: Result) -> dict[str, Any]:
    """Return what a quarantined result is known by."""
    return {"code": result.code[:40], "transaction_id": result.transaction_id}


def believe(
    delivery: Delivery, payment: Item, verdict: Verdict, result: Result, receipt: str | None, amount: int | None,
    wanted: int, *also: Write,
) -> None:  # fmt: skip
    """Move an order as a result says, unless it is a success of another amount or contradicts what stands."""
    if verdict.outcome is Outcome.PAID and amount != wanted:
        store.quarantine(delivery, "OTHER_AMOUNT", facts(result))
        return
    try:
        apply(payment, verdict, receipt, *also)
    except store.Conflicting as conflict:
        store.quarantine(delivery, conflict.reason, facts(result))


def apply(payment: Item, verdict: Verdict, receipt: str | None, *also: Write) -> Item:
    """Move an order as a verdict says; `also` goes with a success. Raises Conflicting after the hold was released."""
    if verdict.alert:
        store.needs_operator(payment, verdict.reason)
    if verdict.outcome is Outcome.PAID:
        return store.complete(payment, receipt, *also)
    if verdict.outcome is Outcome.FAILED:
        return store.move(payment, "FAILED", reason=verdict.reason)
    if verdict.outcome is Outcome.OPERATOR:
        delayed = store.move(payment, "DELAYED", reason=verdict.reason)
        is_news = delayed["status"] == "DELAYED" and delayed["version"] != payment["version"]
        if verdict.reason == "CONFIGURATION" and is_news and channel.direction(WITHDRAWAL).open:
            # The next one would fare the same, and M-Pesa locks an initiator that fails again and again.
            channel.switch(WITHDRAWAL, False, wording.OUT_OF_ORDER, "circuit breaker")
        return delayed
    if verdict.outcome is Outcome.UNKNOWN and payment["status"] != "UNKNOWN":
        return store.move(payment, "UNKNOWN", reason=verdict.reason)
    return payment


def take_timeout(delivery: Delivery) -> None:
    """The order waited too long in M-Pesa's queue: no failure, the outcome is unknown. Any body will do.

    It may be about an earlier try, so it ends no state in which the order is given again.
    """
    payment = store.find(delivery.payment_id)
    if payment is None or payment["kind"] not in (WITHDRAWAL, REVERSAL):
        store.quarantine(delivery, "UNKNOWN_PAYMENT", {})
    elif payment["status"] == "SUBMITTED":
        store.move(payment, "UNKNOWN", only_from="SUBMITTED", reason="QUEUE_TIMEOUT")
