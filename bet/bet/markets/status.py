"""Whether a market takes bets. No I/O; time comes in as an argument and is always the server's."""

from datetime import datetime

from bet import wording
from bet.refusals import MarketClosed, MarketSuspended


def looks(status: str, starts_at: datetime, now: datetime) -> str:
    """Return the status that people see: CLOSED as soon as the game has begun, whatever the guard says."""
    return "CLOSED" if now >= starts_at else status


def check_open(market_id: str, status: str, starts_at: datetime, now: datetime) -> None:
    """Raise MarketClosed or MarketSuspended unless the market takes bets, and gives them back, at this moment."""
    if looks(status, starts_at, now) == "CLOSED":
        raise MarketClosed(wording.BETTING_CLOSED, marketId=market_id)
    if status != "OPEN":
        raise MarketSuspended(wording.SUSPENDED, marketId=market_id)
