"""Reads what is compared: the tables, single items again, and M-Pesa through the payment service's own code."""

import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from betsafi.dynamodb import Item, unmarshal

_EVERY = 5_000
PAGES = 10_000
"""More pages than two days of M-Pesa's payments can have."""


class Unreadable(Exception):
    """Something could not be read; the message says what to do."""


def partition(client: Any, table: str, pk: str, begins_with: str = "") -> list[Item]:
    """Return a partition's items, or those below the beginning of a sort key, read consistently."""
    condition, values = "pk = :pk", {":pk": {"S": pk}}
    if begins_with:
        condition, values = f"{condition} AND begins_with(sk, :sk)", {**values, ":sk": {"S": begins_with}}
    pages = client.get_paginator("query").paginate(
        TableName=table, ConsistentRead=True, KeyConditionExpression=condition, ExpressionAttributeValues=values
    )
    return [unmarshal(item) for page in pages for item in page["Items"]]


def item(client: Any, table: str, pk: str, sk: str) -> Item | None:
    """Return one item, read consistently, or None."""
    found = client.get_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True).get("Item")
    return unmarshal(found) if found else None


def reread(client: Any, table: str, pk: str) -> list[Item]:
    """Return a partition's items such that its account did not change while they were read."""

    def version() -> Any:
        return (item(client, table, pk, "ACCOUNT") or {}).get("version")

    while True:
        before = version()
        items = partition(client, table, pk)
        if version() == before:
            return items


class Tables:
    """Looks single payments, bets and their ledger entries up, in the tables of a stage."""

    def __init__(self, client: Any, payments: str, bets: str, wallet: str) -> None:
        self.client, self.payments, self.bet_table, self.wallet = client, payments, bets, wallet

    def payment(self, payment_id: str) -> Item | None:
        """Return a payment."""
        return item(self.client, self.payments, f"PAYMENT#{payment_id}", "PAYMENT") if payment_id else None

    def owner(self, receipt: str) -> str | None:
        """Return the id of the payment that a receipt is claimed for."""
        found = item(self.client, self.payments, f"RECEIPT#{receipt}", "RECEIPT")
        return found["payment_id"] if found else None

    def entries(self, payment: Item) -> list[Item]:
        """Return the ledger's items about a payment."""
        receipts = {payment.get("receipt"), payment.get("told_receipt")} - {None}
        found: list[Item] = []
        if payment.get("user_id"):
            pk = f"USER#{payment['user_id']}"
            deposits = (
                item(self.client, self.wallet, pk, f"DEPOSIT#{key}") for key in (payment["payment_id"], *receipts)
            )
            found += [entry for entry in deposits if entry is not None]
            found += partition(self.client, self.wallet, pk, f"HOLD#{payment['payment_id']}#")
        for receipt in receipts:
            found += partition(self.client, self.wallet, f"SYSTEM#{receipt}")
        return found

    def bets(self, user_id: str) -> list[Item]:
        """Return a player's bets."""
        return partition(self.client, self.bet_table, f"USER#{user_id}", "BET#")

    def holds(self, user_id: str) -> list[Item]:
        """Return the entries of a player's holds."""
        return partition(self.client, self.wallet, f"USER#{user_id}", "HOLD#")

    def result(self, market_id: str) -> Item | None:
        """Return a market's newest result; None while results of the market or of its game are held."""
        found = item(self.client, self.bet_table, f"RESULT#{market_id}", "RESULT")
        for subject_id in (market_id, found["fixture_id"]) if found else ():
            hold = item(self.client, self.bet_table, f"HOLD#{subject_id}", "HOLD")
            if hold and hold["status"] == "HELD":
                return None
        return found


def balance(client: Any, payments: str) -> Item | None:
    """Return what our accounts hold by M-Pesa's last report."""
    return item(client, payments, "BALANCE", "DARAJA")


def with_progress(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Pass items on, with a bar on a terminal."""
    done = 0
    for each in items:
        yield each
        done += 1
        if done % _EVERY == 0 and sys.stderr.isatty():
            share = min(1.0, done / max(total, done))
            print(f"\r[{'#' * int(40 * share):<40}] {done:,} items", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(f"\r[{'#' * 40}] {done:,} items", file=sys.stderr)


# -- M-Pesa


def become_payment(functions: Any, stage: str) -> None:
    """Take the environment of the deployed follow-up function, so that the payment service's code runs here as there.

    Raises Unreadable.
    """
    name = f"betsafi-payment-{stage}-followup"
    try:
        configuration = functions.get_function_configuration(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        raise Unreadable(f"There is no function {name}: is payment deployed on stage {stage}?") from None
    told = configuration.get("Environment", {}).get("Variables", {})
    os.environ.update({key: value for key, value in told.items() if not key.startswith(("AWS_", "_", "LAMBDA_"))})


def pull(since: datetime, until: datetime) -> tuple[list[Any], int]:
    """Return what customers paid in a time, by M-Pesa's own word, and how many rows of it could not be read.

    `become_payment` comes first. Raises Unreadable, also for a page that comes again.
    """
    daraja = importlib.import_module("payment.providers.mpesa.client")
    unavailable = importlib.import_module("betsafi.errors").Unavailable
    found: dict[str, Any] = {}
    offset = unreadable = 0
    for _ in range(PAGES):
        try:
            page = daraja.pull(since, until, offset)
        except unavailable:
            raise Unreadable(
                "M-Pesa did not answer the pull. Try again, or read docs/runbooks/mpesa_down.md."
            ) from None
        if not page.payments and not page.unreadable:
            return list(found.values()), unreadable
        if page.payments and all(paid.receipt in found for paid in page.payments):
            break
        found.update((paid.receipt, paid) for paid in page.payments)
        unreadable += page.unreadable
        offset += len(page.payments) + page.unreadable
    raise Unreadable("M-Pesa's answer to the pull has no end.")


def one_organisation() -> bool:
    """Return whether customers pay to the same account of M-Pesa's that payouts come from."""
    ours = importlib.import_module("payment.providers.mpesa.credentials").credentials()
    return bool(ours.shortcode == ours.payout_shortcode)
