"""How a change of an account is written: assignments, the guards that they rely on, and values; no table is opened.

What limits, sessions and stops mean is in `wallet.rules`: here is how a stake, what comes back, and what protects a
player are written. Moments are those of the write: each is asked for anew at every try.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from betsafi import clock
from betsafi.protection import NOT_STOPPED, STAKE_LIMITS, WINDOWS, Protection
from wallet.rules import limits, promises, sessions
from wallet.rules.limits import SORTS, UNLIMITED
from wallet.rules.promises import Promise


@dataclass(frozen=True)
class Change:
    """A part of an update of an account; the sum of two is both, under the guards of both."""

    assignments: list[str] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def __add__(self, other: "Change") -> "Change":
        return Change(
            self.assignments + other.assignments,
            self.guards + other.guards,
            {**self.values, **other.values},
            self.removed + other.removed,
        )


def seen_debt(receivable: int) -> Change:
    """Return the guard of whatever may repay a debt or make one: the debt is still the one that was seen."""
    return Change(guards=["#receivable = :debt"], values={"debt": receivable})


def moved(cents_by_part: Mapping[str, int]) -> Change:
    """Return how an entry's cents are added to the parts of the account that they move."""
    parts = {part: cents for part, cents in cents_by_part.items() if cents}
    return Change([f"#{part} = #{part} + :d_{part}" for part in parts], values={f"d_{p}": c for p, c in parts.items()})


def stake(amount: int, seen: Mapping[str, str], now: Mapping[str, str]) -> tuple[Change, dict[str, str]]:
    """Return how a stake counts on an account whose counters stand for `seen`, and the windows that it counts in."""
    change = Change(guards=["#limit_stake_bet >= :stake"], values={"stake": amount})
    counted = limits.windows_counted(seen, now)
    for window in WINDOWS:
        change.values[f"seen_{window}"] = seen[window]
        change.guards.append(f"#window_{window} = :seen_{window}")
        base = "room"
        if counted[window] > seen[window]:
            base = "limit"
            change.assignments.append(f"#window_{window} = :now_{window}")
            change.values[f"now_{window}"] = counted[window]
        for sort in SORTS:
            change.assignments.append(f"#room_{sort}_{window} = #{base}_{sort}_{window} - :stake")
            change.guards.append(f"#{base}_{sort}_{window} >= :stake")
    return change, counted


def give_back(staked: int, lost: int, counted: Mapping[str, str], seen: Mapping[str, str]) -> Change:
    """Return how `staked` and `lost` cents (also negative ones) go back to the windows that they were counted in."""
    change = Change()
    amounts = {sort: cents for sort, cents in zip(SORTS, (staked, lost), strict=True) if cents}
    for window, name in counted.items():
        if seen[window] != name or not amounts:
            continue
        change.guards.append(f"#window_{window} = :seen_{window}")
        change.values[f"seen_{window}"] = name
        for sort, cents in amounts.items():
            change.assignments.append(f"#room_{sort}_{window} = #room_{sort}_{window} + :back_{sort}")
            change.values[f"back_{sort}"] = cents
    return change


def promise(wanted: Promise, factor: int | None) -> Change:
    """Return how a bet counts in what is promised of its day and on equal bets, on an account with this factor seen.

    A counter that there is not yet is 0. The guard cannot hold for a bet above a limit by itself.
    """
    change = Change(guards=[f"attribute_not_exists(#{promises.FACTOR})"])
    if factor is not None:
        change = Change(guards=[f"#{promises.FACTOR} = :factor"], values={"factor": factor})
    names = promises.counters(wanted.day, wanted.same)
    for sort, name, most in zip(("day", "same"), names, promises.limits(wanted, factor), strict=True):
        left = most - wanted.cents
        free = f"attribute_not_exists(#{name}) OR " if left >= 0 else ""
        change.guards.append(f"({free}#{name} <= :left_{sort})")
        change.values[f"left_{sort}"] = left
    return change + _counted(dict.fromkeys(names, wanted.cents))


def promised(day: str, same: str, by: int, repeated: int, seen: Mapping[str, Any]) -> Change:
    """Return how what is promised of a day, and on equal bets, changes by cents, on an account as it was seen.

    The last of equal bets takes their counter away; where it was forgotten already there is nothing to take.
    """
    if not day:
        return Change()
    of_day, of_same = promises.counters(day, same)
    change = _counted({name: cents for name, cents in ((of_day, by), (of_same, max(repeated, 0))) if cents})
    if repeated >= 0:
        return change
    if of_same not in seen:
        return change + Change(guards=[f"attribute_not_exists(#{of_same})"])
    if seen[of_same] + repeated > 0:
        return change + Change([f"#{of_same} = #{of_same} - :less"], [f"#{of_same} > :less"], {"less": -repeated})
    return change + Change(guards=[f"#{of_same} = :all"], values={"all": seen[of_same]}, removed=[of_same])


