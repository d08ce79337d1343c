"""Which lines a slip is made of, and what they return together. No I/O.

A line is a multi of some of the slip's legs; the slip's stake is split over its lines exactly, in fractions of a cent.
Lines are counted and added up without listing them: with the multipliers m as coefficients, the product of (1 + m x)
has at x^k the sum over all choices of k of them (elementary symmetric polynomial), and each leg is one step of it.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import comb
from typing import Any, NamedTuple

from bet import wording
from bet.refusals import LineStakeLimit, SystemRefused, TooManyLines, UnknownSystem, WrongBanker
from betsafi.money import money_out


class System(NamedTuple):
    """For each of `ks` all choices of so many of the legs that are no bankers; the `bankers` are in every line.

    Bankers are positions on the slip, from 0. A multi is the choice of all its legs, and a single a multi of one.
    """

    ks: tuple[int, ...]
    bankers: tuple[int, ...] = ()

    def lines(self, legs: int) -> int:
        """Return the number of lines of a slip with so many legs."""
        others = legs - len(self.bankers)
        return sum(comb(others, k) for k in self.ks)

    def is_multi(self, legs: int) -> bool:
        """Return whether all legs are in one line, which is then the only one."""
        return self.lines(legs) == 1


KINDS: dict[str, tuple[int, tuple[int, ...]]] = {
    "DOUBLE": (2, (2,)),
    "TRIXIE": (3, (2, 3)),
    "PATENT": (3, (1, 2, 3)),
    "YANKEE": (4, (2, 3, 4)),
    "LUCKY_15": (4, (1, 2, 3, 4)),
    "CANADIAN": (5, (2, 3, 4, 5)),
    "SUPER_YANKEE": (5, (2, 3, 4, 5)),
    "LUCKY_31": (5, (1, 2, 3, 4, 5)),
    "HEINZ": (6, (2, 3, 4, 5, 6)),
    "LUCKY_63": (6, (1, 2, 3, 4, 5, 6)),
    "SUPER_HEINZ": (7, (2, 3, 4, 5, 6, 7)),
    "LUCKY_127": (7, (1, 2, 3, 4, 5, 6, 7)),
    "GOLIATH": (8, (2, 3, 4, 5, 6, 7, 8)),
    "LUCKY_255": (8, (1, 2, 3, 4, 5, 6, 7, 8)),
}
"""The systems that have a name: how many legs they have that are no bankers, and the ks of their lines."""


def multi(legs: int) -> System:
    """Return the system of a multi or a single."""
    return System((legs,))


def named(kind: Any, legs: int, bankers: Sequence[int] = ()) -> System:
    """Return the system of a name for a slip with so many legs. Raises UnknownSystem, SystemRefused."""
    if not isinstance(kind, str) or kind not in KINDS:
        raise UnknownSystem(wording.unknown_system(KINDS), kind=kind)
    wanted, ks = KINDS[kind]
    others = legs - len(bankers)
    if others != wanted:
        raise SystemRefused(wording.legs_of_a_kind(kind, wanted, others), legs=others, wanted=wanted)
    return System(ks, tuple(bankers))


def kept(bet: Mapping[str, Any]) -> System:
    """Return the system of a bet as it is kept: its `system` with `ks` and `bankers`, or none for a multi."""
    system = bet.get("system")
    return System(tuple(system["ks"]), tuple(system["bankers"])) if system else multi(len(bet["legs"]))


def check_system(system: System, legs: int, most_lines: int) -> None:
    """Raise WrongBanker, SystemRefused or TooManyLines unless a slip with so many legs can be this system."""
    for n, banker in enumerate(system.bankers):
        if not 0 <= banker < legs:
            raise WrongBanker(wording.no_such_banker(legs), banker=banker, legs=legs)
        if banker in system.bankers[:n]:
            raise WrongBanker(wording.BANKER_TWICE, banker=banker, legs=legs)
    others = legs - len(system.bankers)
    if not system.ks or list(system.ks) != sorted(set(system.ks)):
        raise SystemRefused(wording.ASCENDING, ks=list(system.ks), legs=others)
    for k in system.ks:
        if not 1 <= k <= others:
            raise SystemRefused(wording.k_of(k, others), k=k, legs=others)
    if (lines := system.lines(legs)) > most_lines:
        raise TooManyLines(wording.too_many_lines(lines, most_lines), lines=lines, most=most_lines)


def check_line_stake(stake_cents: int, lines: int, least_cents: int) -> None:
    """Raise LineStakeLimit unless every line gets so many cents of the stake. `info.stake` is what the slip needs."""
    if stake_cents < lines * least_cents:
        needed = money_out(lines * least_cents)
        raise LineStakeLimit(wording.line_stake(lines, least_cents), lines=lines, stake=needed)


def returned(stake_cents: int, multipliers: Sequence[Fraction], system: System) -> Fraction:
    """Return what the lines return together, in exact cents: the stake over their number, times each line's product.

    It is 0 only if no line is alive: each has a leg whose multiplier is 0.
    """
    bankers = Fraction(1)
    others = []
    for n, multiplier in enumerate(multipliers):
        if n in system.bankers:
            bankers *= multiplier
        else:
            others.append(multiplier)
    sums = _sums(others, system.ks[0], system.ks[-1])
    chosen = sum(sums[k] for k in system.ks)
    return Fraction(stake_cents * chosen, system.lines(len(multipliers)) * sums[0]) * bankers


def _sums(multipliers: Sequence[Fraction], least: int, most: int) -> list[int]:
    """Return, for k from `least` to `most`, the sum over all choices of k multipliers, times all their denominators.

    At 0 are those denominators. Whole numbers all the way, and of the steps between only those that are needed.
    """
    sums = [1] + [0] * most
    for n, multiplier in enumerate(multipliers, 1):
        numerator, denominator = multiplier.as_integer_ratio()
        still_to_come = len(multipliers) - n
        for k in range(min(n, most), max(least - still_to_come, 1) - 1, -1):
            sums[k] = sums[k] * denominator + sums[k - 1] * numerator
        sums[0] *= denominator
    return sums
