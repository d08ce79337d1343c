"""The ledger's rules: balanced entries, and what players, the house and the outside gain or lose by them. No I/O.

Signs: a posting is what an account's balance changes by, so an entry sums to zero. Players' accounts, taxes and the
house are what we owe or own; a provider's accounts are the outside and go negative as money comes in to us.

Whatever comes to a player repays what they owe first, so nobody has available money and a debt at once. What is set
aside, and what becomes of it: `wallet.rules.chains`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from betsafi.errors import DomainError, InvalidInput
from betsafi.ids import fingerprint
from wallet.rules.providers import STANDARD, Provider

HOUSE = "house:betting"
BONUS = "house:bonus"
EXCISE = "tax:excise"
WITHHOLDING = "tax:withholding"
SUSPENSE = "suspense"
BANK = "bank"
"""Ours at a bank: what went there, less what came back and what was paid from it."""
HOLDING = "HOLD"
"""The cause of an account's change that sets a stake or a withdrawal aside."""

Posting = tuple[str, int]


class InsufficientFunds(DomainError):
    """The account's available balance, `info.availableCents`, is below the amount."""

    code = "INSUFFICIENT_FUNDS"
    sw = "Salio lako halitoshi. Weka pesa, au chagua kiasi kidogo."
    status = 409


class AccountNotActive(DomainError):
    """The account may not be used for this: suspended, frozen, closed, or in debt after a corrected result."""

    code = "ACCOUNT_NOT_ACTIVE"
    sw = "Akaunti hii imesimamishwa. Wasiliana nasi."
    status = 403


class Unbalanced(Exception):
    """An entry's postings do not sum to zero: a defect of ours, never of a request."""


@dataclass(frozen=True)
class Entry:
    """An immutable fact of the ledger. `id` is the operation's own id, chosen by its caller.

    What people decided by hand names them: `decided_by`, the proposer first, and why each of them.
    """

    id: str
    kind: str
    reference: str
    postings: tuple[Posting, ...]
    fingerprint: str
    note: str = ""
    decided_by: tuple[str, ...] = ()
    decided_because: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if sum(cents for _, cents in self.postings) != 0:
            raise Unbalanced(f"{self.kind} {self.id}: {self.postings}")


def available(user_id: str) -> str:
    """The account that a player may spend from."""
    return f"user:{user_id}:available"


def held(user_id: str) -> str:
    """The account of a player's open stakes, withdrawals and reversals."""
    return f"user:{user_id}:held"


def receivable(user_id: str) -> str:
    """What a player owes us after a corrected result (negative); only a claw-back may use it."""
    return f"user:{user_id}:receivable"


def balance_changes(user_id: str, postings: Iterable[Posting]) -> dict[str, int]:
    """Return what the postings change of one player's `available`, `held` and `receivable`."""
    changes = {"available": 0, "held": 0, "receivable": 0}
    for account, cents in postings:
        owner, _, part = account.rpartition(":")
        if owner == f"user:{user_id}":
            changes[part] += cents
    return changes


class Balances(NamedTuple):
    """What a player has, cents, at some moment."""

    available: int
    held: int
    receivable: int

    def before(self, user_id: str, postings: Iterable[Posting]) -> "Balances":
        """Return them as they were before an entry after which they are these."""
        changes = balance_changes(user_id, postings)
        return Balances(**{part: cents - changes[part] for part, cents in self._asdict().items()})


def credited(user_id: str, cents: int, owed: int) -> tuple[Posting, Posting]:
    """Return the postings of `cents` that come to a player who owes `owed`: the debt is repaid first."""
    repaid = min(owed, cents)
    return (available(user_id), cents - repaid), (receivable(user_id), repaid)


def taken_back(user_id: str, cents: int, spendable: int) -> tuple[Posting, Posting]:
    """Return the postings of `cents` that a player who has `spendable` gives back: the rest is owed from now on."""
    taken = min(spendable, cents)
    return (available(user_id), -taken), (receivable(user_id), taken - cents)


