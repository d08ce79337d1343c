"""Whether a market, or any, takes bets. No I/O; time comes in as an argument and is always the server's.

A market has a status of its own and its fixture's: it takes bets while it is OPEN, its game SCHEDULED and not begun.
"""

from datetime import datetime
from typing import Any

from bet import wording
from bet.refusals import BettingSuspended, MarketClosed, MarketSuspended
from betsafi import clock
from betsafi.errors import InvalidInput

TO_SET = ("OPEN", "SUSPENDED")
PLAYABLE = "SCHEDULED"


def to_set(given: Any, sentence: str) -> str:
    """Return a status that traders may give a market. Raises InvalidInput with the sentence."""
    if given not in TO_SET:
        raise InvalidInput(sentence)
    return str(given)


def looks(guard: dict[str, Any], now: datetime) -> str:
    """Return the status that people see: CLOSED as soon as the game has begun, whatever the guard says."""
    return status_at(guard["status"], guard["fixture_status"], clock.parse_stamp(guard["starts_at"]), now)


def check_betting(is_open: bool) -> None:
    """Raise BettingSuspended unless bets are taken at all, and given back."""
    if not is_open:
        raise BettingSuspended(wording.BETTING_SUSPENDED)


def check_open(market_id: str, status: str, fixture_status: str, starts_at: datetime, now: datetime) -> None:
    """Raise MarketClosed or MarketSuspended unless the market takes bets, and gives them back, at this moment."""
    shown = status_at(status, fixture_status, starts_at, now)
    if shown == "CLOSED":
        raise MarketClosed(wording.BETTING_CLOSED, marketId=market_id)
    if shown != "OPEN":
        raise MarketSuspended(wording.SUSPENDED, marketId=market_id)


def status_at(status: str, fixture_status: str, starts_at: datetime, now: datetime) -> str:
    """Return the status that people see at a moment, of a market's own, its game's and the game's start."""
    return "CLOSED" if now >= starts_at else stands(status, fixture_status)


def stands(status: str, fixture_status: str) -> str:
    """Return a market's status with its game's, before the game's start."""
    if status == "CLOSED" or fixture_status in ("LIVE", "ENDED", "ABANDONED", "CANCELLED"):
        return "CLOSED"
    return status if fixture_status == PLAYABLE else "SUSPENDED"
