"""The ledger against the payments: consistent books have no difference, one fault has its own."""

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from betsafi import clock
from tools.reconcile.books import Comparison
from tools.reconcile.codes import CODES
from tools.reconcile.facts import Held, facts
from tools.reconcile.findings import Difference, Findings
from wallet.rules import chains, ledger
from wallet.rules.audit import audit

Item = dict[str, Any]
MORNING = datetime(2026, 11, 19, 21, tzinfo=UTC)
"""When the day of the tests, 20 November, begins in Nairobi."""
NOW = MORNING + timedelta(days=4)
GRACE = timedelta(minutes=15)
OUT_STATES = ("REVIEW", "HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED")


class Books:
    """Both tables as plain items, written as the services write them, and what M-Pesa did meanwhile."""

    def __init__(self) -> None:
        self.payments: dict[str, Item] = {}
        self.claims: dict[str, Item] = {}
        self.wallet: dict[tuple[str, str], Item] = {}
        self.rows: list[Item] = []
        self.count = 0

    # -- the lookups of `books.Lookup`

    def payment(self, payment_id: str) -> Item | None:
        return self.payments.get(payment_id)

    def owner(self, receipt: str) -> str | None:
        return self.claims[receipt]["payment_id"] if receipt in self.claims else None

    def entries(self, payment: Item) -> list[Item]:
        pid, receipt = payment["payment_id"], payment.get("receipt") or payment.get("told_receipt")
        mine = [item for (pk, _), item in self.wallet.items() if pk == f"USER#{payment.get('user_id')}"]
        found = [item for item in mine if item["sk"] in (f"DEPOSIT#{pid}", f"DEPOSIT#{receipt}")]
        found += [item for item in mine if item["sk"].startswith(f"HOLD#{pid}#")]
        return found + [item for (pk, _), item in self.wallet.items() if pk == f"SYSTEM#{receipt}"]

    # -- what happens

    def next(self) -> tuple[str, str, str, datetime]:
        """Return a payment's id, its player's, its receipt and when it began."""
        self.count += 1
        began = MORNING + timedelta(minutes=60 + 2 * self.count)
        return f"p-{self.count}", f"u-{self.count % 3}", f"TKK{self.count:07d}", began

    def put(self, kind: str, pid: str, status: str, began: datetime, user: str = "", **given: Any) -> Item:
        done = began + timedelta(minutes=1)
        item = {
            "pk": f"PAYMENT#{pid}", "sk": "PAYMENT", "kind": kind, "payment_id": pid, "status": status, "version": 1,
            "at": clock.stamp(began), "updated_at": clock.stamp(done), **({"user_id": user} if user else {}), **given,
        }  # fmt: skip
        self.payments[pid] = item
        return item

    def claim(self, receipt: str, pid: str) -> None:
        self.claims[receipt] = {"pk": f"RECEIPT#{receipt}", "sk": "RECEIPT", "payment_id": pid, "at": "2026"}

    def post(self, entry: ledger.Entry, pk: str, sk: str, at: datetime, user: str = "", **facts: Any) -> None:
        self.wallet[pk, sk] = {
            "pk": pk, "sk": sk, "at": clock.stamp(at + timedelta(seconds=65)), "entry_id": entry.id,
            "entry_kind": entry.kind, "reference": entry.reference, "fingerprint": entry.fingerprint,
            "postings": [list(posting) for posting in entry.postings], **({"user_id": user} if user else {}), **facts,
        }  # fmt: skip

    def post_hold(self, entry: ledger.Entry, hold: chains.Hold, at: datetime) -> None:
        key = f"HOLD#{hold.id}#{hold.step:04d}"
        self.post(entry, f"USER#{hold.user_id}", key, at, hold.user_id, hold=asdict(hold))

    def row(self, receipt: str, at: datetime, reason: str, cents: int, account: str = "", **more: str) -> None:
        """M-Pesa moved money; out of our account where `cents` is negative."""
        self.rows.append(
            {"receipt": receipt, "at": at, "reason": reason, "cents": cents, "account": account, "linked": "", **more}
        )

    def deposit(self, status: str, shillings: int, *, receipt_known: bool = True) -> str:
        pid, user, receipt, began = self.next()
        amount, reference = shillings * 100, f"1234567{self.count % 10}ABCD"
        split = {"amount_cents": amount, "credit_cents": amount - amount // 20, "excise_cents": amount // 20}
        item = self.put("DEPOSIT", pid, status, began, user, reference=reference + str(self.count), **split)
        if status == "COMPLETED":
            if receipt_known:
                item["receipt"] = receipt
                self.claim(receipt, pid)
            entry = ledger.deposit(user, pid, amount, split["credit_cents"], split["excise_cents"], owed=self.count % 7)
            self.post(entry, f"USER#{user}", f"DEPOSIT#{pid}", began, user)
            self.row(receipt, began + timedelta(seconds=30), "Pay Bill Online", amount, item["reference"])
        return pid

    def paybill(self, status: str, shillings: int) -> str:
        """COMPLETED, ASSIGNED (completed out of suspense), SUSPENSE, RETURNED, or one that is nothing (FAILED)."""
        pid, user, receipt, began = self.next()
        amount, account = shillings * 100, f"2222{self.count:04d}"
        credit = {"credit_cents": amount - amount // 20, "excise_cents": amount // 20}
        done = "COMPLETED" if status == "ASSIGNED" else status
        item = self.put("PAYBILL", pid, done, began, amount_cents=amount, told_receipt=receipt, account=account)
        if status in ("FAILED", "RECEIVED"):
            return pid
        item["receipt"] = receipt
        self.claim(receipt, pid)
        self.row(receipt, began - timedelta(seconds=2), "Pay Utility", amount, account)
        pk, as_player = f"SYSTEM#{receipt}", (user, credit["credit_cents"], credit["excise_cents"])
        if status in ("COMPLETED", "ASSIGNED"):
            item.update(user_id=user, **credit)
        if status == "COMPLETED":
            entry = ledger.deposit(user, pid, amount, *as_player[1:])
            self.post(entry, f"USER#{user}", f"DEPOSIT#{pid}", began, user)
            return pid
        self.post(ledger.suspense_in(receipt, amount), pk, "ENTRY#0000", began)
        if status == "ASSIGNED":
            item["from_suspense"] = True
            entry = ledger.deposit(user, receipt, amount, *as_player[1:], source=ledger.SUSPENSE)
            self.post(entry, f"USER#{user}", f"DEPOSIT#{receipt}", began, user)
            resolved = ledger.Entry(receipt, "SUSPENSE_RESOLVED", f"assigned to {user}", (), "")
            self.post(resolved, pk, "ENTRY#0001", began)
        if status == "RETURNED":
            self.reverse(item, suspense=True)
            self.post(ledger.suspense_return(receipt, amount), pk, "ENTRY#0001", began + timedelta(minutes=3))
        return pid

    def withdraw(self, status: str, shillings: int, *, voided: bool = False) -> str:
        pid, user, receipt, began = self.next()
        amount = shillings * 100 + 7
        paid = amount * 19 // 20 // 100 * 100
        parts = {"paid_cents": paid, "withholding_cents": amount // 20, "remainder_cents": amount - amount // 20 - paid}
        item = self.put("WITHDRAWAL", pid, status, began, user, amount_cents=amount, **parts)
        if status not in ("REQUESTED", "REVIEW", "REFUSED"):
            item["submitted_at"] = clock.stamp(began + timedelta(seconds=5))
        if voided:
            self.post_hold(*chains.void(user, pid, "late"), began)
            return pid
        if status == "REQUESTED":
            return pid
        entry, hold = chains.place_hold(user, pid, "WITHDRAWAL", amount)
        self.post_hold(entry, hold, began)
        self._end_hold(status, hold, chains.pay_out(hold, *parts.values()), began)
        if status == "COMPLETED":
            item["receipt"] = receipt
            self.claim(receipt, pid)
            self.row(receipt, began + timedelta(seconds=30), "Business Payment to Customer via API", -paid)
        return pid

    def _end_hold(self, status: str, hold: chains.Hold, step: chains.Step | None, began: datetime) -> None:
        if status in ("FAILED", "REFUSED"):
            step = chains.release(hold, status)
        if status in ("COMPLETED", "FAILED", "REFUSED"):
            assert step is not None
            self.post_hold(step.entry, step.hold, began)

    def reverse(self, original: Item, status: str = "COMPLETED", *, suspense: bool = False) -> str:
        pid, _, receipt, began = self.next()
        user = original.get("user_id", "")
        names = ("amount_cents", "credit_cents", "excise_cents")
        amounts = {name: original.get(name, 0) for name in names}
        about = {"deposit_id": original["payment_id"], "original_receipt": original["receipt"], "suspense": suspense}
        item = self.put("REVERSAL", pid, status, began, user, **amounts, **about)
        if not suspense:
            entry, hold = chains.place_hold(user, pid, "REVERSAL", amounts["credit_cents"])
            self.post_hold(entry, hold, began)
            self._end_hold(status, hold, chains.reverse_deposit(hold, *amounts.values()), began)
        if status == "COMPLETED":
            if not suspense:
                original["reversed_at"] = clock.stamp(began)
            item["receipt"] = receipt
            self.claim(receipt, pid)
            reason, at = "Organization Reversal", began + timedelta(seconds=30)
            self.row(receipt, at, reason, -amounts["amount_cents"], linked=original["receipt"])
        return pid

    # -- the comparison

    def payment_items(self) -> list[Item]:
        return [*self.claims.values(), *self.payments.values()]

    def wallet_items(self) -> list[Item]:
        return sorted(self.wallet.values(), key=lambda item: (item["pk"], item["sk"]))

    def compare(self, now: datetime = NOW) -> Findings:
        comparison = Comparison(now, GRACE)
        for item in self.payment_items():
            comparison.payment(item)
        for item in self.wallet_items():
            comparison.ledger(item)
        found = comparison.result(self)
        found.adjusted(comparison.adjustments)
        return found


def codes(found: list[Difference]) -> list[str]:
    return sorted(item.code for item in found)


AMOUNTS = st.integers(20, 3000)
OPERATIONS = st.one_of(
    st.tuples(st.just("deposit"), st.sampled_from(["COMPLETED", "FAILED", "SUBMITTED", "UNKNOWN"]), AMOUNTS),
    st.tuples(
        st.just("paybill"), st.sampled_from(["COMPLETED", "ASSIGNED", "SUSPENSE", "RETURNED", "FAILED"]), AMOUNTS
    ),
    st.tuples(
        st.just("withdraw"), st.sampled_from(["COMPLETED", "FAILED", "REFUSED", "REQUESTED", *OUT_STATES]), AMOUNTS
    ),
    st.tuples(st.just("reversed"), st.sampled_from(["COMPLETED", "FAILED", "HELD", "DELAYED"]), AMOUNTS),
    st.tuples(st.just("voided"), st.sampled_from(["FAILED", "REFUSED"]), AMOUNTS),
)


def happen(operations: list[tuple[str, str, int]]) -> Books:
    books = Books()
    for name, status, amount in operations:
        if name == "reversed":
            books.reverse(books.payments[books.deposit("COMPLETED", amount)], status)
        elif name == "voided":
            books.withdraw(status, amount, voided=True)
        else:
            getattr(books, name)(status, amount)
    return books


HISTORIES = st.lists(OPERATIONS, max_size=12).map(happen)

AROUND_A_FAULT = settings(max_examples=30)
"""A fault is there in every example; a history is only what stands around it, drawn anew for each of many faults."""


@given(HISTORIES)
def test_consistent_books_have_no_difference(books: Books) -> None:
    found = books.compare()
    assert (found.differences, found.pending) == ([], [])
    assert codes(found.notes) == ["SUSPENSE_WAITS"] * sum(p["status"] == "SUSPENSE" for p in books.payments.values())
    entries = [item for item in books.wallet_items() if item["pk"].startswith("SYSTEM#")]
    assert audit(entries).problems == []


# -- one fault, one difference


def pick(books: Books, kind: str, *statuses: str, **given: Any) -> Item:
    """Return the first payment of a kind and status, made if there is none."""
    for item in books.payments.values():
        if item["kind"] == kind and item["status"] in statuses and not given and not item.get("suspense"):
            return item
    makers: dict[str, Callable[[str, int], str]] = {
        "DEPOSIT": books.deposit, "PAYBILL": books.paybill, "WITHDRAWAL": books.withdraw,
    }  # fmt: skip
    if kind == "REVERSAL":
        return books.payments[books.reverse(books.payments[books.deposit("COMPLETED", 300)], statuses[0])]
    return books.payments[makers[kind](given.get("made", statuses[0]), 300)]


def entry_of(books: Books, payment: Item, kind: str) -> tuple[tuple[str, str], Item]:
    key = payment.get("receipt") if kind in ("SUSPENSE_IN", "SUSPENSE_RETURN", "ASSIGNMENT") else payment["payment_id"]
    return next(
        (place, item)
        for place, item in books.wallet.items()
        if item["entry_kind"] == kind and (item["reference"] == key or item["entry_id"] == key)
    )


def lose(kind: str, status: str, entry: str, **given: Any) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        del books.wallet[entry_of(books, pick(books, kind, status, **given), entry)[0]]

    return fault


def restate(kind: str, status: str, to: str, **changes: Any) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        pick(books, kind, status).update(status=to, **changes)

    return fault


def change(kind: str, status: str, **changes: Any) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        item = pick(books, kind, status)
        item.update({name: item[name] + by for name, by in changes.items()})

    return fault


def credit_twice(books: Books) -> None:
    place, item = entry_of(books, pick(books, "DEPOSIT", "COMPLETED"), "DEPOSIT")
    other = {**item, "pk": "USER#u-9", "user_id": "u-9"}
    other["postings"] = [[account.replace(item["user_id"], "u-9"), cents] for account, cents in item["postings"]]
    books.wallet["USER#u-9", place[1]] = other


def credit_somebody_else(books: Books) -> None:
    credit_twice(books)
    payment = pick(books, "DEPOSIT", "COMPLETED")
    del books.wallet[f"USER#{payment['user_id']}", f"DEPOSIT#{payment['payment_id']}"]


def lose_payment(kind: str, status: str) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        item = pick(books, kind, status)
        del books.payments[item["payment_id"]]
        books.claims.pop(item.get("receipt", ""), None)

    return fault


def lose_claim(books: Books) -> None:
    del books.claims[pick(books, "WITHDRAWAL", "COMPLETED")["receipt"]]


def lose_receipt(books: Books) -> None:
    del pick(books, "DEPOSIT", "COMPLETED")["receipt"]


def one_receipt_for_two(books: Books) -> None:
    first = pick(books, "DEPOSIT", "COMPLETED")
    second = books.payments[books.deposit("COMPLETED", 50)]
    del books.claims[second["receipt"]]
    second["receipt"] = first["receipt"]


def pay_released(books: Books) -> None:
    item = pick(books, "WITHDRAWAL", "FAILED")
    item["status"] = "COMPLETED"


def resolve_early(books: Books) -> None:
    item = pick(books, "PAYBILL", "SUSPENSE")
    entry = ledger.suspense_return(item["receipt"], item["amount_cents"])
    books.post(entry, f"SYSTEM#{item['receipt']}", "ENTRY#0001", MORNING)


FAULTS: list[tuple[str, Callable[[Books], None]]] = [
    ("CREDIT_MISSING", lose("DEPOSIT", "COMPLETED", "DEPOSIT")),
    ("CREDIT_MISSING", lose("PAYBILL", "COMPLETED", "ASSIGNMENT", made="ASSIGNED")),
    ("CREDIT_NOT_DUE", restate("DEPOSIT", "COMPLETED", "FAILED")),
    ("CREDIT_TWICE", credit_twice),
    ("CREDIT_OTHER_AMOUNT", change("DEPOSIT", "COMPLETED", credit_cents=100, amount_cents=100)),
    ("CREDIT_OTHER_AMOUNT", change("DEPOSIT", "COMPLETED", credit_cents=1, excise_cents=-1)),
    ("CREDIT_OTHER_PLAYER", credit_somebody_else),
    ("CREDIT_WITHOUT_PAYMENT", lose_payment("DEPOSIT", "COMPLETED")),
    ("SUSPENSE_MISSING", lose("PAYBILL", "SUSPENSE", "SUSPENSE_IN")),
    ("SUSPENSE_NOT_DUE", restate("PAYBILL", "SUSPENSE", "FAILED")),
    ("SUSPENSE_OTHER_AMOUNT", change("PAYBILL", "SUSPENSE", amount_cents=100)),
    ("SUSPENSE_OTHERWISE", resolve_early),
    ("SUSPENSE_WITHOUT_PAYMENT", lose_payment("PAYBILL", "SUSPENSE")),
    ("RETURN_MISSING", lose("PAYBILL", "RETURNED", "SUSPENSE_RETURN")),
    ("PAYOUT_MISSING", lose("WITHDRAWAL", "COMPLETED", "PAYOUT")),
    ("PAYOUT_MISSING", restate("WITHDRAWAL", "SUBMITTED", "COMPLETED")),
    ("PAYOUT_AFTER_RELEASE", pay_released),
    ("PAYOUT_OTHER_AMOUNT", change("WITHDRAWAL", "COMPLETED", paid_cents=100, remainder_cents=-100)),
    ("PAYOUT_NOT_DUE", restate("WITHDRAWAL", "COMPLETED", "FAILED")),
    ("PAYOUT_NOT_DUE", restate("WITHDRAWAL", "COMPLETED", "UNKNOWN")),
    ("REVERSAL_MISSING", lose("REVERSAL", "COMPLETED", "REVERSAL")),
    ("REVERSAL_AFTER_RELEASE", restate("REVERSAL", "FAILED", "COMPLETED")),
    ("REVERSAL_OTHER_AMOUNT", change("REVERSAL", "COMPLETED", excise_cents=1, amount_cents=1)),
    ("REVERSAL_NOT_DUE", restate("REVERSAL", "COMPLETED", "DELAYED")),
    ("HOLD_MISSING", lose("WITHDRAWAL", "SUBMITTED", "HOLD")),
    ("HOLD_MISSING", restate("WITHDRAWAL", "FAILED", "DELAYED")),
    ("HOLD_NOT_RELEASED", restate("WITHDRAWAL", "REVIEW", "FAILED")),
    ("HOLD_NOT_RELEASED", restate("REVERSAL", "HELD", "REFUSED")),
    ("HOLD_OTHER_AMOUNT", change("WITHDRAWAL", "HELD", amount_cents=100)),
    ("HOLD_WITHOUT_PAYMENT", lose_payment("WITHDRAWAL", "DELAYED")),
    ("RECEIPT_UNCLAIMED", lose_claim),
    ("RECEIPT_UNCLAIMED", one_receipt_for_two),
    ("RECEIPT_WITHOUT_PAYMENT", lose_receipt),
]


@pytest.mark.parametrize(("code", "fault"), FAULTS, ids=[f"{n}-{code}" for n, (code, _) in enumerate(FAULTS)])
@AROUND_A_FAULT
@given(history=HISTORIES)
def test_one_fault_has_its_own_difference_and_no_other(
    code: str, fault: Callable[[Books], None], history: Books
) -> None:
    fault(history)
    assert codes(history.compare().differences) == [code]


def test_another_players_hold_is_seen() -> None:
    books = Books()
    item = books.payments[books.withdraw("HELD", 100)]
    item["user_id"] = "u-9"
    assert codes(books.compare().differences) == ["HOLD_OTHER_PLAYER"]
    entry, hold = chains.place_hold("u-9", item["payment_id"], "WITHDRAWAL", item["amount_cents"])
    books.post_hold(entry, hold, MORNING)
    assert codes(books.compare().differences) == ["HOLD_OTHER_PLAYER"]


# -- what is on its way, and what moves meanwhile


def test_what_changed_a_moment_ago_is_on_its_way() -> None:
    books = Books()
    pid = books.deposit("COMPLETED", 100)
    books.wallet.clear()
    changed = clock.parse_stamp(books.payments[pid]["updated_at"])
    soon = books.compare(changed + GRACE - timedelta(seconds=1))
    assert (codes(soon.differences), codes(soon.pending)) == ([], ["CREDIT_MISSING"])
    late = books.compare(changed + GRACE + timedelta(seconds=1))
    assert (codes(late.differences), codes(late.pending)) == (["CREDIT_MISSING"], [])


def test_a_payment_that_moved_while_the_tables_were_read_is_no_difference() -> None:
    books = Books()
    paid, made = books.deposit("COMPLETED", 100), books.withdraw("COMPLETED", 100)
    comparison = Comparison(NOW, GRACE)
    # The payments were read before the deposit was paid and the withdrawal was asked for; the holds before the payout.
    comparison.payment({**books.payments[paid], "status": "SUBMITTED"})
    for item in books.wallet_items():
        if item["entry_kind"] != "PAYOUT":
            comparison.ledger(item)
    found = comparison.result(books)
    assert (found.differences, found.pending) == ([], [])
    assert made in books.payments


def test_an_adjustment_that_names_the_payment_settles_one_difference() -> None:
    books = Books()
    pid = books.deposit("COMPLETED", 100)
    books.wallet.clear()
    operators = ("admin-1", "admin-2")
    other = ledger.adjustment("u-1", "a-0", 9_500, f"CREDIT_MISSING {pid}0", operators)
    small = ledger.adjustment("u-1", "a-1", 500, f"CREDIT_MISSING {pid}", operators)
    right = ledger.adjustment("u-1", "a-2", 9_500, f"CREDIT_MISSING {pid}", operators)
    alone = ["ADJUSTMENT_ALONE"]
    for entry, settled, noted in ((other, False, []), (small, False, alone), (right, True, ["ADJUSTED", *alone])):
        books.post(entry, "USER#u-1", f"ADJUSTMENT#{entry.id}", MORNING, "u-1", note=entry.note)
        found = books.compare()
        assert codes(found.differences) == ([] if settled else ["CREDIT_MISSING"])
        assert codes(found.notes) == noted


def adjust(books: Books, user: str, change: int, named: str) -> None:
    """Two administrators give a player something, or take it; the reason names a payment."""
    entry = ledger.adjustment(user, f"a-{len(books.wallet)}", change, f"as agreed for {named}", ("admin-1", "admin-2"))
    books.post(entry, f"USER#{user}", f"ADJUSTMENT#{entry.id}", MORNING, user, note=entry.note)


def credit_too_little(books: Books) -> None:
    books.payments["p-1"].update(amount_cents=11_000, credit_cents=10_500)


@pytest.mark.parametrize(
    ("fault", "adjustments", "left"),
    [
        (lose("DEPOSIT", "COMPLETED", "DEPOSIT"), [("u-1", 9_500)], []),
        (lose("DEPOSIT", "COMPLETED", "DEPOSIT"), [("u-1", -9_500)], ["CREDIT_MISSING"]),
        (lose("DEPOSIT", "COMPLETED", "DEPOSIT"), [("u-2", 9_500)], ["CREDIT_MISSING"]),
        (credit_somebody_else, [("u-9", -9_500), ("u-1", 9_500)], []),
        (credit_somebody_else, [("u-9", -9_500)], ["CREDIT_OTHER_PLAYER"]),
        (credit_somebody_else, [("u-1", -9_500), ("u-9", 9_500)], ["CREDIT_OTHER_PLAYER"]),
        (credit_too_little, [("u-1", 1_000)], []),
        (credit_too_little, [("u-1", 9_500)], ["CREDIT_OTHER_AMOUNT"]),
        (credit_too_little, [("u-1", -1_000)], ["CREDIT_OTHER_AMOUNT"]),
        (restate("DEPOSIT", "COMPLETED", "FAILED"), [("u-1", -9_500)], []),
        (restate("DEPOSIT", "COMPLETED", "FAILED"), [("u-1", 9_500)], ["CREDIT_NOT_DUE"]),
    ],
)
def test_an_adjustment_settles_only_the_exact_change_of_the_right_player(
    fault: Callable[[Books], None], adjustments: list[tuple[str, int]], left: list[str]
) -> None:
    books = happen([("deposit", "COMPLETED", 100)])
    fault(books)
    for user, change in adjustments:
        adjust(books, user, change, "p-1")
    found = books.compare()
    assert codes(found.differences) == left
    assert codes(found.notes) == (["ADJUSTMENT_ALONE"] * len(adjustments) if left else ["ADJUSTED"])


@pytest.mark.parametrize("named", ["p-1", "TKK0000001"])
def test_a_credit_that_came_after_its_adjustment_is_reported_until_it_is_taken_back(named: str) -> None:
    books = happen([("deposit", "COMPLETED", 100)])
    adjust(books, "u-1", 9_500, named)
    (twice,) = books.compare().differences
    assert (twice.code, twice.id) == ("CREDIT_AND_ADJUSTMENT", "p-1")
    assert twice.action("dev").startswith("proposeAdjustment DEBIT 95.00 from u-1")
    adjust(books, "u-1", -9_500, "p-1")
    found = books.compare()
    assert (found.differences, found.notes) == ([], [])


def test_an_adjustment_that_names_a_payment_and_settles_nothing_is_told() -> None:
    books = happen([("deposit", "COMPLETED", 100), ("withdraw", "COMPLETED", 100)])
    adjust(books, "u-1", -500, "p-1")
    adjust(books, "u-2", 9_500, "p-2")
    adjust(books, "u-2", 9_500, "goodwill in 2026")
    found = books.compare()
    assert found.differences == []
    assert [(note.code, note.id) for note in found.notes] == [("ADJUSTMENT_ALONE", "p-1"), ("ADJUSTMENT_ALONE", "p-2")]


def test_nobody_is_credited_by_hand_while_a_parked_event_may_still_do_it() -> None:
    assert "payment's StreamFailure queue is empty: proposeAdjustment" in Difference("CREDIT_MISSING").action("dev")


def test_the_cents_of_a_payout_that_repaid_a_debt_are_still_its_remainder() -> None:
    placed, hold = chains.place_hold("u", "w", "WITHDRAWAL", 1_099)
    step = chains.pay_out(hold, 900, 100, 99, owed=60)
    assert step is not None
    chain = [(placed, hold), (step.entry, step.hold)]
    items = [
        {"sk": f"{n}", "entry_kind": entry.kind, "postings": entry.postings, "hold": asdict(state)}
        for n, (entry, state) in enumerate(chain)
    ]
    assert facts(items) == [Held("WITHDRAWAL", "w", "u", 1_099, 0, (900, 100, 99))]


# -- what is said


def test_every_difference_says_what_to_do_with_ids_and_amounts() -> None:
    books = Books()
    pid = books.deposit("COMPLETED", 100)
    books.payments[pid].update(credit_cents=10_500, excise_cents=-500)
    (found,) = books.compare().differences
    assert found.line("dev").splitlines()[1].strip() == "-> proposeAdjustment CREDIT 10.00 for u-1"
    told = found.told("dev")
    assert (told["id"], told["userId"], told["amountsCents"]) == (pid, "u-1", {"payment": 10_500, "ledger": 9_500})
    assert all(Difference(code).action("dev") for code in CODES)


def test_the_runbook_explains_every_code_and_no_other() -> None:
    runbook = Path(__file__).parents[3] / "docs" / "runbooks" / "reconciliation.md"
    explained = re.findall(r"^\| `([A-Z_]+)`", runbook.read_text(), re.MULTILINE)
    assert sorted(explained) == sorted(CODES)
