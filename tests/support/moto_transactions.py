"""moto's transactions without a copy of the whole table for each of their writes, which takes half of its time here."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

_plain = DynamoDBBackend.transact_write_items


def quick_transactions(patch: pytest.MonkeyPatch) -> None:
    """Have a cancelled transaction put back what it touches, not everything; moto reads and judges it as before."""
    patch.setattr(
        models, "copy", SimpleNamespace(deepcopy=lambda it: it if isinstance(it, Table) else copy.deepcopy(it))
    )
    patch.setattr(DynamoDBBackend, "transact_write_items", _transact)


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    with _undone_if_refused(backend, transact_items):
        _plain(backend, transact_items)


@contextmanager
def _undone_if_refused(backend: DynamoDBBackend, writes: list[dict[str, Any]]) -> Iterator[None]:
    given = [next(iter(write.values())) for write in writes]
    tables = {name: backend.tables[name] for one in given if (name := one["TableName"]) in backend.tables}
    records = {name: list(table.stream_shard.items) for name, table in tables.items() if table.stream_shard}
    items = [
        (table, *_place(table, one.get("Key") or one["Item"]))
        for one in given
        if (table := tables.get(one["TableName"]))
    ]
    before = [copy.deepcopy(table.get_item(*place)) for table, *place in items]
    try:
        yield
    except Exception:
        for (table, *place), item in zip(items, before, strict=True):
            _put_back(table, *place, item)
        for name, kept in records.items():
            tables[name].stream_shard.items = kept
        raise


def _place(table: Table, key: dict[str, Any]) -> tuple[DynamoType, DynamoType | None]:
    return DynamoType(key[table.hash_key_attr]), DynamoType(key[table.range_key_attr]) if table.range_key_attr else None


def _put_back(table: Table, hash_value: DynamoType, range_value: DynamoType | None, item: Any) -> None:
    if item is None:
        table.delete_item(hash_value, range_value)
    elif range_value is None:
        table.items[hash_value] = item
    else:
        table.items[hash_value][range_value] = item
