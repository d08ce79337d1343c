"""The rules of acceptance and settlement, with the published examples."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet import refusals
from bet.catalogue import fixture
from bet.markets import definition
from bet.markets import status as statuses
from bet.markets.market import Market
from bet.settlement import arithmetic
from bet.slips import price, slip
from bet.slips.price import Limits
from betsafi.errors import InvalidInput

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = Limits(2_000, 1_000_000, 5_000_000)


def market(name: str = "m", **changes: Any) -> Market:
    facts: dict[str, Any] = {
        "market_id": name,
        "fixture_id": f"fixture of {name}",
        "version": 1,
        "status": "OPEN",
        "starts_at": NOW + timedelta(hours=1),
        "odds": {"1": "2.50", "X": "3.20", "2": "2.90"},
        "exposure": {},
        "limit_cents": 10**9,
        "guard": 0,
    }
    return Market(**{**facts, **changes})


def priced(*markets: Market, policy: slip.Policy = "NONE", odds: str = "2.50", now: datetime = NOW) -> Any:
    picks = [slip.Selection(item.market_id, "1", odds) for item in markets]
    return price.price(picks, {item.market_id: item for item in markets}, policy, now)


def test_a_leg_is_taken_at_the_markets_own_odds() -> None:
    assert [leg.odds for leg in priced(market(), policy="ANY", odds="9.00")] == ["2.50"]


@pytest.mark.parametrize(
    ("policy", "asked", "offered", "taken"),
    [
        ("NONE", "2.50", "2.50", True),
        ("NONE", "2.50", "2.51", False),
        ("HIGHER", "2.50", "2.51", True),
        ("HIGHER", "2.50", "2.49", False),
        ("ANY", "2.50", "1.01", True),
    ],
)
def test_the_policy_decides_what_a_moved_price_means(
    policy: slip.Policy, asked: str, offered: str, taken: bool
) -> None:
    assert price.takes(policy, asked=asked, offered=offered) is taken


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"status": "SUSPENDED"}, refusals.MarketSuspended),
        ({"status": "CLOSED"}, refusals.MarketClosed),
        ({"starts_at": NOW}, refusals.MarketClosed),
        ({"odds": {"X": "3.20"}}, refusals.UnknownMarket),
    ],
)
def test_a_market_that_cannot_be_bet_on_refuses(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        priced(market(**changes))


def test_two_selections_of_one_game_are_refused() -> None:
    with pytest.raises(refusals.SameEvent):
        priced(market("a", fixture_id="f"), market("b", fixture_id="f"))


def test_every_moved_price_is_named() -> None:
    with pytest.raises(refusals.OddsChanged) as refusal:
        priced(market("a"), market("b"), odds="2.40")
    assert [row["marketId"] for row in refusal.value.info["selections"]] == ["a", "b"]


def test_stakes_and_payouts_have_limits() -> None:
    for stake in (1_999, 1_000_001):
        with pytest.raises(refusals.StakeLimit):
            price.check_stake(stake, LIMITS)
    double = [price.Leg(market("a"), "1", "2.50"), price.Leg(market("b"), "X", "3.20")]
    assert price.potential_payout(10_000, double, LIMITS) == 80_000
    assert price.potential_payout(625_000, double, LIMITS) == LIMITS.max_payout_cents
    with pytest.raises(refusals.StakeLimit):
        price.potential_payout(625_001, double, LIMITS)


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"limit_cents": 80_000}, True),
        ({"limit_cents": 79_999}, False),
        ({"exposure": {"X": 10**9 - 80_000}}, True),
        ({"exposure": {"X": 10**9 - 79_999}}, False),
        ({"exposure": {"1": 10**9}}, True),
    ],
)
def test_each_selection_of_a_bet_needs_room_for_all_that_the_bet_could_pay(
    changes: dict[str, Any], taken: bool
) -> None:
    legs = [price.Leg(market("a"), "1", "2.50"), price.Leg(market("b", **changes), "X", "3.20")]
    if taken:
        assert price.potential_payout(10_000, legs, LIMITS) == 80_000
    else:
        with pytest.raises(refusals.ExposureLimit):
            price.potential_payout(10_000, legs, LIMITS)


def test_a_bet_may_pay_exactly_the_most_that_one_pays() -> None:
    """5,000,000 cents: the product is floored first, so a fraction of a cent above is still the most."""

    def payout(stake_cents: int, odds: str) -> int:
        return price.potential_payout(stake_cents, [price.Leg(market(), "1", odds)], LIMITS)

    assert payout(1_000_000, "5.00") == 5_000_000
    assert payout(10_014, "499.301") == 5_000_000
    with pytest.raises(refusals.StakeLimit):
        payout(10_013, "499.351")


@pytest.mark.parametrize(
    ("status", "minutes", "seen", "error"),
    [
        ("OPEN", -1, "OPEN", None),
        ("OPEN", 0, "CLOSED", refusals.MarketClosed),
        ("SUSPENDED", -1, "SUSPENDED", refusals.MarketSuspended),
        ("SUSPENDED", 0, "CLOSED", refusals.MarketClosed),
        ("CLOSED", -1, "CLOSED", refusals.MarketClosed),
    ],
)
def test_a_market_looks_closed_from_the_start_of_its_game_on(
    status: str, minutes: int, seen: str, error: type[Exception] | None
) -> None:
    now = NOW + timedelta(minutes=minutes)
    assert statuses.looks(status, NOW, now) == seen
    if error is None:
        statuses.check_open("m", status, NOW, now)
    else:
        with pytest.raises(error):
            statuses.check_open("m", status, NOW, now)


def test_a_result_that_was_taken_back_leaves_its_legs_undecided() -> None:
    legs = [{"market_id": "m", "selection_id": "1", "odds": "2.00", "result": "LOST", "result_version": 1}]
    after = arithmetic.with_result(legs, "m", {}, 2)
    assert after == [{**legs[0], "result": None, "result_version": 2}]
    assert arithmetic.decide(10_000, after) is None


@pytest.mark.parametrize(
    ("result", "void_factor", "dead_heat", "wanted"),
    [
        ("WON", 0, 1, Fraction("2.5")),
        ("LOST", 0, 1, Fraction(0)),
        ("VOID", 0, 1, Fraction(1)),
        ("WON", Fraction(1, 2), 1, Fraction(7, 4)),
        ("LOST", Fraction(1, 2), 1, Fraction(1, 2)),
        ("WON", 0, Fraction(1, 3), Fraction(5, 6)),
    ],
)
def test_one_formula_settles_every_leg(result: str, void_factor: Any, dead_heat: Any, wanted: Fraction) -> None:
    assert arithmetic.multiplier("2.50", result, Fraction(void_factor), Fraction(dead_heat)) == wanted


def legs(*results: str | None, odds: str = "2.00") -> list[dict[str, Any]]:
    return [
        {"odds": odds, "result": result, "market_id": f"m{n}", "selection_id": "1"} for n, result in enumerate(results)
    ]


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        (["WON"], ("WON", 20_000)),
        (["LOST"], ("LOST", 0)),
        (["VOID"], ("VOID", 10_000)),
        (["WON", "WON", "WON"], ("WON", 80_000)),
        (["WON", "VOID"], ("WON", 20_000)),
        (["VOID", "VOID"], ("VOID", 10_000)),
        (["LOST", None], ("LOST", 0)),
        (["WON", None], None),
        ([None], None),
    ],
)
def test_a_bet_is_decided_by_its_last_leg_or_its_first_lost_one(
    results: list[str | None], wanted: tuple[str, int] | None
) -> None:
    decision = arithmetic.decide(10_000, legs(*results))
    assert (decision and (decision.outcome, decision.payout_cents)) == wanted


@given(st.integers(1, 10**8), st.lists(st.sampled_from(["WON", "LOST", "VOID", None]), min_size=1, max_size=6))
def test_a_decision_never_pays_more_than_all_legs_won(stake: int, results: list[str | None]) -> None:
    decision = arithmetic.decide(stake, legs(*results))
    best = arithmetic.decide(stake, legs(*["WON"] * len(results)))
    assert best is not None
    if decision is not None:
        assert 0 <= decision.payout_cents <= best.payout_cents


def test_a_leg_takes_each_version_of_a_result_once_and_no_older_one() -> None:
    taken = arithmetic.with_result(legs(None, None), "m0", {"1": "WON"}, 2)
    assert taken is not None
    assert [leg.get("result") for leg in taken] == ["WON", None]
    assert arithmetic.with_result(taken, "m0", {"1": "LOST"}, 2) is None
    assert arithmetic.with_result(taken, "m0", {"1": "LOST"}, 1) is None
    corrected = arithmetic.with_result(taken, "m0", {"1": "LOST"}, 3)
    assert corrected is not None
    assert corrected[0]["result"] == "LOST"


def row(selection: str, result: str) -> dict[str, str]:
    return {"key": selection, "result": result}


@pytest.mark.parametrize(
    "given_results",
    [
        [],
        [row("1", "WON")],
        [row("1", "WON"), row("X", "WON"), row("2", "LOST")],
        [row("1", "LOST"), row("X", "LOST"), row("2", "LOST")],
        [row("1", "VOID"), row("X", "LOST"), row("2", "WON")],
        [row("1", "WON"), row("X", "LOST"), row("2", "LOST"), row("2", "LOST")],
        [row("1", "MAYBE"), row("X", "LOST"), row("2", "LOST")],
    ],
)
def test_results_that_cannot_be_are_refused(given_results: list[dict[str, str]]) -> None:
    with pytest.raises(InvalidInput):
        definition.results(given_results)


def test_a_fixture_needs_a_zone_and_all_prices() -> None:
    odds = [{"key": key, "odds": "2.00"} for key in ("1", "X", "2")]
    good = {"id": "f", "competition": "c", "home": "h", "away": "a", "startsAt": "2026-12-01T16:00:00Z", "odds": odds}
    assert fixture.new_fixture(good).odds == {"1": "2.00", "X": "2.00", "2": "2.00"}
    for bad in (
        {"startsAt": "2026-12-01T16:00:00"},
        {"startsAt": "soon"},
        {"odds": odds[:2]},
        {"home": " "},
        {"id": "a#b"},
    ):
        with pytest.raises(InvalidInput):
            fixture.new_fixture({**good, **bad})
