"""What people decided, as it is kept in the payment table: `betsafi.approval` and the trail, on this table."""

from collections.abc import Sequence

from betsafi import approval, audit
from betsafi.approval import Agreement
from betsafi.audit import Act
from betsafi.dynamodb import Item, Write
from payment.table import table


def was_done(act: Act) -> bool:
    """Return whether the same call was carried out before. Raises IdempotencyKeyReused for another body."""
    return audit.was_done(table, act)


def decide(act: Act, seen: Item, alone_below: int) -> Agreement | None:
    """Return who agreed on a decision, None while it is only proposed. Raises as `betsafi.approval.decide`."""
    return approval.decide(table, act, seen, alone_below)


def refuse(act: Act) -> None:
    """End what somebody proposed. Raises NotFound, Conflict."""
    approval.refuse(table, act)


def find(payment: Item) -> Item | None:
    """Return the newest decision about a payment, or None."""
    return approval.find(table, payment["pk"])


def note(writes: Sequence[Write]) -> None:
    """Write what the trail says of a call that changes no payment."""
    table.transact(*writes)
