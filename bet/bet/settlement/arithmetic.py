"""The rules by which bets are settled. No I/O.

Every leg has a multiplier; the bet pays stake times their product, floored to the cent once. A lost leg decides a bet
at once; any other bet is decided when its last leg is known.

An open bet reserves what it could pay on the guard of each leg that has no result yet. When it is decided by some of
its legs, the others' guards get that back; when a corrected result opens it again, they take it again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bet.markets.market import Reservation
from betsafi.odds import parse_odds, payout_cents

_ZERO, _ONE = Fraction(0), Fraction(1)
MOST_WRITES = 90
"""Items in one transaction; DynamoDB takes 100."""


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

    A result that was taken back has no selection in it, and leaves the legs undecided.
    """
    changed = False
    after = []
    for leg in legs:
        if leg["market_id"] == market_id and leg.get("result_version", 0) < version:
            leg = {**leg, "result": results.get(leg["selection_id"]), "result_version": version}
            changed = True
        after.append(leg)
    return after if changed else None


@dataclass(frozen=True)
class Step:
    """What a result makes of a bet: the bet's `changes`, and the cents by which reservations grow or shrink."""

    bet: dict[str, Any]
    changes: dict[str, Any]
    moved: dict[Reservation, int]


def next_step(bet: Mapping[str, Any], result: Mapping[str, Any], now: str) -> Step | None:
    """Return what a market's result makes of a bet; None if the bet takes none, or has that version or a newer one.

    A leg that now has a result gives nothing back: its market is closed, and a closed market's exposure is not kept up.
    """
    if bet["status"] not in ("ACCEPTED", "SETTLED"):
        return None
    legs = with_result(bet["legs"], result["market_id"], result["results"], result["result_version"])
    if legs is None:
        return None
    changes = _changes(bet, legs, now)
    here = result["market_id"]
    before = {place: cents for place, cents in reserved(bet).items() if place.market_id != here}
    after = {
        place: cents
        for place, cents in reserved({**bet, **changes}).items()
        # A market that this result reopens counts anew from it; else it is closed.
        if place.market_id != here or result.get("reopen")
    }
    moved = {
        place: after.get(place, 0) - before.get(place, 0)
        for place in {**before, **after}
        if after.get(place) != before.get(place)
    }
    return Step(dict(bet), changes, moved)


def reserved(bet: Mapping[str, Any]) -> dict[Reservation, int]:
    """Return what a bet reserves: what it could pay, on each leg without a result while it is open."""
    if bet["status"] != "ACCEPTED":
        return {}
    return {
        Reservation(leg["market_id"], leg["guard"], leg["selection_id"], leg.get("result_version", 0)): bet[
            "potential_payout_cents"
        ]
        for leg in bet["legs"]
        if not leg.get("result")
    }


def _changes(bet: Mapping[str, Any], legs: list[dict[str, Any]], now: str) -> dict[str, Any]:
    decision = decide(bet["stake_cents"], legs)
    if decision is None:
        # A correction can take back what decided the bet; it is open again until its next decision.
        reopened = bet["status"] == "SETTLED"
        version = bet["settlement_version"] + reopened
        return {"legs": legs, "status": "ACCEPTED", "outcome": None, "settlement_version": version}
    published = (bet.get("outcome"), bet.get("payout_cents")) == (decision.outcome, decision.payout_cents)
    return {
        "legs": legs,
        "status": "SETTLED",
        "outcome": decision.outcome,
        "payout_cents": decision.payout_cents,
        "settled_at": bet.get("settled_at") if published else now,
        "settlement_version": bet["settlement_version"] + (not published),
    }


def batches(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Yield the steps in groups that one transaction can write: each guard once, and at most MOST_WRITES items.

    Reservations of one guard go together only if their legs have seen the same result.
    """
    group: list[Step] = []
    seen: dict[tuple[str, int], int] = {}
    for step in steps:
        places = {(place.market_id, place.guard): place.result_version for place in step.moved}
        fits = len(group) + 1 + len(seen | places) <= MOST_WRITES
        if group and not (fits and all(seen.get(place, version) == version for place, version in places.items())):
            yield group
            group, seen = [], {}
        group.append(step)
        seen |= places
    if group:
        yield group
