"""The rules by which a bet is accepted. No I/O; time comes in as an argument and is always the server's.

`check` finds everything that speaks against a slip at once. What places a bet raises the first of it, what quotes one
shows all of it: both go by the same rules.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from bet import wording
from bet.markets.combined import combinations
from bet.markets.kinds import key_of, selection_id
from bet.markets.market import Market
from bet.markets.status import check_betting, check_open
from bet.payouts import systems
from bet.payouts.bonus import Ladder
from bet.payouts.payout import Decision, potential
from bet.payouts.systems import System
from bet.refusals import (
    BetRefused,
    ExposureLimit,
    OddsChanged,
    OddsLimit,
    SameEvent,
    StakeLimit,
    TooManyLegs,
    UnknownMarket,
)
from bet.slips.slip import Policy, Selection, Slip, WantedSystem
from betsafi import clock
from betsafi.errors import DomainError
from betsafi.odds import parse_odds


class Limits(NamedTuple):
    """What a bet may be: cents, but for the numbers of legs and lines, the product of odds, and the floor of ANY."""

    min_stake_cents: int
    max_stake_cents: int
    max_payout_cents: int
    max_payout_of_day_cents: int = 10**11
    max_legs: int = 40
    max_total_odds: int = 10**9
    max_lines: int = 1_000
    min_line_stake_cents: int = 1
    any_floor_percent: int = 90


class Leg(NamedTuple):
    """One selection of a bet at the odds that it is taken at, and the market whose version has them."""

    market: Market
    outcome_id: str
    odds: str


class PricedSlip(NamedTuple):
    """A slip's legs at the odds that they are taken at, and the most that the bet pays, a bonus included.

    `system`: None for one line. `ladder`: None where no bonus can come of it. `most_of_same_cents`: what bets on the
    same picks may pay together.
    """

    legs: list[Leg]
    payout_cents: int
    bonus_cents: int
    system: System | None
    ladder: Ladder | None
    most_of_same_cents: int
    most_of_day_cents: int

    @property
    def payout_day(self) -> date:
        """The day in Nairobi on which its last game begins."""
        return max(leg.market.starts_at for leg in self.legs).astimezone(clock.NAIROBI).date()

    @property
    def same(self) -> str:
        """A short hash, equal for bets on the same picks."""
        return same_picks([(leg.market.market_id, leg.outcome_id) for leg in self.legs], self.system)


class Refusal(NamedTuple):
    """One thing that speaks against a slip, or against one of its legs (a position)."""

    leg: int | None
    error: BetRefused


class Checked(NamedTuple):
    """A slip as the rules see it: its legs (None: no such selection), its system (None: none that can be), its limits.

    `priced` is None where a leg or the system is unknown.
    """

    legs: list[Leg | None]
    system: System | None
    limits: Limits
    priced: PricedSlip | None
    refusals: list[Refusal]

    def accepted(self) -> PricedSlip:
        """Return the slip as it is taken. Raises the first refusal, which has all of this as `checked`."""
        for refusal in self.refusals:
            refusal.error.checked = self
            raise refusal.error
        if self.priced is None:
            raise AssertionError("a slip that nothing speaks against has a price")
        return self.priced


class Reason(NamedTuple):
    """Why a slip would be refused: the position of a leg, or None for the whole slip, and the refusal."""

    leg: int | None
    error: DomainError


class Quote(NamedTuple):
    """What a slip would come to; `reasons` is empty if it would be accepted. The first is what `placeBet` would say.

    `total_odds` and `tax_cents` are None where a leg or the system is unknown, `largest_stake_cents` where no stake
    would be taken.
    """

    slip: Slip
    checked: Checked
    total_odds: Fraction | None
    tax_cents: int | None
    largest_stake_cents: int | None
    reasons: list[Reason]


class Shared(NamedTuple):
    """A slip to be filled in: picks (market, outcome), its system as it is kept, and the markets that there are, by id.

    `code` and `expires_at` are empty for what is no booking code.
    """

    picks: list[tuple[str, str]]
    system: dict[str, Any] | None
    markets: dict[str, Market]
    code: str = ""
    expires_at: str = ""


def check(
    slip: Slip,
    markets: dict[str, Market],
    limits_for: Callable[[Iterable[str]], Limits],
    ladder: Ladder | None,
    now: datetime,
    betting_open: bool = True,
) -> Checked:
    """Return the slip at the markets' own odds, with all that speaks against it, in the order in which it is refused.

    `limits_for` gives the limits by the tiers of the legs' competitions, `ladder` is the one in force. Where `markets`
    has what says two legs of one game together, their refusal names it.
    """
    found: list[Refusal] = []
    with _noting(found):
        check_betting(betting_open)
    legs = [_leg(pick, markets) for pick in slip.selections]
    limits = limits_for({leg.market.game.tier for leg in legs if leg})
    with _noting(found):
        check_stake(slip.stake_cents, limits)
    for n, leg in enumerate(legs):
        with _noting(found, n):
            _check_leg(slip.selections[n], leg, now)
    known = [leg for leg in legs if leg]
    with _noting(found):
        if len({leg.market.fixture_id for leg in known}) < len(known):
            raise _same_event(slip, markets, now)
    found += _moved(slip, legs, limits.any_floor_percent)
    with _noting(found):
        if len(legs) > limits.max_legs:
            raise TooManyLegs(wording.most_legs(limits.max_legs), legs=len(legs), most=limits.max_legs)
    system = None
    with _noting(found):
        system = _system(slip, limits.max_lines)
    priced = None
    if system and len(known) == len(legs):
        with _noting(found):
            lines = system.lines(len(legs))
            if lines > 1:
                systems.check_line_stake(slip.stake_cents, lines, limits.min_line_stake_cents)
        priced = _priced(slip.stake_cents, known, system, limits, ladder)
        found += _payout_refusals(priced, limits)
    return Checked(legs, system, limits, priced, found)


def check_stake(stake_cents: int, limits: Limits) -> None:
    """Raise StakeLimit unless the stake is within the limits."""
    if stake_cents < limits.min_stake_cents:
        raise StakeLimit(wording.smallest_stake(limits.min_stake_cents), minCents=limits.min_stake_cents)
    if stake_cents > limits.max_stake_cents:
        raise StakeLimit(wording.largest_stake(limits.max_stake_cents), maxCents=limits.max_stake_cents)


def takes(policy: Policy, *, asked: str, offered: str, floor_percent: int = 90) -> bool:
    """Return whether a slip that asked for one price takes another: ANY takes none below so many per cent of it."""
    before, now = parse_odds(asked), parse_odds(offered)
    if policy == "ANY":
        return now * 100 >= before * floor_percent
    return now == before or (policy == "HIGHER" and now > before)


def total_odds(legs: Sequence[Leg], system: System) -> Fraction:
    """Return what a shilling on the slip pays if every leg wins, without a bonus: of one line its odds multiplied."""
    return systems.returned(1, [parse_odds(leg.odds) for leg in legs], system)


def kept_system(system: System) -> dict[str, list[int]]:
    """Return a system as a bet keeps it (`systems.kept`)."""
    return {"ks": list(system.ks), "bankers": list(system.bankers)}


def same_picks(picks: Iterable[tuple[str, str]], system: System | None) -> str:
    """Return a short hash of a slip's picks, in whatever order, and of its system."""
    text = "|".join("/".join(pick) for pick in sorted(picks)) + (f"|{system.ks}{len(system.bankers)}" if system else "")
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@contextmanager
def _noting(found: list[Refusal], leg: int | None = None) -> Iterator[None]:
    try:
        yield
    except BetRefused as error:
        found.append(Refusal(leg, error))


