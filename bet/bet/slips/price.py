"""The rules by which a bet is accepted. No I/O; time comes in as an argument and is always the server's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bet import wording
from bet.markets.definition import selection_id
from bet.markets.market import Market
from bet.markets.status import check_open
from bet.refusals import ExposureLimit, OddsChanged, SameEvent, StakeLimit, UnknownMarket
from bet.slips.slip import Policy, Selection
from betsafi.odds import parse_odds, payout_cents


@dataclass(frozen=True)
class Limits:
    """What a bet may be: cents."""

    min_stake_cents: int
    max_stake_cents: int
    max_payout_cents: int


@dataclass(frozen=True)
class Leg:
    """One selection of a bet at the odds that it is taken at, and the market whose version has them."""

    market: Market
    selection_id: str
    odds: str


@dataclass(frozen=True)
class PricedSlip:
    """A slip's legs at the odds that they are taken at, and what the bet pays if all of them win."""

    legs: list[Leg]
    payout_cents: int


def check_stake(stake_cents: int, limits: Limits) -> None:
    """Raise StakeLimit unless the stake is within the limits."""
    if stake_cents < limits.min_stake_cents:
        raise StakeLimit(wording.smallest_stake(limits.min_stake_cents))
    if stake_cents > limits.max_stake_cents:
        raise StakeLimit(wording.largest_stake(limits.max_stake_cents))


def price(selections: Sequence[Selection], markets: dict[str, Market], policy: Policy, now: datetime) -> list[Leg]:
    """Return the legs at the odds that they are taken at: always the market's own, never worse than the policy allows.

    Raises UnknownMarket, SameEvent, MarketClosed, MarketSuspended, or OddsChanged with all new odds.
    """
    legs = [_leg(pick, markets, now) for pick in selections]
    if len({leg.market.fixture_id for leg in legs}) < len(legs):
        raise SameEvent(wording.SAME_EVENT)
    moved = [
        {
            "marketId": pick.market_id,
            "selectionId": selection_id(pick.market_id, pick.selection_id),
            "key": pick.selection_id,
            "odds": leg.odds,
        }
        for pick, leg in zip(selections, legs, strict=True)
        if not takes(policy, asked=pick.odds, offered=leg.odds)
    ]
    if moved:
        raise OddsChanged(wording.ODDS_CHANGED, selections=moved)
    return legs


def takes(policy: Policy, *, asked: str, offered: str) -> bool:
    """Return whether a slip that asked for one price takes another."""
    difference = parse_odds(offered) - parse_odds(asked)
    return difference == 0 or policy == "ANY" or (policy == "HIGHER" and difference > 0)


def potential_payout(stake_cents: int, legs: Sequence[Leg], limits: Limits) -> int:
    """Return what the bet pays if every leg wins. That is also what it reserves on each of its selections.

    A selection is part of many bets, and each of them pays at most its whole payout when it wins: reserving less on
    it, such as the stake at this leg's odds alone, would not bound what it can cost.
    Raises StakeLimit above the largest payout of one bet, or where a selection has no room for it.
    """
    payout = payout_cents(stake_cents, [parse_odds(leg.odds) for leg in legs])
    if payout > limits.max_payout_cents:
        raise StakeLimit(wording.largest_payout(limits.max_payout_cents))
    for leg in legs:
        market = leg.market
        if market.exposure.get(leg.selection_id, 0) + payout > market.limit_cents:
            raise ExposureLimit(wording.NO_ROOM, marketId=market.market_id)
    return payout


def _leg(pick: Selection, markets: dict[str, Market], now: datetime) -> Leg:
    market = markets.get(pick.market_id)
    if market is None or pick.selection_id not in market.odds:
        raise UnknownMarket(wording.UNKNOWN_SELECTION, marketId=pick.market_id)
    check_open(market.market_id, market.status, market.starts_at, now)
    return Leg(market, pick.selection_id, market.odds[pick.selection_id])
