"""The moves of a payment between its states, by conditional writes only.

What goes with a move (`also`) is said by who makes it: all of it is written, or nothing. `version` counts what people
see change of a payment, so that a follow-up and an app know what they are about.
"""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from betsafi import clock
from betsafi.approval import Agreement
from betsafi.audit import named
from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write, assign
from betsafi.telemetry import trace
from payment.states import PAYBILL, QUEUES, WITHDRAWAL, origins
from payment.stores.payments import present
from payment.table import payment_key, table


class Conflicting(Exception):
    """A success that contradicts what stands in the table; nothing was written. `reason` is stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MovedMeanwhile(Exception):
    """The payment is not in the state that was seen of it; nothing was written."""


class GuardFailed(Exception):
    """What goes with a move does not hold; nothing was written."""


class ReceiptTaken(Exception):
    """The receipt belongs to another payment, `payment_id`; nothing was written."""

    def __init__(self, payment_id: str) -> None:
        super().__init__(payment_id)
        self.payment_id = payment_id


def move(payment: Item, status: str, *also: Write, only_from: str = "", **changes: Any) -> Item:
    """Move a payment to a status, if its present one allows it, and write `also`; return it as it stands afterwards.

    A payment that went elsewhere meanwhile is returned untouched: the caller looks at its status.
    """
    first = moving(payment, status, changes, only_from)
    if also:
        return _move_with(payment, first, *also)
    try:
        return table.write(first)
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item


def move_by_hand(payment: Item, status: str, agreed: Agreement, *also: Write, **changes: Any) -> Item:
    """Move a payment from the status that was seen of it, as people decided, in their names; return it as it then is.

    Raises MovedMeanwhile.
    """
    first = moving(payment, status, {**changes, **agreed.named}, only_from=payment["status"])
    by_hand = agreed.writes(shown(payment), {"status": status, **changes})
    try:
        table.transact(first, *also, *by_hand)
    except ConditionFailed as failure:
        raise MovedMeanwhile from failure
    return present(payment)


def shown(payment: Item) -> Item:
    """Return what the trail says of a payment before people decided about it."""
    return {name: payment[name] for name in ("status", "reason") if name in payment}


def _move_with(payment: Item, first: Update, *also: Write) -> Item:
    """Make a move and other writes, or none; return the payment as it stands afterwards."""
    with suppress(ConditionFailed):
        table.transact(first, *also)
    return present(payment)


def complete(
    payment: Item,
    receipt: str | None,
    *also: Write,
    agreed: Agreement | None = None,
    only_from: str | Collection[str] = "",
    **changes: Any,
) -> Item:
    """Complete a payment, claim its receipt and do `also` in one transaction; any number of times, with one effect.

    With `agreed` it is people who say that it was paid; `only_from` as `moving` has it. A query's success has no
    receipt; a callback that comes later adds it. Raises Conflicting when the receipt belongs to another payment, the
    payment has another receipt, or (a withdrawal) it has already failed.
    """
    by_hand = agreed.writes(shown(payment), {"status": "COMPLETED", "receipt": receipt}) if agreed else ()
    also, changes = (*also, *by_hand), {**changes, **(agreed.named if agreed else {})}
    if receipt is None:
        done = _move_with(payment, moving(payment, "COMPLETED", changes, only_from), *also)
        if done["status"] != "COMPLETED":
            raise Conflicting(f"PAID_AFTER_{done['status']}")
        return done
    claimed = claim(payment, receipt)
    try:
        table.transact(moving(payment, "COMPLETED", {**changes, "receipt": receipt}, only_from), claimed, *also)
    except ConditionFailed as failure:
        owner = failure.found.get(1)
        if owner is not None and owner["payment_id"] != payment["payment_id"]:
            raise Conflicting("RECEIPT_OF_ANOTHER_PAYMENT") from failure
        _add_receipt(payment, receipt, claimed, *by_hand)
    return present(payment)


def claim(payment: Item, receipt: str) -> Put:
    """Return the claim of a receipt, for ever."""
    return Put({"pk": f"RECEIPT#{receipt}", "sk": "RECEIPT", "payment_id": payment["payment_id"], "at": clock.stamp()})


def _add_receipt(payment: Item, receipt: str, claim: Put, *also: Write) -> None:
    """The payment was not in a state to be completed: it is completed already, perhaps without a receipt, or failed."""
    standing = present(payment)
    if standing["status"] != "COMPLETED":
        raise Conflicting(f"PAID_AFTER_{standing['status']}")
    if standing.get("receipt") == receipt:
        return
    if "receipt" in standing:
        raise Conflicting("SECOND_RECEIPT")
    add = Update(
        payment_key(payment["payment_id"]),
        "SET #receipt = :receipt, #updated_at = :now ADD #version :one",
        condition="#status = :completed AND attribute_not_exists(#receipt)",
        values={"receipt": receipt, "completed": "COMPLETED", "now": clock.stamp(), "one": 1},
    )
    table.transact(add, claim, *also)


def moving(payment: Item, status: str, changes: dict[str, Any], only_from: str | Collection[str] = "") -> Update:
    """The write that moves a payment to a status, if its present one allows it (and is, or is one of, `only_from`)."""
    given = {"status": status, "updated_at": clock.stamp(), "trace": trace(), **changes}
    allowed = [only_from] if isinstance(only_from, str) and only_from else only_from or origins(payment["kind"], status)
    waits_in = QUEUES.get((payment["kind"], status))
    if waits_in:
        given["queue"] = waits_in
    names = {f"from{index}": origin for index, origin in enumerate(allowed)}
    condition = "#kind = :kind AND #status IN (" + ", ".join(f":{name}" for name in names) + ")"
    seen: dict[str, Any] = {}
    if payment["kind"] == WITHDRAWAL:  # what was seen of one try at M-Pesa says nothing of the next
        seen = {"seen": payment["retries"]} if "retries" in payment else {}
        condition += " AND #retries = :seen" if seen else " AND attribute_not_exists(#retries)"
    return Update(
        payment_key(payment["payment_id"]),
        assign(given) + ("" if waits_in else " REMOVE #queue") + " ADD #version :one",
        condition=condition,
        values={**given, **names, **seen, "kind": payment["kind"], "one": 1},
    )


def book(payment: Item, status: str, *also: Write, **changes: Any) -> Item:
    """Move a paybill payment that M-Pesa confirmed to COMPLETED or SUSPENSE, claiming its receipt, and write `also`.

    Return it as it stands afterwards. Raises ReceiptTaken where another payment has the receipt already (a prompt's),
    GuardFailed where `also` does not hold.
    """
    claimed = claim(payment, payment["told_receipt"])
    try:
        table.transact(moving(payment, status, {**changes, "receipt": payment["told_receipt"]}), claimed, *also)
    except ConditionFailed as failure:
        owner = failure.found.get(1)
        if owner is not None and owner["payment_id"] != payment["payment_id"]:
            raise ReceiptTaken(owner["payment_id"]) from failure
        if failure.found.keys() == {2}:
            raise GuardFailed from failure
    return present(payment)


def reversed_original(reversal: Item) -> Update:
    """The deposit's side of a reversal that M-Pesa made."""
    if reversal["suspense"]:
        return moving(_original(reversal), "RETURNED", named(reversal))
    change = "SET #reversed_at = :now, #updated_at = :now ADD #version :one"
    return Update(payment_key(reversal["deposit_id"]), change, values={"now": clock.stamp(), "one": 1})


def back_in_suspense(reversal: Item) -> Update:
    """The side of money in suspense of a reversal that M-Pesa did not make."""
    return moving(_original(reversal), "SUSPENSE", {})


def _original(reversal: Item) -> Item:
    return {"kind": PAYBILL, "payment_id": reversal["deposit_id"]}


def dispute(payment: Item) -> None:
    """Mark a deposit as reported with another amount: a query, which shows none, cannot complete it any more."""
    table.write(Update(payment_key(payment["payment_id"]), "SET #disputed = :yes", values={"yes": True}))
