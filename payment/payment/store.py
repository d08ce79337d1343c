"""The payment table: payments (`PAYMENT#<id>`), claimed receipts (`RECEIPT#`), account numbers (`NUMBER#`) and prompts'
references (`REFERENCE#`), what a player withdrew by day and when the next prompt may come (`PLAYER#`), callbacks that
nobody can believe (`QUARANTINE#`).

A payment moves by conditional writes only. `version` counts what people see change of it, so that a follow-up and an
app know what they are about. What waits for a person carries a `queue`, by which the index `by_queue` lists it.
"""

import hashlib
from contextlib import suppress
from typing import Any

from betsafi import clock
from betsafi.approval import Agreement
from betsafi.audit import named
from betsafi.aws import client
from betsafi.dynamodb import ANY, ConditionFailed, Item, Key, Page, Put, Table, Update, Write, unmarshal
from betsafi.errors import Contention, IdempotencyKeyReused, NotFound
from betsafi.ids import derive_id, fingerprint
from betsafi.telemetry import count, logger, misconfigured, trace
from payment import limits, numbers, wording
from payment.callbacks import Delivery, PaybillPayment
from payment.errors import NotAllowedNow
from payment.settings import settings
from payment.states import DEPOSIT, OPEN, PAYBILL, QUEUES, REVERSAL, WITHDRAWAL, origins

table = Table(settings.table_name)

PAYMENT = "PAYMENT"
_TRIES = 20
_SCAN_PAGES = 20


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


def stands(payment: Item) -> bool:
    """Return whether a payment is still in the state that was seen of it."""
    return bool(_present(payment)["version"] == payment["version"])


def find_own(user_id: str, payment_id: str) -> Item:
    """Return the player's payment. Raises NotFound, also for another player's."""
    payment = find(payment_id)
    if payment is None or payment.get("user_id") != user_id or payment["kind"] == REVERSAL:
        raise NotFound(wording.NO_SUCH_PAYMENT)
    return payment


def list_own(user_id: str, kind: str | None, limit: int, cursor: str | None) -> Page:
    """Return a page of the player's payments, newest first; of one kind, it may be short and still have a cursor."""
    page = table.query(f"USER#{user_id}", index="by_owner", newest_first=True, limit=limit, cursor=cursor)
    kinds = (DEPOSIT, PAYBILL) if kind == DEPOSIT else (kind,)
    return Page([item for item in page.items if kind is None or item["kind"] in kinds], page.cursor)


def same_request(payment: Item, fingerprint: str) -> Item:
    """Return the payment that this request made before. Raises IdempotencyKeyReused if the request was another."""
    if payment["fingerprint"] != fingerprint:
        raise IdempotencyKeyReused(wording.REQUEST_REUSED)
    return payment


def create(
    kind: str, payment_id: str, user_id: str, fingerprint: str, given: dict[str, Any], *also: Write
) -> tuple[Item, bool]:
    """Write a payment as REQUESTED, and `also`, or neither; return it and True, or the one that stands and False.

    Raises ConditionFailed when `also` (its index counts from 1) does not hold.
    """
    now = clock.stamp()
    pk, sk = _key(payment_id)
    payment = {
        "pk": pk,
        "sk": sk,
        "kind": kind,
        "payment_id": payment_id,
        "user_id": user_id,
        **({"owner": f"USER#{user_id}"} if kind != REVERSAL else {}),
        "at": now,
        "updated_at": now,
        "status": "REQUESTED",
        "version": 1,
        "fingerprint": fingerprint,
        **given,
        "trace": trace(),
    }
    try:
        table.transact(Put(payment), *also)
    except ConditionFailed as failure:
        if (standing := failure.found.get(0)) is None:
            raise
        # The very item, to the microsecond and with this call's trace, is our own write whose answer was lost.
        return (payment, True) if standing == payment else (same_request(standing, fingerprint), False)
    return payment, True


