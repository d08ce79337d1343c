"""Decimal odds: strings at every border and in every item, exact fractions in arithmetic."""

import re
from fractions import Fraction
from typing import Any

from betsafi.errors import InvalidOdds
from betsafi.languages import Both

_FORM = Both(
    'Odds are decimal strings from "1.01" to "1000" with at most three decimals.',
    'Odds huandikwa kama "1.01" hadi "1000", zikiwa na desimali tatu kwa wingi.',
)
_ODDS = re.compile(r"([1-9]\d{0,3})(?:\.(\d{1,3}))?")


def parse_odds(text: Any) -> Fraction:
    """Return decimal odds as an exact fraction. Raises InvalidOdds outside 1.01..1000 or beyond three decimals."""
    match = _ODDS.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    thousandths = int(match[1] + (match[2] or "").ljust(3, "0")) if match else 0
    if not 1_010 <= thousandths <= 1_000_000:
        raise InvalidOdds(_FORM)
    return Fraction(thousandths, 1_000)


def canonical_odds(text: Any) -> str:
    """Return the odds as they are stored: two decimals, or three where the third is not zero ("2.1" -> "2.10")."""
    thousandths = int(parse_odds(text) * 1000)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03d}" if rest % 10 else f"{whole}.{rest // 10:02d}"
