"""The wallet, as users calls it: it must know who is suspended, and what protects a player, before anybody gets an
answer; and says who has no wallet any more.
"""

from dataclasses import dataclass
from typing import Any

from betsafi.protection import Protection
from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings
from users.protection import body


@dataclass(frozen=True)
class Settings:
    """Where the wallet is; and for how long a try waits where payment is called as well.

    Both must have time for three tries before AppSync, or Cognito, gives up.
    """

    wallet_url: Url
    service_wait_ms: int = 2_000


_settings = read_settings(Settings)
_client = ServiceClient(_settings.wallet_url)
_wait = _settings.service_wait_ms / 1000
_quick = ServiceClient(_settings.wallet_url, connect_timeout=min(1, _wait), read_timeout=_wait)


def set_status(user_id: str, status: str, status_version: int) -> None:
    """Give a player's account a status unless it has that version or a newer one. Raises Refused, Unavailable."""
    _client.call("PUT", f"/accounts/{user_id}/status", {"status": status, "statusVersion": status_version})


def lost_today(user_id: str) -> int:
    """Return what a player lost by betting today in Nairobi, open bets included; cents. Raises Refused, Unavailable."""
    return int(_client.call("GET", f"/accounts/{user_id}")["lostTodayCents"])


def status(user_id: str) -> str:
    """Return how a player's account stands: ACTIVE, SUSPENDED, FROZEN or CLOSED. Raises NotFound, Unavailable."""
    return str(_client.call("GET", f"/accounts/{user_id}")["status"])


def protect(user_id: str, protection: Protection) -> None:
    """Have the wallet hold what protects a player unless it has that version or a newer one. Raises Unavailable."""
    _quick.call("PUT", f"/accounts/{user_id}/protection", body(protection))


def account(user_id: str) -> Any:
    """Return a player's account: what is left of limits, and the session. Raises Refused (NOT_FOUND), Unavailable."""
    return _quick.call("GET", f"/accounts/{user_id}")


def acknowledge(user_id: str) -> None:
    """Take that a player has seen how their betting goes. Raises Refused (NOT_FOUND), Unavailable."""
    _quick.call("POST", f"/accounts/{user_id}/reality-check")
