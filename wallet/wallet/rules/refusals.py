"""Why an account does not take a hold: what its guard says in one condition, said to a person. No I/O."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from betsafi.errors import DomainError, NotFound
from betsafi.protection import windows_at
from wallet import wording
from wallet.rules import limits, promises, sessions, stops
from wallet.rules import terms as accepted
from wallet.rules.chains import HoldKind
from wallet.rules.ledger import AccountNotActive, InsufficientFunds
from wallet.rules.promises import Promise


def why_not(
    account: Mapping[str, Any] | None,
    kind: HoldKind,
    amount: int,
    moment: datetime,
    promise: Promise | None = None,
    terms: str = "",
) -> DomainError | None:
    """Return why an account as it stood does not take a hold; None if it would, so that it changed meanwhile.

    `promise` is what a bet could pay, `terms` those in force.
    """
    if account is None:
        return NotFound(wording.NO_WALLET_YET)
    for most, refusal in caps(account, kind, moment, terms):
        if amount > most:
            return refusal
    return promises.reached(account, promise) if promise else None


def caps(
    account: Mapping[str, Any], kind: HoldKind, moment: datetime, terms: str = ""
) -> Iterator[tuple[int, DomainError]]:
    """Yield all that bounds a hold of a kind on an account: the most cents that it takes, and how more is refused."""
    if kind == "WITHDRAWAL" and account["status"] == "FROZEN":
        yield 0, AccountNotActive(wording.MONEY_HELD)
    if kind == "BET":
        if (status := stops.status_of(account)) != "ACTIVE":
            yield 0, AccountNotActive(wording.not_active(status))
        yield from ((0, refusal) for refusal in stops.refusals(account, moment))
        if not_accepted := accepted.refusal(account, terms):
            yield 0, not_accepted
    if account["receivable"]:
        owed = -account["receivable"]
        yield 0, AccountNotActive(wording.owes(owed), owedCents=owed)
    yield account["available"], InsufficientFunds(wording.TOO_LOW, availableCents=max(0, account["available"]))
    if kind == "BET":
        if refusal := sessions.reached(account, moment):
            yield 0, refusal
        yield from limits.caps(account, windows_at(moment))
