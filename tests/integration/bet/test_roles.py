"""What bet's functions for players and for traders ask of the table, held against what their roles allow.

The emulator knows no conditions on keys, so each call of a whole story is looked at here, item by item.
"""

import uuid
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from betsafi import people
from betsafi.aws import client
from betsafi.people import Staff
from tests.support.bet import ODDS, new_market
from tests.support.people import GROUPS
from tests.support.serverless import template_of

Call = tuple[str, str]
"""(IAM action, partition key, or the name of the index that is asked)."""

_ITEMS = {"Put": "PutItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem"}


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
    """Return whether the role of a function of bet's allows a call of the table."""
    statements = [
        statement
        for statement in template_of("bet")["functions"][function]["iamRoleStatements"]
        if isinstance(statement, dict)  # the others are about APIs
    ]

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

    names = {"id": fixture, "competition": "League", "home": "Home", "away": "Away", "startsAt": "2099-01-01T12:00:00Z"}
    odds = [{"key": key, "odds": price} for key, price in ODDS.items()]
    market = trade("createFixture", input={**names, "odds": odds})["markets"][0]["id"]
    trade("setOdds", marketId=market, odds=[{**row, "odds": "3.00"} for row in odds])
    trade("setMarketStatus", marketId=market, status="SUSPENDED")
    trade("setMarketStatus", marketId=market, status="OPEN")
    trade("setMarketGuards", marketId=market, guards=4)
    trade("marketExposure", kind="Query", marketId=market)
    for trader in ("trader-1", "trader-2"):
        results = [{"key": key, "result": "WON" if key == "1" else "LOST"} for key in ODDS]
        trade("settleMarket", trader, marketId=market, results=results)
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
    assert others == {"FIXTURE", "RESULT", "GUARD", "AUDIT", "USER"}


def test_players_functions_ask_for_what_their_role_allows(bet: SimpleNamespace, user: str, asked: set[Call]) -> None:
    market, refused = new_market(bet), new_market(bet, "m2")
    asked.clear()

    def place(market: str, odds: str) -> Any:
        pick = {"marketId": market, "selectionId": bet.definition.selection_id(market, "1"), "odds": odds}
        stake = {"currency": "KES", "amount": "100.00"}
        given = {"clientRequestId": uuid.uuid4().hex, "stake": stake, "selections": [pick]}
        return ask(bet.graphql, "Mutation", "placeBet", user, input=given)

    placed = place(market, "2.50")["id"]
    ask(bet.graphql, "Mutation", "cancelBet", user, id=placed)
    bet.placing._relieve(market, bet.guards.get_market(market)["guards"])
    real = bet.wallet_api.hold_stake
    bet.wallet_api.hold_stake = lambda *given: (
        real(*given),
        bet.changing.change_market(refused, {"status": "SUSPENDED"}),
    )
    with pytest.raises(AssertionError, match="MARKET_SUSPENDED"):
        place(refused, "2.50")
    for field, arguments in (("events", {}), ("bets", {}), ("bet", {"id": placed}), ("event", {"id": "m1"})):
        ask(bet.graphql, "Query", field, user, **arguments)
    assert {action for action, _ in asked} == {"PutItem", "UpdateItem", "GetItem", "BatchGetItem", "Query"}
    may = allowed("graphql")
    assert [call for call in sorted(asked) if not may(call)] == []
    traders = allowed("trading")
    assert {key.split("#")[0] for action, key in asked if not traders((action, key))} >= {"USER", "LEGS"}
