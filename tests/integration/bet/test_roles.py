"""What bet's functions for players and for traders ask of the table, held against what their roles allow.

The emulator knows no conditions on keys, so each call of a whole story is looked at here, item by item.
"""

import importlib
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from betsafi import clock, people
from betsafi.aws import client
from betsafi.people import Staff
from tests.support.bet import fail, new_market, new_slip, odds_rows, results_rows
from tests.support.people import GROUPS
from tests.support.serverless import template_of

Call = tuple[str, str]
"""(IAM action, partition key, or the name of the index that is asked)."""

_ITEMS = {"Put": "PutItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem"}


FOOTBALL = "sr:sport:1"
LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("sports", {}),
    ("competitions", {}),
    ("fixtures", {}),
    ("fixtures", {"filter": {"status": "ENDED"}}),
    ("fixtures", {"filter": {"competitionId": "league-STANDARD"}}),
    ("popularFixtures", {}),
    ("searchFixtures", {"text": "ho"}),
    ("fixture", {"id": "m1"}),
    ("markets", {"fixtureId": "m1"}),
)


def calls_of(operation: str, request: dict[str, Any]) -> Iterator[Call]:
    """Yield what IAM asks about one request to DynamoDB."""
    if operation == "TransactWriteItems":
        for write in request["TransactItems"]:
            ((kind, item),) = write.items()
            yield _ITEMS[kind], (item.get("Item") or item["Key"])["pk"]["S"]
    elif operation == "BatchGetItem":
        for table in request["RequestItems"].values():
            yield from (("BatchGetItem", key["pk"]["S"]) for key in table["Keys"])
    elif operation == "Query":
        yield "Query", request.get("IndexName") or request["ExpressionAttributeValues"][":pk"]["S"]
    else:
        yield operation, (request.get("Item") or request["Key"])["pk"]["S"]


@pytest.fixture
def asked(bet: SimpleNamespace) -> Iterator[set[Call]]:
    """What is asked of bet's table from here on; the wallet behind it is another function's."""
    seen: set[Call] = set()

    def note(params: dict[str, Any], model: Any, **more: Any) -> None:
        if bet.table.name in str(params):
            seen.update(calls_of(model.name, params))

    events = client("dynamodb").meta.events
    events.register("provide-client-params.dynamodb", note)
    yield seen
    events.unregister("provide-client-params.dynamodb", note)


def allowed(function: str) -> Callable[[Call], bool]:
    """Return whether the role of a function of bet's allows a call of the table; `outbox` is the stream's."""
    template = template_of("bet")
    own = template["custom"]["defaults"]["outbox"] if function == "outbox" else template["functions"][function]
    # The statements that are no objects are about APIs.
    statements = [statement for statement in own["iamRoleStatements"] if isinstance(statement, dict)]

    def is_allowed(call: Call) -> bool:
        action, key = call
        for statement in statements:
            names = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            where = yaml.safe_dump(statement["Resource"])
            keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["*"])
            of_an_index = "#" not in key
            fits = f"/index/{key}" in where if of_an_index else any(fnmatchcase(key, like) for like in keys)
            if f"dynamodb:{action}" in names and fits and of_an_index == ("/index/" in where):
                return True
        return False

    return is_allowed


def ask(door: Any, kind: str, field: str, person: str, *groups: str, **arguments: Any) -> Any:
    identity = {"sub": person, "groups": list(groups)}
    answer = door.handler({"type": kind, "field": field, "arguments": arguments, "identity": identity})
    assert "data" in answer, answer
    return answer["data"]


