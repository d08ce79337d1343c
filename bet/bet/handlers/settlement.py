"""The settlement worker: MarketSettled or MarketRolledBack from the bus starts it, its own messages carry it on.

From the stream: {"game": …}, a fixture was decided as a whole; {"moved": …}, one that was postponed has another start;
{"released": …}, results wait no more; {"correct": …}, two people decided one bet. By the clock: {"overdue": true}, what
is due of games that are late or broken off.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bet.settlement import correcting, games, overdue, releasing, worker
from bet.settlement.worker import Place
from betsafi.aws import client
from betsafi.consumer import read_event
from betsafi.dynamodb import Item
from betsafi.errors import InvalidCursor
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
        try:
            take(body)
        except InvalidCursor:  # given out before cursors were made another way, or the table was restored
            take(_from_the_first_page(body))

    def take(body: dict[str, Any]) -> None:
        if "detail-type" in body:
            fact = _read(body)
            worker.settle_from(Place(fact.market_id, fact.result_version), 0, has_time, _send)
        elif "game" in body:
            _settle_game(body, has_time)
        elif "released" in body:
            releasing.go_on(body["released"], body.get("cursor"), has_time, _send)
        elif "moved" in body:
            overdue.moved(body["moved"])
        elif "overdue" in body:
            overdue.look(body.get("cursor"), body.get("late", 0), has_time, _send)
        elif "correct" in body:
            correcting.carry_out(body["correct"]["userId"], body["correct"]["betId"])
        elif "betId" in body:
            worker.settle_one(body["marketId"], body["userId"], body["betId"])
        else:
            worker.settle_from(Place(**body["place"]), body["hops"], has_time, _send)

    return handle_batch(event, handle)


def _from_the_first_page(body: dict[str, Any]) -> dict[str, Any]:
    """Return a message that begins where its list does: what it does again changes nothing."""
    begins = {**body, "cursor": None, "late": 0}
    return {**begins, "place": {**body["place"], "cursor": None}} if "place" in body else begins


def _settle_game(body: dict[str, Any], has_time: Callable[[], bool]) -> None:
    """Let one market of a fixture, or all from a cursor on, take what is decided of it."""
    about = {name: body[name] for name in ("game", "version")}
    if "market" in body:
        game = games.find_game(body["game"])
        if game["game_version"] == body["version"]:
            games.apply(body["market"], game)
        return
    rest = games.settle_game(
        body["game"], body["version"], body.get("cursor"), has_time, lambda market: _send({**about, "market": market})
    )
    if rest:
        _send({**about, "cursor": rest})


def _read(body: dict[str, Any]) -> MarketSettled | MarketRolledBack:
    if body["detail-type"] == "MarketRolledBack":
        return read_event(MarketRolledBack, body)[0]
    return read_event(MarketSettled, body)[0]


def _send(body: Item) -> None:
    client("sqs").send_message(QueueUrl=settings.settlement_queue_url, MessageBody=json.dumps(body))
