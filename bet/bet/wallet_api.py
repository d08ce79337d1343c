"""The wallet, as bet calls it: hold a stake and give it back under the bet's own id, and ask what it would hold."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings


@dataclass(frozen=True)
class Settings:
    """Where the wallet is."""

    wallet_url: Url


class Promise(NamedTuple):
    """What a bet could pay (cents), the day of its last game in Nairobi and a hash of its picks, and the most of both.

    The account counts it with the player's other bets of that day, and on these picks.
    """

    cents: int
    day: str
    most_of_day: int
    same: str
    most_of_same: int


_client = ServiceClient(read_settings(Settings).wallet_url, read_timeout=3)


def hold_stake(user_id: str, bet_id: str, stake_cents: int, promise: Promise) -> None:
    """Set the stake aside. Raises Refused with the wallet's code, or Unavailable when the outcome is not known."""
    body = {
        "holdId": bet_id,
        "userId": user_id,
        "kind": "BET",
        "amountCents": stake_cents,
        "potentialPayoutCents": promise.cents,
        "payoutDay": promise.day,
        "mostOfDayCents": promise.most_of_day,
        "same": promise.same,
        "mostOfSameCents": promise.most_of_same,
    }
    _client.call("POST", "/holds", body)


def release_stake(user_id: str, bet_id: str, reason: str) -> None:
    """Give the stake back; a hold that arrives later is refused. Raises Refused, Unavailable."""
    _client.call("POST", f"/holds/{bet_id}/release", {"userId": user_id, "reason": reason})


def room(user_id: str, day: str, same: str) -> dict[str, Any]:
    """Return what the account has room for: `caps`, `factorPercent`, `dayCents`, `sameCents`; nothing is held.

    Raises Refused where there is no account, Unavailable.
    """
    found: dict[str, Any] = _client.call("GET", f"/room/{user_id}/{day}/{same}")
    return found
