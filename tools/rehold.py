"""Hold again what a restored ledger lost: `python -m tools.rehold --stage dev [--dry-run]`.

Holds are made by a call and are in no event, so a wallet that was restored to an earlier moment knows nothing of those
that came after it. Bets and payments know: this reads both tables and places every hold that they imply and the ledger
does not have, under the same id, player by player in the order in which they were made. A player whose money does not
reach yet waits for what an earlier bet or deposit brings: publish anew (tools.republish), then run this again. Safe to
run twice. Exit code 0: nothing waits; 1: something does. docs/runbooks/restore_a_table.md
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import boto3

from betsafi.errors import DomainError
from betsafi.money import format_amount
from tools.base import asking
from tools.base.names import table_name
from tools.base.tables import scan
from tools.reconcile import bets, facts, reading


class Wanted(NamedTuple):
    """A hold that a bet or a payment implies."""

    user_id: str
    at: str
    hold_id: str
    kind: str
    cents: int


def wanted(client: Any, stage: str) -> Iterator[Wanted]:
    """Yield every hold that must stand in the ledger, or must have stood there before it was decided."""
    for item in scan(client, table_name(stage, "bet")):
        if item["sk"].startswith("BET#") and bets.expected(item):
            yield Wanted(item["user_id"], item["at"], item["bet_id"], bets.BET, item["stake_cents"])
    for item in scan(client, table_name(stage, "payment")):
        if item["sk"] == "PAYMENT":
            must, _ = facts.expected(item)
            for fact in must:
                if isinstance(fact, facts.Held):
                    yield Wanted(fact.user_id, item["at"], fact.key, fact.kind, fact.amount)


def missing(client: Any, stage: str) -> list[Wanted]:
    """Return the holds that the ledger does not have, by player and time."""
    wallet = table_name(stage, "wallet")
    lost = [one for one in wanted(client, stage) if not _stands(client, wallet, one)]
    return sorted(lost)


def _stands(client: Any, wallet: str, one: Wanted) -> bool:
    return reading.item(client, wallet, f"USER#{one.user_id}", f"HOLD#{one.hold_id}#0000") is not None


def place(lost: Sequence[Wanted]) -> list[str]:
    """Place these holds; return, of each player of whom something waits, the first one and why."""
    from wallet.stores import holds

    waiting = []
    for _, of_player in groupby(lost, key=lambda one: one.user_id):
        for one in of_player:
            try:
                holds.place_hold(one.user_id, one.hold_id, one.kind, one.cents)  # type: ignore[arg-type]
            except DomainError as refusal:
                waiting.append(f"{one.kind} {one.hold_id} of player {one.user_id}: {refusal.code}")
                break
            print(f"held  {format_amount(one.cents):>12}  {one.kind} {one.hold_id} of player {one.user_id}")
    return waiting


def main(argv: Sequence[str] | None = None) -> int:
    """Place what is missing and say what waits."""
    parser = argparse.ArgumentParser(prog="python -m tools.rehold", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--dry-run", action="store_true", help="show what is missing, hold nothing")
    given = parser.parse_args(argv)
    lost = missing(boto3.client("dynamodb"), given.stage)
    if given.dry_run:
        for one in lost:
            print(f"missing  {format_amount(one.cents):>12}  {one.kind} {one.hold_id} of player {one.user_id}")
        print(f"{len(lost)} missing")
        return 0
    os.environ["TABLE_NAME"] = table_name(given.stage, "wallet")
    waiting = place(lost)
    for line in waiting:
        print(f"waits  {line}")
    print(f"{len(lost)} were missing, {len(waiting)} players wait")
    return 1 if waiting else 0


if __name__ == "__main__":
    asking.run(main)
