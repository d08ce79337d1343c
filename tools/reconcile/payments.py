"""Our payments as they are compared with M-Pesa's record of them. No I/O."""

import re
from collections.abc import Collection
from typing import NamedTuple

from betsafi.ids import derive_id
from payment.states import UNCERTAIN, WITHDRAWAL
from wallet.rules.audit import Item

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Payment(NamedTuple):
    """What is kept of a payment: `cents` is what M-Pesa moves, `due` what leaves or reaches the player."""

    id: str
    kind: str
    status: str
    user_id: str
    cents: int
    due: int
    receipt: str
    told: str
    account: str
    original: str
    orders: tuple[str, ...]
    since: str
    until: str
    given_back: bool


def kept(item: Item) -> Payment:
    """Return what is kept of a payment's item."""
    kind = item["kind"]
    cents = item["paid_cents"] if kind == WITHDRAWAL else item["amount_cents"]
    due = item["withholding_cents"] + cents if kind == WITHDRAWAL else item.get("credit_cents") or cents
    orders = tuple(originators(item["payment_id"], item.get("retries", 0))) if kind == WITHDRAWAL else ()
    return Payment(
        item["payment_id"],
        kind,
        item["status"],
        item.get("user_id") or "",
        cents,
        due,
        item.get("receipt", ""),
        item.get("told_receipt", ""),
        plain(item.get("reference") or item.get("account") or ""),
        item.get("original_receipt", ""),
        orders,
        # When it was submitted says nothing: that is when an answer was stored, perhaps not the first one.
        since=item["at"],
        until=item["updated_at"],
        given_back="reversed_at" in item or item["status"] in ("RETURNING", "RETURNED"),
    )


def originators(payment_id: str, retries: int) -> list[str]:
    """Return the ids under which M-Pesa was asked to pay a withdrawal, as `payment.flows.withdrawals` derives them."""
    return [derive_id("originator", payment_id, *([str(time)] if time else [])) for time in range(retries + 1)]


def named_orders(text: str) -> tuple[str, ...]:
    """Return the ids of orders that a text names."""
    return tuple(_UUID.findall(text.lower()))


def plain(account: str) -> str:
    """Return an account number as it is compared: people type blanks and small letters."""
    return re.sub(r"[\s.\-]", "", account).upper()


class Kept:
    """Picks from the payment table what a record of M-Pesa's from `since` to `until` may be about."""

    def __init__(
        self, since: str, until: str, receipts: Collection[str], accounts: Collection[str] = (),
        orders: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.since, self.until = since, until
        # No account number is nobody's: it would be that of every payment without one.
        self._receipts, self._accounts = frozenset(receipts), frozenset(map(plain, accounts)) - {""}
        self._orders = frozenset(orders)
        self.payments: list[Payment] = []

    def payment(self, item: Item) -> None:
        """Take an item of the payment table."""
        if item["sk"] == "PAYMENT" and self._concerns(item):
            self.payments.append(kept(item))

    def _concerns(self, item: Item) -> bool:
        named = (item.get("receipt"), item.get("told_receipt"), item.get("original_receipt"))
        if any(name in self._receipts for name in named if name):
            return True
        if item["status"] in UNCERTAIN or (item["status"] == "COMPLETED" and "receipt" not in item):
            return bool(item["at"] <= self.until)
        if plain(item.get("reference") or "") in self._accounts or self._ordered(item):
            return True
        return bool(item["at"] <= self.until and item["updated_at"] >= self.since)

    def _ordered(self, item: Item) -> bool:
        if not self._orders or item["kind"] != WITHDRAWAL:
            return False
        return not self._orders.isdisjoint(originators(item["payment_id"], item.get("retries", 0)))

    def of(self, *kinds: str) -> list[Payment]:
        """Return those of some kinds."""
        return [payment for payment in self.payments if payment.kind in kinds]
