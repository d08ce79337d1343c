"""The bet fields of the AppSync API for traders: fixtures, prices, limits and results. It can hold nobody's stake."""

from typing import Any

from bet import presenting, wording
from bet.catalogue.fixture import new_fixture
from bet.markets import definition, limits
from bet.trading import deciding, desk
from betsafi import clock
from betsafi.audit import call_id
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields
from betsafi.ids import identifier
from betsafi.inputs import text, whole

handler = Fields()


@handler.mutation("createFixture")
def create_fixture(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Create a fixture with a priced 1X2 market, once for each id. Traders only. Raises Conflict for a taken one."""
    caller.require("trader")
    created, markets = desk.create_fixture(new_fixture(arguments["input"]), caller.staff)
    return presenting.fixture(created, markets, clock.now())


@handler.mutation("setOdds")
def set_odds(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a market new odds. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    return _change(caller, "setOdds", arguments, {"odds": definition.prices(arguments["odds"])})


@handler.mutation("setMarketStatus")
def set_market_status(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Suspend a market or open it again. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    if arguments["status"] not in definition.STATUSES:
        raise InvalidInput(wording.STATUS_TO_SET)
    return _change(caller, "setMarketStatus", arguments, {"status": arguments["status"]})


def _change(caller: Caller, action: str, arguments: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    market_id = identifier(arguments["marketId"], name="marketId")
    market = desk.change(action, market_id, changes, caller.staff, call_id(arguments))
    return presenting.market(market, clock.now())


@handler.mutation("setMarketGuards")
def set_market_guards(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Split a market's limit over more guards, so that more bets a second fit. Traders only.

    Raises InvalidInput, NotFound, Conflict once the market is closed, Contention.
    """
    caller.require("trader")
    market_id = identifier(arguments["marketId"], name="marketId")
    wanted = whole(arguments["guards"], "guards", 1, limits.MAX_GUARDS)
    return presenting.exposure(desk.set_guards(market_id, wanted, caller.staff, call_id(arguments)))


@handler.query("marketExposure")
def market_exposure(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a market's open bets could cost, and the limit, by selection. Traders only. Raises NotFound."""
    caller.require("trader")
    return presenting.exposure(desk.market_exposure(identifier(arguments["marketId"], name="marketId")))


@handler.mutation("settleMarket")
def settle_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Settle a market by these results, or by these instead: see `deciding.settle`. Traders only."""
    caller.require("trader")
    market_id = identifier(arguments["marketId"], name="marketId")
    results = definition.results(arguments["results"])
    return _decided(market_id, deciding.settle(market_id, dict(results), caller.staff, call_id(arguments)))


@handler.mutation("rollbackMarket")
def rollback_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take a market's result back, perhaps to take bets again: see `deciding.roll_back`. Traders only."""
    caller.require("trader")
    market_id, reopen = identifier(arguments["marketId"], name="marketId"), arguments.get("reopen")
    reason = text(arguments["reason"], "reason", 5, 500)
    if reopen is not None and reopen not in definition.STATUSES:
        raise InvalidInput(wording.STATUS_TO_REOPEN)
    return _decided(market_id, deciding.roll_back(market_id, reopen, caller.staff, reason, call_id(arguments)))


@handler.mutation("refuseMarketDecision")
def refuse_market_decision(caller: Caller, arguments: dict[str, Any]) -> bool:
    """End what another trader proposed for a market: see `deciding.refuse`. Traders only. Raises NotFound."""
    caller.require("trader")
    market_id = identifier(arguments["marketId"], name="marketId")
    deciding.refuse(market_id, caller.staff, text(arguments["reason"], "reason", 5, 500), call_id(arguments))
    return True


def _decided(market_id: str, decided: deciding.Decided) -> dict[str, Any]:
    return presenting.market_result(market_id, decided.results, decided.result, decided.message, decided.traders)
