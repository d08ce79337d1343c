"""The ledger against the payments, each read once, the payments first. No I/O.

A payment says which facts the ledger must have about it: a credit, a hold's state, money in suspense. Kept in memory
is one number per payment, the sum of those facts' hashes less the hashes of what the ledger has: it ends at zero where
both agree. Whole facts are kept only while they do not agree. Tables move under a scan, so what did not end at zero is
looked up again, payment and entries, and only that is believed.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from betsafi import clock
from payment.states import REVERSAL, WITHDRAWAL
from tools.reconcile.facts import Credit, Fact, Suspended, about_payments, expected, facts
from tools.reconcile.findings import Adjustment, Difference, Findings
from tools.reconcile.judging import judge, stranger
from wallet.rules.audit import Item


class Lookup(Protocol):
    """Reads single things again, as they stand now."""

    def payment(self, payment_id: str) -> Item | None:
        """Return a payment."""

    def owner(self, receipt: str) -> str | None:
        """Return the id of the payment that a receipt is claimed for."""

    def entries(self, payment: Item) -> Iterable[Item]:
        """Return the ledger's items about a payment: its entries, its hold, its money in suspense."""


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
            self.findings.differences += [stranger(fact) for fact in seen]
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
