"""A day of M-Pesa's statement, its pull and its balance against our payments, compared both ways."""

import random
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi import clock
from payment.models import PaybillPayment
from payment.providers.base import Pulled
from payment.states import UNCERTAIN
from tests.unit.tools.test_reconcile import (
    AROUND_A_FAULT,
    GRACE,
    HISTORIES,
    MORNING,
    NOW,
    Books,
    Item,
    codes,
    happen,
    pick,
)
from tools.reconcile import reading
from tools.reconcile.__main__ import PULL, in_doubt
from tools.reconcile.day import Balances, Day, compare_balance
from tools.reconcile.findings import Adjustment, Findings
from tools.reconcile.money_in import compare_in, without_receipt
from tools.reconcile.payments import Kept, originators
from tools.reconcile.record import Row, period
from tools.reconcile.statement import BadStatement, decode, parse
from wallet.rules import ledger

DAY = date(2026, 11, 20)
COLUMNS = (
    "Receipt No.", "Completion Time", "Initiation Time", "Details", "Transaction Status", "Paid In", "Withdrawn",
    "Balance", "Balance Confirmed", "Reason Type", "Other Party Info", "Linked Transaction ID", "A/C No.",
)  # fmt: skip
PREAMBLE = "Organization Name,BETSAFI LTD\nShort Code,600000\nReport Period,20-11-2026 - 20-11-2026\n\n"
SECRET = "254712345678 - JANE DOE"


def shillings(cents: int) -> str:
    return f'"{cents / 100:,.2f}"'


def csv(
    rows: list[Item], *, columns: tuple[str, ...] = COLUMNS, newest_first: bool = True, form: str = "%d-%m-%Y %H:%M:%S",
    opening: int = 0,
) -> str:  # fmt: skip
    """Return rows of `Books` as the portal exports them."""
    lines, balance = [], opening
    for row in sorted(rows, key=lambda row: row["at"]):
        status = row.get("status", "Completed")
        balance += row["cents"] if status == "Completed" else 0
        time = f"{row['at'].astimezone(clock.NAIROBI):{form}}"
        cells = {
            "Receipt No.": row["receipt"],
            "Completion Time": time,
            "Initiation Time": time,
            "Details": row.get("details", f"{row['reason']} {SECRET}"),
            "Transaction Status": status,
            "Paid In": shillings(row["cents"]) if row["cents"] > 0 else "",
            "Withdrawn": shillings(row["cents"]) if row["cents"] < 0 else "",
            "Balance": shillings(balance),
            "Balance Confirmed": "true",
            "Reason Type": row["reason"],
            "Other Party Info": SECRET,
            "Linked Transaction ID": row["linked"],
            "A/C No.": row["account"],
        }
        lines.append(",".join(cells[column] for column in columns))
    return PREAMBLE + "\n".join([",".join(columns), *(reversed(lines) if newest_first else lines)]) + "\n"


NOTHING: Item = {
    "receipt": "TKK9999999",
    "at": MORNING + timedelta(minutes=1),
    "reason": "Pay Bill Online",
    "cents": 100,
    "account": "",
    "linked": "",
    "status": "Failed",
}
"""A row that moved nothing, so that the day is never without one."""


NOTHING_NOW: Item = {**NOTHING, "receipt": "TKK9999998", "at": NOW}
"""Another one, so that the file is about every day until now."""


def compare(books: Books, *, account: str = "both", files: list[str] | None = None, **layout: Any) -> Findings:
    """Compare the day with files; without any, with one that is about every day until now."""
    texts = files or [csv([*books.rows, NOTHING, NOTHING_NOW], **layout)]
    statements = [parse(f"s{number}.csv", text) for number, text in enumerate(texts)]
    day = Day(statements, DAY, NOW, GRACE, PULL, account)
    for item in books.payment_items():
        day.payment(item)
    day.match()
    balances = day.balances()
    for item in books.wallet_items():
        balances.ledger(item)
    return day.close(balances)


def settled(books: Books) -> Books:
    """Let what has not ended have been asked for after the day, so that its statement says nothing about it."""
    for item in books.payments.values():
        if item["kind"] in ("WITHDRAWAL", "REVERSAL") and item["status"] in UNCERTAIN:
            item["at"] = item["submitted_at"] = clock.stamp(MORNING + timedelta(days=1, minutes=1))
    return books


@given(HISTORIES.map(settled), st.booleans(), st.sampled_from(["%d-%m-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"]))
def test_a_day_of_consistent_books_has_no_difference(books: Books, newest_first: bool, form: str) -> None:
    columns = tuple(random.sample(COLUMNS, len(COLUMNS)))
    found = compare(books, newest_first=newest_first, form=form, columns=columns)
    assert (found.differences, found.pending, found.notes) == ([], [], [])


# -- one fault, one difference


def row_of(books: Books, payment: Item) -> Item:
    return next(row for row in books.rows if row["receipt"] == payment["receipt"])


