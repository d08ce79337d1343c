"""The wallet table and its keys.

Below `USER#<id>`: the account (`ACCOUNT`), what came in or was changed by hand (`DEPOSIT#<id>`, `BONUS#<id>`,
`ADJUSTMENT#<id>`), holds (`HOLD#<id>#<step>`). Below `SYSTEM#<id>`: entries that touch no player, and money in suspense
(steps 0: came in, 1: assigned or returned). `COMMAND#<id>` is what staff asked for under a request id, for ever;
`AUDIT#<id>` what they did (`betsafi.audit`).

Every operation is one transaction: the account with its guard, and the entry under its own id. The account holds the
running balances, the entries are the truth: `tools.reconcile` proves that they agree.
"""

from betsafi.dynamodb import Key, Table
from betsafi.settings import TableSettings, read_settings

table = Table(read_settings(TableSettings).table_name)


def player_pk(user_id: str) -> str:
    """Below what a player's account and entries are."""
    return f"USER#{user_id}"


def account_key(user_id: str) -> Key:
    """Where a player's balances are."""
    return player_pk(user_id), "ACCOUNT"


def entry_key(user_id: str, kind: str, entry_id: str) -> Key:
    """Where a player's entry of a kind (`DEPOSIT`, `BONUS`, `ADJUSTMENT`) is, under its own id."""
    return player_pk(user_id), f"{kind}#{entry_id}"


def step_key(user_id: str, hold_id: str, step: int) -> Key:
    """Where a step of a hold's chain is; the steps' keys sort as the steps do."""
    return player_pk(user_id), f"{steps_of(hold_id)}{step:04d}"


def steps_of(hold_id: str) -> str:
    """How the sort keys of a hold's steps begin."""
    return f"HOLD#{hold_id}#"


def system_key(entry_id: str, step: int = 0) -> Key:
    """Where an entry is that touches no player, or what became of money in suspense."""
    return f"SYSTEM#{entry_id}", f"ENTRY#{step:04d}"


def command_pk(command_id: str) -> str:
    """Below what the request of an administrator is kept."""
    return f"COMMAND#{command_id}"
