"""Stops and reality checks as an account says them: in force, over, due, and what a player reads."""

from datetime import timedelta
from typing import Any

import pytest

from betsafi import clock
from betsafi.protection import FOREVER, Protection
from tests.unit.wallet.test_limits import MOMENT
from tests.unit.wallet.test_promises import standing
from wallet.rules import refusals, sessions, stops
from wallet.stores import changes

NOW = int(MOMENT.timestamp())
LATER = clock.stamp(MOMENT + timedelta(hours=1))


def codes(kind: Any, **facts: Any) -> list[str]:
    account = standing(**facts)
    return [refusal.code for most, refusal in refusals.caps(account, kind, MOMENT) if most == 0]


def played(minutes: int, idle_minutes: int = 1, check_in: int = 60, **facts: Any) -> dict[str, Any]:
    """An account whose player bet for some minutes, last some minutes ago, with a check due in so many seconds."""
    session = {"session": NOW - minutes * 60, "played": NOW - idle_minutes * 60, "check_at": NOW + check_in}
    return standing(**session, session_staked=5_000, session_net=-2_000, **facts)


@pytest.mark.parametrize(
    ("kind", "until", "shown", "said"),
    [
        ("TIME_OUT", LATER, LATER, "You are taking a time-out until 26.11.2026, 16:00, so no bets"),
        ("EXCLUSION", FOREVER, None, "You have excluded yourself, so no bets"),
        ("EXCLUSION", LATER, LATER, "You have excluded yourself until 26.11.2026, 16:00, so"),
        ("REGISTER", FOREVER, None, "You are on the register of excluded players, so"),
    ],
)
def test_a_stop_says_its_kind_its_end_and_that_money_can_be_withdrawn(
    kind: str, until: str, shown: str | None, said: str
) -> None:
    (refusal,) = stops.refusals(standing(stopped=until, stop_kind=kind), MOMENT)
    assert (refusal.code, refusal.info) == ("PLAYER_STOPPED", {"kind": kind, "until": shown})
    assert refusal.message.startswith(said)
    assert refusal.message.endswith("You can withdraw your money.")


def test_a_stop_is_over_at_its_very_end_and_keeps_nobody_from_withdrawing() -> None:
    stop = {"stop_kind": "TIME_OUT"}
    assert codes("BET", stopped=LATER, **stop) == ["PLAYER_STOPPED"]
    assert codes("WITHDRAWAL", stopped=LATER, **stop) == codes("REVERSAL", stopped=LATER, **stop) == []
    assert codes("BET", stopped=clock.stamp(MOMENT), **stop) == []
    assert codes("BET", stopped=clock.stamp(MOMENT + timedelta(microseconds=1)), **stop) == ["PLAYER_STOPPED"]


def test_an_answer_of_the_register_is_too_old_from_its_very_end() -> None:
    assert codes("BET", cleared=LATER) == codes("WITHDRAWAL", cleared=clock.stamp(MOMENT)) == []
    assert codes("BET", cleared=clock.stamp(MOMENT)) == ["REGISTER_UNANSWERED"]


@pytest.mark.parametrize(
    ("idle_minutes", "check_in", "over", "due"),
    [(29, 1, False, False), (29, 0, False, True), (30, 0, True, False), (0, -500, False, True)],
)
def test_a_check_is_due_within_a_session_alone(idle_minutes: int, check_in: int, over: bool, due: bool) -> None:
    account = played(60, idle_minutes, check_in)
    assert (sessions.is_over(account, MOMENT), sessions.is_due(account, MOMENT)) == (over, due)
    assert (sessions.reached(account, MOMENT) is not None) == due


def test_the_first_session_is_begun_by_what_counts_in_one_unless_it_has_an_interval_of_its_own() -> None:
    assert not sessions.begins_anew(standing(), MOMENT)
    assert sessions.begins_anew(standing(reality=600), MOMENT)
    assert sessions.begins_anew(played(60, idle_minutes=30), MOMENT)
    assert not sessions.begins_anew(played(60, idle_minutes=29), MOMENT)


def test_a_check_shows_how_long_and_with_what_result() -> None:
    refusal = sessions.reached(played(75, check_in=0), MOMENT)
    assert refusal is not None
    assert refusal.info == {"minutes": 75, "stakedCents": 5_000, "netCents": -2_000}
    assert refusal.message == "You have been betting for 75 minutes, staked KES 50.00 and have lost KES 20.00. Go on?"
    assert sessions.standing(played(75, idle_minutes=30), MOMENT)["minutes"] == 0
    assert sessions.standing(standing(), MOMENT) == {"minutes": 0, "stakedCents": 0, "netCents": 0}


@pytest.mark.parametrize(("net", "said"), [(0, "are even"), (150, "have won KES 1.50"), (-100, "have lost KES 1.00")])
def test_a_check_says_won_lost_or_even(net: int, said: str) -> None:
    refusal = sessions.reached(played(60, check_in=0) | {"session_net": net}, MOMENT)
    assert refusal is not None
    assert f" and {said}. " in refusal.message


def test_a_shorter_interval_moves_the_check_that_is_coming_and_the_longest_is_not_kept() -> None:
    shorter = changes.protected(played(5), Protection(1, {}, reality_minutes=10))
    assert "#check_at = #check_at + :earlier" in shorter.assignments
    assert (shorter.values["earlier"], shorter.values["reality"]) == (-3_000, 600)
    back = changes.protected(played(5, reality=600, protection_version=1), Protection(2, {}))
    assert back.values["earlier"] == 3_000
    assert set(back.removed) == {"stopped", "stop_kind", "cleared", "reality", "terms", "allowed"}
    same = changes.protected(standing(), Protection(1, {}))
    assert same.assignments == ["#protection_version = :protection"]


def test_a_bet_is_asked_for_terms_where_there_are_any_and_its_player_was_ever_asked() -> None:
    assert not [guard for guard in changes.may_bet("").guards if "terms" in guard]
    guarded = changes.may_bet("2026-11-01 2026-10-01")
    assert "(attribute_not_exists(#terms) OR #terms >= :terms)" in guarded.guards
    for accepted, refused in (("-", True), ("2026-11-01 2026-09-01", True), ("2026-11-01 2026-10-01", False)):
        found = refusals.caps(standing(terms=accepted), "BET", MOMENT, "2026-11-01 2026-10-01")
        assert [refusal.code for most, refusal in found if not most] == ["TERMS_NOT_ACCEPTED"] * refused
    assert codes("BET", terms="-") == []


def test_before_the_first_bet_an_interval_has_no_check_to_move_and_meets_no_bet_that_came_meanwhile() -> None:
    shorter = changes.protected(standing(), Protection(1, {}, reality_minutes=10))
    assert "attribute_not_exists(#played)" in shorter.guards
    assert not [one for one in shorter.assignments if "check_at" in one]


def test_the_newest_version_alone_is_set() -> None:
    first = changes.protected(standing(), Protection(3, {}))
    assert first.guards == ["attribute_not_exists(#protection_version)"]
    next_ = changes.protected(standing(protection_version=3), Protection(4, {}))
    assert (next_.guards, next_.values["seen"]) == (["#protection_version = :seen"], 3)
