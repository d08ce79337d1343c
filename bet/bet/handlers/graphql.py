"""The bet fields of the AppSync API: browsing, betting, and trading for traders."""

from typing import Any

from bet import cancelling, deciding, limits, models, placing, store
from bet.acceptance import looks
from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import InvalidInput, NotFound
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier
from betsafi.money import money_out

handler = Fields()


@handler.query("events")
def events(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of fixtures that have not begun, with their markets. Raises InvalidInput, InvalidCursor."""
    page = store.upcoming(page_limit(arguments, 50), arguments.get("cursor"))
    guards = store.markets_of(page.items)
    return {"items": [present_fixture(fixture, guards) for fixture in page.items], "cursor": page.cursor}


@handler.query("event")
def event(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one fixture with its markets. Raises NotFound."""
    if (fixture := store.find_fixture(identifier(arguments["id"]))) is None:
        raise NotFound("There is no such event.")
    return present_fixture(fixture, store.markets_of([fixture]))


@handler.query("bets")
def bets(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's bets, newest first. Raises InvalidInput, InvalidCursor."""
    page = store.bets_of(caller.user_id, page_limit(arguments, 20), arguments.get("cursor"))
    return {"items": [present_bet(bet) for bet in page.items], "cursor": page.cursor}


@handler.query("bet")
def bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's bets. Raises NotFound."""
    return present_bet(store.get_bet(caller.user_id, identifier(arguments["id"])))


@handler.mutation("placeBet")
def place_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Place a bet: see `placing.place`."""
    return present_bet(placing.place(caller.user_id, models.slip(arguments["input"])))


@handler.mutation("cancelBet")
def cancel_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take one of the caller's bets back: see `cancelling.cancel`."""
    return present_bet(cancelling.cancel(caller.user_id, identifier(arguments["id"])))


@handler.mutation("createFixture")
def create_fixture(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Create a fixture with a priced 1X2 market. Traders only. Raises Conflict for a taken id."""
    caller.require("trader")
    fixture = store.create_fixture(models.new_fixture(arguments["input"]))
    return present_fixture(fixture, store.markets_of([fixture]))


@handler.mutation("setOdds")
def set_odds(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a market new odds. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    market_id = identifier(arguments["marketId"])
    return present_market(store.change_market(market_id, {"odds": models.prices(arguments["odds"])}))


@handler.mutation("setMarketStatus")
def set_market_status(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Suspend a market or open it again. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    if arguments["status"] not in models.MARKET_STATUSES:
        raise InvalidInput("A market's status is OPEN or SUSPENDED; settleMarket closes it.")
    market_id = identifier(arguments["marketId"])
    return present_market(store.change_market(market_id, {"status": arguments["status"]}))


@handler.mutation("setMarketGuards")
def set_market_guards(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Split a market's limit over more guards, so that more bets a second fit. Traders only.

    Raises InvalidInput, NotFound, Conflict once the market is closed, Contention.
    """
    caller.require("trader")
    market_id, wanted = identifier(arguments["marketId"]), arguments["guards"]
    if not 1 <= wanted <= limits.MAX_GUARDS:
        raise InvalidInput(f"A market has 1 to {limits.MAX_GUARDS} guards.")
    store.add_guards(market_id, wanted)
    return present_exposure(store.guards_of(market_id))


@handler.query("marketExposure")
def market_exposure(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a market's open bets could cost, and the limit, by selection. Traders only. Raises NotFound."""
    caller.require("trader")
    return present_exposure(store.guards_of(identifier(arguments["marketId"])))


@handler.mutation("settleMarket")
def settle_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Settle a market by these results, or by these instead: see `deciding.settle`. Traders only."""
    caller.require("trader")
    market_id, results = identifier(arguments["marketId"]), models.results(arguments["results"])
    return present_decided(market_id, deciding.settle(market_id, dict(results), caller.user_id))


@handler.mutation("rollbackMarket")
def rollback_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take a market's result back, perhaps to take bets again: see `deciding.roll_back`. Traders only."""
    caller.require("trader")
    market_id, reopen, reason = identifier(arguments["marketId"]), arguments.get("reopen"), arguments["reason"]
    if reopen is not None and reopen not in models.MARKET_STATUSES:
        raise InvalidInput("A market is reopened as OPEN or SUSPENDED, or stays closed.")
    return present_decided(market_id, deciding.roll_back(market_id, reopen, caller.user_id, models.reason(reason)))


def present_decided(market_id: str, decided: deciding.Decided) -> dict[str, Any]:
    """Return what came of a trader's decision as GraphQL's `MarketResult`."""
    status = "PROPOSED" if decided.result is None else "SETTLED" if decided.results else "ROLLED_BACK"
    return {
        "marketId": market_id,
        "status": status,
        "version": decided.result["result_version"] if decided.result else None,
        "message": decided.message,
        "decidedBy": decided.traders,
        "results": [{"selectionId": key, "result": value} for key, value in sorted(decided.results.items())],
    }


def present_fixture(fixture: Item, guards: dict[str, Item]) -> dict[str, Any]:
    """Return a fixture as GraphQL's `Event`."""
    return {
        "id": fixture["fixture_id"],
        "competition": fixture["competition"],
        "home": fixture["home"],
        "away": fixture["away"],
        "startsAt": fixture["starts_at"],
        "status": fixture["status"],
        "markets": [present_market(guards[market_id]) for market_id in fixture["markets"] if market_id in guards],
    }


def present_market(guard: Item) -> dict[str, Any]:
    """Return a market's visible guard as GraphQL's `Market`."""
    return {
        "id": guard["market_id"],
        "type": guard["market_type"],
        "status": looks(guard["status"], clock.parse_stamp(guard["starts_at"]), clock.now()),
        "version": guard["version"],
        "selections": [{"id": key, "odds": guard["odds"][key]} for key in sorted(guard["odds"])],
    }


def present_exposure(guards: list[Item]) -> dict[str, Any]:
    """Return a market's guards as GraphQL's `MarketExposure`; a closed market's is that of its last open moment."""
    return {
        "marketId": guards[0]["market_id"],
        "status": guards[0]["status"],
        "guards": len(guards),
        "selections": [
            {
                "key": key,
                "exposure": money_out(sum(store.exposure_of(guard, key) for guard in guards)),
                "limit": money_out(sum(guard["limit_cents"] for guard in guards)),
            }
            for key in sorted(guards[0]["odds"])
        ],
    }


def present_bet(item: Item) -> dict[str, Any]:
    """Return a bet as GraphQL's `Bet`."""
    return {
        "id": item["bet_id"],
        "status": item["status"],
        "stake": money_out(item["stake_cents"]),
        "potentialPayout": money_out(item["potential_payout_cents"]) if "potential_payout_cents" in item else None,
        "payout": money_out(item["payout_cents"]) if item["status"] == "SETTLED" else None,
        "outcome": item.get("outcome") if item["status"] == "SETTLED" else None,
        "reason": item.get("reason"),
        "placedAt": item["at"],
        "settledAt": item.get("settled_at") if item["status"] == "SETTLED" else None,
        "legs": [
            {
                "marketId": leg["market_id"],
                "selectionId": leg["selection_id"],
                "odds": leg["odds"],
                "result": leg.get("result"),
            }
            for leg in item["legs"]
        ],
    }
