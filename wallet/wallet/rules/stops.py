"""What keeps a player from betting whatever their money: a stop, or a register's answer that is too old. No I/O.

Ours is the account's `status`, which may hold its money too. The player's own, or a register's, is `stopped`, until
when, and `stop_kind` (`betsafi.protection.stop_of`); `cleared` is until when the register's answer is good. A bet's
hold has all of it in the condition that guards its money. Withdrawals, unless the money is held, and what becomes of
open bets go on.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from betsafi import clock
from betsafi.errors import DomainError
from betsafi.protection import FOREVER, PlayerStatus, stopped
from wallet import wording


class RegisterUnanswered(DomainError):
    """The exclusion register has not been heard for so long that nothing may be staked before it answers."""

    code = "REGISTER_UNANSWERED"
    sw = (
        "Hatukuweza kuuliza rejista ya waliojizuia, kwa hiyo mikeka haipokelewi kwa sasa. "
        "Tafadhali jaribu tena baadaye."
    )
    status = 409


AccountStatus = Literal[PlayerStatus, "CLOSED"]


def status_of(account: Mapping[str, Any]) -> AccountStatus:
    """Return how an account stands for those who ask: CLOSED, or as we said last of its player."""
    return "CLOSED" if "closed" in account else account["status"]


def refusals(account: Mapping[str, Any], moment: datetime) -> Iterator[DomainError]:
    """Yield why an account takes no bets at all at a moment."""
    if stop := stopped(account, moment, wording.NO_BETS):
        yield stop
    if account.get("cleared", FOREVER) <= clock.stamp(moment):
        yield RegisterUnanswered(wording.REGISTER_UNANSWERED)