def create_deposit(
    payment_id: str, user_id: str, fingerprint: str, amounts: dict[str, int], number: str
) -> tuple[Item, bool]:
    """Write a deposit as `create` does, with the reference that its prompt will carry. Raises PromptTooSoon."""
    now, pause = int(clock.now().timestamp()), settings.prompt_pause_seconds
    prompted = Update(
        (f"PLAYER#{user_id}", "PROMPT"),
        "SET #next_at = :next",
        condition="attribute_not_exists(#next_at) OR #next_at <= :now",
        values={"next": now + pause, "now": now},
    )
    for attempt in range(_TRIES):
        reference = numbers.reference(number, payment_id, attempt)
        claim = Put({"pk": f"REFERENCE#{reference}", "sk": "REFERENCE", "payment_id": payment_id})
        given = {**amounts, "reference": reference}
        try:
            return create(DEPOSIT, payment_id, user_id, fingerprint, given, claim, *([prompted] if pause else []))
        except ConditionFailed as failure:
            if last := failure.found.get(2):
                raise limits.prompt_too_soon(last["next_at"] - now) from failure
            taken = failure
    raise taken


def create_withdrawal(
    payment_id: str, user_id: str, fingerprint: str, amounts: dict[str, int], day: str, most: int
) -> tuple[Item, bool]:
    """Write a withdrawal as `create` does, counted in the player's day. Raises DailyLimitReached above `most` cents."""
    amount = amounts["amount_cents"]
    counted = Update(
        _day(user_id, day),
        "ADD #withdrawn :amount",
        condition="attribute_not_exists(#withdrawn) OR #withdrawn <= :room",
        values={"amount": amount, "room": most - amount},
    )
    try:
        return create(WITHDRAWAL, payment_id, user_id, fingerprint, {**amounts, "day": day}, counted)
    except ConditionFailed as failure:
        raise limits.daily_limit_reached(most, (failure.found.get(1) or {}).get("withdrawn", 0)) from failure


def _day(user_id: str, day: str) -> Key:
    return f"PLAYER#{user_id}", f"DAY#{day}"


def _paid_mark(user_id: str) -> Key:
    return f"PLAYER#{user_id}", "PAID"


def was_paid_before(user_id: str) -> bool:
    """Return whether a withdrawal of the player was ever completed."""
    return table.get(_paid_mark(user_id)) is not None


# -- account numbers


def number_of(user_id: str) -> str:
    """Return the player's account number, taken at the first call and for ever."""
    for attempt in range(_TRIES):
        number = numbers.account_number(user_id, attempt)
        key = (f"NUMBER#{number}", "NUMBER")
        standing = table.get(key) or table.put_new({"pk": key[0], "sk": key[1], "user_id": user_id})
        if standing is None or standing["user_id"] == user_id:
            return number
    raise Contention(wording.NO_NUMBER_FREE)


def player_of(number: str) -> str | None:
    """Return whose account number this is, or None."""
    found = table.get((f"NUMBER#{number}", "NUMBER"))
    return found["user_id"] if found else None


def prompt_of(reference: str) -> Item | None:
    """Return the deposit whose prompt carried this reference, or None."""
    found = table.get((f"REFERENCE#{reference}", "REFERENCE"))
    return find(found["payment_id"]) if found else None


def payment_of(receipt: str) -> str | None:
    """Return the id of the payment that has this receipt, or None."""
    found = table.get((f"RECEIPT#{receipt}", "RECEIPT"))
    return found["payment_id"] if found else None


# -- moves


def move(payment: Item, status: str, *, only_from: str = "", **changes: Any) -> Item:
    """Move a payment to a status, if its present one allows it; return it as it stands afterwards.

    A payment that went elsewhere meanwhile is returned untouched: the caller looks at its status.
    """
    first = _move(payment, status, changes, only_from)
    if undo := _undo(payment, status):
        return move_with(payment, first, undo)
    try:
        return table.write(first)
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item


def move_by_hand(payment: Item, status: str, agreed: Agreement, **changes: Any) -> Item:
    """Move a payment from the status that was seen of it, as people decided, in their names; return it as it then is.

    Raises NotAllowedNow, and changes nothing, if it has moved meanwhile.
    """
    first = _move(payment, status, {**changes, **agreed.named}, only_from=payment["status"])
    undo = _undo(payment, status)
    also = [*([undo] if undo else []), *agreed.writes(shown(payment), {"status": status, **changes})]
    try:
        table.transact(first, *also)
    except ConditionFailed as failure:
        raise NotAllowedNow(wording.MOVED) from failure
    return _present(payment)


