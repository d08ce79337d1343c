"""docs/appsync.md: every behaviour names its page or says why not, every test is there and has the numbers that are
claimed, and the counts are right."""

import re
from collections import Counter

import pytest

from tests.support.shown import missing_test, named_tests, numbered_through, rows, unshown_number
from tools.base.services import ROOT

TEXT = (ROOT / "docs" / "appsync.md").read_text()
ROWS = rows(TEXT)
PAGES = dict(re.findall(r"^\| ([a-z]+) \| \[[^]]+\]\((https://docs\.aws\.amazon\.com/[^)]+\.html)\) \|$", TEXT, re.M))
NO_PAGE = ("observed", "not stated")


def fault(row: tuple[str, ...]) -> str:
    """Return what is wrong with a row, or nothing."""
    if len(row) != 4:
        return f"{row[0]} has {len(row)} cells"
    number, behaviour, said, shown = row
    if said not in (*PAGES, *NO_PAGE):
        return f"{number}: there is no page {said!r}"
    if not named_tests(shown):
        return f"{number} names no test"
    if missing := missing_test(shown):
        return f"{number}: {missing}"
    unshown = unshown_number(behaviour, shown)
    return f"{number}: no test of it has {unshown}" if unshown else ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_behaviour_says_where_it_is_stated_and_what_shows_it(row: tuple[str, ...]) -> None:
    assert fault(row) == ""


def test_behaviours_are_numbered_one_after_the_other_and_counted() -> None:
    assert numbered_through(ROWS)
    counts = Counter("stated" if row[2] in PAGES else row[2] for row in ROWS)
    said = ", ".join(f"{stands} {counts[stands]}" for stands in ("stated", *NO_PAGE))
    assert f"{said}, of {len(ROWS)}." in TEXT


def test_every_page_is_one_address_and_states_something() -> None:
    listed = re.findall(r"\]\(https://docs\.aws", TEXT)
    assert len(listed) == len(PAGES) == len(set(PAGES.values()))
    assert set(PAGES) == {row[2] for row in ROWS} - set(NO_PAGE)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("1", "b", "scalars"), "3 cells"),
        (("1", "b", "nowhere", "`contract/test_appsync.py::test_a_faulty_row_is_found`"), "no page 'nowhere'"),
        (("1", "b", "scalars", "by hand"), "names no test"),
        (("1", "b", "observed", "`contract/test_appsync.py::test_nothing`"), "there is no"),
        (
            (
                "1",
                "8,765 of them",
                "observed",
                "`contract/test_appsync.py::test_a_behaviour_says_where_it_is_stated_and_what_shows_it`",
            ),
            "has 8,765",
        ),
    ],
)
def test_a_faulty_row_is_found(row: tuple[str, ...], complaint: str) -> None:
    assert complaint in fault(row)
