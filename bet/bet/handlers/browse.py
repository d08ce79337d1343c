"""The fields for looking at games and their markets."""

from typing import Any

from bet import presenting
from bet.catalogue import browsing
from bet.markets import guards
from betsafi import clock
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier

handler = Fields()


@handler.query("events")
def events(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of fixtures that have not begun, with their markets. Raises InvalidInput, InvalidCursor."""
    page = browsing.upcoming(page_limit(arguments, 50), arguments.get("cursor"))
    items = [presenting.fixture(fixture, page.markets, clock.now()) for fixture in page.fixtures]
    return {"items": items, "cursor": page.cursor}


@handler.query("event")
def event(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one fixture with its markets. Raises NotFound."""
    fixture, markets = browsing.fixture(identifier(arguments["id"], name="id"))
    return presenting.fixture(fixture, markets, clock.now())


@handler.publication("publishMarket")
def publish_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a market as it now stands, for those who follow its fixture; None if there is none."""
    guard = guards.find_market(identifier(arguments["id"], name="id"))
    return None if guard is None else presenting.market(guard, clock.now())
