"""Facts about accounts."""

from typing import Literal

from betsafi.events.model import Cents, Event, Id, Version


class AccountOpened(Event):
    """A player has a wallet."""

    source = "betsafi.wallet"
    user_id: Id


class BalanceChanged(Event):
    """An account after its `account_version`-th change.

    `cause_id` is the bet or the payment whose end, or whose `cause_version`-th result, is posted with it.
    """

    source = "betsafi.wallet"
    user_id: Id
    available_cents: Cents
    held_cents: Cents
    account_version: Version
    cause_kind: Literal["BET", "PAYMENT"] | None = None
    cause_id: Id | None = None
    cause_version: Version | None = None
