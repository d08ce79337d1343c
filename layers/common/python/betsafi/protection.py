"""What protects a player, as users decides it and the wallet and payment hold it; and the windows that limits count in.

Users owns it, under a version that grows with every change. The others get all of it at once and keep the newest
version, so that it does not matter in which order versions come, nor how often. No I/O.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from betsafi import clock
from betsafi.errors import Forbidden
from betsafi.languages import Both

WINDOWS = ("day", "week", "month")

StakeLimitName = Literal["stake_bet", "stake_day", "stake_week", "stake_month", "loss_day", "loss_week", "loss_month"]
DepositLimitName = Literal["deposit_day", "deposit_week", "deposit_month"]
LimitName = Literal[StakeLimitName, DepositLimitName]
STAKE_LIMITS: tuple[StakeLimitName, ...] = get_args(StakeLimitName)
DEPOSIT_LIMITS: tuple[DepositLimitName, ...] = get_args(DepositLimitName)
LIMITS: tuple[LimitName, ...] = (*STAKE_LIMITS, *DEPOSIT_LIMITS)

Use = Literal["deposit", "bet", "withdraw"]
"""What the state of an identity allows so many cents a day of."""
USES: tuple[Use, ...] = get_args(Use)
_USE_OF: dict[str, Use] = {"stake_day": "bet", "deposit_day": "deposit"}

NO_TERMS = "-"
"""What stands for the terms that somebody accepted who accepted none; before any day."""

PlayerStatus = Literal["ACTIVE", "SUSPENDED", "FROZEN"]
"""How an account stands with us: SUSPENDED, by a stop of ours, takes no bets and no deposits; FROZEN holds the money
too, so that nothing is withdrawn. Each has a version of its own, which grows with every change."""

StopKind = Literal["TIME_OUT", "EXCLUSION", "REGISTER"]
"""A time-out, which ends by itself; an exclusion that the player asked for; one that a public register lists."""

FOREVER = "9999-12-31T00:00:00.000000Z"
"""Until when somebody is stopped whose stop does not end by itself."""

NOT_STOPPED = "(attribute_not_exists(#stopped) OR #stopped <= :moment)"
"""That a player whose item a write changes is not stopped at the `moment` of the write: see `stop_of`."""

REALITY_MINUTES = 60
"""After how long a player who plays is shown how long and with what result; they may choose less, not more."""
LEAST_REALITY_MINUTES = 10


@dataclass(frozen=True)
class Protection:
    """All that protects a player as of a version: absolute, so what is not named is not limited.

    `limits` are cents by name, None for no limit. `stopped_until` (a stamp) and `stop_kind` are there together while
    neither bets nor deposits are taken. `cleared_until`, if given: from when a register's answer is too old to bet on.
    `allowed` is what their identity lets the player do, in cents a day; what is not named is not limited by it.
    `terms`: see `terms_of`; without it the player is not asked for any.
    """

    version: int
    limits: Mapping[str, int | None]
    stopped_until: str | None = None
    stop_kind: StopKind | None = None
    reality_minutes: int = REALITY_MINUTES
    cleared_until: str | None = None
    allowed: Mapping[Use, int] = field(default_factory=dict)
    terms: str | None = None

    def limit(self, name: LimitName) -> int | None:
        """Return the cents of a limit as it holds: the player's own, or less where their identity allows less."""
        given = (self.limits.get(name), self.allowed.get(_USE_OF[name]) if name in _USE_OF else None)
        return min((cents for cents in given if cents is not None), default=None)


class PlayerStopped(Forbidden):
    """The player took a time-out, is excluded or on the exclusion register; `info`: `kind`, and `until` or null."""

    code = "PLAYER_STOPPED"
    sw = "Umejizuia au umezuiwa kucheza kwa sasa. Unaweza kutoa pesa zako."


def stop_of(item: Mapping[str, Any], moment: datetime) -> dict[str, Any] | None:
    """Return the stop in force of an item that keeps until when (`stopped`) and its kind (`stop_kind`), or None.

    It has its `kind`, and `until` when: None where it does not end by itself.
    """
    until = item.get("stopped", "")
    if until <= clock.stamp(moment):
        return None
    return {"kind": item["stop_kind"], "until": None if until == FOREVER else until}


def stopped(item: Mapping[str, Any], moment: datetime, so: Both) -> PlayerStopped | None:
    """Return how a player who is stopped is refused, with what follows from it for them, or None."""
    if (stop := stop_of(item, moment)) is None:
        return None
    why, end = _WHY[stop["kind"]], Both("", "")
    if stop["until"]:
        at = f"{clock.parse_stamp(stop['until']).astimezone(clock.NAIROBI):%d.%m.%Y, %H:%M}"
        end = Both(f" until {at}", f" hadi {at}")
    sentence = Both(
        f"{why}{end}, so {so}. You can withdraw your money.",
        f"{why.sw}{end.sw}, kwa hiyo {so.sw}. Unaweza kutoa pesa zako.",
    )
    return PlayerStopped(sentence, **stop)


_WHY: dict[StopKind, Both] = {
    "TIME_OUT": Both("You are taking a time-out", "Umepumzika"),
    "EXCLUSION": Both("You have excluded yourself", "Umejizuia"),
    "REGISTER": Both("You are on the register of excluded players", "Uko kwenye rejista ya waliojizuia"),
}


def terms_of(terms: str, privacy: str) -> str:
    """Return the versions of terms and privacy notice, each a day, as one text; of two the later one sorts after."""
    return f"{terms} {privacy}".strip()


def terms_on(terms: Sequence[str], privacy: Sequence[str], moment: datetime) -> str:
    """Return as `terms_of` the versions that hold at a moment: of each the last whose day has begun in Nairobi."""
    today = f"{moment.astimezone(clock.NAIROBI):%Y-%m-%d}"
    begun = (max((day for day in days if day <= today), default="") for days in (terms, privacy))
    return terms_of(*begun)


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