def _counted(moved: Mapping[str, int]) -> Change:
    change = Change(values={"nothing": 0} if moved else {})
    for name, cents in moved.items():
        value = f"by_{name.partition('_')[0]}"
        change.assignments.append(f"#{name} = if_not_exists(#{name}, :nothing) + :{value}")
        change.values[value] = cents
    return change


def may_bet(terms: str) -> Change:
    """Return the guard of a bet: the player is not stopped, no register's answer about them is too old, and they
    accepted the terms in force, if there are any."""
    guards = [NOT_STOPPED, "(attribute_not_exists(#cleared) OR #cleared > :moment)"]
    if not terms:
        return Change(guards=guards, values={"moment": clock.stamp})
    guards += ["(attribute_not_exists(#terms) OR #terms >= :terms)"]
    return Change(guards=guards, values={"moment": clock.stamp, "terms": terms})


def session(stake: int, begins: bool) -> Change:
    """Return how a bet counts in the player's session, or begins one; while a check is due neither can be.

    The first session ever is begun by what counts in one, so that a player's first bet is not refused for it.
    """
    values = {"seconds": _seconds, "idle": _idle, "stake": stake}
    if not begins:
        counted = [f"#{name} = if_not_exists(#{name}, :{name})" for name in ("session", "check_at")]
        counted += ["#played = :seconds"]
        counted += ["#session_staked = if_not_exists(#session_staked, :none) + :stake"]
        counted += ["#session_net = if_not_exists(#session_net, :none) - :stake"]
        first = "attribute_not_exists(#played) AND attribute_not_exists(#reality)"
        values |= {"none": 0, "session": _seconds, "check_at": _hour}
        return Change(counted, [f"(({first}) OR (#played > :idle AND #check_at > :seconds))"], values)
    begun = ["#session = :seconds", "#played = :seconds", _CHECKED_LATER]
    begun += ["#session_staked = :stake", "#session_net = :minus"]
    over = "(attribute_not_exists(#played) OR #played <= :idle)"
    return Change(begun, [over], {**values, "minus": -stake, "reality": sessions.REALITY_SECONDS})


def acknowledged() -> Change:
    """Return how a reality check that is due is acknowledged; the session goes on."""
    values = {"seconds": _seconds, "idle": _idle, "reality": sessions.REALITY_SECONDS}
    return Change(["#played = :seconds", _CHECKED_LATER], ["#played > :idle", "#check_at <= :seconds"], values)


def came_back(cents: int) -> Change:
    """Return how what bets paid (or, negative, what a correction took back) counts in the session's net result."""
    if not cents:
        return Change()
    counted = ["#session_net = if_not_exists(#session_net, :none) + :came"]
    return Change(counted, values={"none": 0, "came": cents})


_CHECKED_LATER = "#check_at = if_not_exists(#reality, :reality) + :seconds"


def _seconds() -> int:
    return int(clock.now().timestamp())


def _hour() -> int:
    return _seconds() + sessions.REALITY_SECONDS


def _idle() -> int:
    return _seconds() - sessions.IDLE_SECONDS


def protected(account: Mapping[str, Any], given: Protection) -> Change:
    """Return how what protects a player is set on an account that has none of this version or a newer one.

    What was counted in the present windows, and in the session, stays counted.
    """
    seen = account.get("protection_version", 0)
    guard = "#protection_version = :seen" if seen else "attribute_not_exists(#protection_version)"
    change = Change(["#protection_version = :protection"], [guard], {"protection": given.version})
    if seen:
        change.values["seen"] = seen
    for name in STAKE_LIMITS:
        limit, old = given.limit(name), account[f"limit_{name}"]
        new = UNLIMITED if limit is None else limit
        if new == old:
            continue
        change.assignments.append(f"#limit_{name} = :limit_{name}")
        change.values[f"limit_{name}"] = new
        if name != "stake_bet":
            change.assignments.append(f"#room_{name} = #room_{name} + :more_{name}")
            change.values[f"more_{name}"] = new - old
    reality = given.reality_minutes * 60
    earlier = reality - account.get("reality", sessions.REALITY_SECONDS)
    if earlier and "played" in account:
        change.assignments.append("#check_at = #check_at + :earlier")
        change.values["earlier"] = earlier
    elif earlier:
        change.guards.append("attribute_not_exists(#played)")
    kept = {
        "stopped": given.stopped_until,
        "stop_kind": given.stop_kind,
        "cleared": given.cleared_until,
        "reality": reality if reality != sessions.REALITY_SECONDS else None,
        "terms": given.terms,
        limits.ALLOWED: given.limit("stake_day") if given.limit("stake_day") != given.limits.get("stake_day") else None,
    }
    for attribute, value in kept.items():
        if value is None:
            change.removed.append(attribute)
        else:
            change.assignments.append(f"#{attribute} = :{attribute}")
            change.values[attribute] = value
    return change
