"""What protects a player, as users decides it and the wallet and payment hold it; and the windows that limits count in.

Users owns it, under a version that grows with every change. The others get all of it at once and keep the newest
version, so that it does not matter in which order versions come, nor how often. No I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from betsafi import clock

WINDOWS = ("day", "week", "month")

StakeLimitName = Literal["stake_bet", "stake_day", "stake_week", "stake_month", "loss_day", "loss_week", "loss_month"]
DepositLimitName = Literal["deposit_day", "deposit_week", "deposit_month"]
LimitName = Literal[StakeLimitName, DepositLimitName]
STAKE_LIMITS: tuple[StakeLimitName, ...] = get_args(StakeLimitName)
DEPOSIT_LIMITS: tuple[DepositLimitName, ...] = get_args(DepositLimitName)
LIMITS: tuple[LimitName, ...] = (*STAKE_LIMITS, *DEPOSIT_LIMITS)

StopKind = Literal["TIME_OUT", "EXCLUSION", "REGISTER"]
"""A time-out, which ends by itself; an exclusion that the player asked for; one that a public register lists."""

FOREVER = "9999-12-31T00:00:00.000000Z"
"""Until when somebody is stopped whose stop does not end by itself."""

REALITY_MINUTES = 60
"""After how long a player who plays is shown how long and with what result; they may choose less, not more."""
LEAST_REALITY_MINUTES = 10


@dataclass(frozen=True)
class Protection:
    """All that protects a player as of a version: absolute, so what is not named is not limited.

    `limits` are cents by name, None for no limit. `stopped_until` (a stamp) and `stop_kind` are there together while
    neither bets nor deposits are taken. `cleared_until`, if given: from when a register's answer is too old to bet on.
    """

    version: int
    limits: Mapping[str, int | None]
    stopped_until: str | None = None
    stop_kind: StopKind | None = None
    reality_minutes: int = REALITY_MINUTES
    cleared_until: str | None = None


def windows_at(moment: datetime) -> dict[str, str]:
    """Return the windows of a moment in Nairobi; later windows sort after earlier ones."""
    local = moment.astimezone(clock.NAIROBI)
    year, week, _ = local.isocalendar()
    return {"day": f"{local:%Y-%m-%d}", "week": f"{year}-W{week:02d}", "month": f"{local:%Y-%m}"}


def window_ends(window: str, moment: datetime) -> str:
    """Return the stamp at which the window of a moment ends: the next midnight, Monday or first of a month there."""
    local = moment.astimezone(clock.NAIROBI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"day": 1, "week": 7 - local.weekday(), "month": 32 - local.day}[window]
    end = midnight + timedelta(days=days)
    return clock.stamp(end.replace(day=1) if window == "month" else end)