def found_receipt(books: Books) -> None:
    """M-Pesa took a payment that we never heard of."""
    books.row("TKKNEW0001", MORNING + timedelta(hours=5), "Pay Bill Online", 10_000, "17171717")


def lose_row(kind: str) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        books.rows.remove(row_of(books, pick(books, kind, "COMPLETED")))

    return fault


def edit_row(kind: str, **changes: Any) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        row = row_of(books, pick(books, kind, "COMPLETED"))
        row.update({name: row[name] + by if name == "cents" else by for name, by in changes.items()})

    return fault


def fail_deposit(books: Books) -> None:
    """The prompt's payment came, and we call the deposit FAILED."""
    item = pick(books, "DEPOSIT", "COMPLETED")
    item["status"] = "FAILED"
    del books.claims[item.pop("receipt")]


def restate_withdrawal(status: str, *, named: bool) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        item = books.payments[books.withdraw("COMPLETED", 4321)]
        row = row_of(books, item)
        if named:
            row["details"] = (
                f"Business Payment to {SECRET}. Original conversation ID is {originators(item['payment_id'], 0)[0]}"
            )
            row["at"] += timedelta(hours=9)
        item["status"] = status
        del books.claims[item.pop("receipt")]

    return fault


def restate_reversal(status: str) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        item = books.payments[books.reverse(books.payments[books.deposit("COMPLETED", 500)])]
        item["status"] = status
        del books.claims[item.pop("receipt")]

    return fault


def pay_twice(books: Books) -> None:
    item = books.payments[books.withdraw("COMPLETED", 4321)]
    order = originators(item["payment_id"], 0)[0]
    at, cents = MORNING + timedelta(hours=8), -item["paid_cents"]
    books.row("TKKTWICE01", at, "Business Payment to Customer", cents, details=f"Original conversation ID is {order}")


def out(receipt: str, reason: str, cents: int, **more: str) -> Callable[[Books], None]:
    def fault(books: Books) -> None:
        books.row(receipt, MORNING + timedelta(hours=6), reason, cents, **more)

    return fault


def reversed_outside(books: Books) -> None:
    item = books.payments[books.deposit("COMPLETED", 77)]
    at = MORNING + timedelta(hours=6)
    books.row("TKKREV0001", at, "Organization Reversal", -item["amount_cents"], linked=item["receipt"])


def payout_reversed(books: Books) -> None:
    item = books.payments[books.withdraw("COMPLETED", 77)]
    at = MORNING + timedelta(hours=6)
    books.row("TKKREV0002", at, "Business Payment Reversal", item["paid_cents"], linked=item["receipt"])


def wait_for_ever(books: Books) -> None:
    books.withdraw("DELAYED", 5555)


FAULTS: list[tuple[str, Callable[[Books], None]]] = [
    ("MPESA_NOT_BOOKED_LATE", found_receipt),
    ("MPESA_NOT_BOOKED_LATE", fail_deposit),
    ("MPESA_LACKS", lose_row("DEPOSIT")),
    ("MPESA_LACKS", lose_row("WITHDRAWAL")),
    ("MPESA_LACKS", lose_row("REVERSAL")),
    ("MPESA_OTHER_AMOUNT", edit_row("DEPOSIT", cents=100)),
    ("MPESA_OTHER_AMOUNT", edit_row("WITHDRAWAL", cents=-100)),
    ("MPESA_OTHER_ACCOUNT", edit_row("DEPOSIT", account="99999999")),
    ("MPESA_NOT_COMPLETED", edit_row("DEPOSIT", status="Cancelled")),
    ("MPESA_NOT_COMPLETED", edit_row("WITHDRAWAL", status="Declined")),
    ("MPESA_PAID_FAILED", restate_withdrawal("FAILED", named=True)),
    ("MPESA_PAID_FAILED", restate_withdrawal("FAILED", named=False)),
    ("MPESA_PAID_FAILED", restate_reversal("FAILED")),
    ("MPESA_PAID_OPEN", restate_withdrawal("DELAYED", named=True)),
    ("MPESA_PAID_OPEN", restate_withdrawal("UNKNOWN", named=False)),
    ("MPESA_PAID_OPEN", restate_reversal("UNKNOWN")),
    ("MPESA_PAID_TWICE", pay_twice),
    ("MPESA_OUT_UNKNOWN", out("TKKOUT0001", "Business Payment to Customer via API", -98_700)),
    ("MPESA_UNPAID", wait_for_ever),
    ("MPESA_REVERSED_OUTSIDE", reversed_outside),
    ("MPESA_PAYOUT_REVERSED", payout_reversed),
    ("FEES_NOT_BOOKED", out("TKKFEE0001", "Business Payment Charge", -2_240)),
    ("TRANSFER_NOT_BOOKED", out("TKKMOV0001", "Organization Settlement", -100_000)),
    ("STATEMENT_ROW_UNKNOWN", out("TKKODD0001", f"Odd {SECRET}", -100_000)),
]


