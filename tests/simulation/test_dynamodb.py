"""The tables of the simulation agree with the running emulator, answer for answer, on random operations."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from betsafi.dynamodb import INDEX_KEYS, Check, Put, Update, marshal
from tests.simulation import dynamodb
from tests.simulation.dynamodb import DynamoDB
from tests.support.emulator import aws, create_table, running_emulator

TABLE = "differential"
EVERY_INDEX = {"byTime": True, "byOwner": True, "byQueue": True}
PARTITIONS = ("USER#1", "USER#2", "GUARD#1")
SORTS = ("ACCOUNT", "HOLD#a#0000", "HOLD#a#0001", "HOLD#b#0000", "ENTRY#1", "ENTRY#2")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of an emulator of this module's own."""
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        create_table(url, TABLE, EVERY_INDEX)
        yield aws("dynamodb", url)


def _key(random: Random) -> tuple[str, str]:
    return random.choice(PARTITIONS), random.choice(SORTS)


def _item(random: Random) -> dict[str, Any]:
    pk, sk = _key(random)
    item = {
        "pk": pk,
        "sk": sk,
        "at": f"2026-11-22T09:00:0{random.randrange(10)}Z",
        "status": random.choice(("PENDING", "ACCEPTED", "ACTIVE")),
        "available": random.randrange(-5, 500),
        "version": random.randrange(4),
        "legs": [{"market_id": "m", "odds": random.choice(("1.01", "2.50"))}] * random.randrange(3),
        "trace": {"correlation_id": "", "note": random.choice((None, True, "ü…"))},
    }
    if random.random() < 0.6:
        item["owner"] = random.choice(("SCHEDULE", "USER#1"))
    if random.random() < 0.4:
        item["queue"] = random.choice(("REVIEW", "SUSPENSE"))
    return item


def _put(random: Random) -> Put:
    condition, values = random.choice(
        (
            ("attribute_not_exists(pk)", {}),
            ("#version = :seen", {"seen": random.randrange(4)}),
            ("attribute_not_exists(pk) OR #available < :least", {"least": 100}),
        )
    )
    return Put(_item(random), condition, values)


def _update(random: Random) -> Update:
    amount = random.randrange(1, 300)
    return random.choice(
        (
            Update(_key(random), "SET #available = #available - :amount, #version = #version + :one",
                   "attribute_exists(pk) AND #available >= :amount AND #status = :active",
                   {"amount": amount, "one": 1, "active": "ACTIVE"}),
            Update(_key(random), "SET #status = :to, #reason = :why ADD #version :one",
                   "#status IN (:a, :b) AND attribute_not_exists(#receipt)",
                   {"to": "REJECTED", "why": "x", "one": 1, "a": "PENDING", "b": "ACTIVE"}),
            Update(_key(random), "SET #status = :to", "attribute_exists(pk)", {"to": "ACTIVE"}),
            Update(_key(random), "SET #new = :one", "attribute_not_exists(#new) OR #new < :one", {"one": 1}),
            Update(_key(random), "SET #status = :to REMOVE #queue ADD #version :one", "attribute_exists(pk)",
                   {"to": "HELD", "one": 1}),
            Update(_key(random), "ADD #withdrawn :amount", "attribute_not_exists(#withdrawn) OR #withdrawn <= :room",
                   {"amount": amount, "room": 400}),
            Update(_key(random), "SET #first_at = if_not_exists(#first_at, :now)",
                   "attribute_exists(pk) OR attribute_not_exists(pk)", {"now": "2026-11-22T09:00:05Z"}),
            Update(_key(random), "SET #legs = :legs, #at = :at", "#version < :v AND #status <> :closed",
                   {"legs": [{"odds": "3.10", "result": "WON"}], "at": "2026-11-22T09:00:05Z", "v": 3, "closed": "C"}),
            Update(_key(random), "SET #trace.#note = :note", "attribute_exists(#trace)", {"note": f"{amount}"}),
            Update(_key(random), "SET #legs[0].#odds = :odds REMOVE #trace.#note", "attribute_exists(#legs[0])",
                   {"odds": random.choice(("1.50", "9.00"))}),
        )
    )  # fmt: skip


def _check(random: Random) -> Check:
    return Check(_key(random), "attribute_exists(pk) AND #version >= :v", {"v": random.randrange(3)})


def _transaction(random: Random) -> dict[str, Any]:
    makers: dict[str, Callable[[Random], Put | Update | Check]] = {
        "Put": _put,
        "Update": _update,
        "ConditionCheck": _check,
    }
    items = []
    for _ in range(random.randint(1, 4)):
        kind = random.choice(("Put", "Update", "Update", "ConditionCheck"))
        items.append({kind: {"TableName": TABLE, **_old(random), **makers[kind](random).request()}})
    return {"TransactItems": items}


