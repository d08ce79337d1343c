"""What staff did, as CSV for an auditor: `python -m tools.trail --stage dev --from 2026-11-01 --to 2026-11-30`.

Every act of every service in those days (Nairobi, both included), oldest first, from the trail that users keeps.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TextIO

import boto3

from betsafi import clock
from betsafi.dynamodb import Item, unmarshal
from tools.base import asking
from tools.base.names import table_name
from wallet.rules.statement import cell

COLUMNS = (
    "actedAt", "service", "action", "outcome", "staffId", "decidedBy", "subject", "userId", "amountCents", "reason",
    "decision", "before", "after", "actId",
)  # fmt: skip


def acts(stage: str, first: date, last: date) -> Iterator[Item]:
    """Yield the acts of some days in Nairobi, oldest first."""
    since, until = (datetime.combine(day, time(), clock.NAIROBI) for day in (first, last + timedelta(days=1)))
    pages = boto3.client("dynamodb").get_paginator("query").paginate(
        TableName=table_name(stage, "users"),
        KeyConditionExpression="pk = :pk AND sk BETWEEN :since AND :until",
        ExpressionAttributeValues={
            ":pk": {"S": "TRAIL"}, ":since": {"S": clock.stamp(since)}, ":until": {"S": clock.stamp(until)},
        },
        ConsistentRead=True,
    )  # fmt: skip
    for page in pages:
        yield from map(unmarshal, page["Items"])


def write(found: Iterator[Item], out: TextIO) -> int:
    """Write acts as CSV that no spreadsheet runs, and return how many."""
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    count = 0
    for act in found:
        rows.writerow([_cell(act.get(name)) for name in COLUMNS])
        count += 1
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return cell(value if isinstance(value, str) else json.dumps(value, sort_keys=True))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the acts to the standard output and say how many; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.trail", description="What staff did, as CSV.")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="first day, in Nairobi")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="last day, included")
    asked = parser.parse_args(arguments)
    count = write(acts(asked.stage, asked.first, asked.last), sys.stdout)
    print(f"{count} acts", file=sys.stderr)
    return 0


if __name__ == "__main__":
    asking.run(main)
