"""docs/compliance.md: every rule says how it stands, every test that it names is there, and the counts are right."""

from collections import Counter

import pytest

from tests.support.shown import missing_test, named_tests, numbered_through, rows
from tools.base.services import ROOT

TEXT = (ROOT / "docs" / "compliance.md").read_text()
ROWS = rows(TEXT)
SHOWN = ("met", "partly")
NOT_SHOWN = ("open", "people")


def fault(row: tuple[str, ...]) -> str:
    """Return what is wrong with a row, or nothing."""
    number, _, stands, where, shown = row
    if stands not in SHOWN + NOT_SHOWN:
        return f"{number} stands as {stands!r}"
    named = named_tests(shown)
    if bool(named) != (stands in SHOWN):
        return f"{number} is {stands} and names {len(named)} tests"
    if missing := missing_test(shown):
        return f"{number}: {missing}"
    return f"{number} says not where" if stands in ("met", "partly", "people") and not where else ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_rule_says_how_it_stands_and_what_shows_it(row: tuple[str, ...]) -> None:
    assert fault(row) == ""


def test_rules_are_numbered_one_after_the_other_and_counted() -> None:
    assert numbered_through(ROWS)
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
