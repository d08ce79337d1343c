"""The bet fields of the AppSync API: browsing, betting, and trading for traders."""

from typing import Any

from bet import cancelling, deciding, limits, models, placing, presenting, store
from betsafi import clock
from betsafi.approval import alone
from betsafi.audit import Act, call_id, was_done
from betsafi.errors import InvalidInput, NotFound
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier

handler = Fields()


@handler.query("events")
def events(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of fixtures that have not begun, with their markets. Raises InvalidInput, InvalidCursor."""
    page = store.upcoming(page_limit(arguments, 50), arguments.get("cursor"))
    guards = store.markets_of(page.items)
    return {
        "items": [presenting.fixture(fixture, guards, clock.now()) for fixture in page.items],
        "cursor": page.cursor,
    }


@handler.query("event")
def event(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one fixture with its markets. Raises NotFound."""
    if (fixture := store.find_fixture(identifier(arguments["id"]))) is None:
        raise NotFound("There is no such event.")
    return presenting.fixture(fixture, store.markets_of([fixture]), clock.now())


@handler.query("bets")
def bets(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's bets, newest first. Raises InvalidInput, InvalidCursor."""
    page = store.bets_of(caller.user_id, page_limit(arguments, 20), arguments.get("cursor"))
    return {"items": [presenting.bet(bet) for bet in page.items], "cursor": page.cursor}


@handler.query("bet")
def bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's bets. Raises NotFound."""
    return presenting.bet(store.get_bet(caller.user_id, identifier(arguments["id"])))


@handler.mutation("placeBet")
def place_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Place a bet: see `placing.place`."""
    return presenting.bet(placing.place(caller.user_id, models.slip(arguments["input"])))


@handler.mutation("cancelBet")
def cancel_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take one of the caller's bets back: see `cancelling.cancel`."""
    return presenting.bet(cancelling.cancel(caller.user_id, identifier(arguments["id"])))


@handler.mutation("createFixture")
def create_fixture(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Create a fixture with a priced 1X2 market, once for each id. Traders only. Raises Conflict for a taken one."""
    caller.require("trader")
    wanted = models.new_fixture(arguments["input"])
    act = Act("createFixture", f"FIXTURE#{wanted.fixture_id}", caller.staff)
    shown = {"startsAt": clock.stamp(wanted.starts_at), "odds": wanted.odds, "tier": wanted.tier}
    fixture = store.create_fixture(wanted, *alone(act).writes({}, shown))
    return presenting.fixture(fixture, store.markets_of([fixture]), clock.now())


@handler.mutation("setOdds")
def set_odds(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a market new odds. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    return _change(caller, "setOdds", arguments, {"odds": models.prices(arguments["odds"])})


@handler.mutation("setMarketStatus")
def set_market_status(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Suspend a market or open it again. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    if arguments["status"] not in models.MARKET_STATUSES:
        raise InvalidInput("A market's status is OPEN or SUSPENDED; settleMarket closes it.")
    return _change(caller, "setMarketStatus", arguments, {"status": arguments["status"]})


def _change(caller: Caller, action: str, arguments: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    market_id = identifier(arguments["marketId"])
    act = _act(caller, action, market_id, arguments, changes)
    done = was_done(store.table, act)
    market = store.get_market(market_id) if done else store.change_market(market_id, changes, alone(act))
    return presenting.market(market, clock.now())


def _act(caller: Caller, action: str, market_id: str, arguments: dict[str, Any], decision: dict[str, Any]) -> Act:
    return Act(action, f"GUARD#{market_id}#0", caller.staff, decision=decision, request_id=call_id(arguments))


@handler.mutation("setMarketGuards")
def set_market_guards(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Split a market's limit over more guards, so that more bets a second fit. Traders only.

    Raises InvalidInput, NotFound, Conflict once the market is closed, Contention.
    """
    caller.require("trader")
    market_id, wanted = identifier(arguments["marketId"]), arguments["guards"]
    if not 1 <= wanted <= limits.MAX_GUARDS:
        raise InvalidInput(f"A market has 1 to {limits.MAX_GUARDS} guards.")
    act = _act(caller, "setMarketGuards", market_id, arguments, {"guards": wanted})
    if not was_done(store.table, act):
        store.add_guards(market_id, wanted, alone(act))
    return presenting.exposure(store.exposure(market_id))


@handler.query("marketExposure")
def market_exposure(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a market's open bets could cost, and the limit, by selection. Traders only. Raises NotFound."""
    caller.require("trader")
    return presenting.exposure(store.exposure(identifier(arguments["marketId"])))


@handler.mutation("settleMarket")
def settle_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Settle a market by these results, or by these instead: see `deciding.settle`. Traders only."""
    caller.require("trader")
    market_id, results = identifier(arguments["marketId"]), models.results(arguments["results"])
    return _decided(market_id, deciding.settle(market_id, dict(results), caller.staff, call_id(arguments)))


@handler.mutation("rollbackMarket")
def rollback_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take a market's result back, perhaps to take bets again: see `deciding.roll_back`. Traders only."""
    caller.require("trader")
    market_id, reopen, reason = identifier(arguments["marketId"]), arguments.get("reopen"), arguments["reason"]
    if reopen is not None and reopen not in models.MARKET_STATUSES:
        raise InvalidInput("A market is reopened as OPEN or SUSPENDED, or stays closed.")
    decided = deciding.roll_back(market_id, reopen, caller.staff, models.reason(reason), call_id(arguments))
    return _decided(market_id, decided)


@handler.mutation("refuseMarketDecision")
def refuse_market_decision(caller: Caller, arguments: dict[str, Any]) -> bool:
    """End what another trader proposed for a market: see `deciding.refuse`. Traders only. Raises NotFound."""
    caller.require("trader")
    market_id, reason = identifier(arguments["marketId"]), models.reason(arguments["reason"])
    deciding.refuse(market_id, caller.staff, reason, call_id(arguments))
    return True


def _decided(market_id: str, decided: deciding.Decided) -> dict[str, Any]:
    return presenting.market_result(market_id, decided.results, decided.result, decided.message, decided.traders)


@handler.publication("publishMarket")
def publish_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a market as it now stands, for those who follow its fixture; None if there is none."""
    guard = store.find_market(arguments["id"])
    return None if guard is None else presenting.market(guard, clock.now())


@handler.update("bet")
def bet_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's bet as it now stands, for their subscribers: see `presenting.bet_for_subscribers`."""
    found = store.get_bet(arguments["userId"], arguments["bet"])
    return presenting.bet_for_subscribers(found, arguments.get("betPosted"))
