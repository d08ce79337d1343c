"""When unfinished payments are asked about."""

from hypothesis import given
from hypothesis import strategies as st

from payment import schedule
from payment.schedule import MAX_DELAY_SECONDS, FollowUp

DELAYS = [20, 60, 90, 180, 600, 3600]


def test_the_schedule_counts_from_the_change_of_state_and_then_goes_on_hourly_for_a_day() -> None:
    asked: FollowUp | None = schedule.first("p", 2, 1000.0, DELAYS)
    times, late, told = [], [], []
    while asked is not None:
        times.append(asked.due - 1000)
        late.append(schedule.is_late(asked, DELAYS))
        told.append(schedule.is_reported(asked, DELAYS))
        asked = schedule.next_after(asked, DELAYS)
    assert times == DELAYS + [3600 * hour for hour in range(2, 26)]
    assert late == [False] * 5 + [True] * 25
    assert [time for time, heard in zip(times, told, strict=True) if heard] == [3600, 25 * 3600]


def test_a_follow_up_never_comes_before_its_time() -> None:
    assert schedule.first("p", 1, 1000.4, DELAYS).due >= 1000.4 + DELAYS[0]


def test_a_single_question_is_told_and_followed_by_none() -> None:
    asked = schedule.once("p", 1, 1000, DELAYS)
    assert schedule.is_late(asked, DELAYS)
    assert schedule.is_reported(asked, DELAYS)
    assert schedule.next_after(asked, DELAYS) is None


@given(st.integers(0, 100_000), st.floats(0, 100_000))
def test_no_delay_is_longer_than_the_queue_allows_or_ends_before_it_must(due: int, now: float) -> None:
    delay = schedule.delay_seconds(FollowUp("p", 1, 0, due), now)
    assert 0 <= delay <= MAX_DELAY_SECONDS
    assert now + delay >= due or delay == MAX_DELAY_SECONDS


def test_a_message_reads_back() -> None:
    followup = FollowUp("p", 3, 1, 1234)
    assert schedule.parse(followup.message()) == followup
