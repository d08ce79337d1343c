"""How fast a market is settled whose guards are settled side by side, beside plain transactions on that emulator."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from betsafi.aws import client
from betsafi.dynamodb import Put, marshal
from betsafi.people import Staff
from tests.bench.bets import ODDS, TRADERS, _item, _place, _renamed, new_market
from tests.bench.house import House
from tests.bench.rows import Row

SHARDS = 4
"""Guards of a standard market, each settled by a worker of its own."""
BETS = 500
"""On each guard."""


def settling_row(house: House) -> Row:
    """Return how many plain transactions of one item go into the time of a settled bet, both four at a time."""
    market_id = new_market(house, "kpl-settling")
    placed = _place(house, house.new_player(), market_id)
    for shard in range(SHARDS):
        _copy_to(house, placed, shard)
    deciding, given = house.module("bet.trading.deciding"), house.module("bet.markets.given")
    outcomes = [*ODDS]
    results = given.Results(dict(zip(outcomes, ("WON", "LOST", "LOST"), strict=True)), {})
    for trader in TRADERS:
        decided = deciding.settle(market_id, results, Staff(trader))
    version, worker = decided.result["result_version"], house.module("bet.settlement.worker")
    table = house.module("bet.table").table

    def settle(shard: int) -> None:
        place = worker.Place(market_id, version, shard, whole=False)
        if worker.settle_bets(place, lambda: True, _set_aside) is not None:
            raise RuntimeError("the time was up")

    def write(shard: int) -> None:
        for _ in range(BETS):
            table.transact(Put({"pk": f"BENCH#{uuid.uuid4()}", "sk": "BENCH"}))

    settled, written = _seconds(settle), _seconds(write)
    house.forget_changes()
    what = "plain transactions in the time of a settled bet, four guards side by side"
    return Row("settling.pace", what, settled / written, "x", 2.0, 1.0)


def _seconds(work: Callable[[int], None]) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(SHARDS) as pool:
        list(pool.map(work, range(SHARDS)))
    return time.perf_counter() - begun


def _copy_to(house: House, bet: dict[str, str], shard: int) -> None:
    """Write copies of a bet, each for a player of its own, onto one guard of its market."""
    table, market_id = house.tables["bet"], bet["market_id"]
    original = _item(table, f"USER#{bet['user_id']}", f"BET#{bet['bet_id']}")
    puts: list[dict[str, Any]] = []
    for _ in range(BETS):
        ids = {bet["user_id"]: str(uuid.uuid4()), bet["bet_id"]: str(uuid.uuid4())}
        about = {"user_id": ids[bet["user_id"]], "bet_id": ids[bet["bet_id"]], "outcome_id": next(iter(ODDS))}
        leg = marshal({"pk": f"LEGS#{market_id}#{shard}", "sk": ids[bet["bet_id"]], **about})
        puts += [{"PutRequest": {"Item": item}} for item in (_renamed(original, ids), leg)]
    for start in range(0, len(puts), 24):
        if client("dynamodb").batch_write_item(RequestItems={table: puts[start : start + 24]})["UnprocessedItems"]:
            raise RuntimeError("the emulator left copies of bets unwritten")


def _set_aside(bet: dict[str, Any]) -> None:
    raise RuntimeError(f"bet {bet['bet_id']} was set aside")
