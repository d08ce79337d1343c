"""The bet outbox; it also begins what follows from a change: the follow-up of a new bet, a market's other guards."""

import json
from dataclasses import dataclass
from typing import Any

from bet import presenting, store
from betsafi import outbox
from betsafi.aws import client
from betsafi.dynamodb import Item, unmarshal
from betsafi.events import Event
from betsafi.events.bet import (
    BetAccepted,
    BetCancelled,
    BetRejected,
    BetReopened,
    BetSettled,
    FixtureChanged,
    MarketSettled,
    MarketSuspended,
    OddsChanged,
)
from betsafi.settings import read_settings


@dataclass(frozen=True)
class Settings:
    """Where events go, where records go that can never become one, and where new bets are followed up."""

    bus_name: str
    parking_url: str
    followup_queue_url: str
    followup_seconds: int


settings = read_settings(Settings)


def handler(event: dict[str, Any], context: object = None) -> None:
    """Begin what follows from a batch of the table's changes, then publish them."""
    follow_up_new_bets(event)
    spread_prices(event)
    outbox.publish_changes(event, to_events, settings.bus_name, settings.parking_url)


def follow_up_new_bets(event: dict[str, Any]) -> None:
    """Send a delayed message for every bet that was just written as PENDING."""
    messages = []
    for record in event["Records"]:
        keys = unmarshal(record["dynamodb"]["Keys"])
        if record["eventName"] == "INSERT" and keys["sk"].startswith("BET#"):
            body = {"userId": keys["pk"].removeprefix("USER#"), "betId": keys["sk"].removeprefix("BET#")}
            messages.append(json.dumps(body))
    for start in range(0, len(messages), 10):
        entries = [
            {"Id": str(n), "MessageBody": body, "DelaySeconds": settings.followup_seconds}
            for n, body in enumerate(messages[start : start + 10])
        ]
        answer = client("sqs").send_message_batch(QueueUrl=settings.followup_queue_url, Entries=entries)
        if answer.get("Failed"):
            raise outbox.PublishFailed(f"{len(answer['Failed'])} follow-ups refused")


def spread_prices(event: dict[str, Any]) -> None:
    """Bring the other guards of every market whose visible guard moved to its version, where that is behind."""
    for record in event["Records"]:
        images = record["dynamodb"]
        if record["eventName"] != "MODIFY" or images["Keys"]["sk"]["S"] != "GUARD":
            continue
        old, new = unmarshal(images["OldImage"]), unmarshal(images["NewImage"])
        if new["guard"] == 0 and old["version"] != new["version"]:
            store.spread(new)


def to_events(old: Item | None, new: Item) -> list[Event]:
    """Return what a change of one item means to others."""
    kind = new["sk"].split("#")[0]
    if kind == "BET":
        return _bet_events(old, new)
    if kind == "GUARD" and new["guard"] == 0:
        return _market_events(old, new)
    if kind == "RESULT":
        settled = MarketSettled(
            fixture_id=new["fixture_id"],
            market_id=new["market_id"],
            result_version=new["result_version"],
            results=new["results"],
        )
        return [settled]
    if kind == "FIXTURE":
        return [FixtureChanged(fixture_id=new["fixture_id"], status=new["status"], starts_at=new["starts_at"])]
    return []


def _bet_events(old: Item | None, new: Item) -> list[Event]:
    about = {
        "bet_id": new["bet_id"],
        "user_id": new["user_id"],
        "stake_cents": new["stake_cents"],
        "bet_version": presenting.version(new),
    }
    if old is not None and new["settlement_version"] > old["settlement_version"]:
        if new["status"] == "ACCEPTED":
            return [BetReopened(**about, result_version=new["settlement_version"])]
        return [
            BetSettled(
                **about,
                result_version=new["settlement_version"],
                payout_cents=new["payout_cents"],
                outcome=new["outcome"],
            )
        ]
    if old is None or old["status"] == new["status"]:
        return []
    if new["status"] == "ACCEPTED" and old["status"] == "PENDING":
        return [BetAccepted(**about, potential_payout_cents=new["potential_payout_cents"])]
    if new["status"] == "REJECTED":
        return [BetRejected(**about, reason=new["reason"])]
    if new["status"] == "CANCELLED":
        return [BetCancelled(**about)]
    return []


def _market_events(old: Item | None, new: Item) -> list[Event]:
    if old is not None and old["version"] == new["version"]:
        return []
    about = {"fixture_id": new["fixture_id"], "market_id": new["market_id"], "market_version": new["version"]}
    events: list[Event] = [OddsChanged(**about, status=new["status"], odds=new["odds"])]
    if new["status"] == "SUSPENDED":
        events.append(MarketSuspended(**about))
    return events
