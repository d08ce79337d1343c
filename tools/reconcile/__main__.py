"""Compare ledger, payments, bets: `python -m tools.reconcile --stage dev [--mpesa] [--statement FILE --date DAY]`.

Each table is read once, the wallet's last. Exit code 0: nothing differs; 1: something does; 2: it could not be read.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from betsafi import clock
from betsafi.dynamodb import Item
from payment.states import DEPOSIT, PAYBILL, UNCERTAIN
from tools.base import asking
from tools.base.names import table_name
from tools.base.tables import scan
from tools.reconcile import reading
from tools.reconcile.bets import Bets
from tools.reconcile.books import Comparison
from tools.reconcile.day import ACCOUNTS, Balances, Day, compare_balance
from tools.reconcile.findings import Difference, Findings
from tools.reconcile.money_in import compare_in, without_receipt
from tools.reconcile.payments import Kept
from tools.reconcile.record import Row, period
from tools.reconcile.statement import BadStatement, decode, parse
from wallet.rules.audit import Report, audit, render

PULL = timedelta(hours=48)
"""For how long M-Pesa lists a payment by itself."""

Visitor = Callable[[Item], None]


class Mpesa:
    """What M-Pesa reports by itself: customers' payments of two days, and the last balances of our accounts."""

    def __init__(self, stage: str, payments: str, now: datetime, grace: timedelta) -> None:
        self.now = now
        reading.become_payment(boto3.client("lambda"), stage)
        since, until = now - PULL, (now - grace).replace(microsecond=0)
        pulled, self.unreadable = reading.pull(since, until)
        self.rows = [Row(paid.receipt, paid.amount_cents, paid.account, "pull") for paid in pulled]
        self.period = period(since, until, grace, now, PULL + grace)
        receipts, accounts = {row.receipt for row in self.rows}, {row.account for row in self.rows}
        self.kept = Kept(self.period.since, self.period.until, receipts, accounts)
        self.told = reading.balance(boto3.client("dynamodb"), payments)
        self.one_organisation = reading.one_organisation()
        at = self.told["at"] if self.told else ""
        self.books = Balances(at, clock.stamp(clock.parse_stamp(at) + grace) if at else "")
        self.in_doubt: list[Item] = []

    def payment(self, item: Item) -> None:
        """Take an item of the payment table."""
        self.kept.payment(item)
        if item["sk"] == "PAYMENT" and self.told and item["at"] <= self.told["at"] and in_doubt(item, self.now):
            self.in_doubt.append(item)

    def result(self) -> Findings:
        """Return what differs."""
        ours = self.kept.of(DEPOSIT, PAYBILL)
        findings = compare_in(self.rows, ours, self.period, returned_too=False).findings
        findings.differences += without_receipt(ours, self.period.since)
        one = self.one_organisation
        findings.add(compare_balance(self.told, self.books, self.in_doubt, self.now, one_organisation=one))
        findings.seen["payments in M-Pesa's pull"] = len(self.rows)
        if self.unreadable:
            detail = f"{self.unreadable} rows of the pull that cannot be read"
            findings.differences.append(Difference("STATEMENT_ROW_UNKNOWN", detail=detail))
        return findings


def in_doubt(item: Item, now: datetime) -> bool:
    """Return whether M-Pesa may have moved a payment's money, or not; what came in is known while it can be pulled."""
    if item["kind"] in (DEPOSIT, PAYBILL) and item["at"] < clock.stamp(now - PULL):
        return False
    return item["status"] in UNCERTAIN or item["status"] == "RECEIVED"


def compare(client: Any, stage: str, now: datetime, given: argparse.Namespace) -> tuple[Report, Findings]:
    """Read the tables of a stage once; return trial balance and differences. Raises Unreadable, BadStatement."""
    wallet, payments, bet_table = (table_name(stage, service) for service in ("wallet", "payment", "bet"))
    grace = timedelta(minutes=given.grace)
    books, bets = Comparison(now, grace), Bets(now, grace)
    day = _day(given, now, grace)
    mpesa = Mpesa(stage, payments, now, grace) if given.mpesa else None
    first: list[Visitor] = [books.payment, *(each.payment for each in (day, mpesa) if each is not None)]
    for item in _read(client, payments):
        for visit in first:
            visit(item)
    for item in _read(client, bet_table):
        bets.bet(item)
    then: list[Visitor] = [books.ledger, bets.ledger, *([mpesa.books.ledger] if mpesa else [])]
    closing: Balances | None = None
    if day is not None:
        day.match()
        closing = day.balances()
        then.append(closing.ledger)
    report = audit(_shown(_read(client, wallet), then), lambda pk: reading.reread(client, wallet, pk))
    tables = reading.Tables(client, payments, bet_table, wallet)
    findings = books.result(tables)
    findings.add(bets.result(tables))
    if mpesa is not None:
        findings.add(mpesa.result())
    if day is not None and closing is not None:
        findings.add(day.close(closing))
    findings.adjusted(books.adjustments)
    return report, findings


def _day(given: argparse.Namespace, now: datetime, grace: timedelta) -> Day | None:
    if not given.statement:
        return None
    statements = [parse(path.name, decode(path.read_bytes())) for path in given.statement]
    return Day(statements, given.date, now, grace, PULL, given.account)


def _read(client: Any, table: str) -> Iterator[Item]:
    total = client.describe_table(TableName=table)["Table"].get("ItemCount", 0)
    return reading.with_progress(scan(client, table), total)


def _shown(items: Iterable[Item], visitors: Sequence[Visitor]) -> Iterator[Item]:
    for item in items:
        for visit in visitors:
            visit(item)
        yield item


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.reconcile", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--grace", type=int, default=15, help="minutes in which a change may still be on its way (15)")
    parser.add_argument("--mpesa", action="store_true", help="ask M-Pesa for the last 48 hours and compare its balance")
    parser.add_argument("--statement", type=Path, nargs="+", metavar="FILE", help="CSV exported from M-Pesa's portal")
    parser.add_argument("--date", type=date.fromisoformat, help="the day of the statement, in Nairobi: 2026-11-20")
    parser.add_argument("--account", choices=sorted(ACCOUNTS), default="both", help="what the statement is of (both)")
    parser.add_argument("--json", action="store_true", help="for machines")
    given = parser.parse_args(argv)
    if bool(given.statement) != bool(given.date):
        parser.error("--statement and --date go together: which day of the statement is to be compared?")
    return given


def main(argv: Sequence[str] | None = None) -> int:
    """Print what differs on a stage; return the exit code."""
    given = _arguments(argv)
    try:
        report, findings = compare(boto3.client("dynamodb"), given.stage, clock.now(), given)
    except (BadStatement, reading.Unreadable, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"AWS did not answer as it should: {error}", file=sys.stderr)
        return 2
    if given.json:
        balance = {"totalsCents": dict(report.totals), "accounts": report.accounts, "entries": report.entries}
        trial = {**balance, "problems": report.problems}
        print(json.dumps({"stage": given.stage, "trialBalance": trial, **findings.told(given.stage)}, indent=2))
    else:
        print(render(report))
        print(findings.render(given.stage))
    return 0 if report.balanced and not findings.differences else 1


if __name__ == "__main__":
    asking.run(main)
