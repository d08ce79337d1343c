"""A market's results: each is a version that replaces the one before; one without results takes it back."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bet import wording
from bet.markets import kinds
from bet.markets.guards import is_closed
from bet.settlement.holds import is_held
from bet.table import hold_key, result_key, table
from betsafi import clock
from betsafi.dynamodb import Check, ConditionFailed, Item, Put, Update, Write, assign
from betsafi.errors import NotFound
from betsafi.telemetry import trace


def put_result(guard: Item, seen_version: int, given: Item, *also: Write) -> Item:
    """Write a market's result under the version after the one seen (0: none), and return it. No `results`: taken back.

    `also` is written with it, or neither. Where only bets of some time are cancelled the market may stay open;
    else it must be closed.

    Raises ConditionFailed if there is a newer result, or if the market is not closed as `guard` 0 says.
    """
    pk, sk = result_key(guard["market_id"])
    item = {
        "pk": pk,
        "sk": sk,
        "market_id": guard["market_id"],
        "fixture_id": guard["fixture_id"],
        "result_version": seen_version + 1,
        "market_version": guard["version"],
        "decided_at": clock.stamp(),
        "trace": trace(),
        **given,
    }
    newest = "#result_version = :seen" if seen_version else "attribute_not_exists(pk)"
    closed = [] if guard["status"] != "CLOSED" and not given["results"] else [is_closed(guard)]
    table.transact(Put(item, newest, {"seen": seen_version} if seen_version else {}), *closed, *also)
    return item


def tell_anew(result: Item) -> None:
    """Have a result published once more, as it was when it was written; a newer one is published by itself."""
    told = {"told_at": clock.stamp(), "trace": trace()}
    newest, values = "#result_version = :seen", {**told, "seen": result["result_version"]}
    try:
        table.write(Update(result_key(result["market_id"]), assign(told), newest, values))
    except ConditionFailed:
        return


class Standing(NamedTuple):
    """A market's newest result, and whether it waits until somebody releases it."""

    result: Item
    is_held: bool


def get_standing(market_id: str) -> Standing:
    """Return a market's newest result, and whether results of the market or of its game are held. Raises NotFound."""
    if (found := _standings([market_id]).get(market_id)) is None:
        raise NotFound(wording.NO_RESULT)
    return found


def results_to_show(guards: Iterable[Item]) -> dict[str, Item]:
    """Return the newest results of the markets with these visible guards, by market: of those that are closed and have
    one that nobody holds. Where none is closed nothing is read.
    """
    closed = [guard["market_id"] for guard in guards if guard["status"] == "CLOSED"]
    found = _standings(closed)
    return {market_id: standing.result for market_id, standing in found.items() if not standing.is_held}


def _standings(market_ids: Sequence[str]) -> dict[str, Standing]:
    """Return the newest result of each market that has one, and whether it waits, by market."""
    asked = (key for each in market_ids for key in (result_key(each), *map(hold_key, _holders(each))))
    keys = list(dict.fromkeys(asked))
    found = [item for start in range(0, len(keys), 100) for item in table.get_many(keys[start : start + 100])]
    held = {item["subject_id"] for item in found if item["sk"] == "HOLD" and is_held(item)}
    results = {item["market_id"]: item for item in found if item["sk"] == "RESULT"}
    return {each: Standing(result, not held.isdisjoint(_holders(each))) for each, result in results.items()}


def _holders(market_id: str) -> tuple[str, str]:
    """Return whose hold lets a market's result wait: its own, and its fixture's."""
    return market_id, kinds.fixture_of(market_id)


def find_results(market_ids: Sequence[str]) -> dict[str, Item]:
    """Return the newest results of at most 100 markets, by market, of those that have any."""
    return {item["market_id"]: item for item in table.get_many([result_key(market_id) for market_id in market_ids])}


def find_result(market_id: str) -> Item | None:
    """Return a market's newest result, or None."""
    return table.get(result_key(market_id))


def get_result(market_id: str) -> Item:
    """Return a market's newest result. Raises NotFound."""
    if (found := find_result(market_id)) is None:
        raise NotFound(wording.NO_RESULT)
    return found


def is_newest(result: Item) -> Check:
    """Return the condition that there is no newer result."""
    return Check(result_key(result["market_id"]), "#result_version = :seen", {"seen": result["result_version"]})
