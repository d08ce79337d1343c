"""What traders give of a market: a new one, its prices, its results, each checked by its kind."""

import contextlib
from typing import Any

import pytest
from hypothesis import given as anything
from hypothesis import strategies as st

from bet.markets import given, kinds, outcomes
from bet.markets.record import Record
from bet.payouts.multipliers import RESULTS
from betsafi.errors import DomainError, InvalidInput
from tests.support.matches import moments

SHIPPED = kinds.definitions()


def rows(**by_outcome: str) -> list[dict[str, Any]]:
    """Return results as traders give them, of outcomes `_1` and so on; "WON 1/2" is a dead heat."""
    found = []
    for outcome, text in by_outcome.items():
        result, _, shared = text.partition(" ")
        found.append({"outcomeId": outcome.removeprefix("_"), "result": result, "deadHeat": shared or None})
    return found


# -- a new market


def market(**changes: Any) -> dict[str, Any]:
    odds = [{"outcomeId": outcome, "odds": price} for outcome, price in (("12", "1.95"), ("13", "1.85"))]
    return {"definitionId": "18", "specifiers": "total=2.5", "odds": odds, **changes}


def test_a_new_market_has_canonical_specifiers_and_odds_in_the_order_of_its_outcomes() -> None:
    made = given.new_market(market(specifiers="total=02.50", odds=list(reversed(market()["odds"]))))
    assert made.id_for("f") == "f/18/total=2.5"
    assert list(made.odds.items()) == [("12", "1.95"), ("13", "1.85")]
    assert made.main is SHIPPED["18"].main


def test_whether_a_market_is_shown_in_lists_is_its_kinds_unless_it_is_said() -> None:
    assert [given.new_market(market(main=said)).main for said in (True, False, None)] == [True, False, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"definitionId": "999"},
        {"definitionId": ""},
        {"definitionId": None},
        {"definitionId": 18},
        {"definitionId": ["18"]},
        {"specifiers": None},
        {"specifiers": ""},
        {"specifiers": "total=2.6"},
        {"specifiers": "total=-2.5"},
        {"specifiers": "total=2.5|total=3.5"},
        {"specifiers": "total=2.5|hcp=1"},
        {"specifiers": "total=" + "9" * 3_000},
        {"specifiers": "total=٢.٥"},
        {"odds": []},
        {"odds": market()["odds"][:1]},
        {"odds": market()["odds"] * 2},
        {"odds": [*market()["odds"], {"outcomeId": "14", "odds": "2.00"}]},
        {"odds": [{"outcomeId": key, "odds": "2.00"} for key in ("OVER", "UNDER")]},
        {"odds": [{"outcomeId": outcome, "odds": "1.00"} for outcome in ("12", "13")]},
        {"odds": [{"outcomeId": outcome, "odds": "NaN"} for outcome in ("12", "13")]},
    ],
)
def test_a_market_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        given.new_market(market(**changes))


def test_a_kind_without_specifiers_takes_none() -> None:
    odds = [{"outcomeId": outcome, "odds": "2.00"} for outcome in ("1", "2", "3")]
    assert given.new_market({"definitionId": "1", "specifiers": "", "odds": odds}).id_for("f") == "f/1"
    with pytest.raises(InvalidInput):
        given.new_market({"definitionId": "1", "specifiers": "total=2.5", "odds": odds})


# -- results by kind


@pytest.mark.parametrize(
    ("kind", "results"),
    [
        ("1", rows(_1="WON", _2="LOST", _3="LOST")),
        ("1", rows(_1="VOID", _2="VOID", _3="VOID")),
        ("1", rows(_2="LOST")),
        ("1", rows(_1="WON 1/2", _2="LOST", _3="WON 1/2")),
        ("10", rows(_9="WON", _10="WON", _11="LOST")),
        ("60200", rows(_1="WON", _2="WON", _3="WON")),
        ("60200", rows(_1="WON", _2="WON", _3="LOST")),
        ("60200", rows(_1="WON", _2="LOST", _3="LOST")),
        ("18", rows(_12="WON", _13="LOST")),
        ("18", rows(_12="HALF_WON", _13="HALF_LOST")),
        ("18", rows(_12="VOID", _13="VOID")),
        ("18", rows(_12="WON")),
        ("11", rows(_4="VOID", _5="VOID")),
        ("29", rows(_74="WON")),
    ],
)
def test_results_that_one_game_can_have_are_taken(kind: str, results: list[dict[str, Any]]) -> None:
    found = given.results(SHIPPED[kind], results)
    assert found.results == {row["outcomeId"]: row["result"] for row in results}
    assert found.dead_heats == {row["outcomeId"]: row["deadHeat"] for row in results if row["deadHeat"]}