def traded(bet: SimpleNamespace, fixture: str) -> str:
    """Have traders do all that they can do to a fixture; return its market."""

    def trade(field: str, trader: str = "trader-1", kind: str = "Mutation", **arguments: Any) -> Any:
        return ask(bet.trading, kind, field, trader, "trader", **arguments)

    league = {"id": "league", "sportId": FOOTBALL, "name": {"en": "League"}, "tier": "STANDARD"}
    trade("putCompetition", input={**league, "country": {"id": "KE", "name": {"en": "Kenya"}}})
    for team in ("home", "away"):
        trade("putTeam", input={"id": team, "sportId": FOOTBALL, "name": {"en": team}})
    about = {"id": fixture, "competitionId": "league", "homeTeamId": "home", "awayTeamId": "away"}
    trade("createFixture", input={**about, "startsAt": "2099-01-01T12:00:00Z"})
    odds = odds_rows()
    (made,) = trade("addMarkets", fixtureId=fixture, markets=[{"definitionId": "1", "odds": odds}])
    market = made["id"]
    trade("moveFixture", fixtureId=fixture, startsAt="2099-01-02T12:00:00Z", reason="a day later")
    for status in ("POSTPONED", "SCHEDULED"):
        trade("setFixtureStatus", fixtureId=fixture, status=status, reason="rain, then sun")
    for popular in (True, False):
        trade("setPopular", fixtureId=fixture, popular=popular)
    trade("searchTeams", kind="Query", sportId=FOOTBALL, text="home")
    trade("setOdds", marketId=market, odds=[{**row, "odds": "2.80"} for row in odds])
    trade("setMarketStatus", marketId=market, status="SUSPENDED")
    trade("setMarketStatus", marketId=market, status="OPEN")
    trade("setBetting", open=True, reason="to try it")
    trade("setMarketGuards", marketId=market, guards=4)
    trade("marketExposure", kind="Query", marketId=market)
    for trader in ("trader-1", "trader-2"):
        trade("settleMarket", trader, marketId=market, results=results_rows(_1="WON", _X="LOST", _2="LOST"))
    for trader in ("trader-1", "trader-2"):
        trade("rollbackMarket", trader, marketId=market, reopen="OPEN", reason="settled by mistake")
    return str(market)