@pytest.mark.parametrize(("code", "fault"), FAULTS, ids=[f"{n}-{code}" for n, (code, _) in enumerate(FAULTS)])
@AROUND_A_FAULT
@given(history=HISTORIES.map(settled))
def test_one_fault_of_a_day_has_its_own_difference(code: str, fault: Callable[[Books], None], history: Books) -> None:
    fault(history)
    found = compare(history)
    # Money that moved at one side alone is missing from the closing balance as well.
    assert [name for name in codes(found.differences) if name != "CLOSING_BALANCE"] == [code]
    assert not any(part in found.render("dev") for part in ("JANE", "DOE", "2547"))


def test_a_deposit_without_a_receipt_is_found_by_its_reference() -> None:
    books = happen([("deposit", "COMPLETED", 100), ("deposit", "COMPLETED", 100)])
    books.payments[books.deposit("COMPLETED", 100, receipt_known=False)]
    found = compare(books)
    assert (codes(found.differences), codes(found.notes)) == ([], ["RECEIPT_MATCHED"])
    books.rows[-1]["account"] = ""
    assert codes(compare(books).differences) == ["MPESA_LACKS", "MPESA_NOT_BOOKED_LATE"]


def test_a_withdrawal_without_a_receipt_is_found_by_amount_and_time_only_where_one_fits() -> None:
    books = happen([("withdraw", "COMPLETED", 100)])
    bare = books.payments[books.withdraw("COMPLETED", 200)]
    del books.claims[bare.pop("receipt")]
    found = compare(books)
    assert (codes(found.differences), codes(found.notes)) == ([], ["RECEIPT_MATCHED"])
    books.row("TKKOTHER01", MORNING + timedelta(minutes=65), "Business Payment to Customer", -bare["paid_cents"])
    assert codes(compare(books).differences).count("MPESA_OUT_UNKNOWN") == 2


# -- what M-Pesa paid is never called unpaid


def named_codes(found: Findings) -> list[str]:
    """Return the codes of the differences but for the closing balance: M-Pesa alone moved the money."""
    return [name for name in codes(found.differences) if name != "CLOSING_BALANCE"]


def waiting(books: Books, status: str = "UNKNOWN") -> Item:
    """Return a withdrawal whose end we do not know."""
    return books.payments[books.withdraw(status, 4321)]


def pay(books: Books, item: Item, at: datetime, **more: str) -> None:
    """M-Pesa paid a withdrawal and we have not heard of it."""
    books.row("TKKPAID001", at, "Business Payment to Customer via API", -item["paid_cents"], **more)


@pytest.mark.parametrize(("asked", "submitted"), [(30, -22), (-0.7, -0.7)])
def test_a_payout_that_mpesa_made_before_we_stored_its_answer_is_not_called_unpaid(
    asked: float, submitted: float
) -> None:
    books = Books()
    item, at = waiting(books), MORNING + timedelta(hours=11)
    item["at"], item["submitted_at"] = (clock.stamp(at - timedelta(seconds=by)) for by in (asked, submitted))
    pay(books, item, at)
    assert named_codes(compare(books)) == ["MPESA_PAID_OPEN"]


@pytest.mark.parametrize("named", [True, False])
def test_a_payout_on_the_next_day_of_the_file_is_not_called_unpaid(named: bool) -> None:
    books = Books()
    item, at = waiting(books), MORNING + timedelta(hours=23, minutes=30)
    item["at"] = item["submitted_at"] = clock.stamp(at)
    order = originators(item["payment_id"], 0)[0]
    pay(
        books,
        item,
        at + timedelta(minutes=50),
        **({"details": f"Original conversation ID is {order}"} if named else {}),
    )
    found = compare(books)
    assert (named_codes(found), codes(found.notes)) == ([], ["MPESA_NOT_SEEN"])
    assert found.notes[0].detail == "UNKNOWN, may be s0.csv:7"


def test_nothing_is_called_unpaid_before_the_files_reach_until_now() -> None:
    books = Books()
    item = waiting(books)
    del item["submitted_at"]
    found = compare(books, files=[csv([NOTHING])])
    assert (found.differences, codes(found.notes)) == ([], ["MPESA_NOT_SEEN"])
    assert found.notes[0].detail == "UNKNOWN, needs the days 2026-11-20 to 2026-11-24"
    assert named_codes(compare(books)) == ["MPESA_UNPAID"]
    # Of two accounts' files, one ends too early; one without rows may be of any time.
    other = csv([{**NOTHING, "receipt": "TKK9999997"}])
    for files in ([csv([NOTHING, NOTHING_NOW]), other], [csv([NOTHING, NOTHING_NOW]), csv([])]):
        assert codes(compare(books, files=files).notes) == ["MPESA_NOT_SEEN"]


