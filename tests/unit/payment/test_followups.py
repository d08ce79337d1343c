"""When unfinished payments are asked about."""

from hypothesis import given
from hypothesis import strategies as st

from payment import followups
from payment.followups import MAX_DELAY_SECONDS, FollowUp

DELAYS = [20, 60, 90, 180, 600, 3600]


def test_the_schedule_counts_from_the_change_of_state() -> None:
    asked: FollowUp | None = followups.first("p", 2, 1000.0, DELAYS)
    times = []
    while asked is not None:
        times.append(asked.due - 1000)
        asked = followups.next_after(asked, DELAYS)
    assert times == DELAYS


@given(st.integers(0, 100_000), st.floats(0, 100_000))
def test_no_delay_is_longer_than_the_queue_allows_or_ends_before_it_must(due: int, now: float) -> None:
    delay = followups.delay_seconds(FollowUp("p", 1, 0, due), now)
    assert 0 <= delay <= MAX_DELAY_SECONDS
    assert now + delay >= due or delay == MAX_DELAY_SECONDS


def test_a_message_reads_back() -> None:
    followup = FollowUp("p", 3, 1, 1234)
    assert followups.parse(followup.message()) == followup
