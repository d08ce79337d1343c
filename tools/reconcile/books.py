"""The ledger against the payments, each read once, the payments first. No I/O.

A payment says which facts the ledger must have about it: a credit, a hold's state, money in suspense. Kept in memory
is one number per payment, the sum of those facts' hashes less the hashes of what the ledger has: it ends at zero where
both agree. Whole facts are kept only while they do not agree. Tables move under a scan, so what did not end at zero is
looked up again, payment and entries, and only that is believed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from betsafi import clock
from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL
from tools.reconcile.findings import Adjustment, Difference, Findings
from wallet.rules import ledger
from wallet.rules.audit import Item

ASSIGNED, RETURNED = "ASSIGNED", "RETURNED"


class Credit(NamedTuple):
    """A player was credited, from the paybill (DEPOSIT, by payment id) or from suspense (ASSIGNMENT, by receipt)."""

    source: str
    key: str
    user_id: str
    cents: int
    excise: int


class Held(NamedTuple):
    """How a hold stands. `parts` are what was captured of it: a payout's or a reversal's three amounts, else none."""

    kind: str
    key: str
    user_id: str
    amount: int
    remaining: int
    parts: tuple[int, ...] = ()


class Suspended(NamedTuple):
    """Money came into suspense under a receipt; `how` it left again, "" while it stands there."""

    key: str
    amount: int
    how: str


Fact = Credit | Held | Suspended


class Lookup(Protocol):
    """Reads single things again, as they stand now."""

    def payment(self, payment_id: str) -> Item | None:
        """Return a payment."""

    def owner(self, receipt: str) -> str | None:
        """Return the id of the payment that a receipt is claimed for."""

    def entries(self, payment: Item) -> Iterable[Item]:
        """Return the ledger's items about a payment: its entries, its hold, its money in suspense."""


# -- what each side says


def expected(payment: Item) -> tuple[list[Fact], list[Fact]]:
    """Return what the ledger must say about a payment, and what it may say as well."""
    kind, status, payment_id = payment["kind"], payment["status"], payment["payment_id"]
    if kind in (DEPOSIT, PAYBILL):
        return _expected_in(payment, status, payment_id), []
    if kind not in (WITHDRAWAL, REVERSAL) or payment.get("suspense"):
        return [], []
    amount = payment["amount_cents"] if kind == WITHDRAWAL else payment["credit_cents"]
    hold = Held(kind, payment_id, payment["user_id"], amount, amount)
    if status == "COMPLETED":
        return [hold._replace(remaining=0, parts=_parts(payment))], []
    if status in ("FAILED", "REFUSED"):
        return [], [hold._replace(remaining=0)]
    return ([], [hold]) if status == "REQUESTED" else ([hold], [])


def _expected_in(payment: Item, status: str, payment_id: str) -> list[Fact]:
    amount, receipt = payment["amount_cents"], payment.get("receipt", "")
    if status == "COMPLETED":
        given = (payment["user_id"], payment["credit_cents"], payment["excise_cents"])
        if payment.get("from_suspense"):
            return [Credit("ASSIGNMENT", receipt, *given), Suspended(receipt, amount, ASSIGNED)]
        return [Credit("DEPOSIT", payment_id, *given)]
    if payment["kind"] == PAYBILL and status in ("SUSPENSE", "RETURNING", "RETURNED"):
        return [Suspended(receipt, amount, RETURNED if status == "RETURNED" else "")]
    return []


def _parts(payment: Item) -> tuple[int, ...]:
    """Return what goes out, what is tax, and what a withdrawal gives back or a reversal takes from the player."""
    if payment["kind"] == WITHDRAWAL:
        return payment["paid_cents"], payment["withholding_cents"], payment["remainder_cents"]
    return payment["amount_cents"], payment["excise_cents"], payment["credit_cents"]


def facts(items: Iterable[Item]) -> list[Fact]:
    """Return what one partition of the wallet's table says about payments."""
    found: list[Fact] = []
    chains: dict[str, list[Item]] = {}
    suspended: dict[int, Item] = {}
    for item in items:
        entry = item.get("entry_kind")
        if entry in ("DEPOSIT", "ASSIGNMENT"):
            found.append(_credit(entry, item))
        elif entry in ("SUSPENSE_IN", "SUSPENSE_RESOLVED", "SUSPENSE_RETURN"):
            suspended[int(item["sk"].rpartition("#")[2])] = item
        elif "hold" in item and item["hold"]["kind"] in (WITHDRAWAL, REVERSAL):
            chains.setdefault(item["hold"]["id"], []).append(item)
    if 0 in suspended:
        found.append(_suspended(suspended[0], suspended.get(1)))
    return [*found, *(_held(key, chain) for key, chain in chains.items())]


