"""What protects a player, by their own choice or a register's: what may be tightened at once and what loosened late.

A change returns the new standing, under the next version, or the same one where it changes nothing; so the same call
again does no harm. A limit is tighter at once; a looser one waits a day, and then for its player to confirm it. A stop
may be prolonged, never shortened: a time-out ends by itself, an exclusion a day after its player, who may only then,
asks for its end. No I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from betsafi import clock
from betsafi.errors import Conflict
from betsafi.protection import FOREVER, REALITY_MINUTES, Protection, StopKind, Use
from users import wording

LOOSER_AFTER = timedelta(hours=24)
CONFIRMED_WITHIN = timedelta(days=7)
EXCLUSION_ENDS_AFTER = timedelta(hours=24)
MOST_CENTS = 1_000_000_000
"""Of a limit: ten million shillings."""
TIME_OUT_HOURS = (24, 1_008)
EXCLUSION_MONTHS = (6, 60)


class NotYet(Conflict):
    """The loosening of a limit, or the end of an exclusion, may not be asked for yet; `info`: `from`."""

    code = "NOT_YET"
    sw = "Bado muda haujafika. Jaribu tena utakapofika."


class NotAsked(Conflict):
    """There is nothing of the kind to confirm or to end, or it was not confirmed in time."""

    code = "NOT_ASKED"
    sw = "Hakuna ulichoomba hapa siku za karibuni. Omba kwanza."


class Looser(NamedTuple):
    """A limit that was asked for and is looser than the one in force: cents, None for no limit, and when (stamps)."""

    cents: int | None
    asked_at: str
    ripe_at: str

    @property
    def lapses_at(self) -> str:
        """Until when it may be confirmed."""
        return clock.stamp(clock.parse_stamp(self.ripe_at) + CONFIRMED_WITHIN)


class Stop(NamedTuple):
    """A time-out or an exclusion: since when, until when (None: for good), and when it ends once its end was asked."""

    kind: StopKind
    since: str
    until: str | None
    lift_at: str | None = None

    @property
    def ends(self) -> str:
        """When it ends by itself: an exclusion does not before its end was asked for."""
        if self.kind == "TIME_OUT":
            return self.until or FOREVER
        return self.lift_at or FOREVER


@dataclass(frozen=True)
class Standing:
    """What protects a player as of `version`; 0: nothing was ever chosen. `changed` is what this version changed.

    `reached` is the version that wallet and payment are known to have. `listed_at`: since when a register has them.
    `allowed` and `terms` are what wallet and payment know of who the player is and what they accepted (`reaching`).
    """

    version: int = 0
    limits: Mapping[str, int] = field(default_factory=dict)
    looser: Mapping[str, Looser] = field(default_factory=dict)
    stop: Stop | None = None
    reality_minutes: int = REALITY_MINUTES
    listed_at: str | None = None
    cleared_until: str | None = None
    changed: tuple[str, ...] = ()
    reached: int = 0
    allowed: Mapping[Use, int] = field(default_factory=dict)
    terms: str | None = None

    @classmethod
    def of(cls, item: Mapping[str, Any] | None) -> "Standing":
        """Return what an item says; without one nothing was chosen."""
        if item is None:
            return cls()
        given = {name: item[name] for name in cls.__dataclass_fields__ if name in item}
        given["looser"] = {name: Looser(*parts) for name, parts in item["looser"].items()}
        given["stop"] = Stop(*item["stop"]) if item.get("stop") else None
        return cls(**{**given, "changed": tuple(item["changed"])})

    @property
    def stops(self) -> Stop | None:
        """What stops the player: a register's listing before their own choice, whether over or not."""
        return Stop("REGISTER", self.listed_at, None) if self.listed_at else self.stop

    @property
    def sent(self) -> Protection:
        """What wallet and payment get of it."""
        stop = self.stops
        ends, kind = (stop.ends, stop.kind) if stop else (None, None)
        stopped = (ends, kind, self.reality_minutes, self.cleared_until)
        return Protection(self.version, self.limits, *stopped, self.allowed, self.terms)


def stop_in_force(standing: Standing, moment: datetime) -> Stop | None:
    """Return what stops the player at a moment, or None."""
    stop = standing.stops
    return stop if stop and stop.ends > clock.stamp(moment) else None


def set_limits(now: Standing, wanted: Mapping[str, int | None], moment: datetime) -> Standing:
    """Tighten limits at once; looser ones (None: no limit) wait for a day and their player's confirmation."""
    limits, looser, changed = dict(now.limits), dict(now.looser), []
    for name, cents in wanted.items():
        present = limits.get(name)
        if present is not None and (cents is None or cents > present):
            if name not in looser or looser[name].cents != cents or looser[name].lapses_at <= clock.stamp(moment):
                looser[name] = Looser(cents, clock.stamp(moment), clock.stamp(moment + LOOSER_AFTER))
                changed.append(f"asked.{name}")
            continue
        if looser.pop(name, None) or cents != present:
            changed.append(f"limit.{name}")
        if cents is not None:
            limits[name] = cents
    return _next(now, changed, limits=limits, looser=looser)


def confirm(now: Standing, name: str, moment: datetime) -> Standing:
    """Put a looser limit in force that has waited for a day; confirmed just before, it stands.

    Raises NotAsked, NotYet.
    """
    done = f"loosened.{name}"
    asked, at = now.looser.get(name), clock.stamp(moment)
    if asked is None and done in now.changed:
        return now
    if asked is None or asked.lapses_at <= at:
        raise NotAsked(wording.NOT_ASKED)
    if at < asked.ripe_at:
        raise NotYet(wording.not_yet(asked.ripe_at), **{"from": asked.ripe_at})
    limits = {limit: cents for limit, cents in now.limits.items() if limit != name}
    if asked.cents is not None:
        limits[name] = asked.cents
    return _next(now, [done], limits=limits, looser={key: one for key, one in now.looser.items() if key != name})