@pytest.mark.parametrize(
    ("kind", "results"),
    [
        ("1", []),
        ("1", rows(_1="WON", _2="WON", _3="LOST")),
        ("1", rows(_1="WON 1/2", _2="WON", _3="LOST")),
        ("1", rows(_1="LOST", _2="LOST", _3="LOST")),
        ("1", rows(_1="VOID", _2="LOST", _3="WON")),
        ("1", rows(_1="VOID")),
        ("1", rows(_1="HALF_WON", _2="LOST", _3="LOST")),
        ("1", [*rows(_1="WON", _2="LOST", _3="LOST"), *rows(_3="LOST")]),
        ("1", rows(_1="MAYBE", _2="LOST", _3="LOST")),
        ("1", rows(_1="WON", X="LOST", _2="LOST")),
        ("1", [{"outcomeId": "1", "result": ["WON"]}]),
        ("1", rows(_1="LOST 1/2", _2="WON", _3="LOST")),
        *(("1", rows(_1=f"WON {shared}", _2="LOST", _3="LOST")) for shared in ("2/1", "0/2", "1/0", "half", "1/2/3")),
        ("10", rows(_9="WON", _10="LOST", _11="LOST")),
        ("10", rows(_9="WON", _10="WON", _11="WON")),
        ("60200", rows(_1="LOST", _2="LOST", _3="LOST")),
        ("18", rows(_12="WON", _13="WON")),
        ("18", rows(_12="WON", _13="HALF_LOST")),
        ("18", rows(_12="VOID", _13="LOST")),
        ("18", rows(_12="HALF_WON", _13="HALF_WON")),
    ],
)
def test_results_that_no_game_can_have_are_refused(kind: str, results: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput):
        given.results(SHIPPED[kind], results)


@anything(st.sampled_from(list(SHIPPED.values())), moments())
def test_whatever_a_match_record_decides_can_be_given_by_hand(
    kind: kinds.Definition, played: tuple[Record, Record, Record]
) -> None:
    """Also while a part of it is open: no check is stricter than what becomes of games."""
    values = {"quarter": "2.25", "half": "1.5", "handicap": "-0.75", "count": "2", "score": "0:1"}
    specifiers = kinds.canonical_specifiers(kind, {name: values[form] for name, form in kind.specifiers.items()})
    for record in played:
        computed = outcomes.results(kind, specifiers, record)
        decided = {outcome: result for outcome, result in computed.items() if result}
        if decided:
            results = [{"outcomeId": outcome, "result": result} for outcome, result in decided.items()]
            assert given.results(kind, results).results == decided


@anything(st.sampled_from(list(SHIPPED.values())), st.data())
def test_whatever_is_given_as_results_is_taken_or_refused_with_a_code(
    kind: kinds.Definition, data: st.DataObject
) -> None:
    ids = st.sampled_from([*(outcome.outcome_id for outcome in kind.outcomes), "X", ""])
    row = st.fixed_dictionaries(
        {"outcomeId": ids, "result": st.sampled_from([*RESULTS, "OPEN", ""])},
        optional={"deadHeat": st.sampled_from([None, "1/2", "3/2", ""])},
    )
    results = data.draw(st.lists(row, max_size=4))
    with contextlib.suppress(InvalidInput):
        found = given.results(kind, results)
        assert found.results.keys() >= found.dead_heats.keys()
        assert found.results
