"""How a payment and what the ledger says about it differ. No I/O."""

from collections.abc import Sequence
from dataclasses import replace

from payment.states import DEPOSIT, PAYBILL, WITHDRAWAL
from tools.reconcile.facts import ASSIGNED, RETURNED, Credit, Fact, Held, Suspended, expected, parts_of
from tools.reconcile.findings import Difference
from wallet.rules.audit import Item


def judge(payment: Item, found: Sequence[Fact]) -> list[Difference]:
    """Return how a payment and what the ledger says about it differ; none if they agree."""
    must, may = expected(payment)
    have = set(found)
    if set(must) <= have and have <= {*must, *may}:
        return []
    if payment["kind"] in (DEPOSIT, PAYBILL):
        differences = [*_judge_credits(payment, must, found), *_judge_suspense(payment, must, found)]
    else:
        differences = _judge_hold(payment, must, [fact for fact in found if isinstance(fact, Held)])
    return differences or [_difference("LEDGER_DISAGREES", payment)]


def stranger(fact: Fact) -> Difference:
    """A fact of the ledger about a payment that does not exist."""
    if isinstance(fact, Credit):
        return Difference(
            "CREDIT_WITHOUT_PAYMENT", fact.key, "", fact.user_id, (("ledger", fact.cents),), fact.source.lower()
        )
    if isinstance(fact, Held):
        return Difference("HOLD_WITHOUT_PAYMENT", fact.key, "", fact.user_id, (("ledger", fact.amount),), fact.kind)
    return Difference("SUSPENSE_WITHOUT_PAYMENT", "", fact.key, "", (("ledger", fact.amount),), fact.how)


def _difference(code: str, payment: Item, *amounts: tuple[str, int], user: str = "", detail: str = "") -> Difference:
    receipt = payment.get("receipt") or payment.get("told_receipt") or ""
    whose = user or payment.get("user_id") or ""
    return Difference(code, payment["payment_id"], receipt, whose, amounts, detail or payment["status"])


def _judge_credits(payment: Item, must: Sequence[Fact], found: Sequence[Fact]) -> list[Difference]:
    wanted = next((fact for fact in must if isinstance(fact, Credit)), None)
    credits_ = [fact for fact in found if isinstance(fact, Credit)]
    if wanted is None:
        return [_difference("CREDIT_NOT_DUE", payment, ("ledger", fact.cents), user=fact.user_id) for fact in credits_]
    paid = ("payment", wanted.cents)
    if not credits_:
        return [_difference("CREDIT_MISSING", payment, paid)]
    # The one that fits best is the payment's; the others are too many.
    credits_.sort(key=lambda fact: (fact != wanted, fact.user_id != wanted.user_id, fact.source != wanted.source))
    best, *others = credits_
    twice = [_difference("CREDIT_TWICE", payment, ("ledger", fact.cents), user=fact.user_id) for fact in others]
    if best.user_id != wanted.user_id:
        other = _difference("CREDIT_OTHER_PLAYER", payment, paid, ("ledger", best.cents), user=best.user_id)
        return [replace(other, owner=wanted.user_id), *twice]
    if (best.cents, best.excise) != (wanted.cents, wanted.excise):
        detail = f"excise {wanted.excise} and {best.excise} cents" if best.excise != wanted.excise else ""
        return [_difference("CREDIT_OTHER_AMOUNT", payment, paid, ("ledger", best.cents), detail=detail), *twice]
    return twice


def _judge_suspense(payment: Item, must: Sequence[Fact], found: Sequence[Fact]) -> list[Difference]:
    wanted = next((fact for fact in must if isinstance(fact, Suspended)), None)
    stands = next((fact for fact in found if isinstance(fact, Suspended)), None)
    if wanted is None:
        return [] if stands is None else [_difference("SUSPENSE_NOT_DUE", payment, ("ledger", stands.amount))]
    paid = ("payment", wanted.amount)
    if stands is None:
        return [_difference("SUSPENSE_MISSING", payment, paid)]
    if stands.amount != wanted.amount:
        return [_difference("SUSPENSE_OTHER_AMOUNT", payment, paid, ("ledger", stands.amount))]
    if stands.how == wanted.how or (wanted.how == ASSIGNED and not stands.how and not _credited(must, found)):
        return []  # the missing credit says it already
    if wanted.how == RETURNED and not stands.how:
        return [_difference("RETURN_MISSING", payment, paid)]
    return [_difference("SUSPENSE_OTHERWISE", payment, paid, detail=f"{payment['status']}, ledger {stands.how}")]


def _credited(must: Sequence[Fact], found: Sequence[Fact]) -> bool:
    return any(isinstance(fact, Credit) and fact in found for fact in must)


def _judge_hold(payment: Item, must: Sequence[Fact], holds: Sequence[Held]) -> list[Difference]:
    kind, status = payment["kind"], payment["status"]
    word = "PAYOUT" if kind == WITHDRAWAL else "REVERSAL"
    owner = payment["user_id"]
    hold = next((held for held in holds if held.user_id == owner), None)
    strangers = [
        _difference("HOLD_OTHER_PLAYER", payment, ("ledger", held.amount), user=held.user_id)
        for held in holds
        if held.user_id != owner
    ]
    amount = payment["amount_cents"] if kind == WITHDRAWAL else payment["credit_cents"]
    due = ("payment", _taken(kind, parts_of(payment)))
    if status == "COMPLETED":
        if hold is None or (not hold.remaining and not hold.parts):
            return [_difference(f"{word}_AFTER_RELEASE", payment, due), *strangers]
        if hold.remaining:
            return [_difference(f"{word}_MISSING", payment, due, ("ledger", hold.remaining)), *strangers]
        if (hold.amount, hold.parts) != (amount, parts_of(payment)):
            # What the ledger took too much is the player's.
            taken = ("ledger", _taken(kind, hold.parts))
            detail = f"parts {hold.parts} and {parts_of(payment)} cents"
            return [_difference(f"{word}_OTHER_AMOUNT", payment, taken, due, detail=detail), *strangers]
        return strangers
    if hold is not None and hold.parts:
        return [_difference(f"{word}_NOT_DUE", payment, ("ledger", _taken(kind, hold.parts))), *strangers]
    if hold is not None and hold.amount != amount:
        return [
            _difference("HOLD_OTHER_AMOUNT", payment, ("payment", amount), ("ledger", hold.amount)),
            *strangers,
        ]
    if not must and hold is not None and hold.remaining and status != "REQUESTED":
        return [_difference("HOLD_NOT_RELEASED", payment, ("ledger", hold.remaining)), *strangers]
    if must and (hold is None or not hold.remaining):
        return strangers or [_difference("HOLD_MISSING", payment, due)]
    return strangers


def _taken(kind: str, parts: tuple[int, ...]) -> int:
    """Return what leaves the player: of a withdrawal all but the remainder, of a reversal the credit."""
    return sum(parts[:2]) if kind == WITHDRAWAL else parts[2]
