"""New payments: each is written once under the id of its request, together with what goes with it, or not at all."""

from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.approval import Agreement
from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write
from betsafi.errors import Contention, DomainError
from betsafi.ids import derive_id, fingerprint
from betsafi.telemetry import trace
from payment import numbers, wording
from payment import protection as rules
from payment.models import PaybillPayment
from payment.settings import settings
from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL
from payment.stores import channel, moves, players, protection
from payment.table import payment_key, table


class PromptPaused(Exception):
    """The player was sent a prompt a moment ago; nothing was written. `seconds` until the next one may come."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Protected(Exception):
    """The player may not pay that in; nothing was written. `refusal` says why."""

    def __init__(self, refusal: DomainError) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class DayFull(Exception):
    """The withdrawal does not fit into the player's day; nothing was written. `withdrawn_cents` is what was taken."""

    def __init__(self, withdrawn_cents: int) -> None:
        super().__init__(withdrawn_cents)
        self.withdrawn_cents = withdrawn_cents


class ReversalBegun(Exception):
    """Another reversal of the payment has begun; nothing was written."""


@dataclass(frozen=True)
class Seen:
    """What stood before a deposit was made: what the same request made before, the direction, what protects the player,
    and who has the account number that is theirs unless it was taken."""

    standing: Item | None
    direction: channel.Direction
    protection: Item
    number: Item | None


def look(payment_id: str, user_id: str) -> Seen:
    """Look at all that a deposit depends on, in one read."""
    payment, switches, protected = payment_key(payment_id), channel.SWITCHES, protection.key_of(user_id)
    number = players.number_key(numbers.account_number(user_id))
    read = {(item["pk"], item["sk"]): item for item in table.get_many([payment, switches, protected, number])}
    direction = channel.direction_of(DEPOSIT, read.get(switches, {}))
    return Seen(read.get(payment), direction, read.get(protected, {}), read.get(number))


def new_deposit(
    payment_id: str, user_id: str, fingerprint: str, given: dict[str, Any], before: Seen
) -> tuple[Item, bool]:
    """Write a deposit as `_create` does, with the reference that its prompt will carry, counted in the player's limits.

    A player's first one claims their account number, of which the reference is made. What was seen `before` may be old:
    what counts is what the write finds. Raises Protected, PromptPaused.
    """
    now, pause = int(clock.now().timestamp()), settings.prompt_pause_seconds
    prompted = [players.count_prompt(user_id, now, pause)] if pause else []
    number, claimed = _number(user_id, before.number)
    seen, references, amount = before.protection, 0, given["amount_cents"]
    for _ in range(players.TRIES):
        moment, reference = clock.now(), numbers.reference(number, payment_id, references)
        counted, counters = protection.count(user_id, amount, seen, moment)
        also: list[Write] = [players.claim_reference(reference, payment_id), counted, *prompted, *claimed]
        named = {**given, "reference": reference, "counters": counters}
        try:
            return _create(DEPOSIT, payment_id, user_id, fingerprint, named, *also)
        except ConditionFailed as failure:
            if 2 in failure.found:
                seen = failure.found[2] or {}
                if refusal := rules.why_not(seen, amount, clock.now()):
                    raise Protected(refusal) from failure
            elif prompted and (last := failure.found.get(3)):
                raise PromptPaused(last["next_at"] - now) from failure
            elif claimed and (taken := failure.found.get(len(also))):
                number, claimed = _number(user_id, taken)
            else:
                references += 1
    raise Contention(wording.BUSY)


def _number(user_id: str, standing: Item | None) -> tuple[str, list[Put]]:
    """Return a player's account number, and the claim of it where nobody has it yet; `standing` is who has it.

    Raises Contention where no number is free.
    """
    number = numbers.account_number(user_id)
    if standing is None:
        return number, [players.claim_number(number, user_id)]
    if standing["user_id"] == user_id:
        return number, []
    return players.number_of(user_id), []


def new_withdrawal(
    payment_id: str, user_id: str, fingerprint: str, given: dict[str, Any], day: str, most: int
) -> tuple[Item, bool]:
    """Write a withdrawal as `_create` does, counted in the player's day. Raises DayFull above `most` cents."""
    counted = players.take_from_day(user_id, day, given["amount_cents"], most)
    try:
        return _create(WITHDRAWAL, payment_id, user_id, fingerprint, {**given, "day": day}, counted)
    except ConditionFailed as failure:
        raise DayFull((failure.found.get(1) or {}).get("withdrawn", 0)) from failure


