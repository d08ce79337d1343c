"""A fixture's markets: added one by one, listed in pages, and brought to what becomes of the fixture."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bet import wording
from bet.catalogue.fixture import MAIN_MARKETS
from bet.markets import changing
from bet.markets.guards import new_guards
from bet.table import fixture_key, line_key, lines_of, table
from betsafi import clock
from betsafi.dynamodb import Check, ConditionFailed, Item, Page, Put, Update, Write
from betsafi.errors import Conflict, Contention
from betsafi.ids import fingerprint
from betsafi.telemetry import trace

if TYPE_CHECKING:  # what traders give is imported where they are served, not where players look
    from bet.markets.given import NewMarket


def add_market(fixture: Item, given: "NewMarket", *also: Write) -> Item | None:
    """Write a market of a fixture as it was seen, with `also`; None where the fixture has changed meanwhile.

    The same again returns what its list has of it, also once its odds have moved. Raises Conflict for another market of
    this kind and specifiers, or one more than a list shows.
    """
    market_id = given.id_for(fixture["fixture_id"])
    pk, sk = line_key(fixture["fixture_id"], market_id)
    line = {
        "pk": pk,
        "sk": sk,
        "market_id": market_id,
        "group": given.definition.group,
        "fingerprint": fingerprint([given.odds, given.main]),
        "trace": trace(),
    }
    try:
        table.transact(Put(line), *new_guards(fixture, given), _on_fixture(fixture, market_id, main=given.main), *also)
    except ConditionFailed as failure:
        found = failure.found.get(0)
        if found is None:
            return None
        if found["fingerprint"] != line["fingerprint"]:
            raise Conflict(wording.MARKET_TAKEN) from failure
        return found
    return line


def _on_fixture(fixture: Item, market_id: str, *, main: bool) -> Update | Check:
    """Return the write that demands a fixture as it was seen, and lists a main market with it. Raises Conflict."""
    seen = {"seen": fixture["version"], "markets": fixture["markets"]}
    unchanged = "#version = :seen AND #markets = :markets"
    if not main or market_id in fixture["markets"]:  # one that is listed is there already, which its line finds
        return Check(fixture_key(fixture["fixture_id"]), "#version = :seen", {"seen": fixture["version"]})
    if len(fixture["markets"]) >= MAIN_MARKETS:
        raise Conflict(wording.most_main_markets(MAIN_MARKETS))
    more = {**seen, "more": [*fixture["markets"], market_id]}
    return Update(fixture_key(fixture["fixture_id"]), "SET #markets = :more", unchanged, more)


def markets_of(fixture_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of what a fixture lists of its markets, in the order of their ids. Raises InvalidCursor."""
    return table.query(lines_of(fixture_id), limit=limit, cursor=cursor)


def market_ids(fixture_id: str) -> Iterator[str]:
    """Yield the ids of all markets of a fixture."""
    for line in table.query_all(lines_of(fixture_id)):
        yield line["market_id"]


def follow(fixture: Item, deadline: float) -> None:
    """Bring every guard of a fixture's markets to its start and status; newer ones stay.

    Raises Contention at the deadline (monotonic); it may be done again, by whoever has time.
    """
    for market_id in market_ids(fixture["fixture_id"]):
        if clock.monotonic() >= deadline:
            raise Contention(wording.FIXTURE_BUSY)
        changing.follow_fixture(market_id, fixture, deadline)
