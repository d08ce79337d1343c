"""Fixtures, markets and bets as the table keeps them."""

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bet import limits
from bet.acceptance import Leg, Market
from bet.models import NewFixture, Slip
from bet.settlement import Reservation, Step
from bet.table import SCHEDULE, assignments, bet_key, fixture_key, guard_key, legs_on, result_key, table
from bet.table import bets_of as bets_partition
from betsafi import clock
from betsafi.dynamodb import Check, ConditionFailed, Item, Key, Page, Put, Update, Write
from betsafi.errors import Conflict, Contention, NotFound
from betsafi.ids import derive_id, fingerprint
from betsafi.settings import read_settings
from betsafi.telemetry import count, trace

if TYPE_CHECKING:  # who decides is imported where traders are served, not where bets are placed
    from betsafi.approval import Agreement

MARKET_TYPE = "1X2"
_CACHE_SECONDS = 2.0
_RELEASE_SECONDS = 5.0
NEVER = 2**40
"""`counts_from` of a guard whose exposure is not kept up, because its market is closed."""


@dataclass(frozen=True)
class Settings:
    """How long a trader's change of a market is tried against the bets placed on it."""

    change_seconds: int = 12


settings = read_settings(Settings)
_cache: dict[Key, tuple[float, Item]] = {}


# -- fixtures and markets


def create_fixture(fixture: NewFixture, *also: Write) -> Item:
    """Write a fixture with its 1X2 market, and `also`, or nothing. The same again returns it, another is a Conflict."""
    parts = [fixture.competition, fixture.home, fixture.away, fixture.starts_at.isoformat(), fixture.odds, fixture.tier]
    print_ = fingerprint(parts)
    market_id = fixture.market_id
    pk, sk = fixture_key(fixture.fixture_id)
    item = {
        "pk": pk,
        "sk": sk,
        "owner": SCHEDULE,
        "at": clock.stamp(fixture.starts_at),
        "fixture_id": fixture.fixture_id,
        "competition": fixture.competition,
        "home": fixture.home,
        "away": fixture.away,
        "starts_at": clock.stamp(fixture.starts_at),
        "status": "SCHEDULED",
        "markets": [market_id],
        "fingerprint": print_,
        "trace": trace(),
    }
    guards = [Put(guard) for guard in _new_guards(market_id, fixture)]
    try:
        table.transact(Put(item), *guards, *also)
    except ConditionFailed as failure:
        found = failure.found.get(0)
        if found is None or found["fingerprint"] != print_:
            raise Conflict("There is another fixture or market with this id.") from failure
        return found
    return item


def find_fixture(fixture_id: str) -> Item | None:
    """Return a fixture or None."""
    return table.get(fixture_key(fixture_id))


def upcoming(limit: int, cursor: str | None) -> Page:
    """Return a page of the fixtures that have not begun, in the order of their start. Raises InvalidCursor.

    A cursor goes on where its page ended, whenever that was: what follows lies after the first page's bound anyway.
    """
    begin = None if cursor else clock.stamp()
    return table.query(SCHEDULE, index="by_owner", limit=limit, cursor=cursor, starting_at=begin)


def markets_of(fixtures: Sequence[Item]) -> dict[str, Item]:
    """Return the visible guards of the fixtures' markets by market id."""
    keys = [guard_key(market_id, 0) for fixture in fixtures for market_id in fixture["markets"]]
    return {
        item["market_id"]: item
        for start in range(0, len(keys), 100)
        for item in table.get_many(keys[start : start + 100])
    }


def find_market(market_id: str) -> Item | None:
    """Return a market's visible guard, read consistently, or None."""
    return table.get(guard_key(market_id, 0))


