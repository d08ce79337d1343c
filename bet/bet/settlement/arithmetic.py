"""The rules by which results settle bets. No I/O. What a bet pays, and when that is decided: `payouts/payout.py`.

An open bet reserves what it could pay on the guard of each leg that has no result yet. When it is decided by some of
its legs, the others' guards get that back; when a corrected result opens it again, they take it again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bet.markets.market import Reservation
from bet.payouts import bonus, systems
from bet.payouts.payout import Decision, decide, potential
from bet.settlement import versions

MOST_WRITES = 90
"""Items in one transaction; DynamoDB takes 100."""


def with_result(
    legs: Sequence[dict[str, Any]],
    market_id: str,
    results: Mapping[str, str],
    version: int,
    dead_heats: Mapping[str, str] = MappingProxyType({}),
    *,
    cancelled: bool = False,
) -> list[dict[str, Any]] | None:
    """Return the legs with a market's result in its `version`; None if they have it, or a newer one, already.

    `dead_heats` ("1/3") are those of the selections that shared places. A result that was taken back has no selection
    in it, and leaves the legs undecided. `cancelled`: the bet was placed in one of the market's windows, and its leg is
    void whatever the result.
    """
    changed = False
    after = []
    for leg in legs:
        if leg["market_id"] == market_id and leg.get("result_version", 0) < version:
            selection = leg["outcome_id"]
            result = "VOID" if cancelled else results.get(selection)
            leg = {**leg, "result": result, "result_version": version}
            leg.pop("dead_heat", None)
            if selection in dead_heats and not cancelled:
                leg["dead_heat"] = dead_heats[selection]
            changed = True
        after.append(leg)
    return after if changed else None


@dataclass(frozen=True)
class Step:
    """What a result makes of a bet: the bet's `changes`, and the cents by which reservations grow or shrink."""

    bet: dict[str, Any]
    changes: dict[str, Any]
    moved: dict[Reservation, int]


def next_step(bet: Mapping[str, Any], result: Mapping[str, Any], now: str, *, counted: bool = False) -> Step | None:
    """Return what a market's result makes of a bet; None if the bet takes none, or has that version or a newer one.

    A leg that now has a result gives nothing back: its market is closed, and a closed market's exposure is not kept up.
    `counted`: the market is open, for only bets of some time are cancelled, and its exposure counts.
    """
    if bet["status"] not in ("ACCEPTED", "SETTLED"):
        return None
    legs = with_result(
        bet["legs"],
        result["market_id"],
        result["results"],
        result["result_version"],
        result.get("dead_heats", {}),
        cancelled=versions.cancels(result, bet.get("accepted_at", "")),
    )
    if legs is None:
        return None
    changes = _changes(bet, legs, now)
    return Step(dict(bet), changes, _moved(bet, {**bet, **changes}, result, counted=counted))


def corrected(bet: Mapping[str, Any], correction: Mapping[str, Any], now: str) -> Step | None:
    """Return what two people's decision makes of one bet; None if the bet takes none, or has it or a newer one already.

    `voided`: the bet is void whatever becomes of its legs. `odds` by market are those that count instead of what a leg
    was taken at, which it keeps as `odds_taken`; what the bet can pay, and reserves, follows. `corrected_in` is the
    reckoning that it came after: a bet that is open by that one was last heard of by its correction.
    """
    version = correction["correction_version"]
    if bet["status"] not in ("ACCEPTED", "SETTLED") or bet.get("correction_version", 0) >= version:
        return None
    odds = correction["odds"]
    legs = [
        {**leg, "odds": odds[leg["market_id"]], "odds_taken": leg.get("odds_taken", leg["odds"])}
        if leg["market_id"] in odds
        else leg
        for leg in bet["legs"]
    ]
    given = {
        "correction_version": version,
        "corrected_in": bet["settlement_version"],
        "voided": correction["voided"],
        "potential_payout_cents": best(bet, legs),
    }
    changes = {**given, **_changes({**bet, **given}, legs, now)}
    held, holds = reserved(bet), reserved({**bet, **changes})
    places = [place for place in {**held, **holds} if holds.get(place) != held.get(place)]
    return Step(dict(bet), changes, {place: holds.get(place, 0) - held.get(place, 0) for place in places})


def best(bet: Mapping[str, Any], legs: Sequence[Mapping[str, Any]]) -> int:
    """Return what a bet of these legs pays if all of them win."""
    odds = [{"odds": leg["odds"]} for leg in legs]
    return potential(bet["stake_cents"], odds, systems.kept(bet), bonus.kept(bet)).payout_cents


def _moved(
    bet: Mapping[str, Any], after: Mapping[str, Any], result: Mapping[str, Any], *, counted: bool
) -> dict[Reservation, int]:
    """Return what a bet reserves more or less than before; on the result's own market only where that is counted.

    A market that the result reopens counts anew from it. On an open one a leg keeps what it reserves while it is open.
    """
    here, (held, holds) = result["market_id"], (reserved(bet), reserved(after))
    was_here, is_here = (any(place.market_id == here for place in places) for places in (held, holds))
    gives, takes = counted and not is_here, result.get("reopen") or (counted and not was_here)
    held = {place: cents for place, cents in held.items() if place.market_id != here or gives}
    holds = {place: cents for place, cents in holds.items() if place.market_id != here or takes}
    return {
        place: holds.get(place, 0) - held.get(place, 0)
        for place in {**held, **holds}
        if holds.get(place) != held.get(place)
    }


def reserved(bet: Mapping[str, Any]) -> dict[Reservation, int]:
    """Return what a bet reserves: what it could pay, on each leg without a result while it is open."""
    if bet["status"] != "ACCEPTED":
        return {}
    return {
        Reservation(leg["market_id"], leg["guard"], leg["outcome_id"], leg.get("result_version", 0)): bet[
            "potential_payout_cents"
        ]
        for leg in bet["legs"]
        if not leg.get("result")
    }


def _changes(bet: Mapping[str, Any], legs: list[dict[str, Any]], now: str) -> dict[str, Any]:
    ladder = bonus.kept(bet)
    decision = decide(bet["stake_cents"], legs, systems.kept(bet), ladder)
    if bet.get("voided"):
        decision = Decision("VOID", bet["stake_cents"])
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
        **({"bonus_cents": decision.bonus_cents} if ladder else {}),
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
