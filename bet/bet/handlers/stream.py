"""The bet outbox; it also begins what follows from a change: the follow-up of a new bet, a market's other guards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bet import presenting
from bet.markets import changing, exposure
from betsafi import audit, clock, outbox, queue
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.bet import (
    BetAccepted,
    BetCancelled,
    BetRejected,
    BetReopened,
    BetSettled,
    BetStaffActed,
    FixtureChanged,
    MarketRolledBack,
    MarketSettled,
    MarketSuspended,
    OddsChanged,
)
from betsafi.settings import read_settings


@dataclass(frozen=True)
class Settings:
    """Where new bets are followed up, and when."""

    followup_queue_url: str
    followup_seconds: int


settings = read_settings(Settings)
_SHOWN_PERCENT = 50
"""What a guard's fullest selection must have used of its limit to be measured: below it nobody looks."""
_SPREAD_SECONDS = 8.0
"""For all markets of a batch together, below the function's 30 seconds: the batch comes again, and its events wait."""


def plan(old: Item | None, new: Item) -> list[Item]:
    """Return the item if more follows from its change than events: a PENDING bet that is new, a market that moved."""
    if new["sk"].startswith("BET#"):
        return [new] if old is None and new["status"] == "PENDING" else []
    if new["sk"] != "GUARD" or new["guard"] != 0:
        return []
    before = old["version"] if old else 1  # every guard begins with version 1
    return [new] if new["version"] != before else []


def carry_out(changed: list[Item]) -> None:
    """Send a delayed message for every new bet, and bring every moved market's other guards to its version."""
    bets = [item for item in changed if item["sk"] != "GUARD"]
    bodies = [json.dumps({"userId": bet["user_id"], "betId": bet["bet_id"]}) for bet in bets]
    queue.send_all(settings.followup_queue_url, bodies, settings.followup_seconds)
    deadline = clock.monotonic() + _SPREAD_SECONDS
    for item in changed:
        if item["sk"] == "GUARD":
            changing.spread(item, deadline)


def to_events(old: Item | None, new: Item) -> list[Event]:
    """Return what a change of one item means to others; without an old one, what the item as it stands does."""
    kind = new["sk"].split("#")[0]
    if kind == audit.SK:
        return [BetStaffActed.of(new)]
    if kind == "BET":
        return _bet_events(old, new)
    if kind == "GUARD" and new["guard"] == 0:
        return _market_events(old, new)
    if kind == "RESULT":
        return [_result_event(new)]
    if kind == "FIXTURE":
        return [FixtureChanged(fixture_id=new["fixture_id"], status=new["status"], starts_at=new["starts_at"])]
    return []


def _result_event(new: Item) -> Event:
    about = {**{name: new[name] for name in ("fixture_id", "market_id", "result_version")}, **audit.named(new)}
    return MarketSettled(**about, results=new["results"]) if new["results"] else MarketRolledBack(**about)


def _bet_events(old: Item | None, new: Item) -> list[Event]:
    """A bet is published when its status or its result changes, and not while it is PENDING."""
    published = ("status", "settlement_version")
    if old is not None and all(old[name] == new[name] for name in published):
        return []
    about = {
        "bet_id": new["bet_id"],
        "user_id": new["user_id"],
        "stake_cents": new["stake_cents"],
        "bet_version": presenting.version(new),
    }
    match new["status"]:
        case "ACCEPTED" if new["settlement_version"]:
            return [BetReopened(**about, result_version=new["settlement_version"])]
        case "ACCEPTED":
            return [BetAccepted(**about, potential_payout_cents=new["potential_payout_cents"])]
        case "REJECTED":
            return [BetRejected(**about, reason=new["reason"])]
        case "CANCELLED":
            return [BetCancelled(**about)]
        case "SETTLED":
            return [
                BetSettled(
                    **about,
                    result_version=new["settlement_version"],
                    payout_cents=new["payout_cents"],
                    outcome=new["outcome"],
                )
            ]
    return []


def _market_events(old: Item | None, new: Item) -> list[Event]:
    if old is not None and old["version"] == new["version"]:
        return []
    about = {"fixture_id": new["fixture_id"], "market_id": new["market_id"], "market_version": new["version"]}
    events: list[Event] = [OddsChanged(**about, status=new["status"], odds=new["odds"])]
    if new["status"] == "SUSPENDED":
        events.append(MarketSuspended(**about))
    return events


def figures(new: Item, events: Sequence[Event]) -> dict[str, float]:
    """Return stakes and payouts for the operator's dashboard, and how full an open guard's fullest selection is."""
    if new["sk"] == "GUARD":
        used = exposure.used_percent(new) if new["status"] == "OPEN" else 0
        return {"ExposureUsedPercent": used} if used >= _SHOWN_PERCENT else {}
    for event in events:
        match event:
            case BetAccepted():
                return {"StakesCents": event.stake_cents}
            case BetRejected():
                return {"RefusedCents": event.stake_cents}
            case BetSettled():
                return {"PayoutsCents": event.payout_cents}
    return {}


handler = outbox.publisher(to_events, outbox.FollowUps(plan, carry_out), figures)