def _leg(pick: Selection, markets: dict[str, Market]) -> Leg | None:
    market = markets.get(pick.market_id)
    if market is None or pick.outcome_id not in market.odds:
        return None
    return Leg(market, pick.outcome_id, market.odds[pick.outcome_id])


def _check_leg(pick: Selection, leg: Leg | None, now: datetime) -> Leg:
    """Return a leg that can be bet on. Raises UnknownMarket, MarketClosed, MarketSuspended."""
    if leg is None:
        raise UnknownMarket(wording.UNKNOWN_SELECTION, marketId=pick.market_id)
    market = leg.market
    check_open(market.market_id, market.status, market.fixture_status, market.starts_at, now)
    return leg


def _same_event(slip: Slip, markets: dict[str, Market], now: datetime) -> SameEvent:
    """Return the refusal of two legs of one game, with the selections that say both at a price of their own."""
    together = []
    for each in combinations([(pick.market_id, pick.outcome_id) for pick in slip.selections]):
        pick = Selection(each.market_id, each.outcome_id, "")
        with suppress(BetRefused):
            leg = _check_leg(pick, _leg(pick, markets), now)
            together.append({"legs": list(each.legs), **_offered(pick, leg.odds)})
    return SameEvent(wording.TOGETHER if together else wording.SAME_EVENT, combined=together)


