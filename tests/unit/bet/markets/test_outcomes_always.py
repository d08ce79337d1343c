"""What holds for the results of every kind of market, whatever the match."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet.markets import kinds, outcomes
from bet.markets.kinds import Definition
from bet.markets.outcomes import OutcomeResult
from bet.markets.record import Record
from tests.support.matches import match, moments

KINDS = kinds.definitions()
Results = dict[str, OutcomeResult | None]
MIRRORED: dict[OutcomeResult | None, OutcomeResult | None] = {
    "WON": "LOST",
    "HALF_WON": "HALF_LOST",
    "VOID": "VOID",
    "HALF_LOST": "HALF_WON",
    "LOST": "WON",
    None: None,
}
TWO_SIDED = [kind for kind, each in KINDS.items() if len(each.outcomes) == 2]
ONE_WINS = [kind for kind, each in KINDS.items() if each.winners == (1,) and not each.graded]
VALUES = {
    "quarter": st.integers(1, 26).map(lambda quarters: str(quarters / 4)),
    "half": st.integers(0, 6).map(lambda whole: f"{whole}.5"),
    "handicap": st.integers(-12, 12).map(lambda quarters: str(quarters / 4)),
    "count": st.integers(1, 6).map(str),
    "score": st.tuples(st.integers(0, 2), st.integers(0, 2)).map(lambda pair: f"{pair[0]}:{pair[1]}"),
}


@st.composite
def markets(draw: st.DrawFn, *of: str) -> tuple[Definition, str]:
    definition = KINDS[draw(st.sampled_from(of or [*KINDS]))]
    values = {name: draw(VALUES[form]) for name, form in definition.specifiers.items()}
    return definition, kinds.canonical_specifiers(definition, values)


def results(kind: str, specifiers: str, record: Record) -> Results:
    """Results by key."""
    definition = KINDS[kind]
    found = outcomes.results(definition, kinds.canonical_specifiers(definition, specifiers), record)
    return {outcome.key: found[outcome.outcome_id] for outcome in definition.outcomes}


@given(moments(), st.lists(markets(), min_size=5, max_size=5))
def test_an_early_result_is_the_result_at_every_later_moment(
    drawn: tuple[Record, Record, Record], tried: list[tuple[Definition, str]]
) -> None:
    for definition, specifiers in tried:
        early, late, over = (outcomes.results(definition, specifiers, record) for record in drawn)
        for outcome_id, result in over.items():
            assert result is not None
            assert late[outcome_id] in (None, result)
            assert early[outcome_id] in (None, late[outcome_id])


@given(moments(), markets(*TWO_SIDED))
def test_the_two_sides_of_a_line_mirror_each_other(
    drawn: tuple[Record, Record, Record], market: tuple[Definition, str]
) -> None:
    for record in drawn:
        one, other = outcomes.results(*market, record).values()
        assert MIRRORED[one] == other


@given(moments(), markets(*ONE_WINS))
def test_of_outcomes_that_exclude_each_other_one_wins(
    drawn: tuple[Record, Record, Record], market: tuple[Definition, str]
) -> None:
    *before, over = (list(outcomes.results(*market, record).values()) for record in drawn)
    assert sorted(map(str, over)) == ["LOST"] * (len(over) - 1) + ["WON"]
    for values in before:
        assert values.count("WON") <= 1
        assert None in values or "WON" in values
        assert set(values) <= {"WON", "LOST", None}


@given(moments())
def test_double_chance_has_two_winners_and_an_early_payout_one_at_least(drawn: tuple[Record, Record, Record]) -> None:
    over = drawn[2]
    assert list(results("10", "", over).values()).count("WON") == 2
    early_payout, plain = results("60200", "", over), results("1", "", over)
    assert "WON" in early_payout.values()
    assert all(early_payout[key] == "WON" for key, result in plain.items() if result == "WON")


COMBINING = [each for each in KINDS.values() if each.combines]


@pytest.mark.parametrize("definition", COMBINING, ids=lambda each: each.definition_id)
@given(moments(), st.integers(0, 5))
def test_a_combination_wins_when_each_of_its_parts_does(
    definition: Definition, drawn: tuple[Record, Record, Record], goals: int
) -> None:
    def of(kind: Definition) -> Results:
        values = {name: f"{goals}.5" for name in kind.specifiers}
        return dict(outcomes.results(kind, kinds.canonical_specifiers(kind, values), drawn[2]))

    one, other = (of(KINDS[each]) for each in definition.combines)
    won = {
        each.outcome_id: "WON" if [one[each.combines[0]], other[each.combines[1]]] == ["WON", "WON"] else "LOST"
        for each in definition.outcomes
    }
    assert of(definition) == won


def test_kinds_of_each_sort_are_tried() -> None:
    assert {"11", "18", "26", "29", "16"} <= set(TWO_SIDED)
    assert {"1", "8", "14", "26", "29", "35", "45", "47"} <= set(ONE_WINS)
    assert not {"10", "60200", "11"} & set(ONE_WINS)
    assert {"35", "36", "37", "47"} <= {each.definition_id for each in COMBINING}


@given(moments())
def test_a_handicap_of_nothing_is_the_market_without_one(drawn: tuple[Record, Record, Record]) -> None:
    for record in drawn:
        assert results("14", "hcp=0:0", record) == results("1", "", record)
        assert results("16", "hcp=0", record) == results("11", "", record)
        half = results("16", "hcp=-0.5", record)
        assert (half["1"], half["2"]) == (results("1", "", record)["1"], results("10", "", record)["X2"])


@given(moments(), st.integers(0, 2), st.integers(0, 2), st.integers(-6, 6))
def test_a_live_handicap_is_that_of_the_rest_of_the_match(
    drawn: tuple[Record, Record, Record], home: int, away: int, quarters: int
) -> None:
    live = results("16", f"hcp={quarters / 4}|score={home}:{away}", drawn[2])
    assert live == results("16", f"hcp={quarters / 4 - home + away}", drawn[2])


# -- brute force: what is certain after some goals is what every continuation says


def continuations(goals: str, ended: int) -> Iterator[Record]:
    """Yield matches that go on from here: with up to three goals in every order, and with many for each side."""
    periods = goals.split("/") + [""] * (2 - goals.count("/"))
    left = range(ended, 3)
    for number in range(4):
        for sides in itertools.product("HA", repeat=number):
            for when in itertools.combinations_with_replacement(left, number):
                more = ["".join(side for side, at in zip(sides, when, strict=True) if at == n) for n in range(3)]
                yield match("/".join(before + after for before, after in zip(periods, more, strict=True)))
    for period, home, away in itertools.product(left, range(7), range(7)):
        yield match("/".join(text + ("H" * home + "A" * away) * (n == period) for n, text in enumerate(periods)))
    if ended == 0:
        for home, away, later_home, later_away in itertools.product(range(3), repeat=4):
            first = periods[0] + "H" * home + "A" * away
            yield match(f"{first}/{'H' * later_home}{'A' * later_away}")


LOOKS_OPEN = {("36", "UNDER&GG"), ("37", "1&UNDER"), ("37", "X&UNDER"), ("37", "2&UNDER")}
"""Certain at times only because two conditions exclude each other, such as both teams to score below 1.5 goals."""
MOMENTS = [("", 0), ("H", 0), ("HA", 0), ("H", 1), ("HHA", 0), ("HH/A", 1), ("/AA", 1), ("HH/AA", 1), ("H/A", 2)]


@pytest.mark.parametrize(("goals", "ended"), MOMENTS)
def test_what_every_continuation_says_is_known_and_nothing_else(goals: str, ended: int) -> None:
    lines = {"quarter": ("1", "1.75"), "half": ("1.5",), "handicap": ("-0.75",), "count": ("2",), "score": ("1:0",)}
    now, ends = match(goals, ended=ended), list(continuations(goals, ended))
    for kind, definition in KINDS.items():
        if definition.of != "goals" or definition.period == "ALL":
            continue
        for values in itertools.product(*(lines[form] for form in definition.specifiers.values())):
            specifiers = kinds.canonical_specifiers(definition, dict(zip(definition.specifiers, values, strict=True)))
            found = outcomes.results(definition, specifiers, now)
            possible = [outcomes.results(definition, specifiers, end) for end in ends]
            for outcome in definition.outcomes:
                result, seen = found[outcome.outcome_id], {end[outcome.outcome_id] for end in possible}
                if result is not None:
                    assert seen == {result}
                elif (kind, outcome.key) not in LOOKS_OPEN:
                    assert len(seen) > 1, (kind, outcome.key)
