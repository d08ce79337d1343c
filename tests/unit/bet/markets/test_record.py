"""A match record: what it takes, what it refuses, and what it leaves open."""

from typing import Any

import pytest
from hypothesis import given

from bet.markets import kinds
from bet.markets.expressions import Interval
from bet.markets.record import NAMES, SPANS, Record, match_record, names, score
from bet.refusals import Contradiction
from betsafi.errors import InvalidInput
from tests.support.matches import match, moments

GOAL = {"side": "HOME", "period": "FIRST_HALF", "minute": 23}
GIVEN: dict[str, Any] = {"ended": ["FIRST_HALF", "SECOND_HALF"], "goals": [GOAL]}
EVERYTHING: dict[str, Any] = {
    "ended": ["FIRST_HALF", "SECOND_HALF", "EXTRA_TIME", "PENALTIES"],
    "goals": [GOAL, {"side": "AWAY", "period": "FIRST_HALF", "minute": 47}, {"side": "AWAY", "period": "EXTRA_TIME"}],
    "corners": [{"side": "HOME", "period": "SECOND_HALF"}],
    "cards": [{"side": "AWAY", "period": "SECOND_HALF", "minute": 90, "colour": "RED"}],
    "penalties": {"home": 4, "away": 2},
    "score": {"FIRST_HALF": {"home": 1, "away": 1}, "ALL": {"home": 1, "away": 2}},
}


def exact(goals: int) -> tuple[int, int]:
    return goals * 4, goals * 4


def at_least(goals: int) -> tuple[int, None]:
    return goals * 4, None


def test_a_record_says_what_happened_in_each_period() -> None:
    said = names(match_record(EVERYTHING), "goals", "REGULAR", 2)
    assert (said["home"], said["away"]) == (exact(1), exact(1))
    assert (said["first.home"], said["second.home"], said["extra.away"]) == (exact(1), exact(0), exact(1))
    assert (said["regular.away"], said["all.away"]) == (exact(1), exact(2))
    assert (said["penalties.home"], said["penalties.away"], said["scorer"]) == (exact(4), exact(2), exact(-1))


@pytest.mark.parametrize(
    ("goals", "ended", "penalties", "shown"),
    [
        ("", 0, None, {"REGULAR": [0, 0], "FIRST_HALF": [0, 0]}),
        ("HA", 0, None, {"REGULAR": [1, 1], "FIRST_HALF": [1, 1]}),
        ("H", 1, None, {"REGULAR": [1, 0], "FIRST_HALF": [1, 0], "SECOND_HALF": [0, 0]}),
        ("H/AA", 2, None, {"REGULAR": [1, 2], "FIRST_HALF": [1, 0], "SECOND_HALF": [0, 2]}),
        ("H/A", 4, None, {"REGULAR": [1, 1], "FIRST_HALF": [1, 0], "SECOND_HALF": [0, 1]}),
        (
            "HH/AA/HA", 4, (4, 2),
            {
                "REGULAR": [2, 2], "FIRST_HALF": [2, 0], "SECOND_HALF": [0, 2], "EXTRA_TIME": [1, 1],
                "PENALTIES": [4, 2],
            },
        ),
        ("/", 4, (5, 4), {"REGULAR": [0, 0], "FIRST_HALF": [0, 0], "SECOND_HALF": [0, 0], "PENALTIES": [5, 4]}),
    ],
    ids=["kick-off", "first half", "half-time", "full time", "over without extra time", "final", "penalties alone"],
)  # fmt: skip
def test_a_score_has_regular_time_whole_and_by_half_and_what_came_later_apart(
    goals: str, ended: int, penalties: tuple[int, int] | None, shown: dict[str, list[int]]
) -> None:
    assert score(match(goals, ended=ended, penalties=penalties)) == shown


def test_minutes_may_be_left_out_and_begin_anew_with_a_period() -> None:
    late = {"side": "HOME", "period": "FIRST_HALF", "minute": 47}
    record = match_record(
        {
            **GIVEN,
            "goals": [late, {"side": "AWAY", "period": "SECOND_HALF"}, {**GOAL, "period": "SECOND_HALF", "minute": 46}],
        }
    )
    assert names(record, "goals", "SECOND_HALF")["home"] == exact(1)