def test_a_row_that_may_be_either_of_two_withdrawals_makes_neither_unpaid() -> None:
    books = Books()
    first = waiting(books)
    waiting(books)
    pay(books, first, MORNING + timedelta(hours=5))
    found = compare(books)
    assert (named_codes(found), codes(found.notes)) == (["MPESA_OUT_UNKNOWN"], ["MPESA_NOT_SEEN"] * 2)


@pytest.mark.parametrize(
    ("kind", "status"), [("WITHDRAWAL", "SUBMIT_UNKNOWN"), ("REVERSAL", "UNKNOWN"), ("REVERSAL", "SUBMITTED")]
)
def test_what_is_asked_for_again_by_itself_is_stopped_before_it_is_called_unpaid(kind: str, status: str) -> None:
    books = Books()
    item = pick(books, kind, status)
    (found,) = [found for found in compare(books).differences if found.id == item["payment_id"]]
    assert found.code == "MPESA_UNPAID_RESENT"
    assert found.action("dev").startswith(f"resolveWithdrawal {item['payment_id']} STOP")
    item["status"] = "DELAYED"
    assert named_codes(compare(books)) == ["MPESA_UNPAID"]


def test_a_payment_that_crossed_midnight_is_missed_on_the_day_on_which_it_ended() -> None:
    books = Books()
    item = books.payments[books.withdraw("COMPLETED", 4321)]
    item["at"] = item["submitted_at"] = clock.stamp(MORNING - timedelta(minutes=2))
    item["updated_at"] = clock.stamp(MORNING + timedelta(minutes=2))
    row = books.rows.pop()
    found = compare(books)
    assert (named_codes(found), codes(found.notes)) == ([], ["MPESA_NOT_SEEN"])
    assert found.notes[0].detail == "COMPLETED, needs the days 2026-11-19 to 2026-11-20"
    before = {**NOTHING, "receipt": "TKK9999997", "at": MORNING - timedelta(hours=1)}
    assert named_codes(compare(books, files=[csv([before, NOTHING])])) == ["MPESA_LACKS"]
    books.rows.append({**row, "at": MORNING - timedelta(minutes=1)})
    found = compare(books, files=[csv([before, *books.rows, NOTHING])])
    assert (named_codes(found), found.notes) == ([], [])


def test_a_withdrawal_that_failed_before_the_day_on_which_mpesa_paid_it_is_found_by_its_order() -> None:
    books = Books()
    item = waiting(books, "FAILED")
    item["at"] = item["updated_at"] = clock.stamp(MORNING - timedelta(days=3))
    order = originators(item["payment_id"], 0)[0]
    pay(books, item, MORNING + timedelta(hours=5), details=f"Original conversation ID is {order}")
    assert named_codes(compare(books)) == ["MPESA_PAID_FAILED"]


def test_an_adjustment_by_the_credit_part_settles_what_mpesa_took_long_ago() -> None:
    for cents, left in ((9_500, []), (10_000, ["MPESA_NOT_BOOKED_LATE"]), (-9_500, ["MPESA_NOT_BOOKED_LATE"])):
        books = Books()
        found_receipt(books)
        found = compare(books)
        assert "proposeAdjustment CREDIT 95.00" in found.differences[0].action("dev")
        found.adjusted([Adjustment("a-1", "u-1", cents, "paid with TKKNEW0001")])
        assert named_codes(found) == left


# -- the same rows more than once


def test_one_export_given_twice_is_as_if_given_once() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("withdraw", "COMPLETED", 100)])
    text = csv([*books.rows, NOTHING])
    before = {**NOTHING, "receipt": "TKK9999997", "at": MORNING - timedelta(hours=1)}
    assert compare(books, files=[text, text]).differences == []
    # Rows of the day before stand in one file only, and the balance of that file alone is none of the day's.
    early = happen([("deposit", "COMPLETED", 70)])
    item = early.payments["p-1"]
    early.rows[0]["at"] = MORNING - timedelta(hours=2)
    item["at"] = item["updated_at"] = clock.stamp(MORNING - timedelta(hours=2))
    late = early.payments[early.withdraw("COMPLETED", 50)]
    files = [csv([early.rows[1], NOTHING], opening=7_000), csv([before, *early.rows])]
    assert late["receipt"] == early.rows[1]["receipt"]
    for given_files in (files, files[::-1]):
        assert compare(early, files=given_files).differences == []


def test_a_row_that_stands_twice_in_a_file_counts_once() -> None:
    text = csv(happen([("deposit", "COMPLETED", 1000)]).rows)
    assert len(parse("s.csv", text + text.splitlines()[-1] + "\n").lines) == 1


def test_of_two_payouts_of_an_order_never_the_payment_s_own_receipt_is_too_many() -> None:
    books = Books()
    item = books.payments[books.withdraw("COMPLETED", 4321)]
    order = originators(item["payment_id"], 0)[0]
    pay(books, item, MORNING + timedelta(minutes=61), details=f"Original conversation ID is {order}")
    (twice,) = [found for found in compare(books).differences if found.code != "CLOSING_BALANCE"]
    assert (twice.code, twice.receipt) == ("MPESA_PAID_TWICE", "TKKPAID001")
    books.rows = [row_of(books, item), {**row_of(books, item), "details": "said otherwise"}]
    assert named_codes(compare(books)) == []


