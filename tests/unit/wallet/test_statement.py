"""A statement: whole days in Nairobi, shillings, and nothing that a spreadsheet would run."""

import csv
import io

import pytest

from betsafi.errors import InvalidInput
from wallet.rules import statement
from wallet.rules.ledger import Balances


def entry(**changes: object) -> dict[str, object]:
    postings = [["user:u:available", -10_000], ["user:u:held", 10_000]]
    return {
        "entry_id": "b1",
        "entry_kind": "HOLD",
        "reference": "b1",
        "at": "2026-11-22T21:30:00.000000Z",
        "postings": postings,
        "after": None,
        **changes,
    }


def test_a_row_says_when_what_and_how_much() -> None:
    rows = list(csv.DictReader(io.StringIO(statement.to_csv("u", [entry(), entry(note='=cmd|"x"', reference="+1")]))))
    assert rows[0] == {
        "time": "2026-11-23 00:30:00",
        "kind": "HOLD",
        "reference": "b1",
        "available": "-100.00",
        "held": "100.00",
        "owed": "0.00",
        "note": "",
        **dict.fromkeys(("availableAfter", "heldAfter", "owedAfter", "betId", "paymentId"), ""),
        "id": "b1",
    }
    assert (rows[1]["note"], rows[1]["reference"]) == ('\'=cmd|"x"', "'+1")


def test_a_row_says_what_there_was_after_it_and_whose_entry_it_is_in_columns_that_come_last() -> None:
    held = entry(after=Balances(12_345, 10_000, -500), hold={"kind": "BET", "id": "bet-1"}, entry_id="-1")
    text = statement.to_csv("u", [held])
    assert text.splitlines()[0].startswith("time,kind,reference,available,held,owed,note,")
    (row,) = csv.DictReader(io.StringIO(text))
    assert [row[name] for name in ("availableAfter", "heldAfter", "owedAfter")] == ["123.45", "100.00", "5.00"]
    assert [row[name] for name in ("betId", "paymentId", "id")] == ["bet-1", "", "'-1"]
    assert set(statement.present("u", held)) - {"at"} <= {*row}, "all that the query shows"


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")', "＝1+1", "－1", "-"]
PLAIN = ["", "b1", "'", "'b1", "it's", "1-1", "a=b", "''"]


def read_back(cell: str) -> str:
    """Return the text of a cell, as `statement.cell` says that a program reads it."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] in tuple("=+-@\t\r\n＝＋－＠") else cell


@pytest.mark.parametrize("text", [*FORMULAS, *PLAIN, *(f"'{formula}" for formula in FORMULAS), "''=1"])
def test_no_text_is_a_formula_and_every_text_is_read_back(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(statement.to_csv("u", [entry(note=text, reference=text)]), newline=""))
    assert row["note"] == row["reference"]
    assert not row["note"].startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert read_back(row["note"]) == text
    assert (row["note"] == text) == (text in PLAIN)


def test_amounts_stay_numbers() -> None:
    (row,) = csv.DictReader(io.StringIO(statement.to_csv("u", [entry()])))
    assert float(row["available"]) == -100.0


def test_an_entry_says_what_of_it_repaid_a_debt() -> None:
    """KES 2,375.00 came in, and 2,000.00 of it were owed."""
    postings = [["mpesa:paybill", -250_000], ["user:u:available", 37_500], ["user:u:receivable", 200_000]]
    came = entry(entry_kind="DEPOSIT", postings=[*postings, ["tax:excise", 12_500]])
    (row,) = csv.DictReader(io.StringIO(statement.to_csv("u", [came])))
    assert (row["available"], row["held"], row["owed"]) == ("375.00", "0.00", "-2000.00")
    shown = statement.present("u", {**came, "after": None})
    assert (shown["available"]["amount"], shown["owed"]["amount"]) == ("375.00", "-2000.00")


def test_a_period_is_whole_days_in_nairobi() -> None:
    assert statement.period("2026-11-22", "2026-11-22") == (
        "2026-11-21T21:00:00.000000Z",
        "2026-11-22T20:59:59.999999Z",
    )


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-11-23", "2026-11-22"), ("2026-01-01", "2026-04-03"), ("yesterday", "today"), ("2026-02-30", "2026-03-01")],
)
def test_other_periods_are_refused(first: str, last: str) -> None:
    with pytest.raises(InvalidInput):
        statement.period(first, last)
