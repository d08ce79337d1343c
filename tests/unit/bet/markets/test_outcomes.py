"""Results of every kind of market, worked by hand."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from bet.markets import kinds, outcomes
from bet.markets.outcomes import OutcomeResult
from bet.markets.record import Record
from tests.support.matches import match

KINDS = kinds.definitions()
WON, LOST, VOID, HALF_WON, HALF_LOST = "WON", "LOST", "VOID", "HALF_WON", "HALF_LOST"
OPEN = None

# Argentina and France, 2022: 2-2 after 90 minutes, 3-3 after extra time, 4-2 on penalties.
FINAL = match("HH/AA/HA", penalties=(4, 2), corners="HAA/HHH/A", cards="y/YYs/RR")


def results(kind: str, specifiers: str, record: Record) -> dict[str, OutcomeResult | None]:
    """Results by key, which reads better than the feed's ids."""
    definition = KINDS[kind]
    found = outcomes.results(definition, kinds.canonical_specifiers(definition, specifiers), record)
    return {outcome.key: found[outcome.outcome_id] for outcome in definition.outcomes}


WORKED: list[tuple[str, str, Record, dict[str, str]]] = [
    # kind, specifiers, match, and every key that did not lose
    ("1", "", match("H/"), {"1": WON}),
    ("1", "", match("H/A"), {"X": WON}),
    ("1", "", match("/A"), {"2": WON}),
    ("1", "", match("H/A/H"), {"X": WON}),
    ("60200", "", match("HH/AA"), {"1": WON, "X": WON}),
    ("60200", "", match("AA/HHH"), {"1": WON, "2": WON}),
    ("60200", "", match("AAHH/HHAA"), {"1": WON, "X": WON, "2": WON}),
    ("60200", "", match("H/"), {"1": WON}),
    ("60200", "", match("HA/HA"), {"X": WON}),
    ("60200", "", match("AH/AH"), {"X": WON}),
    ("60200", "", match("//HH"), {"X": WON}),
    ("10", "", match("H/"), {"1X": WON, "12": WON}),
    ("10", "", match("H/A"), {"1X": WON, "X2": WON}),
    ("10", "", match("/A"), {"12": WON, "X2": WON}),
    ("11", "", match("H/"), {"1": WON}),
    ("11", "", match("H/A"), {"1": VOID, "2": VOID}),
    ("11", "", match("/A"), {"2": WON}),
    ("186", "", match("H/A/H"), {"1": WON}),
    ("186", "", match("H/A/A"), {"2": WON}),
    ("186", "", match("H/A", penalties=(3, 4)), {"2": WON}),
    ("186", "", match("H/", penalties=(0, 99)), {"1": WON}),
    ("186", "", match("H/A"), {"1": VOID, "2": VOID}),
    ("8", "goalnr=1", match("A/H"), {"2": WON}),
    ("8", "goalnr=2", match("A/H"), {"1": WON}),
    ("8", "goalnr=3", match("A/H/H"), {"NONE": WON}),
    ("18", "total=2.5", match("H/HH"), {"OVER": WON}),
    ("18", "total=2.5", match("H/H/H"), {"UNDER": WON}),
    ("18", "total=3", match("H/HH"), {"OVER": VOID, "UNDER": VOID}),
    ("18", "total=2.75", match("H/HH"), {"OVER": HALF_WON, "UNDER": HALF_LOST}),
    ("18", "total=3.25", match("H/HH"), {"OVER": HALF_LOST, "UNDER": HALF_WON}),
    ("18", "total=5.25", match("HHH/HA"), {"OVER": HALF_LOST, "UNDER": HALF_WON}),
    ("19", "total=1.5", match("HA/HA"), {"OVER": WON}),
    ("19", "total=2", match("HA/HAA"), {"OVER": VOID, "UNDER": VOID}),
    ("20", "total=1.5", match("HH/HA"), {"UNDER": WON}),
    ("20", "total=0.75", match("HH/HA"), {"OVER": HALF_WON, "UNDER": HALF_LOST}),
    ("26", "", match("H/HA"), {"ODD": WON}),
    ("26", "", match("H/A/A"), {"EVEN": WON}),
    ("26", "", match(""), {"EVEN": WON}),
    ("29", "", match("H/A"), {"GG": WON}),
    ("29", "", match("H//A"), {"NG": WON}),
    ("14", "hcp=0:1", match("HH/A"), {"X": WON}),
    ("14", "hcp=0:1", match("HH/"), {"1": WON}),
    ("14", "hcp=0:1", match("H/A"), {"2": WON}),
    ("14", "hcp=2:0", match("/A"), {"1": WON}),
    ("16", "hcp=-0.5", match("H/"), {"1": WON}),
    ("16", "hcp=-0.5", match("H/A"), {"2": WON}),
    ("16", "hcp=-1", match("H/"), {"1": VOID, "2": VOID}),
    ("16", "hcp=-0.75", match("H/"), {"1": HALF_WON, "2": HALF_LOST}),
    ("16", "hcp=0.75", match("/A"), {"1": HALF_LOST, "2": HALF_WON}),
    ("16", "hcp=-0.75", match("H//HH"), {"1": HALF_WON, "2": HALF_LOST}),
    ("16", "hcp=0.25", match("H/A"), {"1": HALF_WON, "2": HALF_LOST}),
    ("16", "hcp=-0.75|score=1:0", match("H/HH"), {"1": WON}),
    ("16", "hcp=-0.75|score=1:0", match("H/H"), {"1": HALF_WON, "2": HALF_LOST}),
    ("16", "hcp=-0.75|score=1:0", match("H/"), {"2": WON}),
    ("16", "hcp=0|score=0:2", match("AA/"), {"1": VOID, "2": VOID}),
    ("60", "", match("H/AA"), {"1": WON}),
    ("60", "", match("/HH"), {"X": WON}),
    ("60", "", match("A/HH"), {"2": WON}),
    ("66", "hcp=-0.25", match("/HH"), {"1": HALF_LOST, "2": HALF_WON}),
    ("66", "hcp=-0.25|score=1:0", match("HH/"), {"1": WON}),
    ("68", "total=0.5", match("/HHH"), {"UNDER": WON}),
    ("75", "", match("HA/"), {"GG": WON}),
    ("75", "", match("H/A"), {"NG": WON}),
    ("68", "total=1", match("H/HHH"), {"OVER": VOID, "UNDER": VOID}),
    ("90", "total=1.5", match("HHH/H"), {"UNDER": WON}),
    ("90", "total=1.5", match("HHH/HA"), {"OVER": WON}),
    ("47", "", match("H/A"), {"1/X": WON}),
    ("47", "", match("A/HH"), {"2/1": WON}),
    ("47", "", match("/A/HH"), {"X/2": WON}),
    ("35", "", match("H/HA"), {"1&GG": WON}),
    ("35", "", match("HH/"), {"1&NG": WON}),
    ("35", "", match("H/A"), {"X&GG": WON}),
    ("35", "", match(""), {"X&NG": WON}),
    ("35", "", match("H/AA"), {"2&GG": WON}),
    ("35", "", match("/A"), {"2&NG": WON}),
    ("36", "total=2.5", match("H/HA"), {"OVER&GG": WON}),
    ("36", "total=2.5", match("H/A"), {"UNDER&GG": WON}),
    ("36", "total=2.5", match("HHH/"), {"OVER&NG": WON}),
    ("36", "total=2.5", match("/A"), {"UNDER&NG": WON}),
    ("37", "total=2.5", match("H/HA"), {"1&OVER": WON}),
    ("37", "total=2.5", match("H/"), {"1&UNDER": WON}),
    ("37", "total=2.5", match("HA/HA"), {"X&OVER": WON}),
    ("37", "total=2.5", match("HA/"), {"X&UNDER": WON}),
    ("37", "total=2.5", match("HA/AA"), {"2&OVER": WON}),
    ("37", "total=2.5", match("/AA"), {"2&UNDER": WON}),
    ("45", "", match(""), {"0:0": WON}),
    ("45", "", match("HH/A"), {"2:1": WON}),
    ("45", "", match("HHHH/AAAA/H"), {"4:4": WON}),
    ("45", "", match("HHHHH/"), {"OTHER": WON}),
    ("45", "", match("/AAAAA"), {"OTHER": WON}),
    ("166", "total=9.5", match(corners="HHHHH/AAAAA"), {"OVER": WON}),
    ("166", "total=9.5", match(corners="HHHHH/AAAA/AAAA"), {"UNDER": WON}),
    ("166", "total=9", match(corners="HHHHH/AAAA"), {"OVER": VOID, "UNDER": VOID}),
    ("139", "total=4.5", match(cards="yY/ys"), {"OVER": WON}),
    ("139", "total=4.5", match(cards="yY/R/yyyy"), {"UNDER": WON}),
    ("139", "total=3", match(cards="/yr"), {"OVER": VOID, "UNDER": VOID}),
    # the final
    ("1", "", FINAL, {"X": WON}),
    ("60200", "", FINAL, {"1": WON, "X": WON}),
    ("186", "", FINAL, {"1": WON}),
    ("18", "total=4", FINAL, {"OVER": VOID, "UNDER": VOID}),
    ("18", "total=3.5", FINAL, {"OVER": WON}),
    ("18", "total=4.5", FINAL, {"UNDER": WON}),
    ("45", "", FINAL, {"2:2": WON}),
    ("47", "", FINAL, {"1/X": WON}),
    ("16", "hcp=-0.25", FINAL, {"1": HALF_LOST, "2": HALF_WON}),
    ("8", "goalnr=5", FINAL, {"NONE": WON}),
    ("166", "total=5.5", FINAL, {"OVER": WON}),
    ("139", "total=4.5", FINAL, {"OVER": WON}),
]


