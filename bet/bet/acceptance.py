"""The rules by which a bet is accepted. No I/O; time comes in as an argument and is always the server's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from bet.models import Policy, Selection, selection_id
from betsafi.errors import DomainError
from betsafi.odds import parse_odds, payout_cents


class BetRefused(DomainError):
    """The bet is not taken; any stake held for it goes back."""

    status = 409


class UnknownMarket(BetRefused):
    """A selection names a market or an outcome that does not exist."""

    code = "UNKNOWN_MARKET"
    status = 404


class MarketSuspended(BetRefused):
    """A market takes no bets for now."""

    code = "MARKET_SUSPENDED"


class MarketClosed(BetRefused):
    """The game has begun or the market is settled."""

    code = "MARKET_CLOSED"


class OddsChanged(BetRefused):
    """The price moved and the slip's policy does not take the new one. `info.selections` has the new odds."""

    code = "ODDS_CHANGED"


class StakeLimit(BetRefused):
    """The stake is below the minimum or above what is taken on this selection."""

    code = "STAKE_LIMIT"


class SameEvent(BetRefused):
    """Two selections of one slip depend on the same game."""

    code = "SAME_EVENT"


class TimedOut(BetRefused):
    """The bet could not be accepted in time."""

    code = "BET_TIMED_OUT"


@dataclass(frozen=True)
class Limits:
    """What a bet may be: cents."""

    min_stake_cents: int
    max_stake_cents: int
    max_payout_cents: int


@dataclass(frozen=True)
class Market:
    """A market as one of its guards has it. `odds` by selection; `limit_cents` is this guard's part of the cap."""

    market_id: str
    fixture_id: str
    version: int
    status: str
    starts_at: datetime
    odds: dict[str, str]
    exposure: dict[str, int]
    limit_cents: int
    guard: int


@dataclass(frozen=True)
class Leg:
    """One selection of a bet at the odds that it is taken at, and the guard version that says so."""

    market: Market
    selection_id: str
    odds: str


def check_stake(stake_cents: int, limits: Limits) -> None:
    """Raise StakeLimit unless the stake is within the limits."""
    if stake_cents < limits.min_stake_cents:
        raise StakeLimit(f"The smallest stake is KES {limits.min_stake_cents // 100}.")
    if stake_cents > limits.max_stake_cents:
        raise StakeLimit(f"The largest stake is KES {limits.max_stake_cents // 100:,}.")


def price(
    selections: Sequence[Selection], markets: dict[str, Market], policy: Policy, stake_cents: int, now: datetime
) -> list[Leg]:
    """Return the legs at the odds that they are taken at: always the market's own, never worse than the policy allows.

    Raises UnknownMarket, SameEvent, MarketClosed, MarketSuspended, StakeLimit, or OddsChanged with all new odds.
    """
    legs = [_leg(pick, markets, stake_cents, now) for pick in selections]
    if len({leg.market.fixture_id for leg in legs}) < len(legs):
        raise SameEvent("Two selections of one game cannot be combined.")
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
        raise OddsChanged("The odds have changed. Look at the new odds and place the bet again.", selections=moved)
    return legs


def takes(policy: Policy, *, asked: str, offered: str) -> bool:
    """Return whether a slip that asked for one price takes another."""
    difference = parse_odds(offered) - parse_odds(asked)
    return difference == 0 or policy == "ANY" or (policy == "HIGHER" and difference > 0)


def potential_payout(stake_cents: int, odds: Sequence[str], limits: Limits) -> int:
    """Return what the bet pays if every leg wins. Raises StakeLimit above the largest payout."""
    payout = payout_cents(stake_cents, map(parse_odds, odds))
    if payout > limits.max_payout_cents:
        raise StakeLimit(f"One bet pays at most KES {limits.max_payout_cents // 100:,}. Choose a smaller stake.")
    return payout


def liability(stake_cents: int, odds: str) -> int:
    """Return what a guard reserves for one leg: the stake at that leg's odds alone, in cents, floored."""
    return payout_cents(stake_cents, [Fraction(odds)])


def _leg(pick: Selection, markets: dict[str, Market], stake_cents: int, now: datetime) -> Leg:
    market = markets.get(pick.market_id)
    if market is None or pick.selection_id not in market.odds:
        raise UnknownMarket("This selection does not exist.", marketId=pick.market_id)
    if market.status == "CLOSED" or now >= market.starts_at:
        raise MarketClosed("Betting on this game is closed.", marketId=pick.market_id)
    if market.status != "OPEN":
        raise MarketSuspended("This market is suspended. Please try again in a moment.", marketId=pick.market_id)
    odds = market.odds[pick.selection_id]
    if market.exposure.get(pick.selection_id, 0) + liability(stake_cents, odds) > market.limit_cents:
        raise StakeLimit("This stake is more than is taken on this selection.", marketId=pick.market_id)
    return Leg(market, pick.selection_id, odds)
