"""A log gives everybody what they have not seen, each thing once and at its newest number, or says that it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.log import KEPT, KEPT_SECONDS, MOST, CursorExpired, Entry, Log, Thing, appended, since

THINGS = [Thing("WALLET"), *(Thing(kind, f"{kind}{n}", None) for kind in ("BET", "NOTIFICATION") for n in range(30))]
UPDATES = st.lists(
    st.tuples(st.integers(0, 400), st.lists(st.lists(st.sampled_from(THINGS), min_size=1, max_size=4), max_size=3)),
    max_size=30,
)
"""(seconds since the one before, updates that are noted together)."""


def read(log: Log, number: int, limit: int) -> list[Entry]:
    """Return all that follows a number, part by part."""
    found: list[Entry] = []
    for _ in range(log.last + 2):
        part = since(log, number, limit)
        assert all(number < each.number <= part.up_to for each in part.entries)
        assert len({each.number for each in part.entries}) <= limit
        found += part.entries
        number = part.up_to
        if not part.more:
            assert number == log.last
            return found
    raise AssertionError("a log has no end")


@given(UPDATES, st.integers(1, 20))
def test_from_every_number_a_log_gives_each_thing_that_changed_once_at_its_newest_number(
    batches: list[tuple[int, list[list[Thing]]]], limit: int
) -> None:
    log, moment, newest, at = Log(), 0, {}, {}
    for seconds, updates in batches:
        moment += seconds
        before, log = log, appended(log, updates, moment)
        assert log.last == before.last + len(updates)
        assert log.floor >= before.floor
        for number, things in enumerate(updates, before.last + 1):
            newest |= dict.fromkeys(((each.kind, each.id) for each in things), number)
            at |= dict.fromkeys(((each.kind, each.id) for each in things), moment)
    for number in range(log.floor, log.last + 1):
        found = read(log, number, limit)
        assert [each.number for each in found] == sorted(each.number for each in found)
        assert {(each.thing.kind, each.thing.id): each.number for each in found} == {
            key: each for key, each in newest.items() if each > number
        }
        assert len(found) == len({(each.thing.kind, each.thing.id) for each in found})
    for number in range(log.floor):
        with pytest.raises(CursorExpired):
            since(log, number, limit)
    kept = {(each.thing.kind, each.thing.id) for each in log.entries}
    assert {key for key, moment_ in at.items() if moment_ >= moment - KEPT_SECONDS} <= kept
    assert len(kept) >= min(KEPT, len(newest))


def test_what_is_old_goes_and_a_burst_stays_until_it_is_too_much() -> None:
    burst = [[Thing("BET", f"b{n}")] for n in range(MOST)]
    full = appended(Log(), burst, 1_000)
    assert (len(full.entries), full.floor) == (MOST, 0)
    assert appended(full, [[Thing("BET", "more")]], 1_000).floor == 1
    later = appended(full, [[Thing("WALLET")]], 1_001 + KEPT_SECONDS)
    assert (len(later.entries), later.floor) == (KEPT, MOST - KEPT + 1)


def test_what_was_posted_is_not_forgotten_by_a_change_that_does_not_know_it() -> None:
    log = appended(Log(), [[Thing("BET", "b", 3)], [Thing("BET", "b")], [Thing("BET", "b", 1)]], 0)
    assert log.thing("BET", "b") == Thing("BET", "b", 3)
    assert log.thing("BET", "other") is None
