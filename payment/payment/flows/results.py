"""What M-Pesa's results do to our orders, withdrawals and reversals: each is believed once, if it fits."""

from collections.abc import Callable
from typing import Any

from betsafi import clock
from betsafi.approval import Agreement
from betsafi.dynamodb import Item, Write
from betsafi.service_client import Refused
from payment import wording
from payment.callbacks import Delivery
from payment.errors import NotAllowedNow
from payment.providers.base import Outcome, Submission, Submitted, Told, Unreadable, Verdict
from payment.states import REVERSAL, WITHDRAWAL
from payment.stores import channel, moves, payments, players, quarantine


def given(payment: Item, submitted: Submitted, **changes: Any) -> Item:
    """Write down what became of giving M-Pesa an order, and `changes` where it has it or may have it.

    Whatever is not clear stays as it is and is followed up.
    """
    if submitted.fate is Submission.ACCEPTED:
        return moves.move(payment, "SUBMITTED", submitted_at=clock.stamp(), **changes)
    if submitted.fate is Submission.UNKNOWN and payment["status"] == "HELD":
        return moves.move(payment, "SUBMIT_UNKNOWN", reason=submitted.reason, **changes)
    if submitted.fate is Submission.REFUSED:
        # Nothing was done, but this is no failure of the order: it is given again when the fault is mended.
        payments.needs_operator(payment, submitted.reason)
    return payment


def stop(payment: Item, agreed: Agreement) -> Item:
    """End the repeating of an order, as two people decided; what was sent may still be done. Raises NotAllowedNow."""
    return decide(payment, "DELAYED", agreed, reason="STOPPED")


def end_unpaid(payment: Item, agreed: Agreement) -> Item:
    """End an order as not done, as two people decided on evidence. Raises NotAllowedNow."""
    return decide(payment, "FAILED", agreed, reason="RESOLVED_UNPAID")


def decide(payment: Item, status: str, agreed: Agreement, *also: Write, **changes: Any) -> Item:
    """Move a payment as people decided, with `also` and what a failure takes back.

    Raises NotAllowedNow if it moved meanwhile, or `also` does not hold.
    """
    also = (*also, *undo(payment)) if status == "FAILED" else also
    try:
        return moves.move_by_hand(payment, status, agreed, *also, **changes)
    except moves.MovedMeanwhile as moved:
        raise NotAllowedNow(wording.MOVED) from moved


def fail(order: Item, status: str, **changes: Any) -> Item:
    """End an order as FAILED or REFUSED, and take back what it did to other items; return it as it stands."""
    return moves.move(order, status, *undo(order), **changes)


def refuse(order: Item, refusal: Refused) -> Item:
    """End an order that the wallet refused, with its sentence in both languages; return it as it stands."""
    said = {"reason": refusal.code, "refusal": refusal.said("en"), "refusal_sw": refusal.said("sw")}
    return fail(order, "REFUSED", **said)


def undo(order: Item) -> list[Write]:
    """What goes with the failure of an order: room in the player's day again, or money back in suspense."""
    if order["kind"] == WITHDRAWAL:
        return [players.give_back_to_day(order)]
    return [moves.back_in_suspense(order)] if order["suspense"] else []


def success(order: Item) -> Write:
    """What goes with the success of an order: the player was paid once, or the deposit was given back."""
    if order["kind"] == WITHDRAWAL:
        return players.mark_paid(order["user_id"], order.get("reviewed_at") or order["at"])
    return moves.reversed_original(order)


def read(delivery: Delivery, kind: str, parse: Callable[[str], Told]) -> tuple[Item, Told] | None:
    """Return the payment and what a delivery says of it; None, quarantined, if either cannot be made out."""
    try:
        told = parse(delivery.body)
    except Unreadable:
        quarantine.keep(delivery, "UNREADABLE", {})
        return None
    payment = payments.find(delivery.payment_id)
    if payment is None or payment["kind"] != kind:
        quarantine.keep(delivery, "UNKNOWN_PAYMENT", told.facts)
        return None
    return payment, told


def believe(delivery: Delivery, payment: Item, told: Told, wanted_cents: int) -> None:
    """Move an order as a result says, unless it is a success of another amount or contradicts what stands."""
    assert told.verdict is not None
    if told.is_paid and not told.repeated and told.amount_cents != wanted_cents:
        quarantine.keep(delivery, "OTHER_AMOUNT", told.facts)
        return
    try:
        apply(payment, told.verdict, told.receipt)
    except moves.Conflicting as conflict:
        quarantine.keep(delivery, conflict.reason, told.facts)


def apply(payment: Item, verdict: Verdict, receipt: str | None) -> Item:
    """Move an order as a verdict says. Raises Conflicting after the hold was released."""
    if verdict.alert:
        payments.needs_operator(payment, verdict.reason)
    if verdict.outcome is Outcome.PAID:
        return moves.complete(payment, receipt, success(payment))
    if verdict.outcome is Outcome.FAILED:
        return fail(payment, "FAILED", reason=verdict.reason)
    if verdict.outcome is Outcome.OPERATOR:
        delayed = moves.move(payment, "DELAYED", reason=verdict.reason)
        is_news = delayed["status"] == "DELAYED" and delayed["version"] != payment["version"]
        if verdict.reason == "CONFIGURATION" and is_news and channel.direction(WITHDRAWAL).open:
            # The next one would fare the same, and M-Pesa locks an initiator that fails again and again.
            channel.switch(WITHDRAWAL, False, wording.OUT_OF_ORDER, "circuit breaker")
        return delayed
    if verdict.outcome is Outcome.UNKNOWN and payment["status"] != "UNKNOWN":
        return moves.move(payment, "UNKNOWN", reason=verdict.reason)
    return payment


def take_timeout(delivery: Delivery) -> None:
    """The order waited too long in M-Pesa's queue: no failure, the outcome is unknown. Any body will do.

    It may be about an earlier try, so it ends no state in which the order is given again.
    """
    payment = payments.find(delivery.payment_id)
    if payment is None or payment["kind"] not in (WITHDRAWAL, REVERSAL):
        quarantine.keep(delivery, "UNKNOWN_PAYMENT", {})
    elif payment["status"] == "SUBMITTED":
        moves.move(payment, "UNKNOWN", only_from="SUBMITTED", reason="QUEUE_TIMEOUT")