# -- charges, transfers, the closing balance


def test_charges_of_a_day_before_that_were_booked_after_this_one_are_in_its_balance() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    books.post(ledger.fees("fees-2026-11-19", 2_240), "SYSTEM#f", "ENTRY#0000", MORNING + timedelta(days=2))
    assert compare(books, opening=-2_240).differences == []


def test_what_the_files_have_of_days_before_is_in_the_balance_whenever_it_was_booked() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    early, late = MORNING - timedelta(hours=5), MORNING + timedelta(days=2)
    books.rows[0]["at"] = early
    books.payments["p-1"].update(at=clock.stamp(early), updated_at=clock.stamp(late))
    for item in books.wallet.values():
        item["at"] = clock.stamp(late)
    books.row("TKKMOV0001", early, "Organization Settlement", -50_000)
    books.post(ledger.float_transfer("TKKMOV0001", 50_000), "SYSTEM#t", "ENTRY#0000", late)
    assert compare(books, account="paybill").differences == []


def test_charges_of_which_the_ledger_has_more_are_not_posted_once_more() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    out("TKKFEE0001", "Business Payment Charge", -2_240)(books)
    books.post(ledger.fees(f"fees-{DAY}", 22_400), "SYSTEM#f", "ENTRY#0000", NOW)
    found = next(found for found in compare(books).differences if found.code.startswith("FEES"))
    assert found.code == "FEES_TOO_MANY"
    assert found.action("dev").startswith("post nothing more")


def test_the_charges_of_one_account_are_compared_with_its_own_fees() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    out("TKKFEE0001", "Pay Bill Charge", -2_240)(books)
    books.post(ledger.fees(f"fees-{DAY}", 500), "SYSTEM#f", "ENTRY#0000", NOW)
    books.post(ledger.fees(f"fees-{DAY}-2", 2_240, "mpesa:paybill"), "SYSTEM#g", "ENTRY#0000", NOW)
    assert compare(books, account="paybill").differences == []
    assert [found.amounts for found in compare(books).differences if found.code == "FEES_TOO_MANY"] == [
        (("M-Pesa", 2_240), ("ledger", 2_740))
    ]


def test_a_transfer_that_no_row_tells_of_is_told() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    entry = ledger.float_transfer("TKKMOV0001", 50_000)
    books.post(entry, "SYSTEM#t", "ENTRY#0000", MORNING + timedelta(hours=5))
    found = compare(books)
    assert (found.differences, codes(found.notes)) == ([], ["TRANSFER_NOT_SEEN"])
    assert found.notes[0].receipt == "TKKMOV0001"


def test_a_file_without_rows_is_of_an_account_where_nothing_happened() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    found = compare(books, files=[csv([*books.rows, NOTHING]), csv([])])
    assert (found.differences, codes(found.notes)) == ([], ["CLOSING_UNKNOWN"])
    assert found.notes[0].detail == "s1.csv"


@pytest.mark.parametrize("words", ["Acc. SCHOOL FEES", "Acc. TRANSFER TO JOHN"])
def test_a_customer_s_words_make_no_charge_and_no_transfer_of_a_payment_of_ours(words: str) -> None:
    books = happen([("paybill", "SUSPENSE", 1000)])
    books.rows[0].update(reason="Merchant Payment", details=words)
    assert compare(books).differences == []


def test_the_charge_for_a_payout_has_its_receipt_and_is_still_a_charge() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("withdraw", "COMPLETED", 100)])
    out(books.payments["p-2"]["receipt"], "Business Payment Charge", -2_240)(books)
    books.post(ledger.fees(f"fees-{DAY}", 2_240), "SYSTEM#f", "ENTRY#0000", NOW)
    assert compare(books).differences == []


def test_charges_and_transfers_that_the_ledger_has_are_no_difference() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("withdraw", "COMPLETED", 100)])
    out("TKKFEE0001", "Business Payment Charge", -2_240)(books)
    out("TKKMOV0001", "Organization Transfer of Funds from Working to Utility", -50_000)(books)
    books.row("TKKMOV0001", MORNING + timedelta(hours=6), "Organization Transfer of Funds", 50_000)
    assert codes(compare(books).differences) == ["CLOSING_BALANCE", "FEES_NOT_BOOKED", "TRANSFER_NOT_BOOKED"]
    later = NOW - timedelta(hours=1)
    books.post(ledger.fees(f"fees-{DAY}", 2_240), "SYSTEM#f", "ENTRY#0000", later)
    books.post(ledger.float_transfer("TKKMOV0001", 50_000), "SYSTEM#t", "ENTRY#0000", later)
    assert compare(books).differences == []