def change_market(market_id: str, changes: dict[str, Any], agreed: "Agreement | None" = None) -> Item:
    """Give a market new `odds` or a new `status`, under its next version, in a trader's name; return its visible guard.

    Guard 0 moves first and decides the version; the others follow, here and again from the stream if this process dies.
    It must win against the bets that are placed on the market meanwhile, so it tries for `change_seconds`.
    Raises NotFound, Contention (counted, with an alarm), and Conflict once the market is closed or its game has begun:
    then it can only be suspended or closed.
    """
    deadline = clock.monotonic() + settings.change_seconds
    try:
        while True:
            guard = get_market(market_id)
            if guard["status"] == "CLOSED":
                if changes != {"status": "CLOSED"}:
                    raise Conflict("This market is closed.")
                spread(guard, deadline)
                return guard
            if guard["starts_at"] <= clock.stamp() and changes.get("status") not in ("CLOSED", "SUSPENDED"):
                raise Conflict("The game has begun; this market takes no more bets.")
            if all(guard[name] == value for name, value in changes.items()):
                spread(guard, deadline)  # an earlier call may have come no further than guard 0
                return guard
            stopped = {"counts_from": NEVER} if changes.get("status") == "CLOSED" else {}
            also = agreed.writes({name: guard[name] for name in changes}, changes) if agreed else ()
            try:
                shown = {**_shown(guard), **changes, **stopped}
                changed = _move_guard(guard, 0, guard["version"] + 1, shown, deadline, *also)
            except ConditionFailed:
                if clock.monotonic() < deadline:
                    continue
                raise Contention("The market is busy. Please try again.") from None
            spread(changed, deadline)
            return changed
    except Contention:
        count("MarketChangeFailed")
        raise


def spread(guard: Item, deadline: float | None = None) -> None:
    """Bring a market's other guards to the version of guard 0; newer ones stay. Raises Contention at the deadline."""
    if deadline is None:
        deadline = clock.monotonic() + settings.change_seconds
    for other in table.get_many([guard_key(guard["market_id"], n) for n in range(1, guard["guards"])]):
        if other["version"] < guard["version"]:
            with contextlib.suppress(ConditionFailed):  # it is newer by now
                _move_guard(guard, other["guard"], guard["version"], _shown(guard), deadline)


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
            raise Conflict("This market is closed.")
        parts = limits.resplit([(guard["limit_cents"], _most(guard)) for guard in guards], wanted)
        if len(parts) <= have or (seen is not None and have != seen):
            return first
        writes: list[Write] = [_resize(guard, part, len(parts)) for guard, part in zip(guards, parts, strict=False)]
        for n, part in enumerate(parts[have:], have):
            nothing = {_exposure(selection): 0 for selection in first["odds"]}
            pk, sk = guard_key(market_id, n)
            writes.append(
                Put({**first, **nothing, "pk": pk, "sk": sk, "guard": n, "guards": len(parts), "limit_cents": part})
            )
        try:
            also = agreed.writes({"guards": have}, {"guards": len(parts)}) if agreed else ()
            table.transact(*writes, *also, patience_seconds=max(0.0, deadline - clock.monotonic()))
        except ConditionFailed:
            if clock.monotonic() < deadline:
                continue
            raise Contention("The market is busy. Please try again.") from None
        return {**first, "guards": len(parts), "limit_cents": parts[0]}


def guards_of(market_id: str) -> list[Item]:
    """Return all guards of a market. Raises NotFound."""
    first = get_market(market_id)
    return [first, *table.get_many([guard_key(market_id, n) for n in range(1, first["guards"])])]


def exposure(market_id: str) -> Item:
    """Return what a market could cost: by selection over all guards, with the limit of each. Raises NotFound."""
    guards = guards_of(market_id)
    return {
        **{name: guards[0][name] for name in ("market_id", "status", "guards")},
        "limit_cents": sum(guard["limit_cents"] for guard in guards),
        "exposure": {key: sum(exposure_of(guard, key) for guard in guards) for key in guards[0]["odds"]},
    }


def exposure_of(guard: Item, selection_id: str) -> int:
    """Return what a guard's open bets with a selection would pay together, in cents."""
    return int(guard[_exposure(selection_id)])


def used_percent(guard: Item) -> float:
    """Return how much of its limit a guard's fullest selection has used."""
    return 100 * _most(guard) / int(guard["limit_cents"])


