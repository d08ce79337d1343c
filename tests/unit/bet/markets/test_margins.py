"""The least margin of a market: its arithmetic against whole numbers, and against what players can win by it."""

import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet.markets import kinds, margins, outcomes
from bet.markets.kinds import Definition
from bet.markets.record import Record
from bet.markets.tiers import TIERS, Tier
from tests.support import books, brute_force
from tests.support.matches import moments
from tests.support.services import load
from tests.unit.bet.markets.test_outcomes_always import KINDS, markets

LEAST = {"SMALL": 500, "STANDARD": 300, "POPULAR": 200}
THOUSANDTHS = st.one_of(st.integers(1_010, 12_000), st.integers(1_010, 1_000_000))


def text(thousandths: int) -> str:
    return f"{thousandths // 1_000}.{thousandths % 1_000:03d}"


def odds_of(definition: Definition, thousandths: Sequence[int]) -> dict[str, str]:
    return {each.outcome_id: text(n) for each, n in zip(definition.outcomes, thousandths, strict=True)}


def refused(tier: Tier, kind: str, thousandths: Sequence[int]) -> bool:
    market = kinds.market_id("f", KINDS[kind], "")
    return bool(margins.below(tier, [(market, odds_of(KINDS[kind], thousandths))]))


@st.composite
def priced(draw: st.DrawFn) -> tuple[str, list[int]]:
    """Draw odds of any kind of market, of which many come close to a least book."""
    kind = draw(st.sampled_from([*KINDS]))
    drawn = [draw(THOUSANDTHS) for _ in KINDS[kind].outcomes]
    winners = min(KINDS[kind].winners)
    if draw(st.booleans()):
        near = Fraction(10_000 + draw(st.sampled_from([*LEAST.values()])), 10_000) * winners
        rest = near - sum(Fraction(1_000, n) for n in drawn[1:])
        if Fraction(1, 1_000) <= rest <= Fraction(100, 101):
            drawn[0] = max(1_010, min(1_000_000, int(1_000 / rest) + draw(st.integers(-1, 1))))
    return kind, drawn


@given(priced(), st.sampled_from(TIERS))
def test_a_book_is_compared_with_the_least_as_whole_numbers_are(drawn: tuple[str, list[int]], tier: Tier) -> None:
    kind, thousandths = drawn
    common = math.lcm(*thousandths)
    inverse = sum(1_000 * (common // n) for n in thousandths)
    wanted = common * min(KINDS[kind].winners) * (10_000 + LEAST[tier])
    assert refused(tier, kind, thousandths) == (inverse * 10_000 < wanted)


@given(moments(), st.lists(st.tuples(markets(), st.data()), min_size=3, max_size=3))
def test_who_takes_every_outcome_pays_the_margin_whatever_happens(
    drawn: tuple[Record, Record, Record], tried: list[tuple[tuple[Definition, str], st.DataObject]]
) -> None:
    """Stakes of 1/odds on each: what comes back is worked out leg by leg, half results, voids and two winners too."""
    for (definition, specifiers), data in tried:
        found = outcomes.results(definition, specifiers, drawn[2])
        odds = odds_of(definition, [data.draw(st.integers(1_010, 9_000)) for _ in definition.outcomes])
        odds = books.shortened(odds, "1.02", min(definition.winners))
        book = margins.book(definition, odds)
        cost = sum(1 / Fraction(each) for each in odds.values())
        back = sum(
            brute_force.settle(10**9, [{"odds": each, "result": found[outcome]}]).exact / 10**9 / Fraction(each)
            for outcome, each in odds.items()
        )
        won = sum(result == "WON" for result in found.values())
        if set(found.values()) <= {"WON", "LOST"} and won == min(definition.winners):
            assert cost / back == book >= Fraction("1.02")
        elif won <= min(definition.winners):
            assert back <= cost, "half results and voids leave less of the margin, and never less than nothing"


EXACT: dict[Tier, tuple[str, list[int]]] = {
    "SMALL": ("29", [1_250, 4_000]),
    "STANDARD": ("36", [1_250, 5_000, 40_000, 200_000]),
    "POPULAR": ("1", [1_250, 5_000, 50_000]),
}


@pytest.mark.parametrize("tier", TIERS)
def test_a_book_that_is_the_least_is_taken_and_odds_a_thousandth_longer_are_not(tier: Tier) -> None:
    kind, thousandths = EXACT[tier]
    assert not refused(tier, kind, thousandths)
    for position in range(len(thousandths)):
        assert refused(tier, kind, [n + (at == position) for at, n in enumerate(thousandths)])


@pytest.mark.parametrize(
    ("kind", "odds", "book"),
    [
        ("1", ["2.05", "3.00", "3.70"], "109.14"),
        ("10", ["1.20", "1.30", "1.70"], "109.53"),  # two of three win
        ("11", ["1.60", "2.25"], "106.94"),  # draw no bet: the stake back is no third outcome
        ("16", ["1.90", "1.90"], "105.26"),  # by quarters or not
        ("60200", ["2.00", "3.20", "3.40"], "110.66"),  # one at least
        ("36", ["2.40", "9.00", "6.00", "2.60"], "107.90"),
    ],
)
def test_books_worked_by_hand(kind: str, odds: list[str], book: str) -> None:
    definition = KINDS[kind]
    found = margins.book(definition, dict(zip([o.outcome_id for o in definition.outcomes], odds, strict=True)))
    assert f"{math.floor(found * 10_000) / 100:.2f}" == book


def test_all_that_are_below_are_named_and_no_other() -> None:
    thin, fair = {"74": "2.00", "76": "2.00"}, {"1": "2.999", "2": "3.00", "3": "3.00"}
    fine = {"12": "1.90", "13": "1.90"}
    assert margins.below("SMALL", [("f/29", thin), ("f/18/total=2.5", fine), ("f/1", fair)]) == [
        {"marketId": "f/29", "book": "100.00", "least": "105.00"},
        {"marketId": "f/1", "book": "100.01", "least": "105.00"},
    ]
    assert margins.below("SMALL", [("f/18/total=2.5", fine)]) == []


def test_a_book_just_below_the_least_does_not_look_like_it() -> None:
    ((told),) = margins.below("SMALL", [("f/29", {"74": "1.25", "76": "4.001"})])
    assert told["book"] == "104.99"


def test_a_small_competition_has_no_smaller_margin_than_a_popular_one() -> None:
    assert [margins.settings.of(tier) for tier in TIERS] == [500, 300, 200] == [LEAST[tier] for tier in TIERS]


@pytest.mark.parametrize(("points", "book"), [("0", "100.00"), ("1", "100.01"), ("5000", "150.00")])
def test_a_margin_may_be_nothing_and_is_a_setting(points: str, book: str) -> None:
    own = load("bet.markets.margins", STANDARD_MARGIN_BASIS_POINTS=points)
    even = [("f/29", {"74": "2.00", "76": "2.00"})]
    longer = [("f/29", {"74": "2.00", "76": "2.01"})]
    assert [row["least"] for row in own.below("STANDARD", longer)] == [book]
    assert bool(own.below("STANDARD", even)) == (points != "0")


@pytest.mark.parametrize("points", ["-1", "5001", "three"])
def test_a_margin_that_cannot_be_meant_is_no_setting(points: str) -> None:
    with pytest.raises(RuntimeError, match="POPULAR_MARGIN_BASIS_POINTS"):
        load("bet.markets.margins", POPULAR_MARGIN_BASIS_POINTS=points)
