"""The payment outbox: changes become events, and every unfinished state gets a follow-up."""

from collections.abc import Callable, Sequence
from typing import Any

from betsafi import clock, outbox
from betsafi.audit import SK, named
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.payment import (
    DepositCompleted,
    DepositFailed,
    DepositRequested,
    DepositReversalFailed,
    DepositReversed,
    PaymentProgressed,
    PaymentStaffActed,
    SuspenseReceived,
    SuspenseReturned,
    WithdrawalCompleted,
    WithdrawalFailed,
    WithdrawalRefused,
    WithdrawalRequested,
)
from payment import queue, schedule
from payment.schedule import FollowUp
from payment.states import DEPOSIT, OPEN, PAYBILL, REVERSAL, WITHDRAWAL
from payment.table import PAYMENT


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A change of a payment's status is an event, and so is what staff did; nothing else is.

    Without an old item its standing in suspense is part of what it implies: the money was received before it went on;
    so it is of what goes back at once.
    """
    if new["sk"] == SK:
        return [PaymentStaffActed.of(new)]
    if not _changed(old, new):
        return []
    events = _EVENTS[new["kind"]](new)
    at_once = new["status"] == "RETURNING" and old is not None and old["status"] != "SUSPENSE"
    return [*_received(new), *events] if old is None or at_once else events


def to_follow_ups(old: Item | None, new: Item) -> list[FollowUp]:
    """A payment that entered an unfinished state is asked about later."""
    if not _changed(old, new) or new["status"] not in OPEN:
        return []
    changed = clock.parse_stamp(new["updated_at"]).timestamp()
    return [schedule.first(new["payment_id"], new["version"], changed, queue.DELAYS)]


def _changed(old: Item | None, new: Item) -> bool:
    is_payment = new["pk"].startswith("PAYMENT#") and new["sk"] == PAYMENT
    return is_payment and (old is None or old["status"] != new["status"])


def _deposit_events(new: Item) -> list[Event]:
    deposit = {"deposit_id": new["payment_id"], "user_id": new["user_id"], **_told(new)}
    if new["status"] == "REQUESTED":
        return [DepositRequested(**deposit)]
    if new["status"] == "COMPLETED":
        return [_deposited(new)]
    if new["status"] == "FAILED":
        return [DepositFailed(**deposit, reason=new["reason"])]
    return [_progressed(new)]


def _paybill_events(new: Item) -> list[Event]:
    """What is being confirmed, merged or given up is nobody's yet and publishes nothing.

    A player who is stopped sees their money go back, so each step of that is told as well.
    """
    if new["status"] == "COMPLETED":
        return [_deposited(new)]
    if new["status"] == "SUSPENSE" and "reversal_id" not in new:
        return [SuspenseReceived(**_suspense(new))]
    seen = [_progressed(new)] if new.get("user_id") else []
    if new["status"] == "RETURNED":
        return [SuspenseReturned(**_suspense(new), **named(new)), *seen]
    return seen


def _received(new: Item) -> list[Event]:
    """Return that a payment came into suspense, if it did and its status does not say so any more."""
    back = new["status"] in ("RETURNING", "RETURNED") or (new["status"] == "SUSPENSE" and "reversal_id" in new)
    if back or new.get("from_suspense"):
        return [SuspenseReceived(**_suspense(new))]
    return []


def _suspense(new: Item) -> dict[str, Any]:
    return {"receipt": new["told_receipt"], "amount_cents": new["amount_cents"], "provider": new.get("provider")}


def _deposited(new: Item) -> Event:
    split = {"credit_cents": new["credit_cents"], "excise_cents": new["excise_cents"]}
    return DepositCompleted(
        deposit_id=new["payment_id"],
        user_id=new["user_id"],
        receipt=new.get("receipt"),
        from_suspense=new.get("from_suspense", False),
        provider=new.get("provider"),
        **_told(new),
        **split,
        **(named(new) if new.get("from_suspense") else {}),
    )


def _withdrawal_events(new: Item) -> list[Event]:
    withdrawal = {"withdrawal_id": new["payment_id"], "user_id": new["user_id"], **_told(new)}
    if new["status"] == "HELD":
        return [WithdrawalRequested(**withdrawal, **named(new))]
    if new["status"] == "COMPLETED":
        split = {name: new[name] for name in ("paid_cents", "withholding_cents", "remainder_cents")}
        split |= {name: new.get(name) for name in ("receipt", "provider")}
        return [WithdrawalCompleted(**withdrawal, **split, **named(new))]
    if new["status"] == "REFUSED":
        return [WithdrawalRefused(**withdrawal, reason=new["reason"])]
    if new["status"] == "FAILED":
        return [WithdrawalFailed(**withdrawal, reason=new["reason"], **named(new))]
    return [_progressed(new)] if new["status"] != "REQUESTED" else []


def _reversal_events(new: Item) -> list[Event]:
    if new["suspense"]:
        return []  # published by the payment in suspense itself
    reversal = {
        "reversal_id": new["payment_id"],
        **{name: new[name] for name in ("deposit_id", "user_id", "amount_cents", "credit_cents", "excise_cents")},
        **named(new),
    }
    if new["status"] == "COMPLETED":
        return [DepositReversed(**reversal, provider=new.get("provider"))]
    if new["status"] in ("FAILED", "REFUSED"):
        return [DepositReversalFailed(**reversal, reason=new["reason"])]
    return []


def _progressed(new: Item) -> Event:
    about = {name: new[name] for name in ("payment_id", "user_id", "kind", "status")}
    if new["kind"] == PAYBILL:
        about["kind"] = DEPOSIT
    return PaymentProgressed(**about, reason=new.get("reason"), **_told(new))


def _told(new: Item) -> dict[str, Any]:
    return {"amount_cents": new["amount_cents"], "payment_version": new["version"]}


_EVENTS: dict[str, Callable[[Item], list[Event]]] = {
    DEPOSIT: _deposit_events,
    PAYBILL: _paybill_events,
    WITHDRAWAL: _withdrawal_events,
    REVERSAL: _reversal_events,
}


def figures(new: Item, events: Sequence[Event]) -> dict[str, float]:
    """Return money in and out for the operator's dashboard."""
    for event in events:
        match event:
            case DepositCompleted(from_suspense=False) | SuspenseReceived():
                return {"MoneyInCents": event.amount_cents}
            case WithdrawalCompleted():
                return {"MoneyOutCents": event.paid_cents}
            case DepositReversed() | SuspenseReturned():
                return {"MoneyOutCents": event.amount_cents}
    return {}


handler = outbox.publisher(to_events, outbox.FollowUps(to_follow_ups, queue.send), figures)