@pytest.mark.parametrize(
    ("ended", "first", "second", "regular", "overall"),
    [
        (0, at_least(1), at_least(0), at_least(1), at_least(1)),
        (1, exact(1), at_least(0), at_least(1), at_least(1)),
        (2, exact(1), exact(0), exact(1), at_least(1)),
        (3, exact(1), exact(0), exact(1), exact(1)),
    ],
)
def test_what_has_not_ended_can_still_grow(ended: int, first: Any, second: Any, regular: Any, overall: Any) -> None:
    said = names(match("H", ended=ended), "goals", "ALL")
    found = said["first.home"], said["second.home"], said["regular.home"], said["all.home"]
    assert found == (first, second, regular, overall)


def test_penalties_are_open_until_they_end_and_none_if_they_are_not_played() -> None:
    assert names(match(ended=3), "goals", "ALL")["penalties.home"] == at_least(0)
    assert names(match(ended=3, penalties=(2, 2)), "goals", "ALL")["penalties.home"] == at_least(2)
    assert names(match(ended=4), "goals", "ALL")["penalties.home"] == exact(0)


def test_what_was_not_recorded_stays_open_for_ever() -> None:
    said = names(match("H/A"), "corners", "REGULAR", 1)
    assert (said["home"], said["lead.home"], said["scorer"]) == (at_least(0), at_least(0), (-4, 4))
    assert names(match("H/A", corners=""), "corners", "REGULAR", 1)["home"] == exact(0)


@pytest.mark.parametrize(
    ("cards", "home", "away"),
    [("y", 1, 0), ("r", 2, 0), ("ys", 3, 0), ("yr", 3, 0), ("yY/RS", 1, 5), ("y//y", 1, 0)],
)
def test_bookings_count_one_for_yellow_and_two_for_red_or_a_second_yellow(cards: str, home: int, away: int) -> None:
    said = names(match(cards=cards), "bookings", "REGULAR")
    assert (said["home"], said["away"]) == (exact(home), exact(away))


@pytest.mark.parametrize(
    ("goals", "home", "away"),
    [("", 0, 0), ("HH/AA", 2, 0), ("HA/HH", 2, 0), ("A/AHHHHH", 3, 2), ("H//HHH", 1, 0)],
)
def test_the_lead_is_the_greatest_of_regular_time(goals: str, home: int, away: int) -> None:
    said = names(match(goals), "goals", "REGULAR")
    assert (said["lead.home"], said["lead.away"]) == (exact(home), exact(away))
    assert (
        names(match(goals, ended=1), "goals", "REGULAR")["lead.home"] == at_least(home) if "//" not in goals else True
    )


def test_the_scorer_is_open_until_the_goal_falls_or_the_period_ends() -> None:
    assert names(match("HA", ended=0), "goals", "REGULAR", 2)["scorer"] == exact(-1)
    assert names(match("HA", ended=1), "goals", "REGULAR", 3)["scorer"] == (-4, 4)
    assert names(match("HA", ended=1), "goals", "FIRST_HALF", 3)["scorer"] == exact(0)
    assert names(match("HA//H", ended=3), "goals", "REGULAR", 3)["scorer"] == exact(0)


