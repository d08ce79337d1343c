"""What a slip pays, by listing its lines: an independent judge of the product's arithmetic, which it never imports.

Cents as exact fractions. Each leg is worked out as the rule is explained to players (half of the stake wins, half comes
back), not by the product's formula; a bonus is read from the ladder as configuration has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import floor
from typing import Any


@dataclass(frozen=True)
class Line:
    """The legs of a line by position, its part of the stake, and what it returns; None while one of them is open."""

    legs: tuple[int, ...]
    stake: Fraction
    returned: Fraction | None


@dataclass(frozen=True)
class Verdict:
    """WON, LOST, VOID or OPEN; what it pays, and the bonus in it, to the exact fraction of a cent and floored."""

    outcome: str
    payout_cents: int
    exact: Fraction
    bonus: Fraction
    lines: tuple[Line, ...]


def settle(
    stake_cents: int,
    legs: Sequence[Mapping[str, Any]],
    ks: Sequence[int] | None = None,
    bankers: Sequence[int] = (),
    ladder: Mapping[str, Any] | None = None,
) -> Verdict:
    """Return what a slip comes to; legs have `odds`, and perhaps `result` and `dead_heat`. No `ks`: a multi."""
    lines = list_lines(stake_cents, legs, [len(legs)] if ks is None else ks, bankers)
    if all(leg.get("result") == "VOID" for leg in legs):
        return Verdict("VOID", stake_cents, Fraction(stake_cents), Fraction(0), lines)
    if any(line.returned is None for line in lines):
        return Verdict("OPEN", 0, Fraction(0), Fraction(0), lines)
    returned = sum((line.returned for line in lines if line.returned is not None), Fraction(0))
    extra = Fraction(0)
    if ladder is not None and len(lines) == 1 and returned > 0:
        extra = bonus(stake_cents, returned, legs, ladder)
    paid = floor(returned + extra)
    return Verdict("WON" if paid else "LOST", paid, returned + extra, extra, lines)


def list_lines(
    stake_cents: int, legs: Sequence[Mapping[str, Any]], ks: Sequence[int], bankers: Sequence[int] = ()
) -> tuple[Line, ...]:
    """Return every line of a slip."""
    others = [n for n in range(len(legs)) if n not in bankers]
    chosen = [tuple(sorted([*bankers, *some])) for k in ks for some in combinations(others, k)]
    unit = Fraction(stake_cents) / len(chosen)
    return tuple(Line(line, unit, _line_returns(unit, [legs[n] for n in line])) for line in chosen)


def _line_returns(stake: Fraction, legs: Sequence[Mapping[str, Any]]) -> Fraction | None:
    if any(leg.get("result") == "LOST" for leg in legs):
        return Fraction(0)
    for leg in legs:
        if not leg.get("result"):
            return None
        stake = _leg_returns(stake, leg)
    return stake


def _leg_returns(stake: Fraction, leg: Mapping[str, Any]) -> Fraction:
    """Return what one leg makes of a stake."""
    places, sharers = (leg.get("dead_heat") or "1/1").split("/")
    at_full_odds = Fraction(leg["odds"]) * int(places) / int(sharers)
    half = stake / 2
    match leg["result"]:
        case "WON":
            return stake * at_full_odds
        case "LOST":
            return Fraction(0)
        case "VOID":
            return stake
        case "HALF_WON":
            return half * at_full_odds + half
        case "HALF_LOST":
            return half
    raise ValueError(f"{leg['result']!r} is no result")


def bonus(
    stake_cents: int, returned: Fraction, legs: Sequence[Mapping[str, Any]], ladder: Mapping[str, Any]
) -> Fraction:
    """Return the bonus on a multi that returned something."""
    counting = 0
    for leg in legs:
        if leg.get("result") != "VOID" and Fraction(leg["odds"]) >= Fraction(ladder["leastOdds"]):
            counting += 1
    percent = 0
    for tier in ladder["tiers"]:
        if counting >= tier["legs"]:
            percent = tier["percent"]
    base = returned - stake_cents if ladder["base"] == "WINNINGS" else returned
    extra = max(Fraction(0), base) * Fraction(percent, 100)
    return extra if ladder["mostCents"] is None else min(extra, Fraction(ladder["mostCents"]))