def _old(random: Random) -> dict[str, str]:
    return {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if random.random() < 0.8 else {}


def _query(random: Random, cursor: Any) -> dict[str, Any]:
    index = random.choice((None, None, *INDEX_KEYS))
    pk, sk, consistent = INDEX_KEYS[index] if index else ("pk", "sk", True)
    wanted_keys = {"pk": PARTITIONS, "owner": ("SCHEDULE", "USER#1"), "queue": ("REVIEW", "SUSPENSE")}
    text, values = f"#{pk} = :pk", {":pk": random.choice(wanted_keys[pk])}
    names = {f"#{pk}": pk}
    wanted = random.choice(("", "begins", "from", "between"))
    if wanted:
        names[f"#{sk}"] = sk
    if wanted == "begins":
        text, values[":sk"] = f"{text} AND begins_with(#{sk}, :sk)", "HOLD#" if sk == "sk" else "2026-11"
    elif wanted == "from":
        text, values[":from"] = f"{text} AND #{sk} >= :from", "F" if sk == "sk" else "2026-11-22T09:00:04Z"
    elif wanted == "between":
        text = f"{text} AND #{sk} BETWEEN :from AND :to"
        values |= {":from": "B", ":to": "Z"} if sk == "sk" else {":from": "2026", ":to": "2026-11-22T09:00:07Z"}
    request: dict[str, Any] = {
        "TableName": TABLE,
        "KeyConditionExpression": text,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": marshal(values),
        "ScanIndexForward": random.random() < 0.5,
        "ConsistentRead": consistent,
        "Limit": random.choice((1, 2, 3, 100)),
    }
    if index:
        request["IndexName"] = index
    if cursor and random.random() < 0.5:
        request["ExclusiveStartKey"] = cursor
    return request


def _request(random: Random, cursor: Any) -> tuple[str, dict[str, Any]]:
    kind = random.choices(
        ("put_item", "update_item", "transact_write_items", "get_item", "batch_get_item", "query", "scan"),
        (4, 5, 6, 2, 1, 6, 1),
    )[0]
    if kind == "put_item":
        return kind, {"TableName": TABLE, **_old(random), **_put(random).request()}
    if kind == "update_item":
        new = {"ReturnValues": "ALL_NEW"} if random.random() < 0.7 else {}
        return kind, {"TableName": TABLE, **_old(random), **new, **_update(random).request()}
    if kind == "transact_write_items":
        return kind, _transaction(random)
    if kind == "get_item":
        return kind, {"TableName": TABLE, "Key": _wire_key(_key(random)), "ConsistentRead": True}
    if kind == "batch_get_item":
        keys = {_key(random) for _ in range(4)}
        return kind, {"RequestItems": {TABLE: {"Keys": [_wire_key(key) for key in sorted(keys)]}}}
    if kind == "query":
        return kind, _query(random, cursor)
    values = marshal({":status": "ACTIVE", ":a": 3})
    text = "#status = :status AND #version < :a"
    names = {"#status": "status", "#version": "version"}
    filtered = {"FilterExpression": text, "ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    return kind, {"TableName": TABLE, **filtered}


def _wire_key(key: tuple[str, str]) -> dict[str, Any]:
    return marshal({"pk": key[0], "sk": key[1]})


def _theirs(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = getattr(client, operation)(**request)
    except ClientError as error:
        return _error(error)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _ours(tables: DynamoDB, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return tables.execute(operation, request)[0]
    except ClientError as error:
        return _error(error)


def _error(error: ClientError) -> dict[str, Any]:
    found: dict[str, Any] = dict(error.response)
    return {"code": found["Error"]["Code"], "item": found.get("Item"), "reasons": found.get("CancellationReasons")}


@pytest.mark.parametrize("seed", range(4))
def test_random_operations_have_the_emulator_s_own_answers(emulator: Any, seed: int) -> None:
    random, cursor, refused = Random(seed), None, 0
    emulator.delete_table(TableName=TABLE)
    create_table(emulator.meta.endpoint_url, TABLE, EVERY_INDEX)
    with dynamodb.installed():
        tables = DynamoDB()
        tables.create_table(TABLE, EVERY_INDEX)
        for _ in range(500):
            operation, request = _request(random, cursor)
            theirs, ours = _theirs(emulator, operation, request), _ours(tables, operation, request)
            assert ours == theirs, (operation, request)
            cursor = ours.get("LastEvaluatedKey", cursor)
            refused += "code" in ours
        standing = sorted(map(repr, tables.items(TABLE)))
    assert standing == sorted(map(repr, emulator.scan(TableName=TABLE)["Items"]))
    assert 50 < refused < 450


def test_a_repeated_transaction_with_its_token_is_applied_once() -> None:
    item = marshal({"pk": "a", "sk": "b", "version": 1})
    with dynamodb.installed():
        tables = DynamoDB()
        tables.create_table(TABLE, {})
        put = {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        request = {"TransactItems": [{"Put": put}], "ClientRequestToken": "token-1"}
        _, first = tables.execute("transact_write_items", request)
        _, again = tables.execute("transact_write_items", request)
        with pytest.raises(ClientError, match="TransactionCanceled"):
            tables.execute("transact_write_items", {"TransactItems": [{"Put": put}]})
    assert (len(first), len(again)) == (1, 0)
