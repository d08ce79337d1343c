"""Facts about accounts."""

from typing import Literal

from betsafi.events import acts
from betsafi.events.model import Cents, Event, Id, Version


class AccountOpened(Event):
    """A player has a wallet."""

    source = "betsafi.wallet"
    user_id: Id


class BalanceChanged(Event):
    """An account after its `account_version`-th change; not after one that only holds a stake or a withdrawal.

    `cause_id` is the bet or the payment whose end, or whose `cause_version`-th result, is posted with it.
    """

    source = "betsafi.wallet"
    user_id: Id
    available_cents: Cents
    held_cents: Cents
    owed_cents: Cents | None = None
    account_version: Version
    cause_kind: Literal["BET", "PAYMENT"] | None = None
    cause_id: Id | None = None
    cause_version: Version | None = None


class _DebtEvent(Event, acts.ByHand):
    """`reference` is the deposit, receipt, bet, withdrawal, bonus or adjustment that the entry belongs to."""

    source = "betsafi.wallet"
    user_id: Id
    entry_kind: str
    reference: Id
    owed_cents: Cents


class DebtIncurred(_DebtEvent):
    """A corrected result took back more than there was: `incurred_cents` of it, in all `owed_cents`, are owed."""

    incurred_cents: Cents


class DebtRepaid(_DebtEvent):
    """Of `credited_cents` that came to a player `repaid_cents` repaid what they owed; `owed_cents` are left of it."""

    credited_cents: Cents
    repaid_cents: Cents


class WalletStaffActed(acts.StaffActed):
    """Somebody of the staff did, proposed or refused something in this service: see `acts.StaffActed`."""

    source = "betsafi.wallet"


del _DebtEvent