def _most(guard: Item) -> int:
    return max(exposure_of(guard, selection) for selection in guard["odds"])


def _resize(guard: Item, limit_cents: int, guards: int) -> Update:
    fits = " AND ".join(f"#{_exposure(selection)} <= :limit_cents" for selection in guard["odds"])
    return Update(
        (guard["pk"], guard["sk"]),
        "SET #limit_cents = :limit_cents, #guards = :guards",
        condition=f"#version = :seen AND #guards = :had AND {fits}",
        values={"limit_cents": limit_cents, "guards": guards, "seen": guard["version"], "had": guard["guards"]},
    )


def put_result(guard: Item, seen_version: int, given: Item, *also: Write) -> Item:
    """Write a market's result under the version after the one seen (0: none), and return it. No `results`: taken back.

    `also` is written with it, or neither.

    Raises ConditionFailed if there is a newer result, or if the market is not closed as `guard` 0 says.
    """
    pk, sk = result_key(guard["market_id"])
    item = {
        "pk": pk,
        "sk": sk,
        "market_id": guard["market_id"],
        "fixture_id": guard["fixture_id"],
        "result_version": seen_version + 1,
        "market_version": guard["version"],
        "decided_at": clock.stamp(),
        "trace": trace(),
        **given,
    }
    newest = "#result_version = :seen" if seen_version else "attribute_not_exists(pk)"
    closed = Check(
        guard_key(guard["market_id"], 0),
        "#version = :version AND #status = :closed",
        {"version": guard["version"], "closed": "CLOSED"},
    )
    table.transact(Put(item, newest, {"seen": seen_version} if seen_version else {}), closed, *also)
    return item


def find_result(market_id: str) -> Item | None:
    """Return a market's newest result, or None."""
    return table.get(result_key(market_id))


def get_result(market_id: str) -> Item:
    """Return a market's newest result. Raises NotFound."""
    if (found := find_result(market_id)) is None:
        raise NotFound("This market has no result.")
    return found


def get_market(market_id: str) -> Item:
    """Return a market's visible guard. Raises NotFound."""
    if (guard := find_market(market_id)) is None:
        raise NotFound("There is no such market.")
    return guard


def market_liability(market_id: str) -> int:
    """Return what the dearest outcome of each guard may cost, together, in cents. Raises NotFound."""
    return sum(map(_most, guards_of(market_id)))


def reopen_market(result: Item) -> None:
    """Let a closed market take bets again, in the status that a result taken back asks for, under the next version.

    Does nothing where the market has moved since that result was written, or the result is not the newest any more.
    """
    market_id = result["market_id"]
    guard = get_market(market_id)
    if guard["version"] == result["market_version"]:
        guard = {**guard, "status": result["reopen"], "version": guard["version"] + 1}
        try:
            table.transact(_guard_move(guard, 0, guard["version"], _shown(guard)), _is_newest(result))
        except ConditionFailed:
            return
    spread(guard)


def begin_to_count(result: Item) -> None:
    """Let the guards of a market that a result reopens count anew, from that result on.

    Each of its bets is counted when it takes the result. Does nothing for other results, the second time, or where the
    market has moved since.
    """
    for guard in guards_of(result["market_id"]) if result.get("reopen") else []:
        if guard["counts_from"] == result["result_version"]:
            continue
        anew = {"counts_from": result["result_version"], **{_exposure(selection): 0 for selection in guard["odds"]}}
        update = Update(
            (guard["pk"], guard["sk"]),
            assignments(anew),
            condition="(#counts_from = :never OR #counts_from < :counts_from) AND #version = :closed",
            values={**anew, "never": NEVER, "closed": result["market_version"]},
        )
        with contextlib.suppress(ConditionFailed):  # another worker was first, or there is a newer result
            table.transact(update, _is_newest(result))


def _is_newest(result: Item) -> Check:
    return Check(result_key(result["market_id"]), "#result_version = :seen", {"seen": result["result_version"]})