def test_traders_functions_ask_for_what_their_role_allows(
    bet: SimpleNamespace, asked: set[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "find_staff", lambda staff_id: Staff(staff_id, f"{staff_id}-plays", GROUPS))
    traded(bet, f"f-{uuid.uuid4().hex[:8]}")
    written = {"PutItem", "UpdateItem", "ConditionCheckItem"}
    assert {action for action, _ in asked} == {*written, "GetItem", "BatchGetItem", "Query"}
    may = allowed("trading")
    assert [call for call in sorted(asked) if not may(call)] == []
    players = allowed("graphql")
    others = {key.split("#")[0] for action, key in asked if not players((action, key))}
    catalogue = {"COMPETITION", "TEAM", "FIXTURE", "LINES", "POPULAR", "SEARCH", "BETTING"}
    assert others == {*catalogue, "RESULT", "GUARD", "AUDIT", "USER"}


def test_players_functions_ask_for_what_their_role_allows(bet: SimpleNamespace, user: str, asked: set[Call]) -> None:
    market, refused = new_market(bet), new_market(bet, "m2")
    asked.clear()

    def place(market: str, odds: str) -> Any:
        pick = {"marketId": market, "selectionId": bet.kinds.selection_id(market, "1"), "odds": odds}
        stake = {"currency": "KES", "amount": "100.00"}
        given = {"clientRequestId": uuid.uuid4().hex, "stake": stake, "selections": [pick]}
        return ask(bet.graphql, "Mutation", "placeBet", user, input=given)

    placed = place(market, "2.50")["id"]
    ask(bet.graphql, "Mutation", "cancelBet", user, id=placed)
    pick = {"marketId": market, "selectionId": bet.kinds.selection_id(market, "1"), "odds": "2.50"}
    slip = {"clientRequestId": uuid.uuid4().hex, "stake": {"currency": "KES", "amount": "20.00"}, "selections": [pick]}
    assert ask(bet.graphql, "Query", "quoteSlip", user, input=slip)["accepted"]
    code = ask(bet.graphql, "Mutation", "shareSlip", user, selections=[pick])["code"]
    assert ask(bet.graphql, "Query", "sharedSlip", user, code=code)["legs"][0]["odds"] == "2.50"
    bet.placing._relieve(market, bet.guards.get_market(market)["guards"])
    real = bet.wallet_api.hold_stake
    bet.wallet_api.hold_stake = lambda *given: (
        real(*given),
        bet.changing.change_market(refused, {"status": "SUSPENDED"}),
    )
    with pytest.raises(AssertionError, match="MARKET_SUSPENDED"):
        place(refused, "2.50")
    for field, arguments in (("bets", {}), ("bet", {"id": placed}), ("repeatBet", {"id": placed}), *LOOKS):
        ask(bet.graphql, "Query", field, user, **arguments)
    assert {action for action, _ in asked} == {"PutItem", "UpdateItem", "GetItem", "BatchGetItem", "Query"}
    may = allowed("graphql")
    assert [call for call in sorted(asked) if not may(call)] == []
    traders = allowed("trading")
    assert {key.split("#")[0] for action, key in asked if not traders((action, key))} >= {"USER", "LEGS"}


def test_the_stream_asks_for_what_its_role_allows(
    bet: SimpleNamespace, asked: set[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a trader's dead call left behind is finished by the stream: a market's guards, and a fixture's."""
    for name in ("BUS_NAME", "PARKING_URL", "FOLLOWUP_QUEUE_URL", "SETTLEMENT_QUEUE_URL"):
        monkeypatch.setenv(name, name)
    monkeypatch.setenv("FOLLOWUP_SECONDS", "1")
    from bet.handlers import stream

    market = new_market(bet)
    with monkeypatch.context() as patch:
        patch.setattr(bet.changing, "spread", lambda *_: None)
        bet.changing.change_market(market, {"status": "SUSPENDED"})
    changed = [bet.guards.get_market(market), bet.fixtures.change_fixture("m1", status="POSTPONED")]
    sent: list[str] = []
    monkeypatch.setattr(stream.queue, "send_all", lambda url, bodies, *_: sent.extend(bodies))
    asked.clear()
    stream.carry_out(changed)
    assert {(guard["status"], guard["fixture_status"]) for guard in bet.guards.guards_of(market)} == {
        ("SUSPENDED", "POSTPONED")
    }
    assert {action for action, _ in asked} == {"UpdateItem", "GetItem", "BatchGetItem", "Query"}
    may = allowed("outbox")
    assert [call for call in sorted(asked) if not may(call)] == []
    assert sent == []
    stream.carry_out([bet.fixtures.change_fixture("m1", starts_at=clock.now() + timedelta(days=9))])
    assert sent == ['{"moved": "m1"}'], "a postponed game that is moved may be moved too far"


def test_whole_games_and_single_bets_are_decided_with_what_the_roles_allow(
    bet: SimpleNamespace, user: str, asked: set[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By traders, and by the settlement function that carries it out."""
    monkeypatch.setattr(people, "find_staff", lambda staff_id: Staff(staff_id, f"{staff_id}-plays", GROUPS))
    fixture = f"f-{uuid.uuid4().hex[:8]}"
    market = new_market(bet, fixture)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    asked.clear()

    def trade(field: str, *traders: str, kind: str = "Mutation", **arguments: Any) -> None:
        for trader in traders:
            ask(bet.trading, kind, field, trader, "trader", **arguments)

    why = {"reason": "because a test says so"}
    one_bet = {"userId": user, "betId": placed["bet_id"], **why}
    trade("repriceBet", "trader-1", "trader-2", marketId=market, odds="2.00", **one_bet)
    trade("voidBet", "trader-1", "trader-2", **one_bet)
    trade("cancelBets", "trader-1", marketId=market, to="2026-01-01T00:00:00Z", **why)
    trade("setFixtureStatus", "trader-1", fixtureId=fixture, status="LIVE", **why)
    goals = {"ended": [], "goals": [{"side": "HOME", "period": "FIRST_HALF"}]}
    trade("settleFixture", "trader-1", "trader-2", fixtureId=fixture, record=goals)
    trade("settleFixture", "trader-1", fixtureId=fixture, record={"ended": [], "goals": []})
    trade("refuseFixtureDecision", "trader-1", fixtureId=fixture, **why)
    trade("holdResults", "trader-1", fixtureId=fixture, **why)
    trade("heldAndCancelled", "trader-1", kind="Query", fixtureId=fixture)
    trade("releaseResults", "trader-2", fixtureId=fixture, **why)
    trade("cancelBets", "trader-1", fixtureId=fixture, **why)
    for listed in ("overdueFixtures", "tradingProposals", "marketKinds"):
        trade(listed, "trader-1", kind="Query")
    may = allowed("trading")
    assert [call for call in sorted(asked) if not may(call)] == []
    assert ("Query", "by_queue") in asked
    asked.clear()

    rooms = ("games", "worker", "overdue", "correcting", "releasing")
    games, worker, overdue, correcting, releasing = (
        importlib.import_module(f"bet.settlement.{room}") for room in rooms
    )
    correcting.carry_out(user, placed["bet_id"])
    version = games.find_game(fixture)["game_version"]
    assert games.settle_game(fixture, version, None, lambda: True, fail) is None
    version = bet.results.get_result(market)["result_version"]
    worker.settle_bets(worker.Place(market, version), lambda: True, fail)
    releasing.go_on(fixture, None, lambda: True, lambda message: None)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=30))
    overdue.look(None, 0, lambda: True, fail)
    may = allowed("settlement")
    assert [call for call in sorted(asked) if not may(call)] == []
    assert {key.split("#")[0] for action, key in asked if action == "PutItem"} == {"RESULT"}
