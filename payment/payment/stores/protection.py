"""What keeps a player from paying in, as users sends it, and what they paid in by window: one item a player."""

from datetime import datetime

from betsafi import clock
from betsafi.dynamodb import ANY, Check, ConditionFailed, Item, Key, Update, assign
from betsafi.protection import DEPOSIT_LIMITS, NOT_STOPPED, PlayerStatus, Protection
from payment import protection
from payment.table import table


def find(user_id: str) -> Item:
    """Return a player's item, read consistently; an empty one for who has none."""
    return table.get(key_of(user_id)) or {}


def keep_protection(user_id: str, given: Protection) -> int:
    """Keep what protects a player unless that version or a newer one is kept; return the version that stands."""
    limits = {name: cents for name in DEPOSIT_LIMITS if (cents := given.limit(name)) is not None}
    allowed = {use: cents for use, cents in given.allowed.items() if use != "bet"}
    kept = {"protection_version": given.version, "limits": limits, "allowed": allowed}
    removed = " REMOVE #stopped, #stop_kind"
    if given.stopped_until:
        kept, removed = {**kept, "stopped": given.stopped_until, "stop_kind": given.stop_kind}, ""
    update = Update(
        key_of(user_id),
        "SET " + ", ".join(f"#{name} = :{name}" for name in kept) + removed,
        "attribute_not_exists(#protection_version) OR #protection_version < :protection_version",
        kept,
    )
    try:
        return int(table.write(update)["protection_version"])
    except ConditionFailed as failure:
        return int((failure.item or {})["protection_version"])


def keep_status(user_id: str, status: PlayerStatus, version: int) -> int:
    """Keep how a player's account stands unless that version or a newer one is kept; return the version that stands."""
    kept = {"status": status, "status_version": version}
    update = Update(
        key_of(user_id),
        assign(kept),
        "attribute_not_exists(#status_version) OR #status_version < :status_version",
        kept,
    )
    try:
        return int(table.write(update)["status_version"])
    except ConditionFailed as failure:
        return int((failure.item or {})["status_version"])


def count(user_id: str, amount_cents: int, seen: Item, moment: datetime) -> tuple[Update, list[str]]:
    """Return what counts a deposit where its player may make it, and the counters that it counts in.

    It holds only while what protects the player is what was seen of it.
    """
    counters, guards = protection.counters_at(moment), [_ACTIVE, NOT_STOPPED, _same(seen)]
    values: Item = {"moment": clock.stamp, "active": "ACTIVE"}
    if "protection_version" in seen:
        values["seen"] = seen["protection_version"]
    for name, counter in zip(DEPOSIT_LIMITS, counters, strict=True):
        if (limit := seen.get("limits", {}).get(name)) is None:
            continue
        free = f"attribute_not_exists(#{counter}) OR " if limit >= amount_cents else ""
        guards.append(f"({free}#{counter} <= :room_{name})")
        values[f"room_{name}"] = limit - amount_cents
    old = protection.forgotten(seen, moment)
    removed = " REMOVE " + ", ".join(f"#{counter}" for counter in old) if old else ""
    update = Update(key_of(user_id), _add(counters) + removed, " AND ".join(guards), {**values, "amount": amount_cents})
    return update, counters


def count_paid(user_id: str, amount_cents: int, moment: datetime) -> Update:
    """Return what counts money that was paid in by hand, whatever the limits, unless its player is stopped."""
    values = {"amount": amount_cents, "moment": clock.stamp}
    return Update(key_of(user_id), _add(protection.counters_at(moment)), NOT_STOPPED, values)


def count_again(deposit: Item, sign: int = 1) -> Update:
    """Return what counts a deposit again that had failed and was paid after all; with -1, what takes it out."""
    counters = deposit["counters"]
    return Update(key_of(deposit["user_id"]), _add(counters), ANY, {"amount": sign * deposit["amount_cents"]})


def still_stopped(user_id: str) -> Check:
    """Return the guard that a player is stopped at this moment."""
    return Check(key_of(user_id), "#stopped > :moment", {"moment": clock.stamp})


_ACTIVE = "(attribute_not_exists(#status) OR #status = :active)"


def _same(seen: Item) -> str:
    return (
        "#protection_version = :seen" if "protection_version" in seen else "attribute_not_exists(#protection_version)"
    )


def _add(counters: list[str]) -> str:
    return "ADD " + ", ".join(f"#{counter} :amount" for counter in counters)


def key_of(user_id: str) -> Key:
    """Return the key of a player's item."""
    return f"PLAYER#{user_id}", "PROTECTION"
