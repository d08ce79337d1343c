"""Players' limits: how much may be staked in one bet, and staked or lost in a day, a week, a month. No I/O.

An account carries, for each window, the room that is left: a stake must fit into it, under the same condition as the
balance, with no read before (how that is written: `wallet.stores.changes`). The window turns over with the first bet of
the next one, in Nairobi time. A bet belongs to the windows that it was placed in: what it pays back, or a void gives
back, goes there or nowhere.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from betsafi import clock
from betsafi.errors import DomainError
from wallet import wording

WINDOWS = ("day", "week", "month")
SORTS = ("stake", "loss")
UNLIMITED = 10**15
"""Cents that no player ever reaches; arithmetic stays the same with and without a limit."""

LimitName = Literal["stake_bet", "stake_day", "stake_week", "stake_month", "loss_day", "loss_week", "loss_month"]
NAMES: tuple[LimitName, ...] = get_args(LimitName)


class LimitReached(DomainError):
    """The stake is above a limit that the player (or the law) set; `info` names it and what is left."""

    code = "LIMIT_REACHED"
    status = 409


def windows_at(moment: datetime) -> dict[str, str]:
    """Return the windows of a moment in Nairobi; later windows sort after earlier ones."""
    local = moment.astimezone(clock.NAIROBI)
    year, week, _ = local.isocalendar()
    return {"day": f"{local:%Y-%m-%d}", "week": f"{year}-W{week:02d}", "month": f"{local:%Y-%m}"}


def windows_of(account: Mapping[str, Any]) -> dict[str, str]:
    """Return the windows that an account's counters stand for."""
    return {window: account[f"window_{window}"] for window in WINDOWS}


def unlimited(moment: datetime) -> dict[str, Any]:
    """Return the attributes of a new account: no limits yet."""
    return {
        **{f"limit_{name}": UNLIMITED for name in NAMES},
        **{f"room_{sort}_{window}": UNLIMITED for sort in SORTS for window in WINDOWS},
        **{f"window_{window}": name for window, name in windows_at(moment).items()},
    }


def windows_counted(seen: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the windows that a stake counts in on an account whose counters stand for `seen`.

    A window that is behind `now` turns over: its room begins at the limit. One that is ahead (another clock) stands.
    """
    return {window: max(seen[window], now[window]) for window in WINDOWS}


def rooms(account: Mapping[str, Any], now: Mapping[str, str]) -> Iterator[tuple[int, LimitReached]]:
    """Yield, for each limit that is set, what is left of it and how a larger stake is refused."""
    if (left := account["limit_stake_bet"]) < UNLIMITED:
        yield left, LimitReached(wording.ABOVE_LIMIT_OF_ONE_BET, limit="stake_bet", leftCents=left)
    for sort in SORTS:
        for window in WINDOWS:
            if account[f"limit_{sort}_{window}"] >= UNLIMITED:
                continue
            turned = now[window] > account[f"window_{window}"]
            left = account[f"{'limit' if turned else 'room'}_{sort}_{window}"]
            sentence = wording.above_limit(sort, window)
            yield left, LimitReached(sentence, limit=f"{sort}_{window}", leftCents=max(0, left))


def lost_today(account: Mapping[str, Any], now: Mapping[str, str]) -> int:
    """Return what the bets of the day took from an account, cents, open ones included; less than zero if it won."""
    turned = now["day"] > account["window_day"]
    return 0 if turned else int(account["limit_loss_day"] - account["room_loss_day"])


def reached(account: Mapping[str, Any], amount: int, now: Mapping[str, str]) -> LimitReached | None:
    """Return which limit a stake does not fit into, or None."""
    return next((refusal for left, refusal in rooms(account, now) if amount > left), None)
