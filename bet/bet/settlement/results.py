"""A market's results: each is a version that replaces the one before; one without results takes it back."""

from collections.abc import Sequence
from typing import NamedTuple

from bet import wording
from bet.markets import kinds
from bet.markets.guards import is_closed
from bet.settlement.holds import is_held
from bet.table import hold_key, result_key, table
from betsafi import clock
from betsafi.dynamodb import Check, Item, Put, Write
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


class Standing(NamedTuple):
    """A market's newest result, and whether it waits until somebody releases it."""

    result: Item
    is_held: bool


def get_standing(market_id: str) -> Standing:
    """Return a market's newest result, and whether results of the market or of its game are held. Raises NotFound."""
    keys = [result_key(market_id), hold_key(market_id), hold_key(kinds.fixture_of(market_id))]
    found = {item["sk"]: item for item in table.get_many(keys) if item["sk"] == "RESULT" or is_held(item)}
    if "RESULT" not in found:
        raise NotFound(wording.NO_RESULT)
    return Standing(found["RESULT"], "HOLD" in found)


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
