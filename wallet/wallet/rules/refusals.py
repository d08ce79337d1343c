"""Why an account does not take a hold: what its guard says in one condition, said to a person. No I/O."""

from collections.abc import Mapping
from typing import Any

from betsafi.errors import DomainError, NotFound
from wallet import wording
from wallet.rules import limits
from wallet.rules.chains import HoldKind
from wallet.rules.ledger import AccountNotActive, InsufficientFunds


def why_not(
    account: Mapping[str, Any] | None, kind: HoldKind, amount: int, now: Mapping[str, str]
) -> DomainError | None:
    """Return why an account as it stood does not take a hold; None if it would, so that it changed meanwhile.

    `now` are the present windows of the limits.
    """
    if account is None:
        return NotFound(wording.NO_WALLET_YET)
    if kind != "REVERSAL" and account["frozen"]:
        return AccountNotActive(wording.STOPPED)
    if kind == "BET" and account["status"] != "ACTIVE":
        return AccountNotActive(wording.not_active(account["status"]))
    if account["receivable"]:
        owed = -account["receivable"]
        return AccountNotActive(wording.owes(owed), owedCents=owed)
    if account["available"] < amount:
        return InsufficientFunds(wording.TOO_LOW)
    return limits.reached(account, amount, now) if kind == "BET" else None
