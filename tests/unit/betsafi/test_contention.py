"""A write that never got through, and a read that never became whole, say so; they never look as if they had."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from betsafi import clock, dynamodb
from betsafi.dynamodb import Put, Table, Update
from betsafi.errors import Contention

KEY = {"pk": "USER#u", "sk": "ACCOUNT"}


class Busy:
    """DynamoDB, when somebody else is always at the same item for the first `conflicts` requests."""

    def __init__(self, conflicts: int) -> None:
        self.conflicts, self.requests = conflicts, 0

    def _conflict(self) -> bool:
        self.requests += 1
        return self.requests <= self.conflicts

    def put_item(self, **request: Any) -> dict[str, Any]:
        if self._conflict():
            raise ClientError({"Error": {"Code": "TransactionConflictException"}}, "PutItem")
        return {}

    def update_item(self, **request: Any) -> dict[str, Any]:
        self.put_item()
        return {"Attributes": {name: {"S": value} for name, value in KEY.items()}}

    def transact_write_items(self, **request: Any) -> None:
        if self._conflict():
            reasons = [{"Code": "TransactionConflict"}]
            error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(error, "TransactWriteItems")

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        if self._conflict():
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        found = [{name: {"S": value} for name, value in KEY.items()}]
        return {"Responses": {"t": found}, "UnprocessedKeys": {}}


WAYS: dict[str, Callable[[Table], Any]] = {
    "put": lambda table: table.write(Put(KEY)),
    "update": lambda table: table.write(Update(("USER#u", "ACCOUNT"), "SET #a = :a", values={"a": 1})),
    "put_new": lambda table: table.put_new(KEY),
    "transact": lambda table: table.transact(Put(KEY)),
    "get_many": lambda table: table.get_many([("USER#u", "ACCOUNT")]),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Table], Any]:
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda attempt: None)
    return WAYS[request.param]


def test_what_is_busy_to_the_end_raises_contention(
    way: Callable[[Table], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy(conflicts=1_000)
    monkeypatch.setattr(dynamodb, "client", lambda service: busy)
    with pytest.raises(Contention):
        way(Table("t"))
    assert 5 <= busy.requests <= 50, "it tries again, and not for ever"


def test_what_is_busy_for_a_while_gets_through(way: Callable[[Table], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Busy(conflicts=3)
    monkeypatch.setattr(dynamodb, "client", lambda service: busy)
    way(Table("t"))
    assert busy.requests == 4


def test_an_item_found_busy_at_the_last_page_is_not_taken_for_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of what was asked for is no answer."""
    keys = [("USER#u", "ACCOUNT"), ("USER#v", "ACCOUNT")]
    answer = {
        "Responses": {"t": [{name: {"S": value} for name, value in KEY.items()}]},
        "UnprocessedKeys": {"t": {"Keys": [dynamodb._key(keys[1])]}},
    }
    half = SimpleNamespace(batch_get_item=lambda RequestItems: answer)
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda attempt: None)
    monkeypatch.setattr(dynamodb, "client", lambda service: half)
    with pytest.raises(Contention):
        Table("t").get_many(keys)
