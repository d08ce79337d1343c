"""The bet fields of the AppSync API for traders: catalogue, prices, limits, results. It can hold nobody's stake."""

from collections.abc import Callable
from typing import Any

from bet import presenting, wording
from bet.catalogue import competitions
from bet.catalogue.competition import competition, team
from bet.catalogue.fixture import fixture_id as fixture_id_of
from bet.catalogue.fixture import new_fixture, status
from bet.catalogue.fixtures import get_fixture
from bet.catalogue.names import SHORTEST_SEARCH, sought
from bet.catalogue.sports import sport
from bet.markets import guards, kinds, limits
from bet.markets.given import new_market, prices, results
from bet.markets.status import to_set
from bet.settlement import overdue, versions
from bet.settlement.results import results_to_show
from bet.trading import correcting, deciding, desk, games, holding, standing
from betsafi import clock
from betsafi.audit import call_id
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier
from betsafi.inputs import moment, text, whole
from betsafi.odds import canonical_odds

handler = Fields()
_MOST_MARKETS = 20
"""At once: each is a transaction of its own."""
_NEWEST = 10**9
"""No market changes so often."""


@handler.mutation("putCompetition")
def put_competition(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep a competition, new or changed. Traders only."""
    caller.require("trader")
    wanted, request_id = competition(arguments["input"]), call_id(arguments["input"])
    return presenting.competition(desk.put_competition(wanted, caller.staff, request_id))


@handler.mutation("putTeam")
def put_team(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep a team, new or changed. Traders only."""
    caller.require("trader")
    kept = desk.put_team(team(arguments["input"]), caller.staff, call_id(arguments["input"]))
    return presenting.team(kept.id, kept.name)


@handler.query("searchTeams")
def search_teams(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a sport's teams that are called so. Traders only. Raises InvalidInput, InvalidCursor."""
    caller.require("trader")
    sport_id, wanted = sport(arguments["sportId"]), sought(text(arguments["text"], "text", SHORTEST_SEARCH, 40))
    page = competitions.search_teams(sport_id, wanted, page_limit(arguments, 20), arguments.get("cursor"))
    return {"items": [presenting.team(item["team_id"], item["name"]) for item in page.items], "cursor": page.cursor}


@handler.mutation("createFixture")
def create_fixture(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Create a fixture, once for each id. Traders only. Raises NotFound, Conflict for a taken id."""
    caller.require("trader")
    return _fixture(desk.create_fixture(new_fixture(arguments["input"]), caller.staff))


@handler.mutation("addMarkets")
def add_markets(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Add priced markets to a fixture, each once. Traders only. Raises NotFound, Conflict for other prices."""
    caller.require("trader")
    fixture_id, rows = identifier(arguments["fixtureId"], name="fixtureId"), arguments["markets"]
    if not 1 <= len(rows) <= _MOST_MARKETS:
        raise InvalidInput(wording.markets_at_once(_MOST_MARKETS))
    found, markets = desk.add_markets(fixture_id, list(map(new_market, rows)), caller.staff)
    now, results = clock.now(), results_to_show(markets.values())
    return [presenting.market(guard, found, now, results.get(market_id)) for market_id, guard in markets.items()]


@handler.mutation("moveFixture")
def move_fixture(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a fixture another start. Traders only. Raises NotFound, Conflict once it has begun, Contention."""
    caller.require("trader")
    starts_at = moment(arguments["startsAt"], "startsAt")
    return _changed(caller, "moveFixture", arguments, starts_at=starts_at)


@handler.mutation("setFixtureStatus")
def set_fixture_status(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a fixture a status. Traders only. Raises NotFound, Conflict for one that cannot follow, Contention."""
    caller.require("trader")
    return _changed(caller, "setFixtureStatus", arguments, status=status(arguments["status"]))


def _changed(caller: Caller, action: str, arguments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    fixture_id = identifier(arguments["fixtureId"], name="fixtureId")
    reason = text(arguments["reason"], "reason", 5, 500)
    changed = desk.change_fixture(action, fixture_id, caller.staff, call_id(arguments), reason=reason, **changes)
    return _fixture(changed)


def _fixture(item: dict[str, Any]) -> dict[str, Any]:
    markets = guards.visible(item["markets"])
    return presenting.fixture(item, markets, clock.now(), results_to_show(markets.values()))


@handler.mutation("setPopular")
def set_popular(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Let a fixture be a popular one, or not. Traders only. Raises NotFound, Conflict, Contention."""
    caller.require("trader")
    fixture_id = fixture_id_of(arguments["fixtureId"], "fixtureId")
    return desk.set_popular(fixture_id, bool(arguments["popular"]), caller.staff, call_id(arguments))


@handler.mutation("setOdds")
def set_odds(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a market new odds. Traders only. Raises NotFound, Conflict once it is closed or has another version."""
    caller.require("trader")
    market_id, seen = identifier(arguments["marketId"], name="marketId"), arguments.get("version")
    odds = prices(kinds.definition_of(market_id), arguments["odds"])
    made_for = None if seen is None else whole(seen, "version", 1, _NEWEST)
    return _change(caller, "setOdds", arguments, {"odds": odds}, made_for)


@handler.mutation("setMarketStatus")
def set_market_status(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Suspend a market or open it again. Traders only. Raises NotFound, Conflict once it is closed."""
    caller.require("trader")
    return _change(caller, "setMarketStatus", arguments, {"status": to_set(arguments["status"], wording.STATUS_TO_SET)})


def _change(
    caller: Caller, action: str, arguments: dict[str, Any], changes: dict[str, Any], seen: int | None = None
) -> dict[str, Any]:
    market_id = identifier(arguments["marketId"], name="marketId")
    market = desk.change(action, market_id, changes, caller.staff, call_id(arguments), seen)
    result = results_to_show([market]).get(market_id)
    return presenting.market(market, get_fixture(market["fixture_id"]), clock.now(), result)


@handler.mutation("setBetting")
def set_betting(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take no bets at all, or take them again. Traders only."""
    caller.require("trader")
    wanted, reason = bool(arguments["open"]), _reason(arguments)
    return presenting.betting(desk.set_betting(wanted, caller.staff, reason, call_id(arguments)))


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
    given = results(kinds.definition_of(market_id), arguments["results"])
    return _decided(market_id, deciding.settle(market_id, given, caller.staff, call_id(arguments)))


@handler.mutation("rollbackMarket")
def rollback_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take a market's result back, perhaps to take bets again: see `deciding.roll_back`. Traders only."""
    caller.require("trader")
    market_id, reopen = identifier(arguments["marketId"], name="marketId"), arguments.get("reopen")
    reason = text(arguments["reason"], "reason", 5, 500)
    if reopen is not None:
        to_set(reopen, wording.STATUS_TO_REOPEN)
    return _decided(market_id, deciding.roll_back(market_id, reopen, caller.staff, reason, call_id(arguments)))


@handler.mutation("refuseMarketDecision")
def refuse_market_decision(caller: Caller, arguments: dict[str, Any]) -> bool:
    """End what another trader proposed for a market: see `deciding.refuse`. Traders only. Raises NotFound."""
    caller.require("trader")
    market_id = identifier(arguments["marketId"], name="marketId")
    deciding.refuse(market_id, caller.staff, text(arguments["reason"], "reason", 5, 500), call_id(arguments))
    return True


@handler.mutation("settleFixture")
def settle_fixture(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Settle what a record of a game decides: see `games.settle_fixture`. Traders only."""
    caller.require("trader")
    fixture_id = fixture_id_of(arguments["fixtureId"], "fixtureId")
    return _decision(games.settle_fixture(fixture_id, arguments["record"], caller.staff, call_id(arguments)))


@handler.mutation("cancelBets")
def cancel_bets(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Void the legs of bets that were placed in a window: see `games.cancel_bets`. Traders only."""
    return _change_windows(caller, arguments, games.cancel_bets)


@handler.mutation("rollbackCancel")
def rollback_cancel(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take a window back: see `games.rollback_cancel`. Traders only."""
    return _change_windows(caller, arguments, games.rollback_cancel)


@handler.mutation("refuseFixtureDecision")
def refuse_fixture_decision(caller: Caller, arguments: dict[str, Any]) -> bool:
    """End what another trader proposed for a fixture: see `games.refuse`. Traders only. Raises NotFound."""
    caller.require("trader")
    fixture_id = fixture_id_of(arguments["fixtureId"], "fixtureId")
    games.refuse(fixture_id, caller.staff, _reason(arguments), call_id(arguments))
    return True


@handler.mutation("holdResults")
def hold_results(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let results wait: see `holding.hold`. Traders only. Raises NotFound."""
    caller.require("trader")
    subject_id, reason = _subject(arguments), _reason(arguments)
    return _decision(holding.hold(subject_id, caller.staff, reason, call_id(arguments)))


@handler.mutation("releaseResults")
def release_results(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let results wait no more: see `holding.release`. Another trader only. Raises SamePerson."""
    caller.require("trader")
    subject_id, reason = _subject(arguments), _reason(arguments)
    return _decision(holding.release(subject_id, caller.staff, reason, call_id(arguments)))


@handler.query("heldAndCancelled")
def held_and_cancelled(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what stands of a fixture and of its markets: see `standing.standing`. Traders only. Raises NotFound."""
    caller.require("trader")
    found = standing.standing(fixture_id_of(arguments["fixtureId"], "fixtureId"))
    return [presenting.standing(*each) for each in found]


@handler.mutation("voidBet")
def void_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Void one bet: see `correcting.void_bet`. Two traders."""
    caller.require("trader")
    user_id, bet_id, reason = _one_bet(arguments)
    return _decision(correcting.void_bet(user_id, bet_id, caller.staff, reason, call_id(arguments)))


@handler.mutation("repriceBet")
def reprice_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a leg of one bet count at other odds: see `correcting.reprice_bet`. Two traders."""
    caller.require("trader")
    user_id, bet_id, reason = _one_bet(arguments)
    market_id, odds = identifier(arguments["marketId"], name="marketId"), canonical_odds(arguments["odds"])
    made = correcting.reprice_bet(user_id, bet_id, market_id, odds, caller.staff, reason, call_id(arguments))
    return _decision(made)


@handler.mutation("refuseBetDecision")
def refuse_bet_decision(caller: Caller, arguments: dict[str, Any]) -> bool:
    """End what another trader proposed for a bet: see `correcting.refuse`. Traders only. Raises NotFound."""
    caller.require("trader")
    bet_id = identifier(arguments["betId"], name="betId")
    correcting.refuse(bet_id, caller.staff, _reason(arguments), call_id(arguments))
    return True


def _one_bet(arguments: dict[str, Any]) -> tuple[str, str, str]:
    user_id, bet_id = (identifier(arguments[name], name=name) for name in ("userId", "betId"))
    return user_id, bet_id, _reason(arguments)


@handler.query("overdueFixtures")
def overdue_fixtures(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the games that wait for a trader: see `overdue.overdue`. Traders only. Raises InvalidCursor."""
    caller.require("trader")
    page = overdue.overdue(page_limit(arguments, 20), arguments.get("cursor"))
    return {"items": list(map(_fixture, page.items)), "cursor": page.cursor}


@handler.query("marketKinds")
def market_kinds(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the kinds of markets. Traders only."""
    caller.require("trader")
    return list(map(presenting.market_kind, kinds.definitions().values()))


@handler.query("tradingProposals")
def trading_proposals(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what waits for a second trader, newest first. Traders only. Raises InvalidCursor."""
    caller.require("trader")
    page = deciding.proposals(page_limit(arguments), arguments.get("cursor"))
    return {"items": list(map(presenting.proposal, page.items)), "cursor": page.cursor}


def _change_windows(caller: Caller, arguments: dict[str, Any], change: Callable[..., games.Decision]) -> dict[str, Any]:
    caller.require("trader")
    subject_id, reason = _subject(arguments), _reason(arguments)
    begins, ends = (
        None if arguments.get(name) is None else clock.stamp(moment(arguments[name], name)) for name in ("from", "to")
    )
    window = versions.window(begins, ends, clock.stamp())
    return _decision(change(subject_id, window, caller.staff, reason, call_id(arguments)))


def _subject(arguments: dict[str, Any]) -> str:
    """Return the market or the fixture that a call is about. Raises InvalidInput for both, or none."""
    given = [name for name in ("marketId", "fixtureId") if arguments.get(name) is not None]
    if len(given) != 1:
        raise InvalidInput(wording.ONE_SUBJECT)
    if given == ["fixtureId"]:
        return fixture_id_of(arguments["fixtureId"], "fixtureId")
    market_id = identifier(arguments["marketId"], name="marketId")
    kinds.definition_of(market_id)
    return market_id


def _reason(arguments: dict[str, Any]) -> str:
    return text(arguments["reason"], "reason", 5, 500)


def _decision(made: games.Decision) -> dict[str, Any]:
    return presenting.decision(made.subject_id, made.version, made.message, made.traders)


def _decided(market_id: str, decided: deciding.Decided) -> dict[str, Any]:
    results, shared = decided.results, decided.dead_heats
    return presenting.market_result(market_id, results, shared, decided.result, decided.message, decided.traders)