def shown(payment: Item) -> Item:
    """Return what the trail says of a payment before people decided about it."""
    return {name: payment[name] for name in ("status", "reason") if name in payment}


def _undo(payment: Item, status: str) -> Update | None:
    """What goes with the failure of an order: room in the player's day again, or money back in suspense."""
    if status not in ("FAILED", "REFUSED"):
        return None
    if payment["kind"] == WITHDRAWAL:
        day = _day(payment["user_id"], payment["day"])
        return Update(day, "ADD #withdrawn :minus", values={"minus": -payment["amount_cents"]})
    if payment["kind"] == REVERSAL and payment["suspense"]:
        return _move({"kind": PAYBILL, "payment_id": payment["deposit_id"]}, "SUSPENSE", {})
    return None


def move_with(payment: Item, first: Update, *also: Write) -> Item:
    """Make a move and other writes, or none; return the payment as it stands afterwards."""
    with suppress(ConditionFailed):
        table.transact(first, *also)
    return _present(payment)


def complete(payment: Item, receipt: str | None, *also: Write, agreed: Agreement | None = None, **changes: Any) -> Item:
    """Complete a payment, claim its receipt and do `also` in one transaction; any number of times, with one effect.

    With `agreed` it is people who say that it was paid. A query's success has no receipt; a callback that comes later
    adds it. Raises Conflicting when the receipt belongs to another payment, the payment has another receipt, or (a
    withdrawal) it has already failed.
    """
    if payment["kind"] == WITHDRAWAL:
        mark = "SET #first_at = if_not_exists(#first_at, :now)"
        also = (*also, Update(_paid_mark(payment["user_id"]), mark, ANY, {"now": clock.stamp()}))
    by_hand = agreed.writes(shown(payment), {"status": "COMPLETED", "receipt": receipt}) if agreed else ()
    also, changes = (*also, *by_hand), {**changes, **(agreed.named if agreed else {})}
    if receipt is None:
        done = move_with(payment, _move(payment, "COMPLETED", changes), *also)
        if done["status"] != "COMPLETED":
            raise Conflicting(f"PAID_AFTER_{done['status']}")
        return done
    claim = _claim(payment, receipt)
    try:
        table.transact(_move(payment, "COMPLETED", {**changes, "receipt": receipt}), claim, *also)
    except ConditionFailed as failure:
        owner = failure.found.get(1)
        if owner is not None and owner["payment_id"] != payment["payment_id"]:
            raise Conflicting("RECEIPT_OF_ANOTHER_PAYMENT") from failure
        _add_receipt(payment, receipt, claim, *by_hand)
    return _present(payment)


def _claim(payment: Item, receipt: str) -> Put:
    return Put({"pk": f"RECEIPT#{receipt}", "sk": "RECEIPT", "payment_id": payment["payment_id"], "at": clock.stamp()})


def _add_receipt(payment: Item, receipt: str, claim: Put, *also: Write) -> None:
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
        "SET #receipt = :receipt, #updated_at = :now ADD #version :one",
        condition="#status = :completed AND attribute_not_exists(#receipt)",
        values={"receipt": receipt, "completed": "COMPLETED", "now": clock.stamp(), "one": 1},
    )
    table.transact(add, claim, *also)


def _present(payment: Item) -> Item:
    standing = find(payment["payment_id"])
    if standing is None:
        raise NotFound(wording.NO_SUCH_PAYMENT)
    return standing


def _move(payment: Item, status: str, changes: dict[str, Any], only_from: str = "") -> Update:
    given = {"status": status, "updated_at": clock.stamp(), "trace": trace(), **changes}
    allowed = [only_from] if only_from else origins(payment["kind"], status)
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
        _key(payment["payment_id"]),
        "SET "
        + ", ".join(f"#{name} = :{name}" for name in given)
        + ("" if waits_in else " REMOVE #queue")
        + " ADD #version :one",
        condition=condition,
        values={**given, **names, **seen, "kind": payment["kind"], "one": 1},
    )


# -- paybill payments


