"""What a leg multiplies the stake by, from its odds and its result. No I/O."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

from bet import wording
from betsafi.errors import InvalidInput
from betsafi.odds import parse_odds

Result = Literal["WON", "LOST", "VOID", "HALF_WON", "HALF_LOST"]

_PARTS: dict[str, tuple[Fraction, Fraction]] = {
    "WON": (Fraction(0), Fraction(1)),
    "LOST": (Fraction(0), Fraction(0)),
    "VOID": (Fraction(1), Fraction(0)),
    "HALF_WON": (Fraction(1, 2), Fraction(1, 2)),
    "HALF_LOST": (Fraction(1, 2), Fraction(0)),
}
"""Of each result, the part of the stake that comes back as it is (vf), and the part that wins ((1 - vf) * r)."""

RESULTS = tuple(_PARTS)
_NO_DEAD_HEAT = Fraction(1)


def multiplier(odds: str, result: str, dead_heat: Fraction = _NO_DEAD_HEAT) -> Fraction:
    """Return `vf + (1 - vf) * r * odds * dh`: the odds won, 0 lost, 1 void, (1 + odds) / 2 half won, 1/2 half lost.

    Source: UOF result, void_factor and dead_heat_factor (docs.sportradar.tv). Raises ValueError for another result.
    """
    if result not in _PARTS:
        raise ValueError(f"{result!r} is no result")
    comes_back, wins = _PARTS[result]
    return comes_back + wins * parse_odds(odds) * dead_heat


def parse_dead_heat(text: Any) -> Fraction:
    """Return the part of a stake that stands at full odds, of "places/who shares them" ("1/3"). Raises InvalidInput.

    It is above 0 and at most 1, and neither number has more than three digits.
    """
    places, _, sharers = text.partition("/") if isinstance(text, str) and text.isascii() else ("", "", "")
    if not (_is_count(places) and _is_count(sharers) and int(places) <= int(sharers)):
        raise InvalidInput(wording.DEAD_HEAT)
    return Fraction(int(places), int(sharers))


def _is_count(text: str) -> bool:
    return text.isdigit() and len(text) <= 3 and text[0] != "0"


def of_leg(leg: Mapping[str, Any]) -> Fraction:
    """Return the multiplier of a leg with `odds`, and perhaps `result` and `dead_heat`; without a result it wins."""
    dead_heat = leg.get("dead_heat")
    return multiplier(
        leg["odds"], leg.get("result") or "WON", parse_dead_heat(dead_heat) if dead_heat else _NO_DEAD_HEAT
    )