def take_time_out(now: Standing, hours: int, moment: datetime) -> Standing:
    """Stop the player for some hours, or longer where a stop ends later; an exclusion then lasts at least so long."""
    until, stop = clock.stamp(moment + timedelta(hours=hours)), _own(now, moment)
    if stop is None or stop.ends < until:
        return _next(now, ["stop"], stop=Stop("TIME_OUT", stop.since if stop else clock.stamp(moment), until))
    if stop.kind == "EXCLUSION" and not stop.lift_at and stop.until is not None and stop.until < until:
        return _next(now, ["stop"], stop=stop._replace(until=until))
    return now


def exclude(now: Standing, months: int | None, moment: datetime) -> Standing:
    """Exclude the player for some months (None: for good), or for longer where they are stopped for longer already."""
    until, stop = _months_later(moment, months) if months else None, _own(now, moment)
    if stop is None or stop.kind == "TIME_OUT" or stop.lift_at:
        longest = until and max(until, (stop.until or "") if stop and stop.kind == "TIME_OUT" else "")
        return _next(now, ["stop"], stop=Stop("EXCLUSION", stop.since if stop else clock.stamp(moment), longest))
    if stop.until is None or (until is not None and until <= stop.until):
        return now
    return _next(now, ["stop"], stop=stop._replace(until=until))


def end_exclusion(now: Standing, moment: datetime) -> Standing:
    """Let an exclusion whose time is over end in a day; asked before, it ends as it was asked.

    Raises NotAsked, NotYet.
    """
    stop = _own(now, moment)
    if stop is None or stop.kind != "EXCLUSION":
        raise NotAsked(wording.NOT_EXCLUDED)
    if stop.lift_at:
        return now
    if stop.until is None:
        raise NotYet(wording.EXCLUDED_FOR_GOOD, **{"from": None})
    if clock.stamp(moment) < stop.until:
        raise NotYet(wording.excluded_until(stop.until), **{"from": stop.until})
    return _next(now, ["lift"], stop=stop._replace(lift_at=clock.stamp(moment + EXCLUSION_ENDS_AFTER)))


def set_reality(now: Standing, minutes: int) -> Standing:
    """Choose after how long of betting the player is shown how it goes."""
    return _next(now, ["reality"] if minutes != now.reality_minutes else [], reality_minutes=minutes)


def is_heard(now: Standing, moment: datetime, cleared_for: timedelta) -> bool:
    """Return whether the register's last answer is good for so much longer that it need not be asked again."""
    return (now.cleared_until or "") > clock.stamp(moment + cleared_for / 2)


def hear_register(now: Standing, *, listed: bool, moment: datetime, cleared_for: timedelta | None) -> Standing:
    """Take what a register answered: who is listed is stopped until it says otherwise.

    Another answer is good to bet on for `cleared_for` (None: for ever), and renewed when half of that is over.
    """
    listed_at = (now.listed_at or clock.stamp(moment)) if listed else None
    cleared = now.cleared_until
    if listed or cleared_for is None:
        cleared = None
    elif not is_heard(now, moment, cleared_for):
        cleared = clock.stamp(moment + cleared_for)
    changed = ["register"] if listed_at != now.listed_at else []
    changed += ["cleared"] if cleared != now.cleared_until else []
    return _next(now, changed, listed_at=listed_at, cleared_until=cleared)


def unheard(now: Standing, moment: datetime) -> Standing:
    """Take that a register does not answer: its last answer ends in its time, and who has none may bet on none."""
    if now.listed_at or now.cleared_until:
        return now
    return _next(now, ["cleared"], cleared_until=clock.stamp(moment))


def know(now: Standing, allowed: Mapping[Use, int], terms: str) -> Standing:
    """Take what the player's identity allows, in cents a day, and which terms they accepted last."""
    changed = ["allowed"] if allowed != now.allowed else []
    changed += ["terms"] if terms != now.terms else []
    return _next(now, changed, allowed=allowed, terms=terms)


def _own(now: Standing, moment: datetime) -> Stop | None:
    """Return the stop in force that the player chose, whatever a register says."""
    return now.stop if now.stop and now.stop.ends > clock.stamp(moment) else None


def _next(now: Standing, changed: list[str], **changes: Any) -> Standing:
    return replace(now, version=now.version + 1, changed=tuple(changed), **changes) if changed else now


def _months_later(moment: datetime, months: int) -> str:
    """Return the same day so many months later in Nairobi, or the first of the next where that month is too short."""
    local = moment.astimezone(clock.NAIROBI)
    years, month = divmod(local.month - 1 + months, 12)
    try:
        return clock.stamp(local.replace(year=local.year + years, month=month + 1))
    except ValueError:
        first = local.replace(year=local.year + years, month=month + 1, day=1)
        return clock.stamp((first + timedelta(days=32)).replace(day=1))


def body(protection: Protection) -> dict[str, Any]:
    """Return what wallet and payment are sent: see `betsafi.bodies.ProtectionRequest`."""
    stop = {"stoppedUntil": protection.stopped_until, "stopKind": protection.stop_kind}
    optional: dict[str, Any] = {**(stop if protection.stop_kind else {}), "clearedUntil": protection.cleared_until}
    optional |= {"allowed": dict(protection.allowed) or None, "terms": protection.terms}
    return {
        "version": protection.version,
        "limits": dict(protection.limits),
        "realityMinutes": protection.reality_minutes,
        **{name: value for name, value in optional.items() if value is not None},
    }
