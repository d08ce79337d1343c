"""Odds of a market that leave the house a margin: what a bookmaker makes of prices that do not. Exact."""

from collections.abc import Mapping
from fractions import Fraction


def book(odds: Mapping[str, str], winners: int = 1) -> Fraction:
    """Return the sum of 1/odds over how many outcomes win."""
    return sum((1 / Fraction(each) for each in odds.values()), Fraction()) / winners


def shortened(odds: Mapping[str, str], least: str, winners: int = 1) -> dict[str, str]:
    """Return odds whose book is `least` ("1.05") or more: these, or all shortened alike, down to 1.01.

    So far that others make up for what cannot be shortened any more.
    """
    found, wanted = dict(odds), Fraction(least)
    while (now := book(found, winners)) < wanted:  # each time by a hundredth at least
        times = min(now / wanted, Fraction(99, 100))
        found = {name: _text(max(1_010, int(Fraction(each) * times * 1_000))) for name, each in found.items()}
    return found


def _text(thousandths: int) -> str:
    whole, rest = divmod(thousandths, 1_000)
    return f"{whole}.{rest:03d}" if rest % 10 else f"{whole}.{rest // 10:02d}"
