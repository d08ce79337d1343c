"""DynamoDB as the stores use it: one table a service, keys `pk` and `sk`, writes that say their guard.

Items hold strings, integers, booleans, None, lists and maps; never floats. Expressions are DynamoDB's own, with `#name`
for any attribute (the name is filled in, or given beside it where it could not stand in an expression) and `:name` for
values given beside it. A value that is a function is called anew at each try: a condition on the time is then about the
moment of the write, not the moment it was first wanted.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from betsafi import clock
from betsafi.aws import client
from betsafi.cursors import BAD_CURSOR, after_key, start_key
from betsafi.errors import Contention, InvalidCursor
from betsafi.items import Item as Item
from betsafi.items import marshal as marshal
from betsafi.items import unmarshal as unmarshal
from betsafi.languages import Both

Key = tuple[str, str]

_BUSY = Both("The system is busy. Please try again.", "Mfumo una shughuli nyingi. Tafadhali jaribu tena.")
_BUSY_WRITING = Both(
    "The system is busy. Nothing was changed; please try again.",
    "Mfumo una shughuli nyingi. Hakuna kilichobadilika; tafadhali jaribu tena.",
)


class ConditionFailed(Exception):
    """A guard did not hold and nothing was written.

    `found` maps the position of each write whose guard failed to the item that stood there (None: no item).
    """

    def __init__(self, found: dict[int, Item | None]) -> None:
        super().__init__(f"condition of write {sorted(found)} did not hold")
        self.found = found

    @property
    def item(self) -> Item | None:
        """The item of the only, or first, write that failed."""
        return self.found[min(self.found)]


ANY = "attribute_exists(pk) OR attribute_not_exists(pk)"
"""The condition of an update that makes its item where there is none."""


def assign(names: Iterable[str]) -> str:
    """Return the update that gives attributes the values of the same names: `SET #a = :a, #b = :b`."""
    return "SET " + ", ".join(f"#{name} = :{name}" for name in names)


@dataclass(frozen=True)
class Put:
    """Write a whole item; with no other condition only if none stands under its key."""

    item: Item
    condition: str = "attribute_not_exists(pk)"
    values: Item = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        return {"Item": marshal(self.item), **_expressions(self.values, ConditionExpression=self.condition)}


@dataclass(frozen=True)
class Update:
    """Change an item that exists (or, with a condition that says so, one that may not)."""

    key: Key
    update: str
    condition: str = "attribute_exists(pk)"
    values: Item = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        expressions = {"UpdateExpression": self.update, "ConditionExpression": self.condition}
        return {"Key": _key(self.key), **_expressions(self.values, self.names, **expressions)}


@dataclass(frozen=True)
class Check:
    """In a transaction: a guard on an item that the transaction does not write."""

    key: Key
    condition: str
    values: Item = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        return {"Key": _key(self.key), **_expressions(self.values, ConditionExpression=self.condition)}


@dataclass(frozen=True)
class Delete:
    """In a transaction: the end of an item, if there is one. For what the law lets be forgotten alone."""

    key: Key
    condition: str = ANY
    values: Item = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        return {"Key": _key(self.key), **_expressions(self.values, ConditionExpression=self.condition)}


Write = Put | Update | Check | Delete
_ACTIONS = {Put: "Put", Update: "Update", Check: "ConditionCheck", Delete: "Delete"}
_ATTEMPTS = 12
_MOST_WRITES = 100
"""One transaction takes as many."""
_QUERIES = 10


@dataclass(frozen=True)
class Page:
    """Some items in order and an opaque cursor to the next ones (None: these are the last)."""

    items: list[Item]
    cursor: str | None


class Table:
    """One service's table."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, key: Key) -> Item | None:
        """Return the item under the key, read consistently, or None."""
        answer = client("dynamodb").get_item(TableName=self.name, Key=_key(key), ConsistentRead=True)
        return unmarshal(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> list[Item]:
        """Return the items that exist under at most 100 keys, read consistently, in the order of the keys."""
        found: dict[Key, Item] = {}
        asked = {self.name: {"Keys": [_key(key) for key in dict.fromkeys(keys)], "ConsistentRead": True}}
        for attempt in range(_ATTEMPTS):
            if not asked.get(self.name, {}).get("Keys"):
                return [found[key] for key in keys if key in found]
            answer = client("dynamodb").batch_get_item(RequestItems=asked)
            for wire in answer["Responses"].get(self.name, []):
                item = unmarshal(wire)
                found[item["pk"], item["sk"]] = item
            asked = answer.get("UnprocessedKeys") or {}
            if asked:
                clock.sleep_with_jitter(attempt)
        raise Contention(_BUSY)

    def put_new(self, item: Item) -> Item | None:
        """Write an item whose key is free; return None, or the item that already stands there, untouched."""
        try:
            self.write(Put(item))
        except ConditionFailed as failure:
            return failure.item
        return None

    def write(self, write: Put | Update, patience_seconds: float | None = None) -> Item:
        """Do one conditional write; return the item as it is afterwards. Raises ConditionFailed, Contention.

        `patience_seconds`: how long to try again in short steps while other writers hold the item, instead of a bounded
        number of tries that spread out: for the one writer that must win.
        """
        for _ in _tries(patience_seconds):
            request = {
                "TableName": self.name,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                **write.request(),
            }
            try:
                if isinstance(write, Put):
                    client("dynamodb").put_item(**request)
                    return write.item
                return unmarshal(client("dynamodb").update_item(**request, ReturnValues="ALL_NEW")["Attributes"])
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    old: Any = error.response.get("Item")
                    raise ConditionFailed({0: unmarshal(old) if old else None}) from error
                if code != "TransactionConflictException":
                    raise
        raise Contention(_BUSY_WRITING)

    def delete_all(self, keys: Iterable[Key]) -> int:
        """Delete items, a hundred a transaction; return how many keys there were. May be done again."""
        waiting = [Delete(key) for key in keys]
        for start in range(0, len(waiting), _MOST_WRITES):
            self.transact(*waiting[start : start + _MOST_WRITES])
        return len(waiting)

    def transact(
        self,
        *writes: Write,
        patience_seconds: float | None = None,
        on_conflict: Callable[[int], None] = lambda position: None,
    ) -> None:
        """Do all writes or none. Raises ConditionFailed with the items found, or Contention after bounded retries.

        `patience_seconds` as in `write`. `on_conflict` is called with the position of each write that met another
        writer's transaction, once a try.
        """
        for _ in _tries(patience_seconds):
            actions = [
                {
                    _ACTIONS[type(write)]: {
                        "TableName": self.name,
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                        **write.request(),
                    }
                }
                for write in writes
            ]
            try:
                client("dynamodb").transact_write_items(TransactItems=actions)
                return
            except ClientError as error:
                for position in _raise_unless_contended(error):
                    on_conflict(position)
        raise Contention(_BUSY_WRITING)

    def query(
        self,
        pk: str,
        begins_with: str = "",
        *,
        index: str | None = None,
        newest_first: bool = False,
        limit: int = 100,
        cursor: str | None = None,
        starting_at: str | None = None,
        ending_at: str | None = None,
    ) -> Page:
        """Return one page of the items below a partition key (consistent unless a global index is asked).

        `index` is one of `INDEX_KEYS`; `limit` is at most 100, and one item more is read, so that a page without a
        cursor is the last. What sorts before `starting_at` or after `ending_at` is left out (neither goes with
        `begins_with`).
        Raises InvalidCursor for a cursor that this query did not give out.
        """
        pk_name, sk_name, consistent = INDEX_KEYS[index] if index else ("pk", "sk", True)
        condition, values = f"#{pk_name} = :pk", {":pk": pk}
        if begins_with:
            condition, values = f"{condition} AND begins_with(#{sk_name}, :sk)", {**values, ":sk": begins_with}
        if starting_at and ending_at:
            condition = f"{condition} AND #{sk_name} BETWEEN :from AND :to"
        elif starting_at or ending_at:
            condition = f"{condition} AND #{sk_name} {'>= :from' if starting_at else '<= :to'}"
        values |= {":from": starting_at} if starting_at else {}
        values |= {":to": ending_at} if ending_at else {}
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": marshal(values),
            "ExpressionAttributeNames": _names(condition),
            "ScanIndexForward": not newest_first,
            "ConsistentRead": consistent,
            "Limit": limit + 1,
        }
        if index:
            request["IndexName"] = index
        names, this = {"pk", "sk", pk_name, sk_name}, f"{self.name} {index} {pk} {begins_with}"
        if cursor:
            request["ExclusiveStartKey"] = start_key(cursor, {pk_name: pk}, names, this)
        try:
            answer = client("dynamodb").query(**request)
        except ClientError as error:
            if cursor and error.response["Error"]["Code"] == "ValidationException":
                raise InvalidCursor(BAD_CURSOR) from error
            raise
        found, last = answer["Items"], answer.get("LastEvaluatedKey")
        if len(found) > limit:
            found = found[:limit]
            last = {each: found[-1][each] for each in names}
        items = [unmarshal(item) for item in found]
        if index == "by_time":
            # The index holds keys alone, so that a change of an item does not write it again.
            items = self.get_many([(item["pk"], item["sk"]) for item in items])
        return Page(items, after_key(last, pk_name, this))

    def query_all(self, pk: str, begins_with: str = "", **options: Any) -> Iterator[Item]:
        """Yield every item below a partition key, page after page."""
        cursor = None
        while True:  # until the last page; each is one call, and whoever iterates may stop
            page = self.query(pk, begins_with, cursor=cursor, **options)
            yield from page.items
            if (cursor := page.cursor) is None:
                return

    def query_wanted(
        self, pk: str, wanted: Callable[[Item], bool], limit: int, cursor: str | None, **options: Any
    ) -> Page:
        """Return one page of the items below a partition key that are wanted. Raises InvalidCursor.

        The work is bounded: a page after ten queries may be shorter than `limit`, even empty, and still have a cursor.
        """
        found: list[Item] = []
        for _ in range(_QUERIES):
            page = self.query(pk, limit=limit - len(found), cursor=cursor, **options)
            found += filter(wanted, page.items)
            cursor = page.cursor
            if cursor is None or len(found) >= limit:
                break
        return Page(found, cursor)

    def scan(self) -> Iterator[Item]:
        """Yield the whole table, partition by partition, each read consistently."""
        start: dict[str, Any] = {}
        while True:  # until the last page, however large the table: for tools and checks, never while a person waits
            answer = client("dynamodb").scan(TableName=self.name, ConsistentRead=True, **start)
            yield from map(unmarshal, answer["Items"])
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


