"""M-Pesa's own double-entry books: what it took, what it paid, and what every phone and account holds. Pure.

Amounts are shillings as Decimal with two decimals. Accounts: ``working`` (MMF), ``utility`` and ``charges`` of the
organisation, ``phone:<msisdn>``, ``safaricom`` (fees) and ``world`` (where opening money comes from).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from localcloud.daraja.base.wire import EAT, JSON, shillings

ZERO = Decimal("0.00")
DAILY_LIMIT = Decimal(500_000)
BALANCE_LIMIT = Decimal(500_000)
TransactionKind = Literal["stk", "c2b", "b2c", "reversal", "transfer", "opening"]


@dataclass
class Transaction:
    """One completed movement of money. Postings sum to zero."""

    receipt: str
    kind: TransactionKind
    at: datetime
    amount: Decimal
    postings: dict[str, Decimal]
    phone: str = ""
    fee: Decimal = ZERO
    account_reference: str = ""
    shortcode: str = ""
    originator_conversation_id: str = ""
    conversation_id: str = ""
    checkout_request_id: str = ""
    original_receipt: str = ""
    reversed_by: str = ""

    def as_json(self) -> JSON:
        """Return the transaction for people and tests; money as strings."""
        return {
            "receipt": self.receipt, "kind": self.kind, "at": self.at.astimezone(EAT).isoformat(),
            "amount": str(self.amount), "fee": str(self.fee), "phone": self.phone,
            "accountReference": self.account_reference, "shortcode": self.shortcode,
            "originatorConversationID": self.originator_conversation_id, "conversationID": self.conversation_id,
            "checkoutRequestID": self.checkout_request_id, "originalReceipt": self.original_receipt,
            "reversedBy": self.reversed_by, "postings": {k: str(v) for k, v in self.postings.items()},
        }  # fmt: skip


@dataclass
class Phone:
    """A customer's line. ``wrong_pins`` in a row lock it at three (result 8006)."""

    msisdn: str
    pin: str
    name: str = "JANE WANJIKU DOE"
    registered: bool = True
    wrong_pins: int = 0
    locked: bool = False


@dataclass
class Books:
    """Balances and the journal they follow from."""

    balances: dict[str, Decimal] = field(default_factory=dict)
    journal: list[Transaction] = field(default_factory=list)
    by_receipt: dict[str, int] = field(default_factory=dict)
    moved_by_day: dict[str, Decimal] = field(default_factory=dict)

    def balance(self, account: str) -> Decimal:
        """Return an account's balance."""
        return self.balances.get(account, ZERO)

    def find(self, receipt: str) -> Transaction | None:
        """Return the transaction of a receipt."""
        index = self.by_receipt.get(receipt)
        return None if index is None else self.journal[index]

    def book(self, transaction: Transaction) -> Transaction:
        """Post a transaction. Raises ValueError when it does not balance or its receipt was used."""
        if sum(transaction.postings.values()) != 0:
            raise ValueError(f"{transaction.receipt} does not balance")
        if transaction.receipt in self.by_receipt:
            raise ValueError(f"{transaction.receipt} is used")
        for account, amount in transaction.postings.items():
            self.balances[account] = self.balance(account) + shillings(amount)
        self.by_receipt[transaction.receipt] = len(self.journal)
        day = _day_key(transaction.phone, transaction.kind, transaction.at)
        self.moved_by_day[day] = self.moved_by_day.get(day, ZERO) + transaction.amount
        self.journal.append(transaction)
        return transaction

    def moved_today(self, phone: str, at: datetime, kinds: tuple[str, ...]) -> Decimal:
        """Return what a phone moved in these kinds on the Nairobi day of ``at``."""
        return sum((self.moved_by_day.get(_day_key(phone, kind, at), ZERO) for kind in kinds), ZERO)

    def total(self, kind: TransactionKind) -> Decimal:
        """Return the sum of all amounts of a kind."""
        return sum((t.amount for t in self.journal if t.kind == kind), ZERO)

    def summary(self) -> JSON:
        """Return balances and totals; ``sum`` is zero unless the books are broken."""
        phones = {k.removeprefix("phone:"): str(v) for k, v in self.balances.items() if k.startswith("phone:")}
        count = {kind: sum(1 for t in self.journal if t.kind == kind) for kind in ("stk", "c2b", "b2c", "reversal")}
        return {
            "organisation": {name: str(self.balance(name)) for name in ("working", "utility", "charges")},
            "phones": phones,
            "safaricom": str(self.balance("safaricom")),
            "totals": {
                "stkReceived": str(self.total("stk")), "c2bReceived": str(self.total("c2b")),
                "b2cPaid": str(self.total("b2c")), "reversed": str(self.total("reversal")),
                "b2cFees": str(sum((t.fee for t in self.journal if t.kind == "b2c"), ZERO)),
                "customerFees": str(sum((t.fee for t in self.journal if t.kind in ("stk", "c2b")), ZERO)),
            },
            "counts": count,
            "sum": str(sum(self.balances.values(), ZERO)),
        }  # fmt: skip


def _day_key(phone: str, kind: str, at: datetime) -> str:
    return f"{phone} {kind} {at.astimezone(EAT):%Y-%m-%d}"
