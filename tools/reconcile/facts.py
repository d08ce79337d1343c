"""What the ledger must have about a payment, and what it has, as facts that can be compared. No I/O."""

from collections.abc import Iterable
from typing import NamedTuple

from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL
from wallet.rules import ledger
from wallet.rules.audit import Item
from wallet.rules.providers import PROVIDERS

ASSIGNED, RETURNED = "ASSIGNED", "RETURNED"


class Credit(NamedTuple):
    """A player was credited, from the paybill (DEPOSIT, by payment id) or from suspense (ASSIGNMENT, by receipt)."""

    source: str
    key: str
    user_id: str
    cents: int
    excise: int


class Held(NamedTuple):
    """How a hold stands. `parts` are what was captured of it: a payout's or a reversal's three amounts, else none."""

    kind: str
    key: str
    user_id: str
    amount: int
    remaining: int
    parts: tuple[int, ...] = ()


class Suspended(NamedTuple):
    """Money came into suspense under a receipt; `how` it left again, "" while it stands there."""

    key: str
    amount: int
    how: str


Fact = Credit | Held | Suspended


# -- what a payment says


def expected(payment: Item) -> tuple[list[Fact], list[Fact]]:
    """Return what the ledger must say about a payment, and what it may say as well."""
    kind, status, payment_id = payment["kind"], payment["status"], payment["payment_id"]
    if kind in (DEPOSIT, PAYBILL):
        return _expected_in(payment, status, payment_id), []
    if kind not in (WITHDRAWAL, REVERSAL) or payment.get("suspense"):
        return [], []
    amount = payment["amount_cents"] if kind == WITHDRAWAL else payment["credit_cents"]
    hold = Held(kind, payment_id, payment["user_id"], amount, amount)
    if status == "COMPLETED":
        return [hold._replace(remaining=0, parts=parts_of(payment))], []
    if status in ("FAILED", "REFUSED"):
        return [], [hold._replace(remaining=0)]
    return ([], [hold]) if status == "REQUESTED" else ([hold], [])


def _expected_in(payment: Item, status: str, payment_id: str) -> list[Fact]:
    amount, receipt = payment["amount_cents"], payment.get("receipt", "")
    if status == "COMPLETED":
        given = (payment["user_id"], payment["credit_cents"], payment["excise_cents"])
        if payment.get("from_suspense"):
            return [Credit("ASSIGNMENT", receipt, *given), Suspended(receipt, amount, ASSIGNED)]
        return [Credit("DEPOSIT", payment_id, *given)]
    if payment["kind"] == PAYBILL and status in ("SUSPENSE", "RETURNING", "RETURNED"):
        return [Suspended(receipt, amount, RETURNED if status == "RETURNED" else "")]
    return []


def parts_of(payment: Item) -> tuple[int, ...]:
    """Return what goes out, what is tax, and what a withdrawal gives back or a reversal takes from the player."""
    if payment["kind"] == WITHDRAWAL:
        return payment["paid_cents"], payment["withholding_cents"], payment["remainder_cents"]
    return payment["amount_cents"], payment["excise_cents"], payment["credit_cents"]


# -- what the ledger says


def facts(items: Iterable[Item]) -> list[Fact]:
    """Return what one partition of the wallet's table says about payments."""
    found: list[Fact] = []
    chains: dict[str, list[Item]] = {}
    suspended: dict[int, Item] = {}
    for item in items:
        entry = item.get("entry_kind")
        if entry in ("DEPOSIT", "ASSIGNMENT"):
            found.append(_credit(entry, item))
        elif entry in ("SUSPENSE_IN", "SUSPENSE_RESOLVED", "SUSPENSE_RETURN"):
            suspended[int(item["sk"].rpartition("#")[2])] = item
        elif "hold" in item and item["hold"]["kind"] in (WITHDRAWAL, REVERSAL):
            chains.setdefault(item["hold"]["id"], []).append(item)
    if 0 in suspended:
        found.append(_suspended(suspended[0], suspended.get(1)))
    return [*found, *(_held(key, chain) for key, chain in chains.items())]


def about_payments(item: Item) -> bool:
    """Return whether an item of the wallet's table says something about a payment."""
    if "hold" in item:
        return item["hold"]["kind"] in (WITHDRAWAL, REVERSAL)
    return item.get("entry_kind") in ("DEPOSIT", "ASSIGNMENT", "SUSPENSE_IN", "SUSPENSE_RESOLVED", "SUSPENSE_RETURN")


def _credit(source: str, item: Item) -> Credit:
    credited = sum(cents for account, cents in item["postings"] if account.startswith("user:"))
    excise = sum(cents for account, cents in item["postings"] if account == ledger.EXCISE)
    return Credit(source, item["reference"], item["user_id"], credited, excise)


def _suspended(came: Item, left: Item | None) -> Suspended:
    amount = sum(cents for account, cents in came["postings"] if account == ledger.SUSPENSE)
    how = "" if left is None else RETURNED if left["entry_kind"] == "SUSPENSE_RETURN" else ASSIGNED
    return Suspended(came["entry_id"], amount, how)


def _held(key: str, chain: list[Item]) -> Held:
    last = max(chain, key=lambda item: item["sk"])["hold"]
    parts: tuple[int, ...] = ()
    for item in chain:
        moved = {account: cents for account, cents in item["postings"]}
        user = item["hold"]["user_id"]
        if item["entry_kind"] == "PAYOUT":
            # What goes back to the player may repay a debt.
            back = moved.get(ledger.available(user), 0) + moved.get(ledger.receivable(user), 0)
            paid = sum(moved.get(each.payout, 0) for each in PROVIDERS.values())
            parts = (paid, moved.get(ledger.WITHHOLDING, 0), back)
        elif item["entry_kind"] == "REVERSAL":
            given = sum(moved.get(each.collection, 0) for each in PROVIDERS.values())
            parts = (given, -moved.get(ledger.EXCISE, 0), -moved.get(ledger.held(user), 0))
    return Held(last["kind"], key, last["user_id"], last["amount"], last["remaining"], parts)
