"""What a competition's rules make of games that are late, broken off or without a result."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bet.catalogue.rules import Rules
from tests.support.services import load

START = datetime(2026, 11, 26, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def overdue() -> Any:
    return load("bet.settlement.overdue", TABLE_NAME="t", OVERDUE_MINUTES="60")


@pytest.mark.parametrize(
    ("status", "hours", "known", "wanted"),
    [
        ("SCHEDULED", 2.49, False, "NOT_YET"),
        ("SCHEDULED", 2.5, False, "LATE"),
        ("LIVE", 71.9, False, "LATE"),
        ("LIVE", 72, False, "VOID"),
        ("ENDED", 72, False, "VOID"),
        ("ENDED", 500, True, "LATE"),
        ("POSTPONED", 47.9, False, "NOT_YET"),
        ("POSTPONED", 48, False, "VOID"),
        ("INTERRUPTED", 48, True, "VOID"),
        ("ABANDONED", 47.9, True, "NOT_YET"),
        ("ABANDONED", 48, True, "VOID"),
        ("CANCELLED", 0, False, "VOID"),
    ],
)
def test_what_is_due(overdue: Any, status: str, hours: float, known: bool, wanted: str) -> None:
    rule = Rules(date(2026, 1, 1), 90, 48, 72)
    assert overdue.due(status, START, rule, START + timedelta(hours=hours), is_known=known) == wanted


def test_a_competition_may_leave_it_to_traders_and_wait_otherwise(overdue: Any) -> None:
    rule = Rules(date(2026, 1, 1), 40, 0, None)
    assert overdue.due("LIVE", START, rule, START + timedelta(days=300), is_known=False) == "LATE"
    assert overdue.due("LIVE", START, rule, START + timedelta(minutes=100), is_known=False) == "LATE"
    assert overdue.due("LIVE", START, rule, START + timedelta(minutes=99), is_known=False) == "NOT_YET"
    assert overdue.due("ABANDONED", START, rule, START, is_known=True) == "VOID"
