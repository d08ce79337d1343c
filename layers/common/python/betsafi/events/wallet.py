"""Facts about accounts."""

from betsafi.events.model import Cents, Event, Id, Version


class AccountOpened(Event):
    """A player has a wallet."""

    source = "betsafi.wallet"
    user_id: Id


class BalanceChanged(Event):
    """An account after its `account_version`-th change."""

    source = "betsafi.wallet"
    user_id: Id
    available_cents: Cents
    held_cents: Cents
    account_version: Version