@pytest.mark.parametrize(("kind", "specifiers", "record", "not_lost"), WORKED)
def test_a_market_that_is_over(kind: str, specifiers: str, record: Record, not_lost: dict[str, str]) -> None:
    expected = {outcome.key: not_lost.get(outcome.key, LOST) for outcome in KINDS[kind].outcomes}
    assert set(not_lost) <= set(expected)
    assert results(kind, specifiers, record) == expected


def test_every_kind_is_worked_by_hand() -> None:
    """A kind more needs its lines above: each of its outcomes not lost at least once, correct scores apart."""
    assert not (lacking := {kind for kind, *_ in WORKED} ^ set(KINDS)), f"lines of WORKED, above, for {lacking}"
    for kind, definition in KINDS.items():
        met = {key for worked, _, _, not_lost in WORKED if worked == kind for key in not_lost}
        assert len(met) == len(definition.outcomes) or kind in ("45", "47"), kind


def test_what_is_decided_by_corners_and_cards_is_open_without_them() -> None:
    for kind in ("166", "139"):
        assert results(kind, "total=0.5", match("HH/AA")) == {"OVER": OPEN, "UNDER": OPEN}


# -- before the end

ONE_GOAL = match("H", ended=0)
EARLY: list[tuple[str, str, Record, dict[str, str]]] = [
    # kind, specifiers, match so far, and every key that is not open
    ("18", "total=0.5", ONE_GOAL, {"OVER": WON, "UNDER": LOST}),
    ("18", "total=0.75", ONE_GOAL, {}),
    ("18", "total=1", ONE_GOAL, {}),
    ("18", "total=1.5", ONE_GOAL, {}),
    ("18", "total=0.75", match("HH", ended=0), {"OVER": WON, "UNDER": LOST}),
    ("18", "total=2", match("HH/H", ended=1), {"OVER": WON, "UNDER": LOST}),
    ("19", "total=0.5", ONE_GOAL, {"OVER": WON, "UNDER": LOST}),
    ("20", "total=0.5", ONE_GOAL, {}),
    ("68", "total=0.5", ONE_GOAL, {"OVER": WON, "UNDER": LOST}),
    ("68", "total=2.5", match("HH", ended=1), {"OVER": LOST, "UNDER": WON}),
    ("90", "total=0.5", ONE_GOAL, {}),
    ("1", "", ONE_GOAL, {}),
    ("10", "", ONE_GOAL, {}),
    ("11", "", match("HHHHH/HHHH", ended=1), {}),
    ("14", "hcp=0:1", ONE_GOAL, {}),
    ("16", "hcp=-0.75", ONE_GOAL, {}),
    ("26", "", ONE_GOAL, {}),
    ("29", "", ONE_GOAL, {}),
    ("29", "", match("HA", ended=0), {"GG": WON, "NG": LOST}),
    ("186", "", match("H/", ended=2), {}),
    ("186", "", match("H/A/A", ended=3), {}),
    ("8", "goalnr=1", ONE_GOAL, {"1": WON, "NONE": LOST, "2": LOST}),
    ("8", "goalnr=2", ONE_GOAL, {}),
    ("75", "", match("HA", ended=0), {"GG": WON, "NG": LOST}),
    ("75", "", match("H", ended=1), {"GG": LOST, "NG": WON}),
    ("60", "", match("H", ended=1), {"1": WON, "X": LOST, "2": LOST}),
    ("66", "hcp=-0.75", match("H", ended=1), {"1": HALF_WON, "2": HALF_LOST}),
    ("47", "", match("H", ended=1), {f"{half}/{full}": LOST for half in "X2" for full in "1X2"}),
    ("45", "", ONE_GOAL, {f"0:{away}": LOST for away in range(5)}),
    ("45", "", match("HHHHH", ended=0), {f"{h}:{a}": LOST for h in range(5) for a in range(5)} | {"OTHER": WON}),
    ("35", "", ONE_GOAL, {"X&NG": LOST, "2&NG": LOST}),
    ("35", "", match("HA", ended=0), {"1&NG": LOST, "X&NG": LOST, "2&NG": LOST}),
    ("36", "total=1.5", match("HA", ended=0), {"OVER&GG": WON, "UNDER&GG": LOST, "OVER&NG": LOST, "UNDER&NG": LOST}),
    ("37", "total=0.5", ONE_GOAL, {"1&UNDER": LOST, "X&UNDER": LOST, "2&UNDER": LOST}),
    ("60200", "", match("HH", ended=0), {"1": WON}),
    ("60200", "", match("HH/AA", ended=1), {"1": WON}),
    ("60200", "", ONE_GOAL, {}),
    ("166", "total=1.5", match("", ended=0, corners="HA"), {"OVER": WON, "UNDER": LOST}),
    ("166", "total=2", match("", ended=0, corners="HA"), {}),
    ("139", "total=1.5", match("", ended=0, cards="r"), {"OVER": WON, "UNDER": LOST}),
    ("139", "total=1.5", match("", ended=0, cards="y"), {}),
]


