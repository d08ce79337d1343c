"""The significant events of some days, as CSV: `python -m tools.significant --stage dev --from DAY --to DAY`.

For a regulator who asks: what staff did, proposed and refused (results, voids, corrections, adjustments, limits, stops,
settings), and whose number too many wrong codes locked, from the trail; wagers and winnings above a sum, and results
that were taken back, from the signed returns; every alarm that rang (feeds, queues, the ledger, negative balances among
its problems, schedules, the firewall); and how many sign-ins were refused on each day. Nothing is written. Each source
keeps what it has: the trail for ever, returns for the years of their lock, alarms for 30 days, metrics for 15 months.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TextIO

import boto3

from betsafi import clock
from betsafi.errors import InvalidAmount
from betsafi.money import format_amount, parse_amount
from tools import returns, trail
from tools.base import asking
from tools.base.names import is_of_stage
from wallet.rules.returns import Return, read
from wallet.rules.statement import cell

COLUMNS = ("at", "kind", "who", "about", "what")
LARGE_CENTS = 10_000_000
"""KES 100,000: from this sum on a wager or a winning is significant, unless it is said otherwise."""

Row = tuple[str, str, str, str, str]


def of_staff(acts: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Yield what staff did."""
    for act in acts:
        what = {"reason": act.get("reason", ""), "before": act.get("before", {}), "after": act.get("after", {})}
        people = " and ".join(act.get("decidedBy") or [act["staffId"]])
        kind = f"{act['service']} {act['action']} {act['outcome']}"
        yield act["actedAt"], kind, people, str(act.get("userId") or act["subject"]), json.dumps(what, sort_keys=True)


def of_money(files: Iterable[Return], large_cents: int) -> Iterator[Row]:
    """Yield wagers and winnings from a sum on, and results that were taken back."""
    for record in (record for one in files for record in one.records):
        staked, won = record.get("stakedCents", 0), record.get("wonCents", 0)
        about, player = str(record["reference"]), str(record.get("player", ""))
        if staked >= large_cents:
            yield record["at"], "large wager", player, about, f"KES {format_amount(staked)}"
        if won >= large_cents:
            yield record["at"], "large win", player, about, f"KES {format_amount(won)}"
        if won < 0 or record["kind"] == "REOPENING":
            yield record["at"], "result taken back", player, about, f"KES {format_amount(won)}"


def of_alarms(history: Iterable[dict[str, Any]], stage: str) -> Iterator[Row]:
    """Yield the alarms of a stage that rang or ended."""
    for item in history:
        if is_of_stage(item["AlarmName"], stage):
            yield clock.stamp(item["Timestamp"]), "alarm", "", item["AlarmName"], item["HistorySummary"]


def of_sign_ins(points: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Yield how many sign-ins were refused on each day."""
    for point in points:
        yield clock.stamp(point["Timestamp"]), "sign-ins refused", "", "", f"{point['Sum']:.0f}"


def write(rows: Iterable[Row], out: TextIO) -> int:
    """Write events as CSV that no spreadsheet runs, oldest first; return how many."""
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    ordered = sorted(rows)
    writer.writerows([cell(value) for value in row] for row in ordered)
    return len(ordered)


def _history(since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    pages = boto3.client("cloudwatch").get_paginator("describe_alarm_history")
    for page in pages.paginate(HistoryItemType="StateUpdate", StartDate=since, EndDate=until):
        yield from page["AlarmHistoryItems"]


def _refused(stage: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    of = [{"Name": "stage", "Value": stage}, {"Name": "service", "Value": "users"}]
    answer = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="Betsafi", MetricName="SignUpRefused", Dimensions=of, StartTime=since, EndTime=until, Period=86_400,
        Statistics=["Sum"],
    )  # fmt: skip
    return list(answer["Datapoints"])


def _cents(text: str) -> int:
    try:
        return parse_amount(text)
    except InvalidAmount as wrong:
        raise argparse.ArgumentTypeError(wrong.message) from wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the events to the standard output and say how many; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.significant", description="Significant events, as CSV.")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="first day, in Nairobi")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="last day, included")
    parser.add_argument("--large", type=_cents, default=LARGE_CENTS, help="in shillings, e.g. 100000")
    asked = parser.parse_args(arguments)
    since = datetime.combine(asked.first, time(), clock.NAIROBI).astimezone(UTC)
    until = datetime.combine(asked.last + timedelta(days=1), time(), clock.NAIROBI).astimezone(UTC)
    files = [read(body) for _, body in returns.stored(asked.stage, asked.first, asked.last)]
    rows = [
        *of_staff(trail.acts(asked.stage, asked.first, asked.last)),
        *of_money(files, asked.large),
        *of_alarms(_history(since, until), asked.stage),
        *of_sign_ins(_refused(asked.stage, since, until)),
    ]
    print(f"{write(rows, sys.stdout)} events", file=sys.stderr)
    return 0


if __name__ == "__main__":
    asking.run(main)
