"""How long a player has been betting, and with what result: the reality check. No I/O.

A session begins with the first bet half an hour or more after the last bet or acknowledgement. The account carries when
it began (`session`), the last bet or acknowledgement (`played`), when the next check is due (`check_at`), each in
seconds of the epoch, and what was staked in it and its net result, in cents. A bet after a check is due is refused
until the player has acknowledged it, under the same condition as the balance, with no read before.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from betsafi.errors import DomainError
from betsafi.protection import REALITY_MINUTES
from wallet import wording

IDLE_SECONDS = 1_800
REALITY_SECONDS = REALITY_MINUTES * 60
"""After how long a check is due on an account that has no `reality` of its own."""


class RealityCheckDue(DomainError):
    """The player has bet for as long as they chose: they see how it went before the next bet.

    `info`: `minutes` since the session began, `stakedCents`, and `netCents` (negative where more was lost than won).
    """

    code = "REALITY_CHECK_DUE"
    sw = "Umekuwa ukibashiri kwa muda. Tazama jinsi inavyokwenda kabla ya kuendelea."
    status = 409


def is_over(account: Mapping[str, Any], moment: datetime) -> bool:
    """Return whether the next bet begins a new session."""
    return bool(account.get("played", 0) <= int(moment.timestamp()) - IDLE_SECONDS)


def begins_anew(account: Mapping[str, Any], moment: datetime) -> bool:
    """Return whether the next bet has to begin a session by a write of its own: any but the first one of an hour."""
    return is_over(account, moment) and ("played" in account or "reality" in account)


def standing(account: Mapping[str, Any], moment: datetime) -> dict[str, int]:
    """Return for how many minutes a player has bet, what was staked meanwhile and the net result: zeros between two."""
    if is_over(account, moment):
        return {"minutes": 0, "stakedCents": 0, "netCents": 0}
    minutes = (int(moment.timestamp()) - account["session"]) // 60
    return {"minutes": minutes, "stakedCents": account["session_staked"], "netCents": account["session_net"]}


def is_due(account: Mapping[str, Any], moment: datetime) -> bool:
    """Return whether the player sees how it went before the next bet."""
    return not is_over(account, moment) and account["check_at"] <= int(moment.timestamp())


def reached(account: Mapping[str, Any], moment: datetime) -> RealityCheckDue | None:
    """Return how the next bet is refused while a check is due, or None."""
    if not is_due(account, moment):
        return None
    now = standing(account, moment)
    return RealityCheckDue(wording.reality_check(now["minutes"], now["stakedCents"], now["netCents"]), **now)
