"""docs/compliance.md: every rule says how it stands, every test that it names is there, and the counts are right."""

import re
from collections import Counter

import pytest

from tools.base.services import ROOT

TEXT = (ROOT / "docs" / "compliance.md").read_text()
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (\w+) \| (.*?) ?\| (.*?) ?\|$", re.MULTILINE)
ROWS = [found.groups() for found in ROW.finditer(TEXT)]
SHOWN = ("met", "partly")
NOT_SHOWN = ("open", "people")


def fault(row: tuple[str, ...]) -> str:
    """Return what is wrong with a row, or nothing."""
    number, _, stands, where, shown = row
    if stands not in SHOWN + NOT_SHOWN:
        return f"{number} stands as {stands!r}"
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", shown)
    if bool(named) != (stands in SHOWN):
        return f"{number} is {stands} and names {len(named)} tests"
    for path, test in named:
        file = ROOT / "tests" / path
        if not file.exists() or f"def {test}(" not in file.read_text():
            return f"{number}: there is no {path}::{test}"
    return f"{number} says not where" if stands in ("met", "partly", "people") and not where else ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_rule_says_how_it_stands_and_what_shows_it(row: tuple[str, ...]) -> None:
    assert fault(row) == ""


def test_rules_are_numbered_one_after_the_other_and_counted() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(re.findall(r"^\| \d+ \|", TEXT, re.MULTILINE)) == len(ROWS), "a row that is not read"
    counts = Counter(row[2] for row in ROWS)
    said = ", ".join(f"{stands} {counts[stands]}" for stands in SHOWN + NOT_SHOWN)
    assert f"{said}, of {len(ROWS)}." in TEXT


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("1", "r", "nearly", "w", ""), "stands as"),
        (("1", "r", "met", "w", ""), "names 0 tests"),
        (("1", "r", "open", "", "`contract/test_compliance.py::test_a_faulty_rule_is_found`"), "names 1 tests"),
        (("1", "r", "met", "w", "`contract/test_compliance.py::test_nothing`"), "there is no"),
        (("1", "r", "met", "w", "`contract/test_nothing.py::test_nothing`"), "there is no"),
        (("1", "r", "people", "", ""), "says not where"),
    ],
)
def test_a_faulty_rule_is_found(row: tuple[str, ...], complaint: str) -> None:
    assert complaint in fault(row)
