"""What one request may ask for: levels and resolvers, as the deployed API limits them."""

import asyncio
from typing import Any

import pytest

from localcloud.appsync import resolvers
from localcloud.appsync.callers import Caller
from localcloud.appsync.deployment import COGNITO, Deployment
from localcloud.appsync.execution import Call, prepare, run
from localcloud.appsync.permissions import PolicyCheck
from localcloud.base.emulator import Emulator

SDL = """
type Query { bet: Bet strict: Bet! bets: [Bet!] many: [Bet!] }
type Bet { id: ID legs: [Leg!] owner: Person! score: Int self: Bet }
type Leg { market: Market! odds: String }
type Market { name: String! }
type Person { name: String! }
"""
LEGS = [{"odds": "2.00", "market": {"name": "1X2"}}]
BET: dict[str, Any] = {"id": "1", "legs": LEGS, "owner": {"name": "Amina"}}
BET["self"] = BET
EMULATOR = Emulator("http://emulator.invalid", "eu-west-1")


def ask(query: str, **limits: int) -> tuple[Any, list[dict[str, Any]], list[str]]:
    """Return data, errors and the fields whose resolvers ran."""
    ran: list[str] = []
    fields = [*(("Query", name) for name in ("bet", "strict", "bets", "many")), ("Bet", "score")]
    api = Deployment(
        api={"apiId": "api", "arn": "arn:aws:appsync:eu-west-1:000000000000:apis/api", **limits}
        | {"authenticationType": COGNITO},
        sdl=SDL,
        data_sources={},
        resolvers={field: {"fieldName": field[1]} for field in fields},
        api_keys={},
    )

    async def resolve(_: object, __: object, resolver: dict[str, str], *___: object) -> tuple[Any, tuple[()]]:
        ran.append(resolver["fieldName"])
        return {"bets": [BET, BET], "many": [BET] * 10_000, "score": 7}.get(resolver["fieldName"], BET), ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resolvers, "resolve", resolve)
        call = Call(api, Caller(COGNITO), {}, EMULATOR, PolicyCheck(EMULATOR))
        data, errors = asyncio.run(run(prepare(api, {"query": query}), call))
    return data, errors, ran


def test_a_field_below_the_deepest_level_is_refused_and_the_rest_answered() -> None:
    data, errors, _ = ask("{ a: bet { id legs { odds } } }", queryDepthLimit=2)
    assert data == {"a": {"id": "1", "legs": [{"odds": None}]}}
    assert [(e["errorType"], e["path"]) for e in errors] == [("QueryDepthLimitReached", ["a", "legs", 0, "odds"])]


def test_the_deepest_level_itself_is_answered_and_lists_are_no_levels() -> None:
    data, errors, _ = ask("{ bets { legs { market { name } } } }", queryDepthLimit=4)
    assert (errors, data["bets"][1]["legs"][0]["market"]["name"]) == ([], "1X2")


def test_a_non_null_field_too_deep_takes_its_parents_up_to_the_first_that_may_be_null() -> None:
    data, errors, _ = ask("{ bet { owner { name } } }", queryDepthLimit=2)
    assert (data, [e["errorType"] for e in errors]) == ({"bet": None}, ["QueryDepthLimitReached"])


def test_depth_cannot_be_hidden_in_fragments() -> None:
    data, errors, _ = ask("{ ...A } fragment A on Query { bet { ...B } } fragment B on Bet { id }", queryDepthLimit=1)
    assert (data, errors[0]["errorType"]) == ({"bet": {"id": None}}, "QueryDepthLimitReached")


def test_resolvers_past_the_limit_do_not_run() -> None:
    data, errors, ran = ask("{ a: bet { id } b: bet { id } c: bet { id } }", resolverCountLimit=2)
    assert data == {"a": {"id": "1"}, "b": {"id": "1"}, "c": None}
    assert [(e["errorType"], e["path"]) for e in errors] == [("ResolverExecutionLimitReached", ["c"])]
    assert len(ran) == 2


def test_a_resolver_counts_for_every_item_of_a_list() -> None:
    data, errors, ran = ask("{ bets { score } }", resolverCountLimit=2)
    assert data == {"bets": [{"score": 7}, {"score": None}]}
    assert (len(ran), errors[0]["errorType"]) == (2, "ResolverExecutionLimitReached")


@pytest.mark.parametrize("limits", [{}, {"queryDepthLimit": 0, "resolverCountLimit": 0}], ids=["unset", "zero"])
def test_without_limits_any_depth_is_answered_and_10000_resolvers_run(limits: dict[str, int]) -> None:
    deepest = "{ strict " + "{ self " * 120 + "{ id }" + " }" * 121
    assert ask(deepest, **limits)[1] == []
    data, errors, ran = ask("{ many { score } }", **limits)  # itself, and one for each of its 10,000 items
    assert len(ran) == 10_000
    assert [(error["errorType"], error["path"]) for error in errors] == [
        ("ResolverExecutionLimitReached", ["many", 9_999, "score"])
    ]
    assert (data["many"][9_998], data["many"][9_999]) == ({"score": 7}, {"score": None})
