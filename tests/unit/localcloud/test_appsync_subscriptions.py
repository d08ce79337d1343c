"""Which events reach a subscriber, and in what shape."""

import base64
import json
from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, parse

from localcloud.appsync.callers import Caller
from localcloud.appsync.deployment import COGNITO, IAM, Deployment
from localcloud.appsync.errors import Unauthorized
from localcloud.appsync.execution import Call, InvalidOperation, prepare
from localcloud.appsync.permissions import PolicyCheck
from localcloud.appsync.realtime import decode_header
from localcloud.appsync.subscriptions import Hub, Subscription, by_field_name, root_field
from localcloud.base.emulator import Emulator

SDL = """
type Query { a: Int }
type Mutation { publish: Bet settle: Bet quiet: Bet }
type Subscription {
  onBet(owner: ID, stakeCents: Int, live: Boolean): Bet @aws_subscribe(mutations: ["publish", "settle"])
  onSettled: Bet @aws_subscribe(mutations: ["settle"])
}
type Bet { id: ID! owner: ID stakeCents: Int live: Boolean legs: [Leg!] }
type Leg { market: String odds: Float }
"""
API = Deployment(
    api={"apiId": "api", "arn": "arn:aws:appsync:eu-west-1:000000000000:apis/api", "authenticationType": COGNITO},
    sdl=SDL,
    data_sources={},
    resolvers={},
    api_keys={},
)
EMULATOR = Emulator("http://emulator.invalid", "eu-west-1")