@pytest.mark.parametrize(
    ("entry", "reason", "cents"),
    [
        (ledger.float_transfer("TKKMOV0001", 50_000, "mpesa:paybill", "bank"), "Organization Settlement", -50_000),
        (ledger.float_transfer("TKKMOV0001", 50_000, "bank", "mpesa:utility"), "Top up from bank", 50_000),
        (ledger.tax_remittance("TKKMOV0001", ledger.EXCISE, 50_000), "Pay Tax to KRA", -50_000),
        (ledger.tax_remittance("TKKMOV0001", ledger.EXCISE, 50_000, "mpesa:paybill"), "Odd words", -50_000),
    ],
)
def test_what_was_booked_under_a_row_s_receipt_is_what_the_row_tells_of(
    entry: ledger.Entry, reason: str, cents: int
) -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    out("TKKMOV0001", reason, cents)(books)
    code = "STATEMENT_ROW_UNKNOWN" if reason == "Odd words" else "TRANSFER_NOT_BOOKED"
    assert codes(compare(books).differences) == sorted(["CLOSING_BALANCE", code])
    books.post(entry, "SYSTEM#t", "ENTRY#0000", NOW - timedelta(hours=1))
    found = compare(books)
    assert (found.differences, found.notes) == ([], [])


def test_what_was_booked_with_another_amount_does_not_explain_a_row() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    out("TKKMOV0001", "Odd words", -50_000)(books)
    books.post(ledger.tax_remittance("TKKMOV0001", ledger.EXCISE, 49_999), "SYSTEM#t", "ENTRY#0000", NOW)
    assert codes(compare(books).differences) == ["CLOSING_BALANCE", "STATEMENT_ROW_UNKNOWN"]


def test_what_was_booked_of_another_account_is_on_no_row_of_this_one() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    at = MORNING + timedelta(hours=5)
    books.post(ledger.tax_remittance("TKKTAX0001", ledger.EXCISE, 500), "SYSTEM#t", "ENTRY#0000", at)
    books.post(ledger.tax_remittance("BANK-00001", ledger.EXCISE, 500, "bank"), "SYSTEM#b", "ENTRY#0000", at)
    found = compare(books, account="paybill")
    assert (found.differences, found.notes) == ([], [])


def test_a_charge_that_was_given_back_is_less_of_the_day_s_fees() -> None:
    books = happen([("deposit", "COMPLETED", 1000)])
    out("TKKFEE0001", "Business Payment Charge", -2_240)(books)
    out("TKKFEE0002", "Business Payment Charge", 240)(books)
    books.post(ledger.fees(f"fees-{DAY}-c1", 2_240), "SYSTEM#f", "ENTRY#0000", NOW)
    assert codes(compare(books).differences) == ["CLOSING_BALANCE", "FEES_TOO_MANY"]
    books.post(ledger.fees(f"fees-{DAY}-c2", -240), "SYSTEM#g", "ENTRY#0000", NOW)
    assert compare(books).differences == []


def test_what_was_booked_after_midnight_belongs_to_the_day_on_which_mpesa_moved_it() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("paybill", "SUSPENSE", 30)])
    for item in books.wallet.values():
        item["at"] = clock.stamp(MORNING + timedelta(days=1, minutes=5))
    assert compare(books).differences == []
    books.deposit("COMPLETED", 5)
    books.rows.pop()
    unexplained = books.payments["p-3"]
    unexplained["at"] = unexplained["updated_at"] = clock.stamp(MORNING - timedelta(days=9))
    assert codes(compare(books).differences) == ["CLOSING_BALANCE"]


def test_money_returned_on_a_later_day_is_still_there_on_this_one() -> None:
    books = happen([("paybill", "RETURNED", 30)])
    later = MORNING + timedelta(days=2)
    returned = books.rows.pop()
    assert returned["cents"] == -3_000
    for item in books.wallet.values():
        if item["entry_kind"] == "SUSPENSE_RETURN":
            item["at"] = clock.stamp(later)
    books.payments["p-2"]["updated_at"] = clock.stamp(later)
    assert compare(books).differences == []


def test_a_statement_of_one_account_is_compared_with_that_account() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("withdraw", "COMPLETED", 100)])
    books.rows = [row for row in books.rows if row["cents"] < 0]
    assert "MPESA_LACKS" in codes(compare(books).differences)
    assert compare(books, account="utility").differences == []


def test_a_hole_in_the_export_is_noticed() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("deposit", "COMPLETED", 100), ("deposit", "COMPLETED", 10)])
    text = csv(books.rows)
    lines = text.splitlines()
    found = Day([parse("s.csv", "\n".join([*lines[:-2], lines[-1]]))], DAY, NOW, GRACE, PULL)
    found.match()
    assert "STATEMENT_GAP" in codes(found.close(found.balances()).differences)


# -- reading the file


