"""The payment table: payments (`PAYMENT#<id>`), claimed receipts, M-Pesa's access token, what waits for a human.

A payment moves by conditional writes only. `version` counts its states, so that a follow-up knows which it is about.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from betsafi import clock
from betsafi.aws import client
from betsafi.dynamodb import ConditionFailed, Item, Page, Put, Table, Update, unmarshal
from betsafi.errors import IdempotencyKeyReused, NotFound
from betsafi.ids import derive_id
from betsafi.telemetry import count, logger, trace
from payment.callbacks import Delivery
from payment.settings import settings
from payment.states import OPEN, origins

table = Table(settings.table_name)

PAYMENT = "PAYMENT"
_TOKEN = ("TOKEN", "DARAJA")


class Conflicting(Exception):
    """A success that contradicts what stands in the table; nothing was written. `reason` is stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _key(payment_id: str) -> tuple[str, str]:
    return f"PAYMENT#{payment_id}", PAYMENT


def find(payment_id: str) -> Item | None:
    """Return the payment or None."""
    return table.get(_key(payment_id))


def find_own(user_id: str, payment_id: str) -> Item:
    """Return the player's payment. Raises NotFound, also for another player's."""
    payment = find(payment_id)
    if payment is None or payment["user_id"] != user_id:
        raise NotFound("There is no such payment.")
    return payment


def list_own(user_id: str, kind: str | None, limit: int, cursor: str | None) -> Page:
    """Return a page of the player's payments, newest first; of one kind, it may be short and still have a cursor."""
    page = table.query(f"USER#{user_id}", index="by_owner", newest_first=True, limit=limit, cursor=cursor)
    return Page([item for item in page.items if kind is None or item["kind"] == kind], page.cursor)


def same_request(payment: Item, fingerprint: str) -> Item:
    """Return the payment that this request made before. Raises IdempotencyKeyReused if the request was another."""
    if payment["fingerprint"] != fingerprint:
        raise IdempotencyKeyReused("This clientRequestId was used for another request. Use a new one.")
    return payment


def create(kind: str, payment_id: str, user_id: str, fingerprint: str, amounts: dict[str, int]) -> tuple[Item, bool]:
    """Write a payment as REQUESTED; return it and True, or the one that stands there already and False."""
    now = clock.stamp()
    pk, sk = _key(payment_id)
    payment = {
        "pk": pk,
        "sk": sk,
        "kind": kind,
        "payment_id": payment_id,
        "user_id": user_id,
        "owner": f"USER#{user_id}",
        "at": now,
        "updated_at": now,
        "status": "REQUESTED",
        "version": 1,
        "fingerprint": fingerprint,
        **amounts,
        "trace": trace(),
    }
    standing = table.put_new(payment)
    # The very item, to the microsecond and with this call's trace, is our own write whose answer was lost.
    if standing is None or standing == payment:
        return payment, True
    return same_request(standing, fingerprint), False


def move(payment: Item, status: str, **changes: Any) -> Item:
    """Move a payment to a status, if its present one allows it; return it as it stands afterwards.

    A payment that went elsewhere meanwhile is returned untouched: the caller looks at its status.
    """
    try:
        return table.write(_move(payment, status, changes))
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item


def complete(payment: Item, receipt: str | None, **changes: Any) -> Item:
    """Complete a payment and claim its receipt in one transaction; any number of times, with one effect.

    A query's success has no receipt; a callback that comes later adds it. Raises Conflicting when the receipt belongs
    to another payment, the payment has another receipt, or (a withdrawal) it has already failed.
    """
    if receipt is None:
        done = move(payment, "COMPLETED", **changes)
        if done["status"] != "COMPLETED":
            raise Conflicting(f"PAID_AFTER_{done['status']}")
        return done
    claim = Put({"pk": f"RECEIPT#{receipt}", "sk": "RECEIPT", "payment_id": payment["payment_id"], "at": clock.stamp()})
    try:
        table.transact(_move(payment, "COMPLETED", {**changes, "receipt": receipt}), claim)
    except ConditionFailed as failure:
        owner = failure.found.get(1)
        if owner is not None and owner["payment_id"] != payment["payment_id"]:
            raise Conflicting("RECEIPT_OF_ANOTHER_PAYMENT") from failure
        _add_receipt(payment, receipt, claim)
    return _present(payment)


