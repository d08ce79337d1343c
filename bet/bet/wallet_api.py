"""The wallet, as bet calls it: hold a stake and give it back, both under the bet's own id."""

from dataclasses import dataclass

from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings


@dataclass(frozen=True)
class Settings:
    """Where the wallet is."""

    wallet_url: Url


_client = ServiceClient(read_settings(Settings).wallet_url, read_timeout=3)


def hold_stake(user_id: str, bet_id: str, stake_cents: int) -> None:
    """Set the stake aside. Raises Refused with the wallet's code, or Unavailable when the outcome is not known."""
    _client.call("POST", "/holds", {"holdId": bet_id, "userId": user_id, "kind": "BET", "amountCents": stake_cents})


def release_stake(user_id: str, bet_id: str, reason: str) -> None:
    """Give the stake back; a hold that arrives later is refused. Raises Refused, Unavailable."""
    _client.call("POST", f"/holds/{bet_id}/release", {"userId": user_id, "reason": reason})
