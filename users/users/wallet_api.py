"""The wallet, as users calls it: it must know of a suspension before anybody gets an answer, and says who has none."""

from dataclasses import dataclass

from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings


@dataclass(frozen=True)
class Settings:
    """Where the wallet is."""

    wallet_url: Url


_client = ServiceClient(read_settings(Settings).wallet_url)


def set_status(user_id: str, status: str, status_version: int) -> None:
    """Give a player's account a status unless it has that version or a newer one. Raises Refused, Unavailable."""
    _client.call("PUT", f"/accounts/{user_id}/status", {"status": status, "statusVersion": status_version})


def lost_today(user_id: str) -> int:
    """Return what a player lost by betting today in Nairobi, open bets included; cents. Raises Refused, Unavailable."""
    return int(_client.call("GET", f"/accounts/{user_id}")["lostTodayCents"])


def status(user_id: str) -> str:
    """Return how a player's account stands: ACTIVE, SUSPENDED, FROZEN or CLOSED. Raises NotFound, Unavailable."""
    return str(_client.call("GET", f"/accounts/{user_id}")["status"])