@pytest.mark.parametrize(("kind", "specifiers", "record", "decided"), EARLY)
def test_a_market_settles_early_when_it_is_certain_and_only_then(
    kind: str, specifiers: str, record: Record, decided: dict[str, str]
) -> None:
    expected = {outcome.key: decided.get(outcome.key) for outcome in KINDS[kind].outcomes}
    assert set(decided) <= set(expected)
    assert results(kind, specifiers, record) == expected


def test_every_kind_is_tried_before_the_end() -> None:
    assert not (lacking := {kind for kind, *_ in EARLY} ^ set(KINDS)), f"lines of EARLY, above, for {lacking}"


def test_before_the_first_goal_nothing_is_certain() -> None:
    for kind, definition in KINDS.items():
        specifiers = {"quarter": "0.25", "half": "0.5", "handicap": "-0.75", "count": "1", "score": "0:1"}
        given = {name: specifiers[form] for name, form in definition.specifiers.items()}
        found = outcomes.results(
            definition, kinds.canonical_specifiers(definition, given), match(ended=0, corners="", cards="")
        )
        # No goal at all is below every line, so both teams cannot both have scored below 0.5.
        assert set(found.values()) == {OPEN}, kind


# -- money, as it is published

MULTIPLIERS: dict[str, Callable[[Fraction], Fraction]] = {
    WON: lambda odds: odds,
    HALF_WON: lambda odds: (1 + odds) / 2,
    VOID: lambda odds: Fraction(1),
    HALF_LOST: lambda odds: Fraction(1, 2),
    LOST: lambda odds: Fraction(0),
}