def _offered(pick: Selection, odds: str) -> dict[str, Any]:
    return {
        "marketId": pick.market_id,
        "selectionId": selection_id(pick.market_id, pick.outcome_id),
        "key": key_of(pick.market_id, pick.outcome_id),
        "odds": odds,
    }


def _moved(slip: Slip, legs: Sequence[Leg | None], floor_percent: int) -> list[Refusal]:
    """Return a refusal for each leg whose price moved too far; every one of them names the new odds of all."""
    moved = {
        n: _offered(pick, leg.odds)
        for n, (pick, leg) in enumerate(zip(slip.selections, legs, strict=True))
        if leg and not takes(slip.policy, asked=pick.odds, offered=leg.odds, floor_percent=floor_percent)
    }
    return [Refusal(n, OddsChanged(wording.ODDS_CHANGED, selections=list(moved.values()))) for n in moved]


def system_of(wanted: WantedSystem | None, legs: int) -> System:
    """Return the system that is asked for, even one that cannot be. Raises UnknownSystem, SystemRefused."""
    if wanted is None:
        return systems.multi(legs)
    if wanted.kind:
        return systems.named(wanted.kind, legs, wanted.bankers)
    return System(wanted.ks, wanted.bankers)


def _system(slip: Slip, max_lines: int) -> System:
    system = system_of(slip.system, len(slip.selections))
    systems.check_system(system, len(slip.selections), max_lines)
    return system


def _priced(stake_cents: int, legs: list[Leg], system: System, limits: Limits, in_force: Ladder | None) -> PricedSlip:
    rows = [{"odds": leg.odds} for leg in legs]
    one_line = system.is_multi(len(legs))
    ladder = in_force if in_force and one_line and in_force.tier(rows) else None

    def pays(cents: int) -> Decision:
        return potential(cents, rows, system, ladder)

    best = pays(stake_cents)
    of_same = min(limits.max_payout_cents, pays(limits.max_stake_cents).payout_cents)
    kept = None if one_line else system
    return PricedSlip(legs, best.payout_cents, best.bonus_cents, kept, ladder, of_same, limits.max_payout_of_day_cents)


def _payout_refusals(priced: PricedSlip, limits: Limits) -> list[Refusal]:
    """Return what speaks against a price: a payout above the largest, odds above the most, a leg without room.

    A bet reserves all that it could pay on each of its selections: a selection is part of many bets, and each of them
    pays at most its whole payout when it wins. Reserving less, such as the stake at this leg's odds alone, would not
    bound what it can cost. A system pays at most that too.
    """
    found: list[Refusal] = []
    with _noting(found):
        if priced.payout_cents > limits.max_payout_cents:
            raise StakeLimit(wording.largest_payout(limits.max_payout_cents), maxPayoutCents=limits.max_payout_cents)
    with _noting(found):
        if _longest(priced) > limits.max_total_odds:
            raise OddsLimit(wording.largest_odds(limits.max_total_odds), most=limits.max_total_odds)
    for n, leg in enumerate(priced.legs):
        with _noting(found, n):
            if priced.payout_cents > room(leg):
                raise ExposureLimit(wording.NO_ROOM, marketId=leg.market.market_id)
    return found


def room(leg: Leg) -> int:
    """Return what the guard of a leg can still reserve on its selection, in cents."""
    return leg.market.limit_cents - leg.market.exposure.get(leg.outcome_id, 0)


def _longest(priced: PricedSlip) -> Fraction:
    """Return the product of the odds of the line whose product is the largest."""
    odds = [parse_odds(leg.odds) for leg in priced.legs]
    if (system := priced.system) is None:
        return prod(odds, start=Fraction(1))
    others = sorted((each for n, each in enumerate(odds) if n not in system.bankers), reverse=True)
    return prod([odds[n] for n in system.bankers] + others[: system.ks[-1]], start=Fraction(1))
