"""What a bet pays, and when that is decided. No I/O.

A bet returns stake over lines times the sum over its lines of the products of their legs' multipliers, exactly; a bonus
is added exactly; the sum is floored to the cent, once.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from bet.payouts import multipliers
from bet.payouts.bonus import Ladder
from bet.payouts.systems import System, multi, returned

Leg = Mapping[str, Any]
"""`odds`, and where it is known `result`, with `dead_heat` ("1/3") where places were shared."""


class Decision(NamedTuple):
    """What a bet pays (absolute cents, stake and bonus included), the whole cents of bonus in it, and what to call it.

    VOID: every leg is void, and the stake comes back as it was. LOST: it pays nothing. WON: anything else, also where
    less than the stake comes back.
    """

    outcome: str
    payout_cents: int
    bonus_cents: int = 0


def decide(
    stake_cents: int, legs: Sequence[Leg], system: System | None = None, ladder: Ladder | None = None
) -> Decision | None:
    """Return the decision on a bet (a multi unless it has a system); None while it is open.

    It is decided at once when no line can be alive any more, whatever the open legs come to; else by its last leg.
    """
    best = _best(stake_cents, legs, system)
    if best and not all(leg.get("result") for leg in legs):
        return None
    return _decision(stake_cents, legs, best, system, ladder)


def potential(
    stake_cents: int, legs: Sequence[Leg], system: System | None = None, ladder: Ladder | None = None
) -> Decision:
    """Return the most that a bet can still come to: every leg without a result wins, and counts for the bonus.

    No result, of these legs, pays more: none multiplies a leg by more than its odds, and none lets more legs count.
    """
    return _decision(stake_cents, legs, _best(stake_cents, legs, system), system, ladder)


def largest_stake(
    payout_cents: int, most_cents: int, legs: Sequence[Leg], system: System | None = None, ladder: Ladder | None = None
) -> int:
    """Return the largest stake up to `most_cents` with which such a bet pays `payout_cents` at most, 0 if none does."""
    least, above = 0, max(most_cents, 0) + 1
    while above - least > 1:  # a larger stake never pays less
        stake = (least + above) // 2
        if potential(stake, legs, system, ladder).payout_cents <= payout_cents:
            least = stake
        else:
            above = stake
    return least


def _best(stake_cents: int, legs: Sequence[Leg], system: System | None) -> Fraction:
    return returned(stake_cents, [multipliers.of_leg(leg) for leg in legs], system or multi(len(legs)))


def _decision(
    stake_cents: int, legs: Sequence[Leg], amount: Fraction, system: System | None, ladder: Ladder | None
) -> Decision:
    if all(leg.get("result") == "VOID" for leg in legs):
        return Decision("VOID", stake_cents)
    bonus = Fraction(0)
    if amount and ladder and (system is None or system.is_multi(len(legs))):
        bonus = ladder.bonus(stake_cents, amount, legs)
    payout_cents = floor(amount + bonus)
    return Decision("WON" if payout_cents else "LOST", payout_cents, floor(bonus))
