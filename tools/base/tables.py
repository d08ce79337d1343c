"""The tables of a stage, as tools read them."""

from collections.abc import Iterator
from typing import Any

from betsafi.dynamodb import Item, unmarshal


def scan(client: Any, table: str) -> Iterator[Item]:
    """Yield a table's items, partition by partition, read consistently."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from map(unmarshal, page["Items"])