def legs_of(market_id: str, shard: int, cursor: str | None) -> Page:
    """Return a page of the bets on a market in one shard: items with `user_id` and `bet_id`."""
    return table.query(legs_on(market_id, shard), cursor=cursor)


def markets_for(bet_id: str, market_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Market]:
    """Return the markets as the guards that this bet uses have them; unknown ones are missing.

    A cached answer is at most two seconds old. It may be stale, never wrong: the guard's version is a condition of the
    transaction that accepts the bet.
    """
    now = clock.monotonic()
    visible = _guards([guard_key(market_id, 0) for market_id in market_ids], now, fresh)
    own = [guard_key(item["market_id"], _shard(bet_id, item["guards"])) for item in visible]
    return {item["market_id"]: _market(item) for item in _guards(own, now, fresh)}


def _guards(keys: Sequence[Key], now: float, fresh: bool) -> list[Item]:
    missing = [key for key in keys if fresh or _cache.get(key, (0.0, {}))[0] <= now]
    if missing:
        if len(_cache) > 10_000:
            _cache.clear()
        for item in table.get_many(missing):
            _cache[item["pk"], item["sk"]] = (now + _CACHE_SECONDS, item)
    return [_cache[key][1] for key in keys if key in _cache]


def _new_guards(market_id: str, fixture: NewFixture) -> list[Item]:
    split = limits.split(fixture.tier)
    return [
        {
            **dict(zip(("pk", "sk"), guard_key(market_id, n), strict=True)),
            "market_id": market_id,
            "fixture_id": fixture.fixture_id,
            "market_type": MARKET_TYPE,
            "guard": n,
            "guards": split.guards,
            "version": 1,
            "status": "OPEN",
            "odds": fixture.odds,
            "starts_at": clock.stamp(fixture.starts_at),
            "limit_cents": split.part_cents,
            "counts_from": 0,
            "trace": trace(),
            **{_exposure(selection): 0 for selection in fixture.odds},
        }
        for n in range(split.guards)
    ]


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
        assignments(changes),
        condition="attribute_exists(pk) AND #version < :version",
        values=changes,
    )


def _shown(guard: Item) -> Item:
    return {name: guard[name] for name in ("odds", "status", "starts_at", "counts_from")}


def _market(item: Item) -> Market:
    return Market(
        market_id=item["market_id"],
        fixture_id=item["fixture_id"],
        version=item["version"],
        status=item["status"],
        starts_at=clock.parse_stamp(item["starts_at"]),
        odds=item["odds"],
        exposure={selection: item[_exposure(selection)] for selection in item["odds"]},
        limit_cents=item["limit_cents"],
        guard=item["guard"],
        guards=item["guards"],
        counts_from=item["counts_from"],
    )


def _exposure(selection_id: str) -> str:
    return f"exposure_{selection_id}"


def _shard(bet_id: str, shards: int) -> int:
    return int(bet_id.replace("-", "")[:8], 16) % shards


# -- bets


def bet_id_of(user_id: str, request_id: str) -> str:
    """Return the id of the bet that a player's request asks for, for ever the same."""
    return derive_id("bet", user_id, request_id)


def put_pending(user_id: str, slip: Slip, accept_seconds: int) -> Item:
    """Write the bet as PENDING and return it, or the bet that this request made before."""
    bet_id = bet_id_of(user_id, slip.request_id)
    now = clock.now()
    pk, sk = bet_key(user_id, bet_id)
    item = {
        "pk": pk,
        "sk": sk,
        "at": clock.stamp(now),
        "user_id": user_id,
        "bet_id": bet_id,
        "status": "PENDING",
        "stake_cents": slip.stake_cents,
        "policy": slip.policy,
        "legs": [
            {"market_id": pick.market_id, "selection_id": pick.selection_id, "odds": pick.odds}
            for pick in slip.selections
        ],
        "accept_before": clock.stamp(now + timedelta(seconds=accept_seconds)),
        "fingerprint": slip.fingerprint,
        "revision": 0,
        "settlement_version": 0,
        "trace": trace(),
    }
    return table.put_new(item) or item


