"""Players' limits: how much may be staked in one bet, and staked or lost in a day, a week, a month. No I/O.

An account carries, for each window, the room that is left: a stake must fit into it, under the same condition as the
balance, with no read before (how that is written: `wallet.stores.changes`). The window turns over with the first bet of
the next one, in Nairobi time. A bet belongs to the windows that it was placed in: what it pays back, or a void gives
back, goes there or nowhere.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from betsafi.errors import DomainError
from betsafi.protection import STAKE_LIMITS, WINDOWS, StakeLimitName, windows_at
from wallet import wording

SORTS = ("stake", "loss")
UNLIMITED = 10**15
"""Cents that no player ever reaches; arithmetic stays the same with and without a limit."""


ALLOWED = "allowed"
"""The attribute that says that it is the player's identity, and not they, who limits their stakes of a day so."""


class IdentityLimit(DomainError):
    """The stake is above what the state of the player's identity allows in a day; `info` says what is left."""

    code = "IDENTITY_LIMIT"
    sw = (
        "Kiasi hiki kinazidi kilichobaki leo hadi tutakapothibitisha wewe ni nani. "
        "Tuonyeshe kitambulisho chako, au chagua kiasi kidogo."
    )
    status = 409


class LimitReached(DomainError):
    """The stake is above a limit that the player (or the law) set; `info` names it and what is left."""

    code = "LIMIT_REACHED"
    sw = "Dau hili linazidi kilichobaki cha kikomo chako."
    status = 409


def windows_of(account: Mapping[str, Any]) -> dict[str, str]:
    """Return the windows that an account's counters stand for."""
    return {window: account[f"window_{window}"] for window in WINDOWS}


def unlimited(moment: datetime) -> dict[str, Any]:
    """Return the attributes of a new account: no limits yet."""
    return {
        **{f"limit_{name}": UNLIMITED for name in STAKE_LIMITS},
        **{f"room_{sort}_{window}": UNLIMITED for sort in SORTS for window in WINDOWS},
        **{f"window_{window}": name for window, name in windows_at(moment).items()},
    }


def windows_counted(seen: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the windows that a stake counts in on an account whose counters stand for `seen`.

    A window that is behind `now` turns over: its room begins at the limit. One that is ahead (another clock) stands.
    """
    return {window: max(seen[window], now[window]) for window in WINDOWS}


def rooms(account: Mapping[str, Any], now: Mapping[str, str]) -> Iterator[tuple[StakeLimitName, int]]:
    """Yield, for each limit that is set, what is left of it; below zero where more was counted than it is now."""
    if (left := account["limit_stake_bet"]) < UNLIMITED:
        yield "stake_bet", left
    for name in STAKE_LIMITS[1:]:
        if account[f"limit_{name}"] < UNLIMITED:
            window = name.partition("_")[2]
            turned = now[window] > account[f"window_{window}"]
            yield name, account[f"{'limit' if turned else 'room'}_{name}"]


def caps(account: Mapping[str, Any], now: Mapping[str, str]) -> Iterator[tuple[int, DomainError]]:
    """Yield, for each limit that is set, the most that may be staked, and how more is refused."""
    for name, left in rooms(account, now):
        sort, _, window = name.partition("_")
        if name == "stake_day" and ALLOWED in account:
            yield left, IdentityLimit(wording.ABOVE_IDENTITY, leftCents=max(0, left))
            continue
        sentence = wording.ABOVE_LIMIT_OF_ONE_BET if window == "bet" else wording.above_limit(sort, window)
        yield left, LimitReached(sentence, limit=name, leftCents=max(0, left))


def lost_today(account: Mapping[str, Any], now: Mapping[str, str]) -> int:
    """Return what the bets of the day took from an account, cents, open ones included; less than zero if it won."""
    turned = now["day"] > account["window_day"]
    return 0 if turned else int(account["limit_loss_day"] - account["room_loss_day"])