INDEX_KEYS = {
    "by_time": ("pk", "at", True),
    "by_owner": ("owner", "at", False),
    "by_queue": ("queue", "at", False),
}
"""The indexes that tables have: local `by_time` orders a partition's items by time, global `by_owner` one person's
items, global `by_queue` what waits for a person."""


def _tries(patience_seconds: float | None) -> Iterator[None]:
    """Yield once a try, with a pause between two: twelve that spread out, or short steps until the patience is over."""
    if patience_seconds is None:
        for attempt in range(_ATTEMPTS):
            yield
            clock.sleep_with_jitter(attempt)
        return
    deadline = clock.monotonic() + patience_seconds
    while True:
        yield
        if clock.monotonic() >= deadline:
            return
        clock.sleep_with_jitter(0)


def _raise_unless_contended(error: ClientError) -> list[int]:
    """Return the positions of the writes in conflict with another transaction. Raises what no repeat would mend."""
    code = error.response["Error"]["Code"]
    if code == "TransactionInProgressException":
        return []
    reasons = error.response.get("CancellationReasons", [])
    codes = [reason.get("Code") for reason in reasons]
    if code != "TransactionCanceledException" or not codes:
        raise error
    # A write in conflict says nothing about the balance behind it, so a conflict is retried before a guard is believed.
    if {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"} & set(codes):
        return [position for position, reason in enumerate(codes) if reason == "TransactionConflict"]
    if "ConditionalCheckFailed" not in codes:
        raise error
    raise ConditionFailed(
        {
            index: unmarshal(reason["Item"]) if reason.get("Item") else None
            for index, reason in enumerate(reasons)
            if reason.get("Code") == "ConditionalCheckFailed"
        }
    ) from error


def _key(key: Key) -> dict[str, Any]:
    return marshal({"pk": key[0], "sk": key[1]})


def _colons(values: Mapping[str, Any]) -> Item:
    return {f":{name}": value() if callable(value) else value for name, value in values.items()}


def _names(*expressions: str) -> dict[str, str]:
    return {f"#{name}": name for text in expressions for name in re.findall(r"#(\w+)", text)}


def _expressions(values: Item, given_names: Mapping[str, str] | None = None, **expressions: str) -> dict[str, Any]:
    request: dict[str, Any] = dict(expressions)
    if names := _names(*expressions.values()) | {f"#{name}": given for name, given in (given_names or {}).items()}:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = marshal(_colons(values))
    return request
