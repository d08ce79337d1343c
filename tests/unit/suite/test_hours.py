"""The hour of a test, where the answer depends on it."""

from datetime import UTC, datetime, timedelta

import pytest

from betsafi import clock
from tests.support.hours import wait_for_a_day_that_lasts

MIDNIGHT = datetime(2026, 11, 27, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "looks"),
    [(timedelta(minutes=7), 1), (timedelta(minutes=5), 4), (timedelta(seconds=1), 2), (timedelta(0), 1)],
)
def test_what_compares_days_begins_where_the_day_lasts(
    monkeypatch: pytest.MonkeyPatch, before: timedelta, looks: int
) -> None:
    """Each look takes two minutes here."""
    looked: list[datetime] = []

    def now() -> datetime:
        looked.append(MIDNIGHT - before + len(looked) * timedelta(minutes=2))
        return looked[-1]

    monkeypatch.setattr(clock, "now", now)
    wait_for_a_day_that_lasts()
    assert len(looked) == looks
    assert not looked[-1] < MIDNIGHT < looked[-1] + timedelta(minutes=6)
