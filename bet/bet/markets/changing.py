"""How a market changes: its price and status, on guard 0 first, and the number of its guards."""

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bet import wording
from bet.markets import exposure, limits
from bet.markets.guards import get_market, guards_of, new_guard, others
from bet.table import guard_key, table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Update, Write, assign
from betsafi.errors import Conflict, Contention
from betsafi.settings import read_settings
from betsafi.telemetry import count, trace

if TYPE_CHECKING:  # who decides is imported where traders are served, not where bets are placed
    from betsafi.approval import Agreement


@dataclass(frozen=True)
class Settings:
    """How long a trader's change of a market is tried against the bets placed on it."""

    change_seconds: int = 12


settings = read_settings(Settings)


def change_market(
    market_id: str, changes: dict[str, Any], agreed: "Agreement | None" = None, seen: int | None = None
) -> Item:
    """Give a market new `odds` or a new `status`, under its next version, in a trader's name; return its visible guard.

    Guard 0 moves first and decides the version; the others follow, here and again from the stream if this process dies.
    It must win against the bets that are placed on the market meanwhile, so it tries for `change_seconds`.
    `seen`: the version that it is made for. Raises NotFound, Contention (counted, with an alarm), and Conflict where
    the market has another version, or once it is closed or its game has begun: then it can only be suspended or closed.
    """
    deadline = clock.monotonic() + settings.change_seconds
    try:
        while (guard := _try_to_change(market_id, changes, agreed, seen, deadline)) is None:
            if clock.monotonic() >= deadline:
                raise Contention(wording.MARKET_BUSY)
        spread(guard, deadline)  # also where nothing changed: an earlier call may have come no further than guard 0
        return guard
    except Contention:
        count("MarketChangeFailed")
        raise


def renew(market_id: str, agreed: "Agreement | None" = None) -> Item:
    """Give a market its next version and nothing else, and return its visible guard: no bet is accepted any more that
    was priced before, and one that is priced from now on is also accepted later. A closed market stays as it is.

    `agreed`: who of the staff wants it. Raises NotFound, Contention.
    """
    deadline = clock.monotonic() + settings.change_seconds
    while True:
        guard = get_market(market_id)
        if guard["status"] == "CLOSED":
            return guard
        versions = {"version": guard["version"]}, {"version": guard["version"] + 1}
        also = agreed.writes(*versions) if agreed else ()
        with contextlib.suppress(ConditionFailed):  # it moved meanwhile: look again
            guard = _move_guard(guard, 0, guard["version"] + 1, _shown(guard), deadline, *also)
            spread(guard, deadline)
            return guard
        if clock.monotonic() >= deadline:
            raise Contention(wording.MARKET_BUSY)


def _try_to_change(
    market_id: str, changes: dict[str, Any], agreed: "Agreement | None", seen: int | None, deadline: float
) -> Item | None:
    """Change guard 0 unless it is so already, and return it; None if it moved meanwhile."""
    guard = get_market(market_id)
    if guard["status"] == "CLOSED":
        if changes != {"status": "CLOSED"}:
            raise Conflict(wording.MARKET_CLOSED)
        return guard
    if guard["starts_at"] <= clock.stamp() and changes.get("status") not in ("CLOSED", "SUSPENDED"):
        raise Conflict(wording.MARKET_BEGUN)
    if all(guard[name] == value for name, value in changes.items()):
        return guard
    if seen is not None and guard["version"] != seen:
        raise Conflict(wording.market_moved(seen, guard["version"]))
    stopped = {"counts_from": exposure.NEVER} if changes.get("status") == "CLOSED" else {}
    also = agreed.writes({name: guard[name] for name in changes}, changes) if agreed else ()
    try:
        return _move_guard(guard, 0, guard["version"] + 1, {**_shown(guard), **changes, **stopped}, deadline, *also)
    except ConditionFailed:
        return None


def spread(guard: Item, deadline: float | None = None) -> None:
    """Bring a market's other guards to the version of guard 0; newer ones stay. Raises Contention at the deadline."""
    if deadline is None:
        deadline = clock.monotonic() + settings.change_seconds
    for other in others(guard):
        if other["version"] < guard["version"]:
            with contextlib.suppress(ConditionFailed):  # it is newer by now
                _move_guard(guard, other["guard"], guard["version"], _shown(guard), deadline)


def follow_fixture(market_id: str, fixture: Item, deadline: float) -> None:
    """Give a market's guards their fixture's start and status, unless they know a newer version of it.

    The market's own version stays: a bet's condition is about the start and the status themselves. Guard 0 moves first:
    whoever adds guards meanwhile copies it, and demands it as it was seen, so none is left behind.
    """
    first = _follow(get_market(market_id), fixture, deadline)
    for guard in others(first):
        _follow(guard, fixture, deadline)