def new_reversal(
    reversal_id: str, original: Item, given: dict[str, Any], previous: str | None, agreed: Agreement
) -> tuple[Item, bool]:
    """Write the reversal of a deposit, or of money in suspense, which is then RETURNING; one at a time.

    `previous` is the reversal that failed before. Raises ReversalBegun.
    """
    if original["status"] == "SUSPENSE":
        link = moves.moving(original, "RETURNING", {"reversal_id": reversal_id})
    else:
        link = Update(
            payment_key(original["payment_id"]),
            "SET #reversal_id = :new",
            condition="#status = :completed AND "
            + ("#reversal_id = :old" if previous else "attribute_not_exists(#reversal_id)"),
            values={"new": reversal_id, "completed": "COMPLETED", **({"old": previous} if previous else {})},
        )
    also = agreed.writes(moves.shown(original), {"reversalId": reversal_id})
    user_id, paid_back = original.get("user_id") or "", {**given, "phone": original.get("phone", "")}
    try:
        return _create(REVERSAL, reversal_id, user_id, fingerprint(given), paid_back, link, *also)
    except ConditionFailed as failure:
        raise ReversalBegun from failure


def refund(paid: Item, changes: dict[str, Any]) -> None:
    """Book a paybill payment of a player who is stopped as money that goes back at once, with the reversal of it.

    Raises as `moves.book`; GuardFailed where the player is not stopped any more.
    """
    reversal_id = derive_id("reversal", paid["payment_id"], "")
    given = {
        "amount_cents": changes["amount_cents"],
        "credit_cents": 0,
        "excise_cents": 0,
        "deposit_id": paid["payment_id"],
        "original_receipt": paid["told_receipt"],
        "suspense": True,
    }
    phone = changes.get("phone", "")
    about = {"user_id": changes["user_id"], "fingerprint": fingerprint(given), **given, "phone": phone}
    reversal = Put(_new(REVERSAL, reversal_id, "REQUESTED", about))
    stopped, back = protection.still_stopped(changes["user_id"]), {"reversal_id": reversal_id, **changes}
    moves.book(paid, "RETURNING", stopped, reversal, reason="PLAYER_STOPPED", **back)


def _create(
    kind: str, payment_id: str, user_id: str, fingerprint: str, given: dict[str, Any], *also: Write
) -> tuple[Item, bool]:
    """Write a payment as REQUESTED, and `also`, or neither; return it and True, or the one that stands and False.

    Raises ConditionFailed when `also` (its index counts from 1) does not hold.
    """
    given = {"user_id": user_id, "fingerprint": fingerprint, **given}
    if kind != REVERSAL:
        given["owner"] = f"USER#{user_id}"
    payment = _new(kind, payment_id, "REQUESTED", given)
    try:
        table.transact(Put(payment), *also)
    except ConditionFailed as failure:
        if (standing := failure.found.get(0)) is None:
            raise
        # The very item, to the microsecond and with this call's trace, is our own write whose answer was lost.
        return standing, standing == payment
    return payment, True


def receive(paid: PaybillPayment) -> Item:
    """Write a paybill payment as RECEIVED, once per receipt; return it, or the one that stands. Claims nothing yet."""
    payment_id = derive_id("paybill", paid.receipt)
    told = {"amount_cents": paid.amount_cents, "account": paid.account, "phone": paid.phone}
    payment = _new(PAYBILL, payment_id, "RECEIVED", {"told_receipt": paid.receipt, **told})
    return table.put_new(payment) or payment


def _new(kind: str, payment_id: str, status: str, given: dict[str, Any]) -> Item:
    """Return a new payment's item, made by this call at this moment."""
    now = clock.stamp()
    pk, sk = payment_key(payment_id)
    return {
        "pk": pk,
        "sk": sk,
        "kind": kind,
        "payment_id": payment_id,
        "at": now,
        "updated_at": now,
        "status": status,
        "version": 1,
        **given,
        "trace": trace(),
    }