def receive(paid: PaybillPayment) -> Item:
    """Write a paybill payment as RECEIVED, once per receipt; return it, or the one that stands. Claims nothing yet."""
    payment_id = derive_id("paybill", paid.receipt)
    now = clock.stamp()
    pk, sk = _key(payment_id)
    payment = {
        "pk": pk,
        "sk": sk,
        "kind": PAYBILL,
        "payment_id": payment_id,
        "at": now,
        "updated_at": now,
        "status": "RECEIVED",
        "version": 1,
        "amount_cents": paid.amount_cents,
        "told_receipt": paid.receipt,
        "account": paid.account,
        "trace": trace(),
    }
    return table.put_new(payment) or payment


def book(payment: Item, status: str, **changes: Any) -> Item:
    """Move a paybill payment that M-Pesa confirmed to COMPLETED or SUSPENSE, claiming its receipt.

    Where another payment has the receipt already (a prompt's), this one is MERGED. Return it as it stands afterwards.
    """
    claim = _claim(payment, payment["told_receipt"])
    try:
        table.transact(_move(payment, status, {**changes, "receipt": payment["told_receipt"]}), claim)
    except ConditionFailed as failure:
        owner = failure.found.get(1)
        if owner is not None and owner["payment_id"] != payment["payment_id"]:
            return move(payment, "MERGED", merged_into=owner["payment_id"])
    return _present(payment)


def assign(payment: Item, user_id: str, agreed: Agreement, **changes: Any) -> Item:
    """Give a payment in suspense to a player, and return it. Raises NotAllowedNow if it has moved meanwhile."""
    given = {"user_id": user_id, "owner": f"USER#{user_id}", "from_suspense": True, **changes}
    return move_by_hand(payment, "COMPLETED", agreed, assigned_by=agreed.people[-1], **given)


# -- reversals


def create_reversal(
    reversal_id: str, original: Item, given: dict[str, Any], user_id: str, previous: str | None, agreed: Agreement
) -> tuple[Item, bool]:
    """Write the reversal of a deposit, or of money in suspense, which is then RETURNING; one at a time.

    `previous` is the reversal that failed before. Raises ConditionFailed when another one has begun.
    """
    if original["status"] == "SUSPENSE":
        link = _move(original, "RETURNING", {"reversal_id": reversal_id})
    else:
        link = Update(
            _key(original["payment_id"]),
            "SET #reversal_id = :new",
            condition="#status = :completed AND "
            + ("#reversal_id = :old" if previous else "attribute_not_exists(#reversal_id)"),
            values={"new": reversal_id, "completed": "COMPLETED", **({"old": previous} if previous else {})},
        )
    also = agreed.writes(shown(original), {"reversalId": reversal_id})
    return create(REVERSAL, reversal_id, user_id, fingerprint(given), given, link, *also)


def mark_reversed(reversal: Item) -> Update:
    """The deposit's side of a reversal that M-Pesa made."""
    original = {"kind": PAYBILL, "payment_id": reversal["deposit_id"]}
    if reversal["suspense"]:
        return _move(original, "RETURNED", named(reversal))
    change = "SET #reversed_at = :now, #updated_at = :now ADD #version :one"
    return Update(_key(reversal["deposit_id"]), change, values={"now": clock.stamp(), "one": 1})


# -- lists


def list_queue(queue: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the payments that wait for a person, oldest first."""
    return table.query(queue, index="by_queue", limit=limit, cursor=cursor)


def needs_operator(payment: Item, reason: str) -> None:
    """Count what only an operator can mend, with an alarm at once: once for each payment and reason.

    CONFIGURATION is counted as such, as at every other party that refuses us.
    """
    mark = Update(
        _key(payment["payment_id"]),
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
        _key(payment["payment_id"]),
        "SET #queue = :queue",
        condition="#version = :seen",
        values={"queue": "DECISION", "seen": payment["version"]},
    )
    with suppress(ConditionFailed):  # it has moved on
        table.write(update)


def dispute(payment: Item) -> None:
    """Mark a deposit as told with another amount: a query, which tells none, cannot complete it any more."""
    table.write(Update(_key(payment["payment_id"]), "SET #disputed = :yes", values={"yes": True}))


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
