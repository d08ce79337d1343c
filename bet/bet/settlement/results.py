"""A market's results: each is a version that replaces the one before; one without results takes it back."""

from bet import wording
from bet.markets.guards import is_closed
from bet.table import result_key, table
from betsafi import clock
from betsafi.dynamodb import Check, Item, Put, Write
from betsafi.errors import NotFound
from betsafi.telemetry import trace


def put_result(guard: Item, seen_version: int, given: Item, *also: Write) -> Item:
    """Write a market's result under the version after the one seen (0: none), and return it. No `results`: taken back.

    `also` is written with it, or neither.

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
    table.transact(Put(item, newest, {"seen": seen_version} if seen_version else {}), is_closed(guard), *also)
    return item


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
