"""Payments as they stand: one by its id or its receipt, a player's, a queue's, and those that are not finished."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from betsafi.aws import client
from betsafi.dynamodb import ConditionFailed, Item, Page, Update, unmarshal
from betsafi.telemetry import count, logger, misconfigured
from payment.states import DEPOSIT, OPEN, PAYBILL, REVERSAL
from payment.table import PAYMENT, payment_key, table

_SCAN_PAGES = 20


def find(payment_id: str) -> Item | None:
    """Return the payment or None."""
    return table.get(payment_key(payment_id))


def present(payment: Item) -> Item:
    """Return a payment that was seen before as it stands now: none is ever removed."""
    standing = find(payment["payment_id"])
    if standing is None:
        raise LookupError(payment["payment_id"])
    return standing


def stands(payment: Item) -> bool:
    """Return whether a payment is still in the state that was seen of it."""
    return bool(present(payment)["version"] == payment["version"])


def find_own(user_id: str, payment_id: str) -> Item | None:
    """Return the player's payment; None also for another player's."""
    payment = find(payment_id)
    is_own = payment is not None and payment.get("user_id") == user_id and payment["kind"] != REVERSAL
    return payment if is_own else None


def find_own_many(user_id: str, payment_ids: Sequence[str]) -> list[Item]:
    """Return those of at most 100 payments that are the player's."""
    found = table.get_many([payment_key(payment_id) for payment_id in payment_ids])
    return [each for each in found if each.get("user_id") == user_id and each["kind"] != REVERSAL]


def list_own(user_id: str, kind: str | None, limit: int, cursor: str | None) -> Page:
    """Return a page of the player's payments, newest first; of one kind, it may be short and still have a cursor."""
    page = table.query(f"USER#{user_id}", index="by_owner", newest_first=True, limit=limit, cursor=cursor)
    kinds = (DEPOSIT, PAYBILL) if kind == DEPOSIT else (kind,)
    return Page([item for item in page.items if kind is None or item["kind"] in kinds], page.cursor)


def kept_of(user_id: str, cursor: str | None) -> Page:
    """Return a page of a player's payments, and before the first what else is kept of them. Raises InvalidCursor."""
    page = table.query(f"USER#{user_id}", index="by_owner", cursor=cursor)
    counted = [] if cursor else table.query_all(f"PLAYER#{user_id}")
    return Page([*counted, *page.items], page.cursor)


def payment_of(receipt: str) -> str | None:
    """Return the id of the payment that has this receipt, or None."""
    found = table.get((f"RECEIPT#{receipt}", "RECEIPT"))
    return found["payment_id"] if found else None


def list_queue(queue: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the payments that wait for a person, oldest first."""
    return table.query(queue, index="by_queue", limit=limit, cursor=cursor)


def needs_operator(payment: Item, reason: str) -> None:
    """Count what only an operator can mend, with an alarm at once: once for each payment and reason.

    CONFIGURATION is counted as such, as at every other party that refuses us.
    """
    mark = Update(
        payment_key(payment["payment_id"]),
        "SET #alarmed = list_append(if_not_exists(#alarmed, :none), :reasons)",
        condition="NOT contains(#alarmed, :reason)",
        values={"reason": reason, "reasons": [reason], "none": []},
    )
    try:
        table.write(mark)
    except ConditionFailed:
        return
    if reason == "CONFIGURATION":
        misconfigured("M-Pesa", payment_id=payment["payment_id"], status=payment["status"])
    else:
        count("PaymentNeedsOperator")
        logger.warning("payment needs an operator", payment_id=payment["payment_id"], reason=reason)


def list_for_decision(payment: Item) -> None:
    """List an unfinished payment out in the queue of those that people decide; its next move takes it off again."""
    update = Update(
        payment_key(payment["payment_id"]),
        "SET #queue = :queue",
        condition="#version = :seen",
        values={"queue": "DECISION", "seen": payment["version"]},
    )
    with suppress(ConditionFailed):  # it has moved on
        table.write(update)


def open_payments(before: str, start: dict[str, Any] | None = None) -> tuple[list[Item], dict[str, Any] | None]:
    """Return unfinished payments whose last change is older than a stamp, of the next few pages of the table.

    And where to go on (`start`), None at the end.
    """
    request: dict[str, Any] = {
        "TableName": table.name,
        "FilterExpression": "#sk = :payment AND #updated_at < :before AND #status IN ("
        + ", ".join(f":open{index}" for index in range(len(OPEN)))
        + ")",
        "ExpressionAttributeNames": {"#sk": "sk", "#updated_at": "updated_at", "#status": "status"},
        "ExpressionAttributeValues": {
            ":payment": {"S": PAYMENT},
            ":before": {"S": before},
            **{f":open{index}": {"S": status} for index, status in enumerate(sorted(OPEN))},
        },
    }
    found: list[Item] = []
    for _ in range(_SCAN_PAGES):
        answer = client("dynamodb").scan(**request, **({"ExclusiveStartKey": start} if start else {}))
        found += [unmarshal(item) for item in answer["Items"]]
        start = answer.get("LastEvaluatedKey")
        if start is None:
            break
    return found, start