def without_zeros(*postings: Posting) -> tuple[Posting, ...]:
    """Return the postings that move something."""
    return tuple(posting for posting in postings if posting[1])


# -- money that comes to a player from outside


def deposit(
    user_id: str,
    deposit_id: str,
    amount: int,
    credit: int,
    excise: int,
    owed: int = 0,
    source: str = STANDARD.collection,
) -> Entry:
    """`amount` = `credit` + `excise` came in, from outside or out of suspense."""
    postings = without_zeros((source, -amount), *credited(user_id, credit, owed), (EXCISE, excise))
    print_ = fingerprint({"user": user_id, "amount": amount, "credit": credit, "excise": excise})
    kind = "ASSIGNMENT" if source == SUSPENSE else "DEPOSIT"
    return Entry(deposit_id, kind, deposit_id, postings, print_)


def bonus(user_id: str, bonus_id: str, amount: int, campaign: str, owed: int = 0) -> Entry:
    """The house gives a player money of its own."""
    postings = without_zeros((BONUS, -amount), *credited(user_id, amount, owed))
    print_ = fingerprint({"user": user_id, "amount": amount, "campaign": campaign})
    return Entry(bonus_id, "BONUS", campaign, postings, print_)


def adjustment(
    user_id: str, adjustment_id: str, change: int, reason: str, operators: tuple[str, str], owed: int = 0
) -> Entry:
    """A correction by hand, against suspense. Raises InvalidInput unless two different people stand for it."""
    if operators[0] == operators[1]:
        raise InvalidInput("A second, different operator must approve an adjustment.")
    print_ = fingerprint({"user": user_id, "change": change, "reason": reason, "operators": list(operators)})
    moved = credited(user_id, change, owed) if change > 0 else ((available(user_id), change),)
    postings = without_zeros((SUSPENSE, -change), *moved)
    because = (reason, reason)
    return Entry(adjustment_id, "ADJUSTMENT", adjustment_id, postings, print_, reason, operators, because)


# -- money that touches no player


def suspense_in(receipt: str, amount: int, provider: Provider = STANDARD) -> Entry:
    """A provider took money that belongs to nobody we know yet."""
    return _transfer(receipt, "SUSPENSE_IN", provider.collection, SUSPENSE, amount)


def suspense_return(receipt: str, amount: int, provider: Provider = STANDARD) -> Entry:
    """Money in suspense went back to its sender, out of the account that took it."""
    return _transfer(receipt, "SUSPENSE_RETURN", SUSPENSE, provider.collection, amount)


def fees(
    report_id: str, amount: int, account: str = STANDARD.payout, provider: Provider = STANDARD, note: str = ""
) -> Entry:
    """A provider charged us, or (a negative amount) gave a charge back; the fee is ours to bear."""
    return _transfer(report_id, "FEES", provider.fees, account, amount, note)


def float_transfer(
    transfer_id: str,
    amount: int,
    source: str = STANDARD.collection,
    target: str = STANDARD.payout,
    note: str = "",
) -> Entry:
    """Money of ours went from one account outside to another. Raises InvalidInput where both are the same."""
    if source == target:
        raise InvalidInput("from and to are two accounts.")
    return _transfer(transfer_id, "FLOAT_TRANSFER", target, source, amount, note)


def tax_remittance(remittance_id: str, tax: str, amount: int, account: str = STANDARD.payout, note: str = "") -> Entry:
    """A tax was paid to the authority, or (a negative amount) given back. Raises InvalidInput for what is no tax."""
    if tax not in (EXCISE, WITHHOLDING):
        raise InvalidInput("The tax is tax:excise or tax:withholding.")
    return _transfer(remittance_id, "TAX_REMITTANCE", tax, account, amount, note)


def _transfer(operation_id: str, kind: str, source: str, target: str, amount: int, note: str = "") -> Entry:
    print_ = fingerprint({"kind": kind, "source": source, "target": target, "amount": amount})
    return Entry(operation_id, kind, operation_id, ((source, -amount), (target, amount)), print_, note)
