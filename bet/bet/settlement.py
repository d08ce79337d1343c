"""The rules by which bets are settled. No I/O.

Every leg has a multiplier; the bet pays stake times their product, floored to the cent once. A lost leg decides a bet
at once; any other bet is decided when its last leg is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from betsafi.odds import parse_odds, payout_cents

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Decision:
    """What a bet pays (absolute cents, stake included) and what to call it."""

    outcome: str
    payout_cents: int


def multiplier(odds: str, result: str, void_factor: Fraction = _ZERO, dead_heat: Fraction = _ONE) -> Fraction:
    """Return `vf + (1 - vf) * r * odds * dh`, with r = 1 for WON and 0 for LOST; VOID is vf = 1.

    Source: UOF result and void_factor (docs.sportradar.tv). Raises ValueError for another result.
    """
    if result == "VOID":
        void_factor = _ONE
    elif result not in ("WON", "LOST"):
        raise ValueError(f"{result!r} is no result")
    return void_factor + (1 - void_factor) * (result == "WON") * parse_odds(odds) * dead_heat


def decide(stake_cents: int, legs: Sequence[dict[str, Any]]) -> Decision | None:
    """Return the decision on a bet whose legs carry `odds` and perhaps `result`; None while it is open."""
    results = [leg.get("result") for leg in legs]
    if "LOST" in results:
        return Decision("LOST", 0)
    if None in results:
        return None
    if all(result == "VOID" for result in results):
        return Decision("VOID", stake_cents)
    return Decision("WON", payout_cents(stake_cents, [multiplier(leg["odds"], leg["result"]) for leg in legs]))


def with_result(
    legs: Sequence[dict[str, Any]], market_id: str, results: dict[str, str], version: int
) -> list[dict[str, Any]] | None:
    """Return the legs with a market's result in its `version`; None if they have it, or a newer one, already.

    A result that was taken back says nothing of any selection, and leaves the legs undecided.
    """
    changed = False
    after = []
    for leg in legs:
        if leg["market_id"] == market_id and leg.get("result_version", 0) < version:
            leg = {**leg, "result": results.get(leg["selection_id"]), "result_version": version}
            changed = True
        after.append(leg)
    return after if changed else None
