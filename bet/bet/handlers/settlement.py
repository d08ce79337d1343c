"""The settlement worker: MarketSettled or MarketRolledBack from the bus starts it, its own messages carry it on.

A bet that fails gets a message of its own, so that the bets behind it are not held up and only it is dead-lettered.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bet import settling
from bet.settling import Place
from betsafi.aws import client
from betsafi.consumer import read_event
from betsafi.dynamodb import Item
from betsafi.events.bet import MarketRolledBack, MarketSettled
from betsafi.queue import handle_batch
from betsafi.settings import read_settings
from betsafi.telemetry import logger

_HOPS = 5_000


@dataclass(frozen=True)
class Settings:
    """Where the worker's own messages go."""

    settlement_queue_url: str


settings = read_settings(Settings)


class TooManyHops(Exception):
    """A settlement that passes itself on for ever; its message ends in the dead-letter queue."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Settle pages of bets until 60 % of the time is used, then pass the place on."""
    whole = context.get_remaining_time_in_millis()

    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > whole * 0.4)

    def handle(body: dict[str, Any]) -> None:
        if "detail-type" in body:
            fact = _read(body)
            _go_on(Place(fact.market_id, fact.result_version), 0, has_time)
        elif "betId" in body:
            settling.settle_one(body["marketId"], body["userId"], body["betId"])
        else:
            _go_on(Place(**body["place"]), body["hops"], has_time)

    return handle_batch(event, handle)


def _read(body: dict[str, Any]) -> MarketSettled | MarketRolledBack:
    if body["detail-type"] == "MarketRolledBack":
        return read_event(MarketRolledBack, body)[0]
    return read_event(MarketSettled, body)[0]


def _go_on(place: Place, hops: int, has_time: Callable[[], bool]) -> None:
    if hops > _HOPS:
        raise TooManyHops(f"{place}")

    def set_aside(bet: Item) -> None:
        _send({"marketId": place.market_id, "userId": bet["user_id"], "betId": bet["bet_id"]})

    rest = settling.settle_bets(place, has_time, set_aside)
    if rest:
        _send({"place": asdict(rest), "hops": hops + 1})
    logger.info("market settled" if rest is None else "settlement goes on", market_id=place.market_id, hops=hops)


def _send(body: dict[str, Any]) -> None:
    client("sqs").send_message(QueueUrl=settings.settlement_queue_url, MessageBody=json.dumps(body))
