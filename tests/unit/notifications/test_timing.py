"""Quiet hours are Nairobi's, over midnight too."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.timing import delay_seconds, quiet_until


def at(hour: int, minute: int = 0, day: int = 27) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "until"),
    [
        ("21:00-07:00", at(17, 59), None),
        ("21:00-07:00", at(18), at(4, day=28)),
        ("21:00-07:00", at(22), at(4, day=28)),
        ("21:00-07:00", at(3, 59), at(4)),
        ("21:00-07:00", at(4), None),
        ("13:00-14:30", at(9, 59), None),
        ("13:00-14:30", at(10), at(11, 30)),
        ("13:00-14:30", at(11, 30), None),
        ("", at(0), None),
    ],
)
def test_quiet_hours_end_in_the_morning(hours: str, moment: datetime, until: datetime | None) -> None:
    assert quiet_until(hours, moment) == until


@pytest.mark.parametrize("hours", ["21:00", "21:00-25:00", "9pm-7am", "21:00-07:00-08:00", "-"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(ValueError):
        quiet_until(hours, at(12))


@pytest.mark.parametrize(("seconds", "delay"), [(-1, 0), (0, 0), (0.2, 1), (60, 60), (900, 900), (36_000, 900)])
def test_a_queue_keeps_a_message_back_as_long_as_it_can_and_never_too_short(seconds: float, delay: int) -> None:
    assert delay_seconds(at(12) + timedelta(seconds=seconds), at(12)) == delay