def test_a_file_is_read_with_a_mark_with_semicolons_and_with_totals() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("withdraw", "COMPLETED", 100)])
    text = csv(books.rows, opening=123_456_789) + ",,,Totals,,1,2,,,,,,\n\n"
    marked = parse("s.csv", decode(b"\xef\xbb\xbf" + text.encode()))
    assert [(line.paid_in, line.withdrawn) for line in marked.lines] == [(100_000, 0), (0, 9_500)]
    assert marked.closing(NOW) == 123_456_789 + 100_000 - 9_500
    assert (marked.unreadable, marked.gap()) == ([], None)
    semicolons = text.replace('"', "").replace(",000.00", "000.00").replace("1,234,", "1234").replace("1,235,", "1235")
    assert len(parse("s.csv", semicolons.replace(",", ";")).lines) == 2
    assert decode(text.encode("utf-16")) == text
    assert parse("s.csv", text + ",20-11-2026 10:00:00,,,Completed,5.00,,,,,,,\n").unreadable == ["s.csv:10"]


def test_a_row_without_a_receipt_is_not_left_out_because_somebody_is_called_total() -> None:
    text = csv(happen([("deposit", "COMPLETED", 1000)]).rows)
    energies = ",20-11-2026 10:00:00,,TOTAL ENERGIES LTD,Completed,500.00,,,,Pay Bill,,,\n"
    assert parse("s.csv", text + energies).unreadable == ["s.csv:7"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "x.csv is no statement of M-Pesa's portal: no line has the column Receipt No."),
        ("a,b\n1,2\n", "x.csv is no statement of M-Pesa's portal: no line has the column Receipt No."),
        (PREAMBLE + ",".join(COLUMNS[1:]), "The statement x.csv has no column Receipt No."),
        (
            PREAMBLE + ",".join(name for name in COLUMNS if name not in ("Paid In", "Balance")),
            "The statement has no column Paid In and no column Balance.",
        ),
    ],
)
def test_a_file_that_is_no_statement_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadStatement) as refused:
        parse("x.csv", text)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"1,000.00"', "1 thousand", "x.csv:6 has an amount that is none."),
        ('"1,000.00"', '"1000,50"', "x.csv:6 has an amount that is none."),
        ('"1,000.00"', "1e999999999", "x.csv:6 has an amount that is none."),
        ("20-11-2026 0", "20.11.2026 0", "x.csv:6 has a completion time that is neither"),
    ],
)
def test_a_row_like_none_is_refused_by_its_line_and_not_repeated(old: str, new: str, sentence: str) -> None:
    text = csv(happen([("deposit", "COMPLETED", 1000)]).rows)
    assert old in text
    with pytest.raises(BadStatement) as refused:
        parse("x.csv", text.replace(old, new))
    assert sentence in str(refused.value)
    assert "JANE" not in str(refused.value)


def test_a_statement_of_another_day_is_refused() -> None:
    statement = parse("x.csv", csv(happen([("deposit", "COMPLETED", 1000)]).rows))
    with pytest.raises(BadStatement, match=r"x\.csv is about 2026-11-20 to 2026-11-20, not about 2026-11-22\."):
        Day([statement], DAY + timedelta(days=2), NOW, GRACE, PULL)


# -- the pull


@pytest.mark.parametrize("account", ["", "-", " "])
def test_a_payment_without_an_account_number_keeps_no_other_one(account: str) -> None:
    books = happen([("withdraw", "COMPLETED", 100), ("paybill", "FAILED", 5)])
    kept = Kept(clock.stamp(NOW), clock.stamp(NOW), {"TKK9999999"}, {account})
    for item in books.payment_items():
        kept.payment(item)
    assert kept.payments == []


def pull(books: Books, rows: list[Row], now: datetime) -> Findings:
    since = now - PULL
    when = period(since, now - GRACE, GRACE, now, PULL + GRACE)
    kept = Kept(when.since, when.until, {row.receipt for row in rows}, {row.account for row in rows})
    for item in books.payment_items():
        kept.payment(item)
    ours = kept.of("DEPOSIT", "PAYBILL")
    found = compare_in(rows, ours, when, returned_too=False).findings
    found.differences += without_receipt(ours, when.since)
    return found


def pulled(books: Books) -> list[Row]:
    return [Row(row["receipt"], row["cents"], row["account"], "pull") for row in books.rows if row["cents"] > 0]


@given(HISTORIES)
def test_a_pull_of_consistent_books_has_no_difference(books: Books) -> None:
    found = pull(books, pulled(books), MORNING + timedelta(hours=6))
    assert (found.differences, found.pending) == ([], [])