def about_payments(item: Item) -> bool:
    """Return whether an item of the wallet's table says something about a payment."""
    if "hold" in item:
        return item["hold"]["kind"] in (WITHDRAWAL, REVERSAL)
    return item.get("entry_kind") in ("DEPOSIT", "ASSIGNMENT", "SUSPENSE_IN", "SUSPENSE_RESOLVED", "SUSPENSE_RETURN")


def _credit(source: str, item: Item) -> Credit:
    credited = sum(cents for account, cents in item["postings"] if account.startswith("user:"))
    excise = sum(cents for account, cents in item["postings"] if account == ledger.EXCISE)
    return Credit(source, item["reference"], item["user_id"], credited, excise)


def _suspended(came: Item, left: Item | None) -> Suspended:
    amount = sum(cents for account, cents in came["postings"] if account == ledger.SUSPENSE)
    how = "" if left is None else RETURNED if left["entry_kind"] == "SUSPENSE_RETURN" else ASSIGNED
    return Suspended(came["entry_id"], amount, how)


def _held(key: str, chain: list[Item]) -> Held:
    last = max(chain, key=lambda item: item["sk"])["hold"]
    parts: tuple[int, ...] = ()
    for item in chain:
        moved = {account: cents for account, cents in item["postings"]}
        user = item["hold"]["user_id"]
        if item["entry_kind"] == "PAYOUT":
            # What goes back to the player may repay a debt.
            back = moved.get(ledger.available(user), 0) + moved.get(ledger.receivable(user), 0)
            parts = (moved.get(ledger.UTILITY, 0), moved.get(ledger.WITHHOLDING, 0), back)
        elif item["entry_kind"] == "REVERSAL":
            parts = (moved.get(ledger.PAYBILL, 0), -moved.get(ledger.EXCISE, 0), -moved.get(ledger.held(user), 0))
    return Held(last["kind"], key, last["user_id"], last["amount"], last["remaining"], parts)


# -- the comparison


class Comparison:
    """Takes every item of both tables, payments first, each wallet partition in one piece; then says what differs."""

    def __init__(self, now: datetime, grace: timedelta) -> None:
        self._settled_before = clock.stamp(now - grace)
        self._left: dict[str, int] = {}
        self._may: dict[str, int] = {}
        self._by_receipt: dict[str, str] = {}
        self._told: dict[str, list[Fact]] = {}
        self._receipts: dict[tuple[str, str], str] = {}
        self._pk, self._group = "", list[Item]()
        self.adjustments: list[Adjustment] = []
        self.findings = Findings(seen={"payments": 0, "facts of the ledger": 0})

    def payment(self, item: Item) -> None:
        """Take an item of the payment table."""
        if item["sk"] == "RECEIPT":
            self._pair(item["pk"].partition("#")[2], item["payment_id"], "claim")
        elif item["sk"] == "PAYMENT":
            self.findings.seen["payments"] += 1
            if "receipt" in item:
                self._pair(item["receipt"], item["payment_id"], "payment")
            self._expect(item)

    def _expect(self, item: Item) -> None:
        must, may = expected(item)
        payment_id = item["payment_id"]
        if must or item["kind"] in (WITHDRAWAL, REVERSAL):
            self._left[payment_id] = sum(map(hash, must))
        if may:
            self._may[payment_id] = sum(map(hash, may))
        if any(isinstance(fact, Suspended) for fact in must):
            self._by_receipt[item["receipt"]] = payment_id
        if item["status"] == "SUSPENSE":
            self.findings.notes.append(
                Difference("SUSPENSE_WAITS", payment_id, item["receipt"], "", (("payment", item["amount_cents"]),))
            )

    def _pair(self, receipt: str, payment_id: str, side: str) -> None:
        if self._receipts.setdefault((receipt, payment_id), side) != side:
            del self._receipts[receipt, payment_id]

    def ledger(self, item: Item) -> None:
        """Take an item of the wallet's table."""
        if item["pk"] != self._pk:
            self._flush()
            self._pk = item["pk"]
        if about_payments(item):
            self._group.append(item)
        elif item.get("entry_kind") == "ADJUSTMENT":
            cents = sum(cents for account, cents in item["postings"] if account.startswith("user:"))
            self.adjustments.append(Adjustment(item["entry_id"], item["user_id"], cents, item.get("note", "")))

    def _flush(self) -> None:
        for fact in facts(self._group):
            self.findings.seen["facts of the ledger"] += 1
            payment_id = fact.key
            if isinstance(fact, Suspended) or (isinstance(fact, Credit) and fact.source == "ASSIGNMENT"):
                payment_id = self._by_receipt.get(fact.key, fact.key)
            if payment_id in self._left:
                self._left[payment_id] -= hash(fact)
            if not self._agrees(payment_id):
                self._told.setdefault(payment_id, []).append(fact)
        self._group = []

    def _agrees(self, payment_id: str) -> bool:
        left = self._left.get(payment_id)
        return left == 0 or (left is not None and left == -self._may.get(payment_id, 0))

    def result(self, lookup: Lookup) -> Findings:
        """Look again at whatever did not agree, and return what differs."""
        self._flush()
        doubtful = [key for key in self._left if not self._agrees(key)]
        doubtful += [key for key in self._told if key not in self._left]
        for key in doubtful:
            self._judge(key, lookup)
        for receipt, payment_id in self._receipts:
            self._judge_receipt(receipt, payment_id, lookup)
        self.adjustments = [_about(each, lookup) for each in self.adjustments]
        return self.findings

    def _judge(self, key: str, lookup: Lookup) -> None:
        payment = lookup.payment(key) or lookup.payment(lookup.owner(key) or "")
        seen = self._told.get(key, [])
        if payment is None:
            self.findings.differences += [_stranger(fact) for fact in seen]
            return
        now = facts(lookup.entries(payment))
        same = {_place(fact) for fact in now}
        self._file(payment, judge(payment, [*now, *(fact for fact in seen if _place(fact) not in same)]))

    def _judge_receipt(self, receipt: str, payment_id: str, lookup: Lookup) -> None:
        payment, owner = lookup.payment(payment_id), lookup.owner(receipt)
        has_it = payment is not None and payment.get("receipt") == receipt
        if has_it == (owner == payment_id):
            return
        code = "RECEIPT_UNCLAIMED" if has_it else "RECEIPT_WITHOUT_PAYMENT"
        detail = f"claimed for {owner}" if has_it and owner else ""
        self._file(payment, [Difference(code, payment_id, receipt, detail=detail)])

    def _file(self, payment: Item | None, found: list[Difference]) -> None:
        young = payment is not None and payment["updated_at"] > self._settled_before
        (self.findings.pending if young else self.findings.differences).extend(found)


