"""The least margin of a market's odds, by the tier of its competition. Exact, no I/O.

Who stakes 1/odds on every outcome is paid 1 for each that wins. So the sum of 1/odds over how many outcomes win at
least (two of a double chance, else one) is what a shilling costs that comes back for certain: the book, 1.05 for a
margin of 5 %. A void or half result pays these stakes back by the same share at which they were taken, so it leaves a
smaller part of the margin, and never less than nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bet.markets import kinds
from bet.markets.kinds import Definition
from bet.markets.tiers import TIERS, Tier
from betsafi.odds import parse_odds
from betsafi.settings import FromZero, read_settings

_WHOLE = 10_000
_MOST = 5_000
"""Basis points. Two outcomes at the shortest odds, 1.01, come to less than twice as much."""


@dataclass(frozen=True)
class Settings:
    """The least margin by tier of competition, in basis points: at 300 a market's book is 103 % or more."""

    small_margin_basis_points: FromZero = 500
    standard_margin_basis_points: FromZero = 300
    popular_margin_basis_points: FromZero = 200

    def __post_init__(self) -> None:
        """Raise ValueError for a margin that odds can hardly have: it is meant in basis points."""
        for tier in TIERS:
            if self.of(tier) > _MOST:
                raise ValueError(f"{tier}_MARGIN_BASIS_POINTS is at most {_MOST}")

    def of(self, tier: Tier) -> int:
        """Return the least margin of this tier."""
        return int(getattr(self, f"{tier.lower()}_margin_basis_points"))


settings = read_settings(Settings)


def book(definition: Definition, odds: Mapping[str, str]) -> Fraction:
    """Return what a shilling costs that comes back whatever happens, at odds by outcome: 1 is a fair price."""
    return sum((1 / parse_odds(each) for each in odds.values()), Fraction()) / min(definition.winners)


def below(tier: Tier, priced: Sequence[tuple[str, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Return those markets (id, odds by outcome) whose margin is below the least of the tier, none if all are right.

    Each with `book` and `least` in per cent; a book is rounded down, so that it never looks like the least.
    """
    least = _WHOLE + settings.of(tier)
    books = ((market_id, book(kinds.definition_of(market_id), odds) * _WHOLE) for market_id, odds in priced)
    return [
        {"marketId": market_id, "book": _per_cent(int(found)), "least": _per_cent(least)}
        for market_id, found in books
        if found < least
    ]


def _per_cent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}"