def accept(bet: Item, legs: Sequence[Leg], payout_cents: int, on_conflict: Callable[[Market], None]) -> Item:
    """Accept a PENDING bet in one transaction: the bet, one guard a leg, one index item a leg. Return the bet.

    Each guard reserves what the bet could pay, and is one whose game has not begun at the moment of the write.
    `on_conflict` is called with a market whose guard was being written by others, once a try.
    Raises ConditionFailed: position 0 is the bet (not pending any more, or too late), then guards and index items.
    """
    taken = [
        {
            "market_id": leg.market.market_id,
            "fixture_id": leg.market.fixture_id,
            "selection_id": leg.selection_id,
            "odds": leg.odds,
            "guard": leg.market.guard,
            # On a market that was reopened this bet is counted already, and knows the result that was taken back.
            **({"result_version": leg.market.counts_from} if leg.market.counts_from else {}),
        }
        for leg in legs
    ]
    accepted: Item = {
        "status": "ACCEPTED",
        "legs": taken,
        "potential_payout_cents": payout_cents,
        "starts_at": clock.stamp(min(leg.market.starts_at for leg in legs)),
        "accepted_at": clock.stamp(),
        **_changed_once_more(bet),
    }
    writes: list[Write] = [
        Update(
            _key(bet),
            assignments(accepted),
            condition="#status = :pending AND #accept_before > :now",
            values={**accepted, "pending": "PENDING", "now": clock.stamp},
        )
    ]
    markets: dict[int, Market] = {}
    for leg in legs:
        market = leg.market
        exposure = _exposure(leg.selection_id)
        markets[len(writes)] = market
        writes.append(
            Update(
                guard_key(market.market_id, market.guard),
                f"SET #{exposure} = #{exposure} + :payout",
                condition="#version = :seen AND #status = :open AND #starts_at > :now"
                f" AND #limit_cents = :limit AND #{exposure} <= :room",
                values={
                    "seen": market.version,
                    "limit": market.limit_cents,
                    "open": "OPEN",
                    "now": clock.stamp,
                    "payout": payout_cents,
                    "room": market.limit_cents - payout_cents,
                },
            )
        )
        index = {"user_id": bet["user_id"], "bet_id": bet["bet_id"], "selection_id": leg.selection_id}
        writes.append(Put({"pk": legs_on(market.market_id, market.guard), "sk": bet["bet_id"], **index}))

    def met(position: int) -> None:
        if position in markets:
            on_conflict(markets[position])

    table.transact(*writes, on_conflict=met)
    return {**bet, **accepted}


def reject(bet: Item, code: str) -> Item:
    """Turn a PENDING bet into a REJECTED one; return the bet as it then stands, whoever decided it."""
    rejected = {"status": "REJECTED", "reason": code, **_changed_once_more(bet)}
    update = Update(
        _key(bet),
        assignments(rejected),
        condition="#status = :pending",
        values={**rejected, "pending": "PENDING"},
    )
    try:
        return table.write(update)
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item


def cancel(bet: Item) -> Item:
    """Take an ACCEPTED bet back, and what it reserves.

    Raises ConditionFailed: position 0 is the bet (it changed meanwhile), then the guards of markets that take no bets.
    """
    changes = {"status": "CANCELLED", "cancelled_at": clock.stamp()}
    update, cancelled = _change_bet(bet, changes)
    writes: list[Write] = [update]
    for leg in bet["legs"]:
        exposure = _exposure(leg["selection_id"])
        writes.append(
            Update(
                guard_key(leg["market_id"], leg["guard"]),
                f"SET #{exposure} = #{exposure} - :payout",
                condition="#status = :open AND #starts_at > :now AND #counts_from <= :decided",
                values={
                    "payout": bet["potential_payout_cents"],
                    "open": "OPEN",
                    "now": clock.stamp,
                    "decided": leg.get("result_version", 0),
                },
            )
        )
    table.transact(*writes)
    return cancelled


