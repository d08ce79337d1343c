"""Marks of harm: what is one, what it weighs, and that old ones are forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from betsafi import clock
from tests.support.schema import api_schema
from users import harm

NOON = datetime(2026, 11, 26, 9, tzinfo=UTC)


def deposit(minutes_before: int, number: int = 0, mark: str = "") -> dict[str, Any]:
    at = clock.stamp(NOON - timedelta(minutes=minutes_before))
    return {"id": f"d{number}-{minutes_before}", "mark": mark, "at": at, "deposit": True}


@pytest.mark.parametrize(
    ("lost", "earlier", "marks"),
    [
        (0, [], []),
        (99, [], []),
        (100, [], ["DEPOSIT_AFTER_LOSS"]),
        (1, [deposit(10), deposit(20)], ["CHASING"]),
        (0, [deposit(10), deposit(20)], []),
        (-500, [deposit(10), deposit(20), deposit(30)], []),
        (1, [deposit(10)], []),
        (1, [deposit(10), deposit(24 * 60 + 1)], []),
        (1, [{**deposit(10), "deposit": False}, deposit(20)], []),
        (1, [deposit(10, mark="CHASING"), deposit(10, mark="NIGHT_PLAY")], []),
        (300, [deposit(10), deposit(20)], ["DEPOSIT_AFTER_LOSS", "CHASING"]),
    ],
)
def test_a_deposit_is_marked_by_what_was_lost_that_day(lost: int, earlier: list[Any], marks: list[str]) -> None:
    assert harm.marks_of_deposit(NOON, 100, lost, earlier) == marks


@pytest.mark.parametrize(("hour", "night"), [(21, True), (1, True), (2, False), (20, False)])
def test_night_is_from_midnight_to_five_in_nairobi(hour: int, night: bool) -> None:
    at = datetime(2026, 11, 26, hour, tzinfo=UTC)
    assert (harm.marks_of_deposit(at, 100, 0, []) == ["NIGHT_PLAY"]) == night


def test_marks_count_for_thirty_days_and_only_after_somebody_looked() -> None:
    day = 24 * 60
    hits = [deposit(day * n, n, "NIGHT_PLAY") for n in (31, 29, 1)]
    kept = harm.recent(hits, NOON)
    assert [hit["id"] for hit in kept] == ["d29-41760", "d1-1440"]
    assert harm.reasons(kept) == {"NIGHT_PLAY": 2}
    assert harm.reasons(kept, after=kept[0]["at"]) == {"NIGHT_PLAY": 1}
    assert harm.score({"NIGHT_PLAY": 2, "CHASING": 1}) == 5
    assert len(harm.recent([deposit(n, n) for n in range(500)], NOON)) == harm.MOST_HITS


def test_every_mark_has_a_weight_and_is_in_the_schema() -> None:
    assert set(api_schema().type_map["HarmMarkKind"].values) == set(harm.WEIGHTS)  # type: ignore[attr-defined]
    assert all(weight > 0 for weight in harm.WEIGHTS.values())