@pytest.mark.parametrize(("goals", "pays"), [("H/HH", 180), ("H/H", 140), ("H/", 0)])
def test_a_live_handicap_counts_the_goals_after_the_bet(goals: str, pays: int) -> None:
    """100 at 1.80 on the home side at -0.75, placed at 1-0."""
    result = results("16", "hcp=-0.75|score=1:0", match(goals))["1"]
    assert result is not None
    assert 100 * MULTIPLIERS[result](Fraction("1.80")) == pays


@pytest.mark.parametrize("goals", ["", "H/", "/A", "HH/A", "HH/", "A/AA", "HHH/A"])
@pytest.mark.parametrize("line", range(-9, 10, 2))
def test_a_quarter_line_is_two_half_stakes_on_its_neighbours(goals: str, line: int) -> None:
    """Source: the rule at bet365 and Pinnacle. `line` in quarters."""
    odds = Fraction("1.93")
    for key in ("1", "2"):
        whole, *halves = (
            MULTIPLIERS[result](odds)
            for hcp in (line, line - 1, line + 1)
            if (result := results("16", f"hcp={hcp / 4}", match(goals))[key])
        )
        assert whole == sum(halves) / 2


@pytest.mark.parametrize("goals", ["", "H/", "H/A", "HH/A", "HHH/AA", "HHH/AAA"])
@pytest.mark.parametrize("line", [3, 5, 9, 11, 19, 21])
def test_a_quarter_total_is_two_half_stakes_on_its_neighbours(goals: str, line: int) -> None:
    odds = Fraction("1.93")
    for key in ("OVER", "UNDER"):
        whole, *halves = (
            MULTIPLIERS[result](odds)
            for total in (line, line - 1, line + 1)
            if (result := results("18", f"total={total / 4}", match(goals))[key])
        )
        assert whole == sum(halves) / 2


def test_quarter_lines_settle_as_pinnacle_publishes_it() -> None:
    """https://cs.help.pinnaclesports.com/en/support/solutions/articles/1000116864"""
    losing_by_one, five_goals = match("/A"), match("HHH/AA")
    assert results("16", "hcp=0.75", losing_by_one)["1"] == HALF_LOST  # +0.75, 0-1: half lost, half push
    assert results("18", "total=5.25", five_goals)["UNDER"] == HALF_WON  # half push, half win
