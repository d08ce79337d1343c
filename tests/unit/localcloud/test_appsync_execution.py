"""How an operation runs and what its errors say."""

import asyncio
import json
from typing import Any

import pytest

from localcloud.appsync import resolvers
from localcloud.appsync.callers import Caller
from localcloud.appsync.deployment import COGNITO, Deployment
from localcloud.appsync.errors import BadRequest, ResolverError
from localcloud.appsync.execution import Call, InvalidOperation, prepare, read_json, run
from localcloud.appsync.permissions import PolicyCheck
from localcloud.base.emulator import Emulator, FunctionOutcome

SDL = """
type Query { bet: Bet bets: [Bet!] }
type Mutation { first: Bet second: Bet }
type Bet { id: ID! placedAt: AWSDateTime! settledAt: AWSDateTime legs: [String!] }
"""
EMULATOR = Emulator("http://emulator.invalid", "eu-west-1")


def deployed(**settings: str) -> Deployment:
    fields = [("Query", "bet"), ("Query", "bets"), ("Mutation", "first"), ("Mutation", "second")]
    return Deployment(
        api={"apiId": "api", "arn": "arn:aws:appsync:eu-west-1:000000000000:apis/api", **settings}
        | {"authenticationType": COGNITO},
        sdl=SDL,
        data_sources={"FUNCTION": {"type": "AWS_LAMBDA", "lambdaConfig": {"lambdaFunctionArn": "function"}}},
        resolvers={(kind, name): {"fieldName": name, "dataSourceName": "FUNCTION"} for kind, name in fields},
        api_keys={},
    )


def ask(monkeypatch: pytest.MonkeyPatch, query: str, answered: Any) -> tuple[Any, list[dict[str, Any]], list[str]]:
    """Return data, errors and when which resolver began and ended, each of which answers this."""
    seen: list[str] = []

    async def resolve(_: object, __: object, resolver: dict[str, str], *___: object) -> tuple[Any, tuple[()]]:
        seen.append(f"{resolver['fieldName']} begins")
        await asyncio.to_thread(int)  # others have their turn
        seen.append(f"{resolver['fieldName']} ends")
        return answered, ()

    monkeypatch.setattr(resolvers, "resolve", resolve)
    api = deployed()
    call = Call(api, Caller(COGNITO), {}, EMULATOR, PolicyCheck(EMULATOR))
    data, errors = asyncio.run(run(prepare(api, {"query": query}), call))
    return data, errors, seen


def test_mutations_of_one_request_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, seen = ask(monkeypatch, "mutation { first { id } second { id } }", {"id": "1"})
    assert seen == ["first begins", "first ends", "second begins", "second ends"]


def test_null_where_there_must_be_a_value_is_an_error_and_takes_the_parent_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, errors, _ = ask(monkeypatch, "{ bets { id placedAt } }", [{"id": "1"}])
    said = "Cannot return null for non-nullable type: 'AWSDateTime' within parent 'Bet' (/bets[0]/placedAt)"
    assert (data, [error["message"] for error in errors]) == ({"bets": None}, [said])
    assert (errors[0]["path"], errors[0]["locations"]) == (["bets", 0, "placedAt"], None)


def test_a_value_that_is_not_of_its_type_is_null_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    data, errors, _ = ask(monkeypatch, "{ bet { id settledAt legs } }", {"id": "1", "settledAt": "noon", "legs": 5})
    assert data == {"bet": {"id": "1", "settledAt": None, "legs": None}}
    assert [error["path"] for error in errors] == [["bet", "settledAt"], ["bet", "legs"]]
    assert errors[0]["message"].startswith("Can't serialize value (/bet/settledAt)")
    assert errors[1]["message"].startswith("Can't resolve value (/bet/legs)")


def test_introspection_can_be_closed() -> None:
    closed = deployed(introspectionConfig="DISABLED")
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Bet") { name } }'):
        assert prepare(deployed(), {"query": query}).variables == {}
        with pytest.raises(InvalidOperation) as refusal:
            prepare(closed, {"query": query})
        assert refusal.value.errors[0]["errorType"] == "ValidationError"
    assert prepare(closed, {"query": "{ __typename bet { __typename } }"}).variables == {}


def test_of_several_operations_the_named_one_runs() -> None:
    document = "query A { bet { id } } mutation B { first { id } }"
    assert prepare(deployed(), {"query": document, "operationName": "B"}).type.value == "mutation"
    for name in (None, "C"):
        with pytest.raises(BadRequest):
            prepare(deployed(), {"query": document, "operationName": name})


def context() -> dict[str, Any]:
    return {"arguments": {}, "info": {"parentTypeName": "Query", "fieldName": "bet"}}


@pytest.mark.parametrize(("seconds", "answered"), [(29, True), (31, False)])
def test_a_resolver_that_takes_more_than_30_seconds_is_the_fields_error(
    monkeypatch: pytest.MonkeyPatch, seconds: int, answered: bool
) -> None:
    class Passing(asyncio.SelectorEventLoop):
        """A loop on which that time has passed once the function was called."""

        passed = 0.0

        def time(self) -> float:
            return super().time() + self.passed

    async def invoke(*_: object, **__: object) -> FunctionOutcome:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Passing)
        loop.passed = seconds
        await asyncio.to_thread(int)  # what is due runs
        return FunctionOutcome({"id": "1"}, failed=False)

    monkeypatch.setattr(Emulator, "invoke", invoke)
    resolver = {"dataSourceName": "FUNCTION"}

    async def resolve() -> object:
        try:
            return (await resolvers.resolve(EMULATOR, deployed(), resolver, context()))[0]
        except ResolverError as refusal:
            return refusal.error_type

    with asyncio.Runner(loop_factory=Passing) as runner:
        assert runner.run(resolve()) == ({"id": "1"} if answered else "ExecutionTimeout")


def test_what_is_nested_more_than_100_levels_deep_is_no_json_that_is_read() -> None:
    for levels in (100, 101):
        lists = "[" * levels + "]" * levels
        if levels == 100:
            assert json.dumps(read_json(lists)) == lists
        else:
            with pytest.raises(ValueError, match="nested too deeply"):
                read_json(lists)


def test_a_resolver_sees_which_fields_were_asked_for_by_their_names_in_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[dict[str, Any]] = []

    async def resolve(*given: Any) -> tuple[Any, tuple[()]]:
        seen.append(given[3]["info"])
        return None, ()

    monkeypatch.setattr(resolvers, "resolve", resolve)
    api = deployed()
    call = Call(api, Caller(COGNITO), {}, EMULATOR, PolicyCheck(EMULATOR))
    query = "query ($n: Boolean = true) { mine: bet { number: id @include(if: $n) ...L } } fragment L on Bet { legs }"
    asyncio.run(run(prepare(api, {"query": query}), call))
    assert seen[0]["selectionSetList"] == ["number", "legs"]
    assert (seen[0]["fieldName"], seen[0]["parentTypeName"], seen[0]["variables"]) == ("bet", "Query", {"n": True})
    assert "number: id" in seen[0]["selectionSetGraphQL"]