def save_steps(steps: Sequence[Step]) -> None:
    """Write what a result makes of bets, and what they give back or take again on guards: once a guard, all or nothing.

    What a bet takes again may pass a guard's limit, for a correction must be carried out. A guard whose market is
    closed, or that began to count after the leg last saw a result, does not know the reservation and is left out.
    Raises ConditionFailed if a bet changed meanwhile (its position), Contention.
    """
    bets = [_change_bet(step.bet, step.changes)[0] for step in steps]
    if len(bets) == 1 and not steps[0].moved:
        table.write(bets[0])
        return
    moved: Counter[Reservation] = Counter()
    for step in steps:
        moved.update(step.moved)
    guards: dict[tuple[str, int], list[tuple[Reservation, int]]] = {}
    for reservation, cents in moved.items():
        guards.setdefault((reservation.market_id, reservation.guard), []).append((reservation, cents))
    while True:
        try:
            table.transact(*bets, *map(_move_exposure, guards.values()), patience_seconds=_RELEASE_SECONDS)
            return
        except ConditionFailed as failure:
            if min(failure.found) < len(bets):
                raise
            places = list(guards)
            for position in failure.found:
                del guards[places[position - len(bets)]]


def _move_exposure(moved: Sequence[tuple[Reservation, int]]) -> Update:
    place = moved[0][0]
    changes = {f"by_{n}": cents for n, (_, cents) in enumerate(moved)}
    terms = [
        f"#{_exposure(reservation.selection_id)} = #{_exposure(reservation.selection_id)} + :by_{n}"
        for n, (reservation, _) in enumerate(moved)
    ]
    return Update(
        guard_key(place.market_id, place.guard),
        "SET " + ", ".join(terms),
        condition="#counts_from <= :decided",
        values={**changes, "decided": place.result_version},
    )


def _change_bet(bet: Item, changes: Item) -> tuple[Update, Item]:
    """Return the update of a bet that is as it was seen, and the bet after it."""
    names = {**changes, **_changed_once_more(bet)}
    update = Update(
        _key(bet),
        assignments(names),
        condition="#revision = :seen AND #status = :was",
        values={**names, "seen": bet["revision"], "was": bet["status"]},
    )
    return update, {**bet, **names}


def _changed_once_more(bet: Item) -> Item:
    return {"revision": bet["revision"] + 1, "updated_at": clock.stamp(), "trace": trace()}


def guards_used_by(bet: Item) -> list[Item]:
    """Return the guards of an accepted bet's markets, read consistently: what people see and what the bet uses."""
    return table.get_many([guard_key(leg["market_id"], n) for leg in bet["legs"] for n in {0, leg["guard"]}])


def get_bets(legs: Sequence[Item]) -> list[Item]:
    """Return the bets of at most 100 legs, read consistently."""
    return table.get_many([_key(leg) for leg in legs])


def find_bet(user_id: str, bet_id: str) -> Item | None:
    """Return a player's own bet or None."""
    return table.get(bet_key(user_id, bet_id))


def get_bet(user_id: str, bet_id: str) -> Item:
    """Return a player's own bet. Raises NotFound, also for somebody else's."""
    if (bet := find_bet(user_id, bet_id)) is None:
        raise NotFound("There is no such bet.")
    return bet


def bets_of(user_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of a player's bets, newest first. Raises InvalidCursor."""
    return table.query(bets_partition(user_id), index="by_time", newest_first=True, limit=limit, cursor=cursor)


def has_bet_on(user_id: str, market_id: str) -> bool:
    """Return whether a player has a bet on a market, decided or not, that was neither rejected nor taken back.

    Reads the player's bets until one is found.
    """
    return any(
        bet["status"] not in ("REJECTED", "CANCELLED") and any(leg["market_id"] == market_id for leg in bet["legs"])
        for bet in table.query_all(bets_partition(user_id), "BET#")
    )


def _key(bet: Item) -> Key:
    return bet_key(bet["user_id"], bet["bet_id"])
