"""How bets are settled once a market has a result (`deciding.py`): every bet on it takes the result, page after page.

No guard is open when the result is written, so no later bet can be missed. Everything here may run twice, stop anywhere
and start again: a bet takes each version of a result once, and a page whose result is superseded stops.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bet import store
from bet.settlement import decide, with_result
from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Contention
from betsafi.telemetry import logger

_TRIES = 10


@dataclass(frozen=True)
class Place:
    """Where the settlement of a market's result has got to."""

    market_id: str
    result_version: int
    shard: int = 0
    cursor: str | None = None


def settle_bets(place: Place, has_time: Callable[[], bool]) -> Place | None:
    """Give the market's result to its bets, from `place` on, while there is time; return where to go on, or None."""
    result = store.get_result(place.market_id)
    if result["result_version"] != place.result_version:
        logger.info("result superseded", market_id=place.market_id, result_version=place.result_version)
        return None
    market = store.get_market(place.market_id)
    if market["status"] != "CLOSED":
        # Reopened, which is the last thing that a rollback does; bets that came since know no result.
        return None
    shards = market["guards"]
    shard, cursor = place.shard, place.cursor
    while shard < shards:
        page = store.legs_of(place.market_id, shard, cursor)
        for bet in store.get_bets(page.items):
            settle_bet(bet, result)
        cursor = page.cursor
        if cursor is None:
            shard += 1
        if shard < shards and not has_time():
            return Place(place.market_id, place.result_version, shard, cursor)
    if result.get("reopen"):
        store.reopen_market(result)
    return None


def settle_bet(bet: Item, result: Item) -> None:
    """Let one bet take one result; write its decision if that is the last it needed. Raises Contention."""
    for _ in range(_TRIES):
        if bet["status"] not in ("ACCEPTED", "SETTLED"):
            return
        legs = with_result(bet["legs"], result["market_id"], result["results"], result["result_version"])
        if legs is None or store.save_results(bet, _changes(bet, legs)):
            return
        bet = store.get_bet(bet["user_id"], bet["bet_id"])
    raise Contention("The bet is busy.")


def _changes(bet: Item, legs: list[dict[str, Any]]) -> Item:
    decision = decide(bet["stake_cents"], legs)
    if decision is None:
        # A correction can take back what decided the bet; it is open again until its next decision.
        reopened = bet["status"] == "SETTLED"
        version = bet["settlement_version"] + reopened
        return {"legs": legs, "status": "ACCEPTED", "outcome": None, "settlement_version": version}
    told = (bet.get("outcome"), bet.get("payout_cents")) == (decision.outcome, decision.payout_cents)
    return {
        "legs": legs,
        "status": "SETTLED",
        "outcome": decision.outcome,
        "payout_cents": decision.payout_cents,
        "settled_at": bet.get("settled_at") if told else clock.stamp(),
        "settlement_version": bet["settlement_version"] + (not told),
    }
