"""Waiting gives up late, and says what it saw."""

from types import SimpleNamespace

import pytest

from tools.base import waiting
from tools.base.waiting import eventually


def test_what_came_during_a_slow_look_is_found() -> None:
    answers = iter(["", "there"])
    assert eventually(lambda: next(answers), "thing", seconds=0.05, every=0.1) == "there"


def test_it_looks_at_least_once() -> None:
    assert eventually(lambda: "there", "thing", seconds=0) == "there"


def test_what_never_comes_ends_with_what_was_seen_last() -> None:
    def look() -> bool:
        raise LookupError("7 of 8")

    with pytest.raises(TimeoutError, match=r"no thing within 0 s; last seen: LookupError\('7 of 8'\)"):
        eventually(look, "thing", LookupError, seconds=0.01, every=0)


def test_what_is_no_miss_is_raised_at_once() -> None:
    def look() -> bool:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        eventually(look, "thing", LookupError)


def test_what_takes_long_is_looked_at_less_often_and_found_within_a_tenth_of_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, looks = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def look() -> bool:
        looks.append(now[0])
        return now[0] >= 60

    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    assert eventually(look, "thing")
    assert looks[1] == pytest.approx(0.1)
    assert now[0] <= 60.5
    assert len(looks) < 150
