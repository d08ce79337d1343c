"""What a player could be paid: limits that bet sets and the account counts, for a day and for equal bets. No I/O.

An account counts, for each day on which a player's last games are (Nairobi), what their open bets of that day could pay
and what those decided did pay; and for bets on the same picks, what they could pay together. A bet must fit into both,
under the same condition as the balance, with no read before. Both limits shrink to the player's `payout_factor`, a
percentage that traders set. The last of equal bets that is decided makes their counter go; the counters of a day are
forgotten some days after it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from betsafi import clock
from betsafi.errors import DomainError
from wallet import wording

FACTOR = "payout_factor"
WHOLE = 100
"""The factor of an account that has none: per cent."""
_KEPT = timedelta(days=3)
_AT_ONCE = 50


class PayoutLimit(DomainError):
    """The bet could pay more than is left for its day, or for bets on the same picks; `info` says which, and cents."""

    code = "PAYOUT_LIMIT"
    sw = "Mkeka huu pamoja na mingine yako ungeweza kulipa zaidi ya kinachoruhusiwa. Chagua dau dogo zaidi."
    status = 409


class Promise(NamedTuple):
    """What a bet could pay (cents), its day ("2026-11-27") and picks (a short hash), and the most of each together."""

    cents: int
    day: str
    most_of_day: int
    same: str
    most_of_same: int


def counters(day: str, same: str) -> tuple[str, str]:
    """Return the names of the account's counters of a day, and of bets on the same picks."""
    plain = day.replace("-", "")
    return f"payout_{plain}", f"same_{plain}_{same}"


def factor_of(account: Mapping[str, Any]) -> int | None:
    """Return the percentage to which an account's payout limits shrink; None: they do not."""
    factor: int | None = account.get(FACTOR)
    return factor


def limits(promise: Promise, factor: int | None) -> tuple[int, int]:
    """Return what may be promised of a day, and of equal bets, on an account with this factor."""
    percent = WHOLE if factor is None else factor
    return promise.most_of_day * percent // WHOLE, promise.most_of_same * percent // WHOLE


def reached(account: Mapping[str, Any], promise: Promise) -> PayoutLimit | None:
    """Return which limit a bet does not fit into, or None."""
    names = counters(promise.day, promise.same)
    for sort, name, most in zip(("same", "day"), names[::-1], limits(promise, factor_of(account))[::-1], strict=True):
        left = most - account.get(name, 0)
        if promise.cents > left:
            return PayoutLimit(wording.PAYOUT_LIMITS[sort], limit=sort, leftCents=max(0, left))
    return None


def forgotten(account: Iterable[str], now: datetime) -> list[str]:
    """Return the counters of an account whose day is long over, no more of them than one write can name."""
    first = f"{(now - _KEPT).astimezone(clock.NAIROBI):%Y%m%d}"
    old = (name for name in account if name.startswith(("payout_2", "same_2")) and name.split("_")[1] < first)
    return sorted(old)[:_AT_ONCE]
