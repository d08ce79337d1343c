"""What keeps a player from betting whatever their money: a stop, or a register's answer that is too old. No I/O.

The account carries `stopped`, until when, and `stop_kind`; and `cleared`, until when the register's answer is good. A
bet's hold has both in the condition that guards its money. Withdrawals and what becomes of open bets go on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from betsafi import clock
from betsafi.errors import DomainError
from betsafi.protection import FOREVER
from wallet import wording


class PlayerStopped(DomainError):
    """The player took a time-out, is excluded or on the exclusion register; `info`: `kind`, and `until` (or null)."""

    code = "PLAYER_STOPPED"
    status = 403


class RegisterUnanswered(DomainError):
    """The exclusion register has not been heard for so long that nothing may be staked before it answers."""

    code = "REGISTER_UNANSWERED"
    status = 409


def standing(account: Mapping[str, Any], moment: datetime) -> dict[str, Any] | None:
    """Return the stop in force: its `kind`, and `until` when, None where it does not end by itself; None: none is."""
    until = account.get("stopped", "")
    if until <= clock.stamp(moment):
        return None
    return {"kind": account["stop_kind"], "until": None if until == FOREVER else until}


def refusals(account: Mapping[str, Any], moment: datetime) -> Iterator[DomainError]:
    """Yield why an account takes no bets at all at a moment."""
    if stop := standing(account, moment):
        yield PlayerStopped(wording.player_stopped(**stop), **stop)
    if account.get("cleared", FOREVER) <= clock.stamp(moment):
        yield RegisterUnanswered(wording.REGISTER_UNANSWERED)
