"""moto leaves and answers the same, quick or as moto does it."""

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.support.moto_answers import quick_answers
from tests.support.moto_transactions import quick_transactions

REGION = "eu-west-1"


def item(name: str, count: int) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": name}, "count": {"N": str(count)}, "list": {"L": [{"N": "1"}]}}


def update(name: str, **more: Any) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": "t",
            "Key": {"pk": {"S": "p"}, "sk": {"S": name}},
            "UpdateExpression": "SET #count = #count + :one, #list = list_append(#list, :more)",
            "ExpressionAttributeNames": {"#count": "count", "#list": "list"},
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":more": {"L": [{"N": "2"}]}},
            **more,
        }
    }


def put(name: str, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "t", "Item": item(name, 9), **more}}


def delete(name: str) -> dict[str, Any]:
    return {"Delete": {"TableName": "t", "Key": {"pk": {"S": "p"}, "sk": {"S": name}}}}


NEW = {"ConditionExpression": "attribute_not_exists(pk)"}
TRANSACTIONS = {
    "all is done": [update("a"), delete("b"), put("c"), put("new", **NEW)],
    "the last is refused": [update("a"), delete("b"), put("c"), put("new"), put("d", **NEW)],
    "the first is refused": [put("d", **NEW), update("a"), delete("b"), put("c"), put("new")],
    "one item twice": [update("a"), put("new"), delete("new")],
    "what is not there": [put("new"), delete("nothing"), update("nothing")],
}


def after(transaction: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the answer to a transaction, the items after it, and what the stream tells."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        client.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for number, name in enumerate("abcd"):
            client.put_item(TableName="t", Item=item(name, number))
        try:
            client.transact_write_items(TransactItems=transaction)
            answer = None
        except client.exceptions.ClientError as refusal:
            answer = refusal.response["Error"], refusal.response.get("CancellationReasons")
        shard = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables["t"].stream_shard
        assert shard is not None
        told = [(record.record["eventName"], record.record["dynamodb"]["Keys"]) for record in shard.items]
        return answer, sorted(client.scan(TableName="t")["Items"], key=lambda one: str(one["sk"])), told


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_a_transaction_does_the_same_quick_and_as_moto_does_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = after(TRANSACTIONS[name], monkeypatch)
    quick_transactions(monkeypatch)
    assert after(TRANSACTIONS[name], monkeypatch) == plain
    answer, items, told = plain
    untouched = ([item(letter, number) for number, letter in enumerate("abcd")], 4)
    assert (answer is None) == (name == "all is done")
    assert answer is None or (items, len(told)) == untouched


VALUES: dict[str, Any] = {
    "S": "text",
    "N": "-1.50",
    "B": b"bytes",
    "BOOL": False,
    "NULL": True,
    "SS": ["a", "b"],
    "NS": ["1", "2"],
    "BS": [b"a", b"b"],
    "L": [{"M": {"in a map": {"L": [{"S": ""}, {"BOOL": True}]}}}, {"B": b"in a list"}],
    "M": {"S": {"S": "named like a type"}, "s": {"N": "0"}, "L": {"L": []}, "M": {"M": {}}},
}


def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what moto sends back for an item with a value of every type, by several operations."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    sent: list[str] = []
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        client.meta.events.register(
            "before-parse.dynamodb", lambda response_dict, **_: sent.append(response_dict["body"])
        )
        client.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        sent.clear()
        key = {"pk": {"S": "p"}}
        given = {**key, **{f"a {kind}": {kind: value} for kind, value in VALUES.items()}}
        client.put_item(TableName="t", Item=given)
        assert client.get_item(TableName="t", Key=key)["Item"].keys() == given.keys()
        client.get_item(TableName="t", Key={"pk": {"S": "nothing"}})
        client.scan(TableName="t")
        client.batch_get_item(RequestItems={"t": {"Keys": [key]}})
        client.transact_get_items(TransactItems=[{"Get": {"TableName": "t", "Key": key}}])
        client.put_item(TableName="t", Item=key, ReturnValues="ALL_OLD")
    return sent


def test_an_answer_is_the_same_quick_and_as_moto_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [json.loads(body) for body in answers(monkeypatch)]
    quick_answers(monkeypatch)
    quick = [json.loads(body) for body in answers(monkeypatch)]
    assert len(plain) == 7
    assert quick == plain