def changed(**changes: Any) -> dict[str, Any]:
    return {**EVERYTHING, **changes}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (None, "A match record has"),
        ([], "A match record has"),
        ({"ended": []}, "A match record has"),
        (changed(odds=1), "A match record has"),
        (changed(ended="FIRST_HALF"), "ended is"),
        (changed(ended=["SECOND_HALF"]), "ended is"),
        (changed(ended=["FIRST_HALF", "FIRST_HALF"]), "ended is"),
        (changed(ended=[*EVERYTHING["ended"], "FIRST_HALF"]), "ended is"),
        (changed(goals=None), "goals is a list"),
        (changed(goals=[GOAL] * 100), "goals is a list of at most 99"),
        (changed(goals=["HOME"]), "goals[0] has"),
        (changed(goals=[{**GOAL, "scorer": "Messi"}]), "goals[0] has"),
        (changed(goals=[{**GOAL, "side": "home"}]), "goals[0].side is HOME or AWAY"),
        (changed(goals=[GOAL, {**GOAL, "side": 1}]), "goals[1].side is HOME or AWAY"),
        (changed(goals=[{**GOAL, "period": "PENALTIES"}]), "goals[0].period is"),
        (changed(goals=[{**GOAL, "minute": "23"}]), "goals[0].minute is"),
        (changed(goals=[{**GOAL, "minute": 66}]), "goals[0].minute is"),
        (changed(goals=[{**GOAL, "minute": True}]), "goals[0].minute is"),
        (changed(goals=[{**GOAL, "period": "SECOND_HALF"}]), "goals[0].minute is"),
        (changed(corners={}), "corners is a list"),
        (changed(corners=[{"side": "HOME", "period": "FIRST_HALF", "colour": "RED"}]), "corners[0] has"),
        (changed(cards=[{"side": "HOME", "period": "FIRST_HALF"}]), "cards[0].colour is YELLOW, SECOND_YELLOW or RED"),
        (changed(cards=[{"side": "HOME", "period": "FIRST_HALF", "colour": "BLUE"}]), "cards[0].colour is"),
        (changed(penalties=[4, 2]), "penalties has home and away"),
        (changed(penalties={"home": 4}), "penalties has home and away"),
        (changed(penalties={"home": 4, "away": -1}), "penalties.away is"),
        (changed(score=[]), "score has some of"),
        (changed(score={"HALF_TIME": {"home": 1, "away": 1}}), "score has some of"),
        (changed(score={"REGULAR": "1:1"}), "score.REGULAR has home and away"),
    ],
)
def test_what_is_no_record_is_refused_in_a_sentence_that_names_it(given: Any, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        match_record(given)
    assert refused.value.code == "INVALID_INPUT"
    assert refused.value.message.startswith(says)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (changed(score={"FIRST_HALF": {"home": 1, "away": 0}}), "score is 1:0 for FIRST_HALF, the goals are 1:1."),
        (changed(score={"ALL": {"home": 1, "away": 1}}), "score is 1:1 for ALL, the goals are 1:2."),
        (
            {**GIVEN, "goals": [{**GOAL, "period": "EXTRA_TIME", "minute": 91}], "ended": ["FIRST_HALF"]},
            "goals[0] is in",
        ),
        (
            {**GIVEN, "corners": [{"side": "HOME", "period": "SECOND_HALF"}], "ended": []},
            "corners[0] is in SECOND_HALF",
        ),
        ({**GIVEN, "penalties": {"home": 1, "away": 0}}, "penalties is in PENALTIES"),
        (changed(penalties={"home": 3, "away": 3}), "Penalties that have ended are not level."),
        ({**GIVEN, "goals": [GOAL, {**GOAL, "minute": 22}]}, "goals[1] came earlier"),
        ({**GIVEN, "goals": [{**GOAL, "period": "SECOND_HALF", "minute": 50}, GOAL]}, "goals[1] came earlier"),
    ],
)
def test_a_record_that_says_two_things_is_a_contradiction(given: Any, says: str) -> None:
    with pytest.raises(Contradiction) as refused:
        match_record(given)
    assert refused.value.code == "CONTRADICTION"
    assert refused.value.message.startswith(says)


def test_goals_that_contradict_the_score_name_the_period() -> None:
    with pytest.raises(Contradiction) as refused:
        match_record(changed(score={"REGULAR": {"home": 9, "away": 9}}))
    assert refused.value.info == {"period": "REGULAR"}


def test_a_definitions_periods_are_those_of_a_record() -> None:
    assert set(SPANS) == set(kinds.PERIODS)
    assert all(set(names(match(), measure, "ALL", 1)) == NAMES for measure in kinds.MEASURES)


@given(moments())
def test_what_a_record_leaves_open_contains_whatever_comes(drawn: tuple[Record, Record, Record]) -> None:
    early, late, over = drawn
    for measure in kinds.MEASURES:
        for period in kinds.PERIODS:
            known, end = names(early, measure, period, 2), names(over, measure, period, 2)
            between = names(late, measure, period, 2)
            for name, (least, most) in end.items():
                assert least == most is not None
                assert contains(known[name], between[name])
                assert contains(between[name], end[name])


def contains(wide: Interval, narrow: Interval) -> bool:
    (low, high), (least, most) = wide, narrow
    return (
        low is not None and least is not None and low <= least and (high is None or (most is not None and most <= high))
    )