def _follow(guard: Item, fixture: Item, deadline: float) -> Item:
    """Give a guard its fixture's start and status; return it as it then stands."""
    if guard["fixture_version"] >= fixture["version"]:
        return guard
    known = {
        "starts_at": fixture["starts_at"],
        "fixture_status": fixture["status"],
        "fixture_version": fixture["version"],
        "trace": trace(),
    }
    update = Update((guard["pk"], guard["sk"]), assign(known), "#fixture_version < :fixture_version", known)
    try:
        return table.write(update, patience_seconds=max(0.0, deadline - clock.monotonic()))
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item  # it knows a newer one by now


def reopen_market(market_id: str, status: str, closed_version: int, *also: Write) -> None:
    """Let a market that closed under a version take bets again, in this status under its next version, with `also`.

    Does nothing where the market has moved since, or `also` does not hold.
    """
    guard = get_market(market_id)
    if guard["version"] == closed_version:
        guard = {**guard, "status": status, "version": guard["version"] + 1}
        try:
            table.transact(_guard_move(guard, 0, guard["version"], _shown(guard)), *also)
        except ConditionFailed:
            return
    spread(guard)


def add_guards(
    market_id: str,
    wanted: int,
    agreed: "Agreement | None" = None,
    *,
    seen: int | None = None,
    seconds: float | None = None,
) -> Item:
    """Split an open market's limit over more guards, at most `wanted`, and return its visible guard.

    A guard keeps what its bets reserve, and the parts together stay what they were, so the limit holds at every moment.
    Where too little is free for a part as large as the largest payout of one bet, there are fewer new guards, or none.
    `seen`: do nothing unless the market has that many; `seconds`: how long to try, `change_seconds` unless given.
    Raises NotFound, Conflict once it is closed, Contention.
    """
    deadline = clock.monotonic() + (settings.change_seconds if seconds is None else seconds)
    while True:
        guards = guards_of(market_id)
        first, have = guards[0], len(guards)
        if first["status"] == "CLOSED":
            raise Conflict(wording.MARKET_CLOSED)
        parts = limits.resplit([(guard["limit_cents"], exposure.most(guard)) for guard in guards], wanted)
        if len(parts) <= have or (seen is not None and have != seen):
            return first
        writes: list[Write] = [_resize(guard, part, len(parts)) for guard, part in zip(guards, parts, strict=False)]
        for n, part in enumerate(parts[have:], have):
            writes.append(new_guard({**first, "guards": len(parts), "limit_cents": part}, n))
        try:
            also = agreed.writes({"guards": have}, {"guards": len(parts)}) if agreed else ()
            table.transact(*writes, *also, patience_seconds=max(0.0, deadline - clock.monotonic()))
        except ConditionFailed:
            if clock.monotonic() < deadline:
                continue
            raise Contention(wording.MARKET_BUSY) from None
        return {**first, "guards": len(parts), "limit_cents": parts[0]}


def _resize(guard: Item, limit_cents: int, guards: int) -> Update:
    names = {f"selection_{n}": selection for n, selection in enumerate(guard["odds"])}
    fits = " AND ".join(f"#exposure.#{name} <= :limit_cents" for name in names)
    return Update(
        (guard["pk"], guard["sk"]),
        "SET #limit_cents = :limit_cents, #guards = :guards",
        condition=f"#version = :seen AND #fixture_version = :fixture AND #guards = :had AND {fits}",
        values={
            "limit_cents": limit_cents,
            "guards": guards,
            "seen": guard["version"],
            "fixture": guard["fixture_version"],
            "had": guard["guards"],
        },
        names=names,
    )


def _move_guard(market: Item, n: int, version: int, shown: Item, deadline: float, *also: Write) -> Item:
    patience, move = max(0.0, deadline - clock.monotonic()), _guard_move(market, n, version, shown)
    if not also:
        return table.write(move, patience_seconds=patience)
    table.transact(move, *also, patience_seconds=patience)
    return {**market, **shown, "version": version}


def _guard_move(market: Item, n: int, version: int, shown: Item) -> Update:
    changes = {"version": version, **shown, "trace": trace()}
    return Update(
        guard_key(market["market_id"], n),
        assign(changes),
        condition="attribute_exists(pk) AND #version < :version",
        values=changes,
    )


def _shown(guard: Item) -> Item:
    return {name: guard[name] for name in ("odds", "status", "counts_from")}
