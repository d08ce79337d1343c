"""The trial balance of a stage: `python -m tools.reconcile --stage dev` proves that the books agree with themselves.

Reads the wallet's whole table once, in the memory of one player; exit code 1, with the offending ids, when anything is
off. What must hold is in `wallet.audit`; the wallet's own `reconcile` function does the same every day.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import boto3

from betsafi.dynamodb import Item, unmarshal
from wallet.audit import Report, audit, render

__all__ = ["Report", "audit", "render", "scan"]

_EVERY = 5_000


def scan(client: Any, table: str) -> Iterator[Item]:
    """Yield a table's items, partition by partition, read consistently."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from map(unmarshal, page["Items"])


def reread(client: Any, table: str, pk: str) -> list[Item]:
    """Return a partition's items such that its account did not change while they were read."""

    def version() -> Any:
        key = {"pk": {"S": pk}, "sk": {"S": "ACCOUNT"}}
        return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}).get("version")

    while True:
        before = version()
        pages = client.get_paginator("query").paginate(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        items = [unmarshal(item) for page in pages for item in page["Items"]]
        if version() == before:
            return items


def _with_progress(items: Iterator[Item], total: int) -> Iterator[Item]:
    done = 0
    for item in items:
        yield item
        done += 1
        if done % _EVERY == 0 and sys.stderr.isatty():
            share = min(1.0, done / max(total, done))
            print(f"\r[{'#' * int(40 * share):<40}] {done:,} items", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(f"\r[{'#' * 40}] {done:,} items", file=sys.stderr)


def main() -> int:
    """Print the trial balance of a stage; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", default="dev")
    client, table = boto3.client("dynamodb"), f"betsafi-wallet-{parser.parse_args().stage}"
    total = client.describe_table(TableName=table)["Table"].get("ItemCount", 0)
    report = audit(_with_progress(scan(client, table), total), lambda pk: reread(client, table, pk))
    print(render(report))
    return 0 if report.balanced else 1


if __name__ == "__main__":
    sys.exit(main())
