"""Until when a player may take a bet back, as far as the bet itself says. No I/O."""

from datetime import datetime, timedelta
from typing import Any

from bet import wording
from betsafi import clock
from betsafi.errors import Conflict

SECONDS = 300
"""How long after it was accepted a bet may be taken back."""


class TooLateToCancel(Conflict):
    """The grace period is over, a game has begun, or the bet is decided."""

    code = "TOO_LATE_TO_CANCEL"
    sw = "Muda wa kughairi mkeka huu umepita; mkeka unaendelea."


def until(bet: dict[str, Any]) -> datetime | None:
    """Return the moment before which a bet may be taken back, passed or not; None for one that never may be any more.

    A game that is moved, or a market that takes no bets, ends it sooner.
    """
    if not _is_open(bet) or bet["settlement_version"]:
        return None
    ends = clock.parse_stamp(bet["accepted_at"]) + timedelta(seconds=SECONDS)
    return min(ends, clock.parse_stamp(bet["starts_at"]))


def check(bet: dict[str, Any], now: datetime) -> None:
    """Raise TooLateToCancel unless the bet may be taken back."""
    if not _is_open(bet):
        raise TooLateToCancel(wording.NOT_OPEN)
    # A result of it was published, and the wallet may get that event and this cancelling in any order.
    if bet["settlement_version"]:
        raise TooLateToCancel(wording.HAD_A_RESULT)
    if now >= clock.parse_stamp(bet["starts_at"]):
        raise TooLateToCancel(wording.GAME_BEGUN)
    ends = until(bet)
    if ends is None or now >= ends:
        raise TooLateToCancel(wording.grace_is_over(SECONDS), seconds=SECONDS)


def _is_open(bet: dict[str, Any]) -> bool:
    return bet["status"] == "ACCEPTED" and not any(leg.get("result") for leg in bet["legs"])