def test_what_a_pull_has_and_we_have_not_is_pulled_again() -> None:
    books = happen([("deposit", "COMPLETED", 100), ("paybill", "RECEIVED", 50), ("deposit", "FAILED", 10)])
    now = MORNING + timedelta(hours=6)
    told = books.payments["p-2"]
    failed = books.payments["p-3"]
    rows = [
        *pulled(books),
        Row("TKKNEW0001", 5_000, "11111111", "pull"),
        Row(told["told_receipt"], 5_000, told["account"], "pull"),
        Row("TKKNEW0002", 1_000, failed["reference"], "pull"),
    ]
    found = pull(books, rows, now)
    assert [(item.code, item.id) for item in found.differences] == [
        ("MPESA_NOT_BOOKED", ""), ("MPESA_NOT_BOOKED", "p-2"), ("MPESA_NOT_BOOKED", "p-3"),
    ]  # fmt: skip
    assert '{"pull":true}' in found.differences[0].action("dev")
    assert codes(pull(books, rows[1:], now).differences) == ["MPESA_LACKS", *["MPESA_NOT_BOOKED"] * 3]


def test_a_deposit_without_a_receipt_that_is_too_old_for_a_pull_is_told() -> None:
    books = Books()
    books.deposit("COMPLETED", 100, receipt_known=False)
    assert codes(pull(books, pulled(books), MORNING + timedelta(hours=6)).notes) == ["RECEIPT_MATCHED"]
    assert codes(pull(books, [], NOW).differences) == ["MPESA_NO_RECEIPT"]


def turn_pages(monkeypatch: pytest.MonkeyPatch, *pages: Pulled) -> None:
    """Let M-Pesa tell one page after the other, the last one for ever."""
    left = list(pages)
    daraja = SimpleNamespace(pull=lambda since, until, offset: left.pop(0) if len(left) > 1 else left[0])
    monkeypatch.setitem(sys.modules, "payment.providers.mpesa.client", daraja)


def test_a_row_of_a_pull_that_cannot_be_read_is_counted_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (PaybillPayment(f"TKK000000{n}", 100, "") for n in (1, 2))
    turn_pages(monkeypatch, Pulled([first], 1), Pulled([], 2), Pulled([second]), Pulled([]))
    assert reading.pull(MORNING, NOW) == ([first, second], 3)


def test_a_pull_whose_pages_do_not_turn_is_said_to_have_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    turn_pages(monkeypatch, Pulled([PaybillPayment("TKK0000001", 100, "")]))
    with pytest.raises(reading.Unreadable, match="has no end"):
        reading.pull(MORNING, NOW)


# -- the balance


def balance(books: Books, working: int, utility: int, at: datetime, in_doubt: list[Item]) -> list[str]:
    told = {"accounts": {"Working Account": working, "Utility Account": utility}, "at": clock.stamp(at)}
    sums = Balances(told["at"], clock.stamp(at + GRACE))
    for item in books.wallet_items():
        sums.ledger(item)
    found = compare_balance(told, sums, in_doubt, at, one_organisation=True).differences
    return [f"{item.code} {item.id}" for item in found]


def test_the_balance_agrees_within_what_was_moving() -> None:
    books = happen([("deposit", "COMPLETED", 1000), ("withdraw", "COMPLETED", 100)])
    end = MORNING + timedelta(hours=6)
    assert balance(books, 100_000, -9_500, end, []) == []
    assert balance(books, 100_001, -9_500, end, []) == ["BALANCE_DIFFERS mpesa:paybill"]
    assert balance(books, 100_000, -9_600, end, []) == ["BALANCE_DIFFERS mpesa:utility"]
    begin = MORNING + timedelta(minutes=61)
    assert balance(books, 0, 0, begin, []) == balance(books, 100_000, -9_500, begin, []) == []
    open_one = books.payments[books.withdraw("UNKNOWN", 1)]
    assert balance(books, 100_000, -9_500 - open_one["paid_cents"], end, [open_one]) == []
    assert codes(compare_balance(None, Balances(""), [], NOW, one_organisation=True).differences) == ["BALANCE_UNKNOWN"]


@pytest.mark.parametrize(
    ("kind", "status", "age", "moving"),
    [
        ("DEPOSIT", "SUBMIT_UNKNOWN", 47, True),
        ("DEPOSIT", "SUBMIT_UNKNOWN", 49, False),
        ("PAYBILL", "RECEIVED", 47, True),
        ("PAYBILL", "RECEIVED", 49, False),
        ("PAYBILL", "RETURNING", 1, False),
        ("REVERSAL", "UNKNOWN", 490, True),
        ("WITHDRAWAL", "UNKNOWN", 490, True),
        ("WITHDRAWAL", "COMPLETED", 1, False),
    ],
)
def test_the_balance_may_differ_only_by_what_can_still_move(kind: str, status: str, age: int, moving: bool) -> None:
    item = {"kind": kind, "status": status, "at": clock.stamp(NOW - timedelta(hours=age))}
    assert in_doubt(item, NOW) is moving


def test_a_balance_of_more_than_two_hours_ago_is_reported() -> None:
    told = {"accounts": {}, "at": clock.stamp(NOW)}
    for minutes, expected in ((119, []), (121, ["BALANCE_OLD"])):
        now = NOW + timedelta(minutes=minutes)
        found = compare_balance(told, Balances(told["at"]), [], now, one_organisation=True)
        assert codes(found.differences) == expected
