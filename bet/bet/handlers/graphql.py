"""The bet fields of the AppSync API: browsing, betting, and trading for traders."""

from typing import Any

from bet import cancelling, models, placing, presenting, settling, store
from betsafi.errors import InvalidInput, NotFound
from betsafi.graphql import Caller, Fields, page_limit

handler = Fields()


@handler.query("events")
def events(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of fixtures in the order of their start, with their markets. Raises InvalidInput, InvalidCursor."""
    page = store.upcoming(page_limit(arguments, 50), arguments.get("cursor"))
    guards = store.markets_of(page.items)
    return {"items": [presenting.fixture(fixture, guards) for fixture in page.items], "cursor": page.cursor}


@handler.query("event")
def event(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one fixture with its markets. Raises NotFound."""
    if (fixture := store.find_fixture(models.identifier(arguments["id"]))) is None:
        raise NotFound("There is no such event.")
    return presenting.fixture(fixture, store.markets_of([fixture]))


@handler.query("bets")
def bets(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's bets, newest first. Raises InvalidInput, InvalidCursor."""
    page = store.bets_of(caller.user_id, page_limit(arguments, 20), arguments.get("cursor"))
    return {"items": [presenting.bet(bet) for bet in page.items], "cursor": page.cursor}


@handler.query("bet")
def bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's bets. Raises NotFound."""
    return presenting.bet(store.get_bet(caller.user_id, models.identifier(arguments["id"])))


@handler.mutation("placeBet")
def place_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Place a bet: see `placing.place`."""
    return presenting.bet(placing.place(caller.user_id, models.slip(arguments["input"])))


@handler.mutation("cancelBet")
def cancel_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take one of the caller's bets back: see `cancelling.cancel`."""
    return presenting.bet(cancelling.cancel(caller.user_id, models.identifier(arguments["id"])))


@handler.mutation("createFixture")
def create_fixture(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Create a fixture with a priced 1X2 market. Traders only. Raises Conflict for a taken id."""
    caller.require("trader")
    fixture = store.create_fixture(models.new_fixture(arguments["input"]))
    return presenting.fixture(fixture, store.markets_of([fixture]))


@handler.mutation("setOdds")
def set_odds(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a market new odds. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    market_id = models.identifier(arguments["marketId"])
    return presenting.market(store.change_market(market_id, {"odds": models.prices(arguments["odds"])}))


@handler.mutation("setMarketStatus")
def set_market_status(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Suspend a market or open it again. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    if arguments["status"] not in models.MARKET_STATUSES:
        raise InvalidInput("A market's status is OPEN or SUSPENDED; settleMarket closes it.")
    market_id = models.identifier(arguments["marketId"])
    return presenting.market(store.change_market(market_id, {"status": arguments["status"]}))


@handler.mutation("settleMarket")
def settle_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Close a market for good and settle its bets by these results, or by these instead. Traders only."""
    caller.require("trader")
    market_id, results = models.identifier(arguments["marketId"]), models.results(arguments["results"])
    return presenting.market_result(settling.settle_market(market_id, dict(results)))


@handler.publication("publishMarket")
def publish_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a market as it now stands, for those who follow its fixture; None if there is none."""
    guard = store.find_market(arguments["id"])
    return None if guard is None else presenting.market(guard)


@handler.update("bet")
def bet_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's bet as it now stands, for their subscribers: see `presenting.bet_for_subscribers`."""
    found = store.get_bet(arguments["userId"], arguments["bet"])
    return presenting.bet_for_subscribers(found, arguments.get("betPosted"))
