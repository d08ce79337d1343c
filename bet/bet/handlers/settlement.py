"""The settlement worker: MarketSettled or MarketRolledBack from the bus starts it, its own messages carry it on."""

import json
from dataclasses import dataclass
from typing import Any

from bet.settlement import worker
from bet.settlement.worker import Place
from betsafi.aws import client
from betsafi.consumer import read_event
from betsafi.dynamodb import Item
from betsafi.events.bet import MarketRolledBack, MarketSettled
from betsafi.queue import handle_batch
from betsafi.settings import read_settings


@dataclass(frozen=True)
class Settings:
    """Where the worker's own messages go."""

    settlement_queue_url: str


settings = read_settings(Settings)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Settle pages of bets until 60 % of the time is used, then pass the place on."""
    whole = context.get_remaining_time_in_millis()

    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > whole * 0.4)

    def handle(body: dict[str, Any]) -> None:
        if "detail-type" in body:
            fact = _read(body)
            worker.settle_from(Place(fact.market_id, fact.result_version), 0, has_time, _send)
        elif "betId" in body:
            worker.settle_one(body["marketId"], body["userId"], body["betId"])
        else:
            worker.settle_from(Place(**body["place"]), body["hops"], has_time, _send)

    return handle_batch(event, handle)


def _read(body: dict[str, Any]) -> MarketSettled | MarketRolledBack:
    if body["detail-type"] == "MarketRolledBack":
        return read_event(MarketRolledBack, body)[0]
    return read_event(MarketSettled, body)[0]


def _send(body: Item) -> None:
    client("sqs").send_message(QueueUrl=settings.settlement_queue_url, MessageBody=json.dumps(body))