def subscribed(hub: Hub, query: str, variables: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Subscribe and return the list that the answers go to."""
    received: list[dict[str, Any]] = []
    operation = prepare(API, {"query": query, "variables": variables})
    field_name, arguments = root_field(operation, API)
    call = Call(API, Caller(COGNITO), {}, EMULATOR, PolicyCheck(EMULATOR))
    hub.add(Subscription(operation, call, field_name, arguments, received.append))
    return received


def publish(hub: Hub, mutation: str, data: dict[str, Any], api: Deployment = API) -> None:
    hub.publish(api, prepare(api, {"query": mutation}), data)


def test_a_subscription_hears_the_mutations_that_it_names_and_no_others() -> None:
    hub = Hub()
    bets, settled = (
        subscribed(hub, "subscription { onBet { id } }"),
        subscribed(hub, "subscription { onSettled { id } }"),
    )
    publish(hub, "mutation { publish { id } }", {"publish": {"id": "1"}})
    publish(hub, "mutation { quiet { id } }", {"quiet": {"id": "2"}})
    publish(hub, "mutation { settle { id } }", {"settle": {"id": "3"}})
    assert bets == [{"data": {"onBet": {"id": "1"}}}, {"data": {"onBet": {"id": "3"}}}]
    assert settled == [{"data": {"onSettled": {"id": "3"}}}]


def test_another_apis_mutation_is_not_heard() -> None:
    hub = Hub()
    received = subscribed(hub, "subscription { onBet { id } }")
    other = Deployment({**API.api, "apiId": "other"}, SDL, {}, {}, {})
    publish(hub, "mutation { publish { id } }", {"publish": {"id": "1"}}, other)
    assert received == []


def test_a_null_result_is_not_delivered() -> None:
    hub = Hub()
    received = subscribed(hub, "subscription { onBet { id } }")
    publish(hub, "mutation { publish { id } }", {"publish": None})
    assert received == []


def test_a_message_of_more_than_240_kilobytes_reaches_nobody() -> None:
    hub = Hub()
    received = subscribed(hub, "subscription { onBet { id } }")
    around = len(json.dumps({"id": "240000", "owner": ""}))
    for length in (240_000, 240_001):
        bet = {"id": str(length), "owner": "x" * (length - around)}
        publish(hub, "mutation { publish { id owner } }", {"publish": bet})
    assert received == [{"data": {"onBet": {"id": "240000"}}}]


def test_two_mutations_of_one_request_are_two_messages() -> None:
    hub = Hub()
    received = subscribed(hub, "subscription { onBet { id } }")
    publish(hub, "mutation { a: publish { id } b: publish { id } }", {"a": {"id": "1"}, "b": {"id": "2"}})
    assert received == [{"data": {"onBet": {"id": "1"}}}, {"data": {"onBet": {"id": "2"}}}]


@pytest.mark.parametrize(
    ("query", "variables", "matches"),
    [
        ('subscription { onBet(owner: "7") { id } }', {}, True),
        ('subscription { onBet(owner: "8") { id } }', {}, False),
        ("subscription { onBet(owner: 7) { id } }", {}, True),
        ("subscription ($o: ID) { onBet(owner: $o) { id } }", {"o": "7"}, True),
        ("subscription ($o: ID) { onBet(owner: $o) { id } }", {"o": "8"}, False),
        ("subscription ($o: ID) { onBet(owner: $o) { id } }", {"o": None}, False),
        ("subscription ($o: ID) { onBet(owner: $o) { id } }", {}, True),
        ('subscription { onBet(owner: "7", stakeCents: 0) { id } }', {}, True),
        ('subscription { onBet(owner: "7", stakeCents: 1) { id } }', {}, False),
        ("subscription { onBet(live: false) { id } }", {}, False),
        ("subscription { onBet(live: null) { id } }", {}, True),
        ("subscription { onBet(owner: null) { id } }", {}, False),
    ],
)
def test_arguments_filter_by_equality(query: str, variables: dict[str, Any], matches: bool) -> None:
    hub = Hub()
    received = subscribed(hub, query, variables)
    payload = {"id": "1", "owner": "7", "stakeCents": 0, "live": None}
    publish(hub, "mutation { publish { id owner stakeCents live } }", {"publish": payload})
    assert len(received) == int(matches)


def test_a_filter_on_a_field_that_was_not_selected_never_matches() -> None:
    hub = Hub()
    received = subscribed(hub, 'subscription { onBet(owner: "7") { id } }')
    publish(hub, "mutation { publish { id } }", {"publish": {"id": "1"}})
    assert received == []


def test_a_removed_subscription_hears_nothing() -> None:
    hub = Hub()
    operation = prepare(API, {"query": "subscription { onBet { id } }"})
    call = Call(API, Caller(COGNITO), {}, EMULATOR, PolicyCheck(EMULATOR))
    received: list[dict[str, Any]] = []
    subscription = Subscription(operation, call, "onBet", {}, received.append)
    hub.add(subscription)
    hub.remove(subscription)
    hub.remove(subscription)
    publish(hub, "mutation { publish { id } }", {"publish": {"id": "1"}})
    assert received == []


def test_delivery_asks_the_directives_for_the_subscriber() -> None:
    hub = Hub()
    received: list[dict[str, Any]] = []
    operation = prepare(API, {"query": "subscription { onBet { id } }"})
    stranger = Call(API, Caller(IAM), {}, EMULATOR, PolicyCheck(EMULATOR))
    hub.add(Subscription(operation, stranger, "onBet", {}, received.append))
    publish(hub, "mutation { publish { id } }", {"publish": {"id": "1"}})
    assert received[0]["data"] == {"onBet": None}
    assert received[0]["errors"][0]["errorType"] == "Unauthorized"


def test_payloads_are_keyed_by_field_names_through_aliases_fragments_and_lists() -> None:
    document = parse(
        "mutation { publish { number: id ...Money legs { market } ... on Bet { legs { price: odds } } } }"
        " fragment Money on Bet { cents: stakeCents }"
    )
    operation, fragment = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    (root,) = operation.selection_set.selections
    value = {"number": "1", "cents": 5, "legs": [{"market": "1X2", "price": 1.5}]}
    assert by_field_name(value, [root.selection_set], {"Money": fragment}) == {  # type: ignore[attr-defined,dict-item]
        "id": "1",
        "stakeCents": 5,
        "legs": [{"market": "1X2", "odds": 1.5}],
    }


@pytest.mark.parametrize(
    "query",
    [
        "subscription { onBet { id } onSettled { id } }",
        "subscription { ...Two } fragment Two on Subscription { onBet { id } onSettled { id } }",
    ],
)
def test_a_subscription_has_exactly_one_root_field(query: str) -> None:
    with pytest.raises(InvalidOperation):
        prepare(API, {"query": query})


def test_a_root_field_selected_twice_is_one_field() -> None:
    hub = Hub()
    received = subscribed(hub, "subscription { onBet { id } onBet { owner } }")
    publish(hub, "mutation { publish { id owner } }", {"publish": {"id": "1", "owner": "7"}})
    assert received == [{"data": {"onBet": {"id": "1", "owner": "7"}}}]


def test_an_argument_of_the_wrong_type_is_refused() -> None:
    operation = prepare(
        API, {"query": "subscription ($s: Int) { onBet(stakeCents: $s) { id } }", "variables": {"s": "many"}}
    )
    with pytest.raises(GraphQLError):
        root_field(operation, API)


HEADERS = {"host": "gateway", "Authorization": "a?>>~~ÿ"}


@pytest.mark.parametrize(
    "encode",
    [
        lambda raw: base64.b64encode(raw).decode(),
        lambda raw: base64.b64encode(raw).decode().replace("+", " "),
        lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
    ],
    ids=["standard", "plus read as space", "urlsafe without padding"],
)
def test_connection_headers_decode_from_every_spelling(encode: Any) -> None:
    raw = json.dumps(HEADERS, ensure_ascii=False).encode()
    assert "+" in base64.b64encode(raw).decode()
    assert decode_header(encode(raw)) == {"host": "gateway", "authorization": HEADERS["Authorization"]}


@pytest.mark.parametrize("encoded", ["", "%%%", "bm90IGpzb24=", "W10="])
def test_anything_else_is_no_authorization(encoded: str) -> None:
    with pytest.raises(Unauthorized):
        decode_header(encoded)
