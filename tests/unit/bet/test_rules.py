"""The rules of acceptance and settlement, with the published examples."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet import refusals
from bet.catalogue import fixture
from bet.markets import status as statuses
from bet.markets.market import Market
from bet.payouts.payout import decide
from bet.settlement import arithmetic
from bet.slips import price, slip
from bet.slips.price import Limits
from tests.unit.bet import test_checking as checking
from tests.unit.bet.test_checking import NOW

LIMITS = Limits(2_000, 1_000_000, 5_000_000)


def market(name: str = "m", **changes: Any) -> Market:
    """Return the 1X2 market of a game."""
    return checking.market(f"{name}/1", **changes)


def taken(legs: Sequence[price.Leg], stake_cents: int, policy: slip.Policy = "NONE", now: datetime = NOW) -> Any:
    """Return the slip as it is taken that asks for these legs at their odds. Raises its first refusal."""
    picks = tuple(slip.Selection(leg.market.market_id, leg.outcome_id, leg.odds) for leg in legs)
    markets = {leg.market.market_id: leg.market for leg in legs}
    asked = slip.Slip("request-1", stake_cents, picks, policy)
    return price.check(asked, markets, lambda tiers: LIMITS, None, now).accepted()


def priced(*markets: Market, policy: slip.Policy = "NONE", odds: str = "2.50") -> Any:
    return taken([price.Leg(item, "1", odds) for item in markets], 10_000, policy).legs


def payout(stake_cents: int, legs: Sequence[price.Leg]) -> int:
    return int(taken(legs, stake_cents).payout_cents)


def test_a_leg_is_taken_at_the_markets_own_odds() -> None:
    assert [leg.odds for leg in priced(market(), policy="ANY", odds="2.60")] == ["2.50"]


@pytest.mark.parametrize(
    ("policy", "asked", "offered", "taken"),
    [
        ("NONE", "2.50", "2.50", True),
        ("NONE", "2.50", "2.51", False),
        ("HIGHER", "2.50", "2.51", True),
        ("HIGHER", "2.50", "2.49", False),
        ("ANY", "2.50", "2.25", True),
        ("ANY", "2.50", "2.24", False),
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
        ({"odds": {"2": "3.20"}}, refusals.UnknownMarket),
        *(({"fixture_status": status}, refusals.MarketSuspended) for status in ("POSTPONED", "INTERRUPTED")),
        *(
            ({"fixture_status": status}, refusals.MarketClosed)
            for status in ("LIVE", "ENDED", "ABANDONED", "CANCELLED")
        ),
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
    moved = refusal.value.info["selections"]
    assert [(row["selectionId"], row["key"], row["odds"]) for row in moved] == [
        ("a/1/1", "1", "2.50"),
        ("b/1/1", "1", "2.50"),
    ]


def test_stakes_and_payouts_have_limits() -> None:
    for stake in (1_999, 1_000_001):
        with pytest.raises(refusals.StakeLimit):
            price.check_stake(stake, LIMITS)
    double = [price.Leg(market("a"), "1", "2.50"), price.Leg(market("b"), "2", "3.20")]
    assert payout(10_000, double) == 80_000
    assert payout(625_000, double) == LIMITS.max_payout_cents
    with pytest.raises(refusals.StakeLimit):
        payout(625_001, double)


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"limit_cents": 80_000}, True),
        ({"limit_cents": 79_999}, False),
        ({"exposure": {"2": 10**9 - 80_000}}, True),
        ({"exposure": {"2": 10**9 - 79_999}}, False),
        ({"exposure": {"1": 10**9}}, True),
    ],
)
def test_each_selection_of_a_bet_needs_room_for_all_that_the_bet_could_pay(changes: dict[str, Any], fits: bool) -> None:
    legs = [price.Leg(market("a"), "1", "2.50"), price.Leg(market("b", **changes), "2", "3.20")]
    if fits:
        assert payout(10_000, legs) == 80_000
    else:
        with pytest.raises(refusals.ExposureLimit):
            payout(10_000, legs)


def test_a_bet_may_pay_exactly_the_most_that_one_pays() -> None:
    """5,000,000 cents: the product is floored first, so a fraction of a cent above is still the most."""

    def single(stake_cents: int, odds: str) -> int:
        return payout(stake_cents, [price.Leg(market(odds={"1": odds}), "1", odds)])

    assert single(1_000_000, "5.00") == 5_000_000
    assert single(10_014, "499.301") == 5_000_000
    with pytest.raises(refusals.StakeLimit):
        single(10_013, "499.351")


SEEN = {
    "SCHEDULED": {"OPEN": "OPEN", "SUSPENDED": "SUSPENDED", "CLOSED": "CLOSED"},
    **{
        later: {"OPEN": "SUSPENDED", "SUSPENDED": "SUSPENDED", "CLOSED": "CLOSED"}
        for later in ("POSTPONED", "INTERRUPTED")
    },
    **{
        over: {"OPEN": "CLOSED", "SUSPENDED": "CLOSED", "CLOSED": "CLOSED"}
        for over in ("LIVE", "ENDED", "ABANDONED", "CANCELLED")
    },
}
"""What people see of a market before its game is to begin: by the game's status, then by the market's."""


@pytest.mark.parametrize("fixture_status", fixture.STATUSES)
@pytest.mark.parametrize("status", ["OPEN", "SUSPENDED", "CLOSED"])
@pytest.mark.parametrize("minutes", [-1, 0])
def test_a_market_is_open_while_it_and_its_game_are_and_looks_closed_from_the_start_on(
    fixture_status: str, status: str, minutes: int
) -> None:
    now = NOW + timedelta(minutes=minutes)
    seen = "CLOSED" if minutes >= 0 else SEEN[fixture_status][status]
    guard = {"status": status, "fixture_status": fixture_status, "starts_at": "2026-11-22T12:00:00Z"}
    assert statuses.looks(guard, now) == seen
    if seen == "OPEN":
        statuses.check_open("m", status, fixture_status, NOW, now)
        return
    with pytest.raises(refusals.MarketClosed if seen == "CLOSED" else refusals.MarketSuspended):
        statuses.check_open("m", status, fixture_status, NOW, now)


def test_a_result_that_was_taken_back_leaves_its_legs_undecided() -> None:
    legs = [{"market_id": "m", "outcome_id": "1", "odds": "2.00", "result": "LOST", "result_version": 1}]
    after = arithmetic.with_result(legs, "m", {}, 2)
    assert after == [{**legs[0], "result": None, "result_version": 2}]
    assert decide(10_000, after) is None


def legs(*results: str | None, odds: str = "2.00") -> list[dict[str, Any]]:
    return [
        {"odds": odds, "result": result, "market_id": f"m{n}", "outcome_id": "1"} for n, result in enumerate(results)
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
    decision = decide(10_000, legs(*results))
    assert (decision and (decision.outcome, decision.payout_cents)) == wanted


@given(st.integers(1, 10**8), st.lists(st.sampled_from(["WON", "LOST", "VOID", None]), min_size=1, max_size=6))
def test_a_decision_never_pays_more_than_all_legs_won(stake: int, results: list[str | None]) -> None:
    decision = decide(stake, legs(*results))
    best = decide(stake, legs(*["WON"] * len(results)))
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
