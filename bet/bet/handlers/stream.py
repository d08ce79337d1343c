"""The bet outbox; it also begins what follows from a change: the follow-up of a new bet, a market's other guards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bet import presenting
from bet.catalogue import lines
from bet.markets import changing, exposure
from bet.markets.status import stands
from bet.settlement.holds import is_held
from bet.settlement.versions import all_windows
from betsafi import audit, clock, outbox, queue
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.bet import (
    BetAccepted,
    BetCancelled,
    BetProgressed,
    BetRejected,
    BetReopened,
    BetRepriced,
    BetSettled,
    BetStaffActed,
    FixtureChanged,
    MarketRolledBack,
    MarketSettled,
    MarketSuspended,
    OddsChanged,
    Window,
)
from betsafi.settings import read_settings


@dataclass(frozen=True)
class Settings:
    """Where new bets are followed up, and when; where the settlement worker's messages go."""

    followup_queue_url: str
    followup_seconds: int
    settlement_queue_url: str


settings = read_settings(Settings)
_SHOWN_PERCENT = 50
"""What a guard's fullest selection must have used of its limit to be measured: below it nobody looks."""
_SPREAD_SECONDS = 8.0
"""For all markets of a batch together, below the function's 30 seconds: the batch comes again, and its events wait."""


def plan(old: Item | None, new: Item) -> list[Item]:
    """Return the item if more follows from its change than events.

    That is a new PENDING bet, or that one is decided; a moved market or fixture, what is decided of a game or of one
    bet, and results that are released.
    """
    if new["sk"].startswith("BET#"):
        is_new = old is None and new["status"] == "PENDING"
        return [new] if is_new or (old and old["status"] == "PENDING" != new["status"]) else []
    if new["sk"] == "GAME":
        version = new.get("game_version", 0)
        return [new] if version != (old or {}).get("game_version", 0) else []
    if new["sk"] == "CORRECTION":
        return [new] if old is None or old["correction_version"] != new["correction_version"] else []
    if new["sk"] == "HOLD":
        return [new] if not is_held(new) and (old is None or is_held(old)) else []
    if new["sk"] != "FIXTURE" and (new["sk"] != "GUARD" or new["guard"] != 0):
        return []
    before = old["version"] if old else 1  # every guard and every fixture begins with version 1
    return [new] if new["version"] != before else []


def carry_out(changed: list[Item]) -> None:
    """Send a delayed message for every new bet, and one for what is to be settled; bring guards up to date.

    None for a bet of which the batch itself says what became of it.
    """
    bets = {item["bet_id"]: item for item in changed if item["sk"].startswith("BET#")}  # of each the newest
    pending = [bet for bet in bets.values() if bet["status"] == "PENDING"]
    bodies = [json.dumps({"userId": bet["user_id"], "betId": bet["bet_id"]}) for bet in pending]
    queue.send_all(settings.followup_queue_url, bodies, settings.followup_seconds)
    queue.send_all(settings.settlement_queue_url, [json.dumps(body) for body in map(_to_settle, changed) if body])
    deadline = clock.monotonic() + _SPREAD_SECONDS
    for item in changed:
        if item["sk"] == "GUARD":
            changing.spread(item, deadline)
        elif item["sk"] == "FIXTURE":
            lines.follow(item, deadline)


def _to_settle(item: Item) -> Item | None:
    """Return the settlement worker's message about an item, if there is one."""
    if item["sk"] == "GAME":
        return {"game": item["fixture_id"], "version": item["game_version"]}
    if item["sk"] == "FIXTURE":
        return {"moved": item["fixture_id"]} if item.get("postponed") else None
    if item["sk"] == "CORRECTION":
        return {"correct": {"userId": item["user_id"], "betId": item["bet_id"]}}
    return {"released": item["subject_id"]} if item["sk"] == "HOLD" else None


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
    if kind == "FIXTURE" and (old is None or any(old.get(name) != new.get(name) for name in ("version", "score"))):
        about = {name: new[name] for name in ("fixture_id", "status", "starts_at")}
        score = new.get("score", {"version": 0, "goals": {}})
        return [FixtureChanged(**about, score_version=score["version"], goals=score["goals"])]
    return []


def _result_event(new: Item) -> Event:
    about = {**{name: new[name] for name in ("fixture_id", "market_id", "result_version")}, **audit.named(new)}
    windows = all_windows(new)
    if not new["results"] and not windows:
        return MarketRolledBack(**about)
    return MarketSettled(
        **about,
        results=new["results"],
        dead_heats=new["dead_heats"],
        windows=[Window(placed_from=each["from"], placed_to=each["to"]) for each in windows],
    )


def _bet_events(old: Item | None, new: Item) -> list[Event]:
    """A bet is published when its status, its result or what it can pay changes, and not while it is PENDING; an open
    one also when a leg has another result."""
    published = ("status", "settlement_version")
    changed = old is None or any(old[name] != new[name] for name in published)
    corrected = new.get("correction_version") != (old or {}).get("correction_version")
    progressed = _has_other_results(old, new)
    if not changed and not (new["status"] == "ACCEPTED" and (corrected or progressed)):
        return []
    about = {
        "bet_id": new["bet_id"],
        "user_id": new["user_id"],
        "stake_cents": new["stake_cents"],
        "bet_version": presenting.version(new),
    }
    progress = [BetProgressed(**about, result_version=new["settlement_version"])] if progressed else []
    if not changed and not corrected:
        return [*progress]
    last = new.get("corrected_in") == new["settlement_version"]
    if not changed or (old is None and last and new["status"] == "ACCEPTED"):
        return _repriced(about, new, again=old is None)
    again = progress if old is None else []
    match new["status"]:
        case "ACCEPTED" if new["settlement_version"]:
            return [BetReopened(**about, result_version=new["settlement_version"]), *again]
        case "ACCEPTED":
            return [BetAccepted(**about, potential_payout_cents=new["potential_payout_cents"]), *again]
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


def _has_other_results(old: Item | None, new: Item) -> bool:
    """Return whether a leg has another result than before; of a bet as it stands, whether one ever had a result."""
    if old is None:
        return any(leg.get("result_version") for leg in new["legs"])
    before, after = ([(leg.get("result"), leg.get("dead_heat")) for leg in bet["legs"]] for bet in (old, new))
    return before != after


def _repriced(about: dict[str, Any], new: Item, *, again: bool) -> list[Event]:
    """An open bet as it stands (`again`) may have been opened by a lost change, of which the wallet must know.

    That has no version, so that it does not replace what the player was notified of since.
    """
    payout, correction = new["potential_payout_cents"], new["correction_version"]
    repriced = BetRepriced(**about, potential_payout_cents=payout, correction_version=correction)
    if not (again and new["settlement_version"]):
        return [repriced]
    opened = BetReopened(**{**about, "bet_version": None}, result_version=new["settlement_version"])
    return [opened, repriced]


def _market_events(old: Item | None, new: Item) -> list[Event]:
    version = presenting.market_version(new)
    if old is not None and presenting.market_version(old) == version:
        return []
    about = {"fixture_id": new["fixture_id"], "market_id": new["market_id"], "market_version": version}
    status = stands(new["status"], new["fixture_status"])
    events: list[Event] = [OddsChanged(**about, status=status, odds=new["odds"])]
    if status == "SUSPENDED":
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
