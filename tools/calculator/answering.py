"""What a slip pays, by the product's own rules; its lines are listed here, and nowhere else."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

from bet.payouts import multipliers, systems
from bet.payouts.payout import decide, potential
from bet.payouts.taxes import tax_cents
from betsafi.money import format_amount
from tools.calculator.reading import Slip

_SHILLING = Fraction(1, 100)
"""Of a cent."""


def answer(slip: Slip) -> dict[str, Any]:
    """Return what the slip comes to. What is open counts as won, and the outcome then is OPEN."""
    terms = (slip.stake_cents, slip.legs, slip.system, slip.ladder)
    decided = decide(*terms)
    come_to = decided or potential(*terms)
    by_leg = [multipliers.of_leg(leg) for leg in slip.legs]
    unit = Fraction(slip.stake_cents, slip.system.lines(len(slip.legs)))
    lines = [(line, unit * prod(by_leg[n] for n in line)) for line in _lines(slip.system, len(slip.legs))]
    if sum(amount for _, amount in lines) != systems.returned(slip.stake_cents, by_leg, slip.system):
        raise AssertionError("the lines do not add up to what the product's rules return")
    taxes = tax_cents(slip.stake_cents, come_to.payout_cents, come_to.outcome, slip.tariff)
    return {
        "outcome": decided.outcome if decided else "OPEN",
        "payout": format_amount(come_to.payout_cents),
        "lines": [
            {"legs": line, "stake": exact(unit * _SHILLING), "return": exact(amount * _SHILLING)}
            for line, amount in lines
        ],
        "bonus": format_amount(come_to.bonus_cents),
        "tax": format_amount(taxes),
    }


def _lines(system: systems.System, legs: int) -> Iterator[list[int]]:
    others = [n for n in range(legs) if n not in system.bankers]
    for k in system.ks:
        for chosen in combinations(others, k):
            yield sorted((*system.bankers, *chosen))


def exact(shillings: Fraction) -> str:
    """Return an amount exactly: a decimal with two places or more where it ends, else a fraction "a/b"."""
    places, rest = 0, shillings.denominator
    for prime in (2, 5):
        times = 0
        while rest % prime == 0:
            rest //= prime
            times += 1
        places = max(places, times)
    if rest != 1:
        return f"{shillings.numerator}/{shillings.denominator}"
    places = max(places, 2)
    whole, part = divmod(shillings.numerator * 10**places // shillings.denominator, 10**places)
    return f"{whole}.{part:0{places}d}"
