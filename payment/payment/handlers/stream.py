"""The payment outbox: changes become events, and every unfinished state gets a follow-up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from betsafi import clock, outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.payment import (
    DepositCompleted,
    DepositFailed,
    DepositRequested,
    DepositReversalFailed,
    DepositReversed,
    PaymentProgressed,
    SuspenseReceived,
    SuspenseReturned,
    WithdrawalCompleted,
    WithdrawalFailed,
    WithdrawalRefused,
    WithdrawalRequested,
)
from betsafi.settings import read_settings
from payment import followups, models, queue, store
from payment.followups import FollowUp
from payment.states import DEPOSIT, OPEN, PAYBILL, REVERSAL, WITHDRAWAL


@dataclass(frozen=True)
class Settings:
    """Where events go, and where records go that can never become one."""

    bus_name: str
    parking_url: str


settings = read_settings(Settings)


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A change of a payment's status is a fact; other items and other changes tell nothing."""
    if not _changed(old, new):
        return []
    return _EVENTS[new["kind"]](new)


def to_follow_ups(old: Item | None, new: Item) -> list[FollowUp]:
    """A payment that entered an unfinished state is asked about later."""
    if not _changed(old, new) or new["status"] not in OPEN:
        return []
    changed = clock.parse_stamp(new["updated_at"]).timestamp()
    return [followups.first(new["payment_id"], new["version"], changed, queue.DELAYS)]


def handler(event: dict[str, Any], context: object = None) -> None:
    """Publish a batch of the table's changes and send their follow-ups; either failing repeats the whole batch."""
    due: list[FollowUp] = []

    def change(old: Item | None, new: Item) -> list[Event]:
        due.extend(to_follow_ups(old, new))
        return to_events(old, new)

    outbox.publish_changes(event, change, settings.bus_name, settings.parking_url)
    queue.send(due)


def _changed(old: Item | None, new: Item) -> bool:
    is_payment = new["pk"].startswith("PAYMENT#") and new["sk"] == store.PAYMENT
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
    """What is being confirmed, merged or given up is nobody's yet and tells nothing."""
    suspense = {"receipt": new["told_receipt"], "amount_cents": new["amount_cents"]}
    if new["status"] == "COMPLETED":
        return [_deposited(new)]
    if new["status"] == "SUSPENSE" and "reversal_id" not in new:
        return [SuspenseReceived(**suspense)]
    if new["status"] == "RETURNED":
        return [SuspenseReturned(**suspense)]
    return []


def _deposited(new: Item) -> Event:
    split = {"credit_cents": new["credit_cents"], "excise_cents": new["excise_cents"]}
    return DepositCompleted(
        deposit_id=new["payment_id"],
        user_id=new["user_id"],
        receipt=new.get("receipt"),
        from_suspense=new.get("from_suspense", False),
        **_told(new),
        **split,
    )


def _withdrawal_events(new: Item) -> list[Event]:
    withdrawal = {"withdrawal_id": new["payment_id"], "user_id": new["user_id"], **_told(new)}
    if new["status"] == "HELD":
        return [WithdrawalRequested(**withdrawal)]
    if new["status"] == "COMPLETED":
        split = {name: new[name] for name in ("paid_cents", "withholding_cents", "remainder_cents")}
        return [WithdrawalCompleted(**withdrawal, **split, receipt=new.get("receipt"))]
    if new["status"] == "REFUSED":
        return [WithdrawalRefused(**withdrawal, reason=new["reason"])]
    if new["status"] == "FAILED":
        return [WithdrawalFailed(**withdrawal, reason=new["reason"])]
    return [_progressed(new)] if new["status"] != "REQUESTED" else []


def _reversal_events(new: Item) -> list[Event]:
    if new["suspense"]:
        return []  # told by the payment in suspense itself
    reversal = {
        "reversal_id": new["payment_id"],
        **{name: new[name] for name in ("deposit_id", "user_id", "amount_cents", "credit_cents", "excise_cents")},
    }
    if new["status"] == "COMPLETED":
        return [DepositReversed(**reversal)]
    if new["status"] in ("FAILED", "REFUSED"):
        return [DepositReversalFailed(**reversal, reason=new["reason"])]
    return []


def _progressed(new: Item) -> Event:
    about = {name: new[name] for name in ("payment_id", "user_id", "kind", "status")}
    return PaymentProgressed(**about, reason=new.get("reason"), **_told(new))


def _told(new: Item) -> dict[str, Any]:
    return {"amount_cents": new["amount_cents"], "message": models.message(new), "payment_version": new["version"]}


_EVENTS: dict[str, Callable[[Item], list[Event]]] = {
    DEPOSIT: _deposit_events,
    PAYBILL: _paybill_events,
    WITHDRAWAL: _withdrawal_events,
    REVERSAL: _reversal_events,
}