def _place(fact: Fact) -> tuple[str, str, str]:
    """Return where in the ledger a fact stands; a newer one of the same place replaces it."""
    if isinstance(fact, Suspended):
        return "SUSPENSE", fact.key, ""
    return fact[0], fact.key, fact.user_id


def _about(adjustment: Adjustment, lookup: Lookup) -> Adjustment:
    """Return an adjustment with the payment that its reason names, if it names one."""
    # Every id and receipt has a digit, and hardly another word of a reason.
    for word in sorted(word for word in adjustment.words() if re.search(r"\d", word)):
        payment = lookup.payment(word) or lookup.payment(lookup.owner(word) or "")
        if payment is not None:
            given = (fact for fact in expected(payment)[0] if isinstance(fact, Credit))
            credited = sum(fact.cents for fact in given if fact.user_id == adjustment.user_id)
            return adjustment._replace(payment_id=payment["payment_id"], credited=credited)
    return adjustment


def _stranger(fact: Fact) -> Difference:
    """A fact of the ledger about a payment that does not exist."""
    if isinstance(fact, Credit):
        return Difference(
            "CREDIT_WITHOUT_PAYMENT", fact.key, "", fact.user_id, (("ledger", fact.cents),), fact.source.lower()
        )
    if isinstance(fact, Held):
        return Difference("HOLD_WITHOUT_PAYMENT", fact.key, "", fact.user_id, (("ledger", fact.amount),), fact.kind)
    return Difference("SUSPENSE_WITHOUT_PAYMENT", "", fact.key, "", (("ledger", fact.amount),), fact.how)


# -- what a disagreement is


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
    due = ("payment", _taken(kind, _parts(payment)))
    if status == "COMPLETED":
        if hold is None or (not hold.remaining and not hold.parts):
            return [_difference(f"{word}_AFTER_RELEASE", payment, due), *strangers]
        if hold.remaining:
            return [_difference(f"{word}_MISSING", payment, due, ("ledger", hold.remaining)), *strangers]
        if (hold.amount, hold.parts) != (amount, _parts(payment)):
            # What the ledger took too much is the player's.
            taken = ("ledger", _taken(kind, hold.parts))
            detail = f"parts {hold.parts} and {_parts(payment)} cents"
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
