"""A day of M-Pesa's statement, its pull and its balance against our payments, compared both ways."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi import clock
from payment.states import UNCERTAIN
from tests.unit.tools.test_reconcile import GRACE, HISTORIES, MORNING, NOW, Books, Item, codes, happen, pick
from tools.reconcile.__main__ import PULL
from tools.reconcile.day import Balances, Day, compare_balance
from tools.reconcile.findings import Findings
from tools.reconcile.orders import Kept, Row, compare_in, originators, period, without_receipt
from tools.reconcile.statement import BadStatement, decode, parse
from wallet import ledger

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


def compare(books: Books, *, account: str = "both", **layout: Any) -> Findings:
    statement = parse("s.csv", csv([*books.rows, NOTHING], **layout))
    day = Day([statement], DAY, NOW, GRACE, PULL, account)
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


# -- charges, transfers, the closing balance


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
    assert parse("s.csv", text + ",20-11-2026 10:00:00,,,Completed,5.00,,,,,,,\n").unreadable == ["s.csv:10"]


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


# -- the balance


def balance(books: Books, working: int, utility: int, at: datetime, in_doubt: list[Item]) -> list[str]:
    told = {"accounts": {"Working Account": working, "Utility Account": utility}, "at": clock.stamp(at)}
    sums = Balances(told["at"], clock.stamp(at + GRACE))
    for item in books.wallet_items():
        sums.ledger(item)
    found = compare_balance(told, sums, in_doubt, one_organisation=True).differences
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
    assert codes(compare_balance(None, Balances(""), [], one_organisation=True).differences) == ["BALANCE_UNKNOWN"]
