"""How a market's limit is split over guards, and that the main product fits under it."""

from collections import defaultdict
from functools import partial
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bet import refusals
from bet.markets import limits
from bet.markets.tiers import TIERS, Tier
from bet.payouts.payout import potential
from bet.slips import price, slip
from bet.slips.limits import limits_for
from tests.unit.bet.test_rules import NOW, market

PART = limits.settings.max_payout_cents


@given(st.lists(st.tuples(st.integers(PART, 50 * PART), st.floats(0, 1.5)), min_size=1, max_size=8), st.integers(1, 20))
@example([(2 * PART - 2, 0.0), (PART, 0.0)], 3)  # a third of it is a cent too small, though one of them would do
def test_splitting_a_limit_over_more_guards_keeps_it(guards: list[tuple[int, float]], wanted: int) -> None:
    parts = [(limit, int(limit * used)) for limit, used in guards]  # a correction may have passed the limit
    after = limits.resplit(parts, wanted)
    assert len(parts) <= len(after) <= max(len(parts), min(wanted, limits.MAX_GUARDS))
    assert sum(after) <= sum(limit for limit, _ in parts)
    if len(after) > len(parts):
        assert min(after) >= PART
        assert all(limit >= reserved for limit, (_, reserved) in zip(after, parts, strict=False))
    else:
        assert after == [limit for limit, _ in parts]


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_can_carry_the_largest_payout_on_each_of_its_guards(tier: Tier) -> None:
    assert limits.split(tier).part_cents >= limits.settings.max_payout_cents


def test_a_saturday_of_multis_on_favourites_is_taken() -> None:
    """2,000 multis of 4 to 12 legs on favourites of 40 games, KES 100 in the mean: at most 1 % find no room."""
    random = Random(14)
    odds = {f"m{n}": f"{random.uniform(1.15, 2.1):.2f}" for n in range(40)}
    popularity = [1 / (n + 1) ** 0.5 for n in range(40)]
    split = limits.split("STANDARD")
    exposure: dict[tuple[str, int], int] = defaultdict(int)
    refused, staked = 0, 0
    for _ in range(2_000):
        guard = random.randrange(split.guards)
        games = {*random.choices(list(odds), popularity, k=random.randint(4, 12))}
        stake = max(2_000, int(random.expovariate(1 / 10_000)))
        legs = [
            price.Leg(
                market(
                    name, exposure={"1": exposure[name, guard]}, limit_cents=split.part_cents, odds={"1": odds[name]}
                ),
                "1",
                odds[name],
            )
            for name in games
        ]
        if potential(stake, [{"odds": leg.odds} for leg in legs]).payout_cents > limits.settings.max_payout_cents:
            continue  # refused, but for its payout
        staked += stake
        picks = tuple(slip.Selection(leg.market.market_id, "1", leg.odds) for leg in legs)
        markets = {leg.market.market_id: leg.market for leg in legs}
        asked = slip.Slip("request-1", stake, picks, "NONE")
        try:
            payout = price.check(asked, markets, partial(limits_for, NOW.date()), None, NOW).accepted().payout_cents
        except refusals.ExposureLimit:
            refused += 1
            continue
        for name in games:
            exposure[name, guard] += payout
    assert staked > 15_000_000
    assert refused <= 20
    assert max(exposure.values()) <= split.part_cents
    assert max(exposure.values()) > split.part_cents // 50  # the limit is not out of sight either
