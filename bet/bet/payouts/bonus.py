"""The bonus on multis: ladders by effective date, and what one of them adds to a return. No I/O, no clock.

A ladder is in force from a day in Nairobi until the next one. A bet keeps which ladder it was accepted under, and is
settled and corrected by that one for ever: a change is a new row of bonus_ladders.json, never an edited one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from betsafi.errors import InvalidInput, InvalidOdds
from betsafi.money import MAX_CENTS
from betsafi.odds import parse_odds

BASES = ("WINNINGS", "RETURN")
_KEYS = ("from", "base", "leastOdds", "tiers", "mostCents")


class Tier(NamedTuple):
    """From so many legs on that count, so many percent."""

    legs: int
    percent: int


class Ladder(NamedTuple):
    """A bonus of `percent` of the base: of WINNINGS, the return without the stake, or of the whole RETURN.

    A leg counts unless it is void, if its odds are `least_odds` or more. No bonus is above `most_cents`. A ladder
    without tiers gives none: it is how a bonus ends.
    """

    since: date
    base: str
    least_odds: Fraction
    tiers: tuple[Tier, ...]
    most_cents: int | None

    def tier(self, legs: Sequence[Mapping[str, Any]]) -> Tier | None:
        """Return the tier of legs with `odds` and perhaps `result`; one without a result counts. None: no bonus."""
        count = self._count(legs)
        return max((tier for tier in self.tiers if tier.legs <= count), default=None)

    def next_step(self, legs: Sequence[Mapping[str, Any]]) -> Tier | None:
        """Return how many legs more that count lead to the next tier, and its percent. None: these have the last."""
        count = self._count(legs)
        above = min((tier for tier in self.tiers if tier.legs > count), default=None)
        return above and Tier(above.legs - count, above.percent)

    def _count(self, legs: Sequence[Mapping[str, Any]]) -> int:
        return sum(leg.get("result") != "VOID" and parse_odds(leg["odds"]) >= self.least_odds for leg in legs)

    def bonus(self, stake_cents: int, returned: Fraction, legs: Sequence[Mapping[str, Any]]) -> Fraction:
        """Return the bonus on a multi that returned something, in exact cents."""
        if (tier := self.tier(legs)) is None:
            return Fraction(0)
        base = returned if self.base == "RETURN" else max(returned - stake_cents, Fraction(0))
        bonus = base * tier.percent / 100
        return bonus if self.most_cents is None else min(bonus, Fraction(self.most_cents))


class BadLadder(InvalidInput):
    """A ladder cannot be right; `info.field` says where."""


def read_ladder(row: Any) -> Ladder:
    """Return a ladder as configuration has it. Raises BadLadder.

    `{"from": "2026-12-01", "base": "WINNINGS", "leastOdds": "1.20", "tiers": [{"legs": 3, "percent": 5}, …],
    "mostCents": 2000000}`; legs and percent of the tiers ascend, `mostCents` may be null.
    """
    _check_keys(row, _KEYS, "")
    if row["base"] not in BASES:
        raise BadLadder("base is WINNINGS or RETURN.", field="base")
    most = row["mostCents"]
    if most is not None and not _is_count(most, 1, MAX_CENTS):
        raise BadLadder("mostCents is a whole number of cents from 1, or null.", field="mostCents")
    return Ladder(_date(row["from"]), row["base"], _least_odds(row["leastOdds"]), _tiers(row["tiers"]), most)


def read_ladders(rows: Iterable[Any]) -> tuple[Ladder, ...]:
    """Return ladders, oldest first as they must be given. Raises BadLadder."""
    ladders = tuple(map(read_ladder, rows))
    dates = [ladder.since for ladder in ladders]
    if dates != sorted(set(dates)):
        raise BadLadder("Ladders stand oldest first, each with a day of its own.", field="from")
    return ladders


def ladder_on(day: date) -> Ladder | None:
    """Return the ladder in force on a day in Nairobi; None before the first, or where one gives nothing."""
    in_force = [ladder for ladder in LADDERS if ladder.since <= day]
    return in_force[-1] if in_force and in_force[-1].tiers else None


def kept(bet: Mapping[str, Any]) -> Ladder | None:
    """Return the ladder that a bet was accepted under, by the day it keeps as `bonus`; None for a bet without.

    Raises LookupError for a ladder that is there no more: the bet then waits instead of being paid without its bonus.
    """
    if not (since := bet.get("bonus")):
        return None
    for ladder in LADDERS:
        if ladder.since.isoformat() == since:
            return ladder
    raise LookupError(f"no ladder begins on {since}")


def _check_keys(given: Any, keys: Sequence[str], place: str) -> None:
    if not isinstance(given, dict) or given.keys() != set(keys):
        raise BadLadder(f"This is an object of {', '.join(keys)}, and of nothing else.", field=place)


def _is_count(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _date(text: Any) -> date:
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != text:  # Python reads weeks too, but a bet keeps this text
        raise BadLadder('from is a day such as "2026-12-01".', field="from")
    return day


def _least_odds(text: Any) -> Fraction:
    try:
        return parse_odds(text)
    except InvalidOdds as error:
        raise BadLadder(error.message, field="leastOdds") from error


def _tiers(rows: Any) -> tuple[Tier, ...]:
    if not isinstance(rows, list):
        raise BadLadder("tiers is a list.", field="tiers")
    tiers: list[Tier] = []
    for n, row in enumerate(rows):
        place = f"tiers[{n}]"
        _check_keys(row, Tier._fields, place)
        legs, percent = row["legs"], row["percent"]
        if not _is_count(legs, 2, 1_000):
            raise BadLadder("A tier begins at a whole number of legs from 2.", field=f"{place}.legs")
        if not _is_count(percent, 1, 1_000):
            raise BadLadder("percent is a whole number from 1 to 1,000.", field=f"{place}.percent")
        if tiers and not (legs > tiers[-1].legs and percent > tiers[-1].percent):
            raise BadLadder("Legs and percent ascend from tier to tier.", field=place)
        tiers.append(Tier(legs, percent))
    return tuple(tiers)


LADDERS = read_ladders(json.loads(Path(__file__).with_name("bonus_ladders.json").read_text()))
"""Oldest first. A change is a new row, never an edited one, and its day has not come when it is deployed."""