def _add_receipt(payment: Item, receipt: str, claim: Put) -> None:
    """The payment was not in a state to be completed: it is completed already, perhaps without a receipt, or failed."""
    standing = _present(payment)
    if standing["status"] != "COMPLETED":
        raise Conflicting(f"PAID_AFTER_{standing['status']}")
    if standing.get("receipt") == receipt:
        return
    if "receipt" in standing:
        raise Conflicting("SECOND_RECEIPT")
    add = Update(
        _key(payment["payment_id"]),
        "SET #receipt = :receipt, #updated_at = :now",
        condition="#status = :completed AND attribute_not_exists(#receipt)",
        values={"receipt": receipt, "completed": "COMPLETED", "now": clock.stamp()},
    )
    table.transact(add, claim)


def _present(payment: Item) -> Item:
    standing = find(payment["payment_id"])
    if standing is None:
        raise NotFound("There is no such payment.")
    return standing


def _move(payment: Item, status: str, changes: dict[str, Any]) -> Update:
    given = {"status": status, "updated_at": clock.stamp(), "trace": trace(), **changes}
    allowed = {f"from{index}": origin for index, origin in enumerate(origins(payment["kind"], status))}
    return Update(
        _key(payment["payment_id"]),
        "SET " + ", ".join(f"#{name} = :{name}" for name in given) + " ADD #version :one",
        condition="#kind = :kind AND #status IN (" + ", ".join(f":{name}" for name in allowed) + ")",
        values={**given, **allowed, "kind": payment["kind"], "one": 1},
    )


def open_payments(before: str) -> Iterator[Item]:
    """Yield every unfinished payment whose last change is older than a stamp. Reads the whole table: once a day."""
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
    while True:
        answer = client("dynamodb").scan(**request)
        yield from (unmarshal(item) for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def quarantine(delivery: Delivery, reason: str, facts: dict[str, Any]) -> None:
    """Keep a callback that cannot be believed for a human, and count it. Ids and codes only: a body names a person."""
    now = clock.stamp()
    digest = hashlib.sha256(delivery.body.encode()).hexdigest()
    item = {
        "pk": f"QUARANTINE#{now[:10]}",
        "sk": derive_id("quarantine", delivery.door, delivery.payment_id, reason, digest),
        "at": now,
        "door": delivery.door,
        "payment_id": delivery.payment_id,
        "reason": reason,
        "source": delivery.source,
        "body_sha256": digest,
        "facts": facts,
        "trace": trace(),
    }
    table.put_new(item)
    count("CallbackQuarantined")
    logger.warning("callback quarantined", payment_id=delivery.payment_id, door=delivery.door, reason=reason)


def find_token() -> Item | None:
    """Return M-Pesa's shared access token item or None."""
    return table.get(_TOKEN)


def claim_token_refresh(now: int, seconds: int) -> bool:
    """Return whether the caller is the one refresher for the next seconds."""
    claim = Update(
        _TOKEN,
        "SET #refreshing_until = :until",
        condition="attribute_not_exists(#refreshing_until) OR #refreshing_until < :now",
        values={"until": now + seconds, "now": now},
    )
    try:
        table.write(claim)
    except ConditionFailed:
        return False
    return True


def save_token(token: str, expires_at: int) -> None:
    """Keep a fresh access token for every process, and end the refresher's claim (which made the item)."""
    change = "SET #token = :token, #expires_at = :expires_at, #refreshing_until = :never"
    table.write(Update(_TOKEN, change, values={"token": token, "expires_at": expires_at, "never": 0}))
