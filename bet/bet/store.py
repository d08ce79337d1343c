"""The bet table.

`FIXTURE#<id>`: a fixture (on the global index under SCHEDULE by its start). `GUARD#<market>#<n>`: a market's price,
status, version and exposure; each market has one guard or more, guard 0 is the one that people see. `RESULT#<market>`:
its newest result. `LEGS#<market>#<n>`: who bet on it. `USER#<id>`: a player's bets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bet.acceptance import Leg, Market, liability
from bet.models import NewFixture, Slip
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Key, Page, Put, Table, Update, Write
from betsafi.errors import Conflict, Contention, NotFound
from betsafi.ids import derive_id, fingerprint
from betsafi.settings import read_settings
from betsafi.telemetry import trace

MARKET_TYPE = "1X2"
_CACHE_SECONDS = 2.0
_TRIES = 20


@dataclass(frozen=True)
class Settings:
    """Where the bets are, and what a new market may cost at most on one selection (cents, split over its guards)."""

    table_name: str
    market_limit_cents: int = 500_000_000
    guards_per_market: int = 1


settings = read_settings(Settings)
table = Table(settings.table_name)
_cache: dict[Key, tuple[float, Item]] = {}


# -- fixtures and markets


def create_fixture(fixture: NewFixture) -> Item:
    """Write a fixture with its 1X2 market, all or nothing. The same again returns it; another body is a Conflict."""
    print_ = fingerprint([fixture.competition, fixture.home, fixture.away, fixture.starts_at.isoformat(), fixture.odds])
    market_id = f"{fixture.fixture_id}-1x2"
    item = {
        "pk": f"FIXTURE#{fixture.fixture_id}",
        "sk": "FIXTURE",
        "owner": "SCHEDULE",
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
    guards = settings.guards_per_market
    try:
        table.transact(Put(item), *(Put(_new_guard(market_id, fixture, n, guards)) for n in range(guards)))
    except ConditionFailed as failure:
        found = failure.found.get(0)
        if found is None or found["fingerprint"] != print_:
            raise Conflict("There is another fixture or market with this id.") from failure
        return found
    return item


def find_fixture(fixture_id: str) -> Item | None:
    """Return a fixture or None."""
    return table.get((f"FIXTURE#{fixture_id}", "FIXTURE"))


def upcoming(limit: int, cursor: str | None) -> Page:
    """Return a page of fixtures in the order of their start, from three hours ago on. Raises InvalidCursor."""
    begin = clock.stamp(clock.now() - timedelta(hours=3))
    return table.query("SCHEDULE", index="by_owner", limit=limit, cursor=cursor, starting_at=begin)


def markets_of(fixtures: Sequence[Item]) -> dict[str, Item]:
    """Return the visible guards of the fixtures' markets by market id."""
    keys = [_guard_key(market_id, 0) for fixture in fixtures for market_id in fixture["markets"]]
    return {
        item["market_id"]: item
        for start in range(0, len(keys), 100)
        for item in table.get_many(keys[start : start + 100])
    }


def find_market(market_id: str) -> Item | None:
    """Return a market's visible guard, read consistently, or None."""
    return table.get(_guard_key(market_id, 0))


def change_market(market_id: str, changes: dict[str, Any]) -> Item:
    """Give a market new `odds` or a new `status`, under its next version; return its visible guard.

    Guard 0 moves first and decides the version; the others follow, here and again from the stream if this process dies.
    Raises NotFound, Conflict once the market is closed, Contention.
    """
    for _ in range(_TRIES):
        guard = table.get(_guard_key(market_id, 0))
        if guard is None:
            raise NotFound("There is no such market.")
        if guard["status"] == "CLOSED":
            if changes == {"status": "CLOSED"}:
                spread(guard)
                return guard
            raise Conflict("This market is closed for good.")
        if all(guard[name] == value for name, value in changes.items()):
            return guard
        try:
            changed = _move_guard(market_id, 0, guard["version"] + 1, {**_prices(guard), **changes})
        except ConditionFailed:
            continue
        spread(changed)
        return changed
    raise Contention("The market is busy. Please try again.")


def spread(guard: Item) -> None:
    """Bring a market's other guards to the version of guard 0; newer ones stay."""
    for n in range(1, guard["guards"]):
        try:
            _move_guard(guard["market_id"], n, guard["version"], _prices(guard))
        except ConditionFailed as failure:
            if failure.item is None:
                raise


def put_result(market_id: str, fixture_id: str, results: dict[str, str]) -> Item:
    """Write a market's result under its next version and return it; the same result again changes nothing."""
    key = (f"RESULT#{market_id}", "RESULT")
    for _ in range(_TRIES):
        found = table.get(key)
        if found and found["results"] == results:
            return found
        version = found["result_version"] if found else 0
        item = {
            "pk": key[0],
            "sk": key[1],
            "market_id": market_id,
            "fixture_id": fixture_id,
            "result_version": version + 1,
            "results": results,
            "trace": trace(),
        }
        guard = "#result_version = :seen" if found else "attribute_not_exists(pk)"
        try:
            return table.write(Put(item, guard, {"seen": version} if found else {}))
        except ConditionFailed:
            continue
    raise Contention("The market is busy. Please try again.")


def get_result(market_id: str) -> Item:
    """Return a market's newest result. Raises NotFound."""
    if (found := table.get((f"RESULT#{market_id}", "RESULT"))) is None:
        raise NotFound("This market has no result.")
    return found


def legs_of(market_id: str, shard: int, cursor: str | None) -> Page:
    """Return a page of the bets on a market in one shard: items with `user_id` and `bet_id`."""
    return table.query(f"LEGS#{market_id}#{shard}", cursor=cursor)


def shards_of(market_id: str) -> int:
    """Return in how many shards a market's legs are. Raises NotFound."""
    if (guard := table.get(_guard_key(market_id, 0))) is None:
        raise NotFound("There is no such market.")
    return int(guard["guards"])


def markets_for(bet_id: str, market_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Market]:
    """Return the markets as the guards that this bet uses have them; unknown ones are missing.

    A cached answer is at most two seconds old. It may be stale, never wrong: the guard's version is a condition of the
    transaction that accepts the bet.
    """
    now = clock.monotonic()
    visible = _guards([_guard_key(market_id, 0) for market_id in market_ids], now, fresh)
    own = [_guard_key(item["market_id"], _shard(bet_id, item["guards"])) for item in visible]
    return {item["market_id"]: _market(item) for item in _guards(own, now, fresh)}


def _guards(keys: Sequence[Key], now: float, fresh: bool) -> list[Item]:
    missing = [key for key in keys if fresh or _cache.get(key, (0.0, {}))[0] <= now]
    if missing:
        if len(_cache) > 10_000:
            _cache.clear()
        for item in table.get_many(missing):
            _cache[item["pk"], item["sk"]] = (now + _CACHE_SECONDS, item)
    return [_cache[key][1] for key in keys if key in _cache]


def _new_guard(market_id: str, fixture: NewFixture, n: int, guards: int) -> Item:
    pk, sk = _guard_key(market_id, n)
    return {
        "pk": pk,
        "sk": sk,
        "market_id": market_id,
        "fixture_id": fixture.fixture_id,
        "market_type": MARKET_TYPE,
        "guard": n,
        "guards": guards,
        "version": 1,
        "status": "OPEN",
        "odds": fixture.odds,
        "starts_at": clock.stamp(fixture.starts_at),
        "limit_cents": settings.market_limit_cents // guards,
        "trace": trace(),
        **{_exposure(selection): 0 for selection in fixture.odds},
    }


def _move_guard(market_id: str, n: int, version: int, prices: Item) -> Item:
    update = Update(
        _guard_key(market_id, n),
        "SET #version = :version, #odds = :odds, #status = :status, #starts_at = :starts_at, #trace = :trace",
        condition="attribute_exists(pk) AND #version < :version",
        values={"version": version, "trace": trace(), **prices},
    )
    return table.write(update)


def _prices(guard: Item) -> Item:
    return {name: guard[name] for name in ("odds", "status", "starts_at")}


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
    )


def _guard_key(market_id: str, n: int) -> Key:
    return f"GUARD#{market_id}#{n}", "GUARD"


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
    item = {
        "pk": f"USER#{user_id}",
        "sk": f"BET#{bet_id}",
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


def accept(bet: Item, legs: Sequence[Leg], potential_payout_cents: int) -> Item:
    """Accept a PENDING bet in one transaction: the bet, one guard a leg, one index item a leg. Return the bet.

    Raises ConditionFailed: position 0 is the bet (not pending any more, or too late), then guards and index items.
    """
    taken = [
        {
            "market_id": leg.market.market_id,
            "fixture_id": leg.market.fixture_id,
            "selection_id": leg.selection_id,
            "odds": leg.odds,
            "guard": leg.market.guard,
        }
        for leg in legs
    ]
    accepted: Item = {
        "status": "ACCEPTED",
        "legs": taken,
        "potential_payout_cents": potential_payout_cents,
        "starts_at": clock.stamp(min(leg.market.starts_at for leg in legs)),
        "accepted_at": clock.stamp(),
        "revision": bet["revision"] + 1,
        "trace": trace(),
    }
    writes: list[Write] = [
        Update(
            _bet_key(bet),
            "SET " + ", ".join(f"#{name} = :{name}" for name in accepted),
            condition="#status = :pending AND #accept_before > :accepted_at",
            values={**accepted, "pending": "PENDING"},
        )
    ]
    for leg in legs:
        market = leg.market
        reserved = liability(bet["stake_cents"], leg.odds)
        exposure = _exposure(leg.selection_id)
        writes.append(
            Update(
                _guard_key(market.market_id, market.guard),
                f"SET #{exposure} = #{exposure} + :reserved",
                condition=f"#version = :seen AND #status = :open AND #{exposure} <= :room",
                values={
                    "seen": market.version,
                    "open": "OPEN",
                    "reserved": reserved,
                    "room": market.limit_cents - reserved,
                },
            )
        )
        index = {"user_id": bet["user_id"], "bet_id": bet["bet_id"], "selection_id": leg.selection_id}
        writes.append(Put({"pk": f"LEGS#{market.market_id}#{market.guard}", "sk": bet["bet_id"], **index}))
    table.transact(*writes)
    return {**bet, **accepted}


def reject(bet: Item, code: str) -> Item:
    """Turn a PENDING bet into a REJECTED one; return the bet as it then stands, whoever decided it."""
    update = Update(
        _bet_key(bet),
        "SET #status = :rejected, #reason = :reason, #trace = :trace, #revision = #revision + :one",
        condition="#status = :pending",
        values={"rejected": "REJECTED", "pending": "PENDING", "reason": code, "trace": trace(), "one": 1},
    )
    try:
        return table.write(update)
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item


def cancel(bet: Item) -> Item:
    """Take an ACCEPTED bet back, and its exposure. Raises ConditionFailed if it was settled or closed meanwhile."""
    changes = {"status": "CANCELLED", "cancelled_at": clock.stamp(), "revision": bet["revision"] + 1}
    cancelled: Item = {**changes, "trace": trace()}
    writes: list[Write] = [
        Update(
            _bet_key(bet),
            "SET " + ", ".join(f"#{name} = :{name}" for name in cancelled),
            condition="#status = :accepted AND #revision = :seen",
            values={**cancelled, "accepted": "ACCEPTED", "seen": bet["revision"]},
        )
    ]
    for leg in bet["legs"]:
        exposure = _exposure(leg["selection_id"])
        writes.append(
            Update(
                _guard_key(leg["market_id"], leg["guard"]),
                f"SET #{exposure} = #{exposure} - :reserved",
                condition="#status <> :closed",
                values={"reserved": liability(bet["stake_cents"], leg["odds"]), "closed": "CLOSED"},
            )
        )
    table.transact(*writes)
    return {**bet, **cancelled}


def save_results(bet: Item, changes: Item) -> bool:
    """Write a bet's new leg results (and decision); False if the bet changed meanwhile, and nothing was written."""
    names = {**changes, "trace": trace()}
    update = Update(
        _bet_key(bet),
        "SET " + ", ".join(f"#{name} = :{name}" for name in names) + ", #revision = :next",
        condition="#revision = :seen AND #status = :was",
        values={**names, "seen": bet["revision"], "next": bet["revision"] + 1, "was": bet["status"]},
    )
    try:
        table.write(update)
    except ConditionFailed:
        return False
    return True


def get_bets(legs: Sequence[Item]) -> list[Item]:
    """Return the bets of at most 100 legs, read consistently."""
    return table.get_many([_bet_key(leg) for leg in legs])


def find_bet(user_id: str, bet_id: str) -> Item | None:
    """Return a player's own bet or None."""
    return table.get((f"USER#{user_id}", f"BET#{bet_id}"))


def get_bet(user_id: str, bet_id: str) -> Item:
    """Return a player's own bet. Raises NotFound, also for somebody else's."""
    if (bet := find_bet(user_id, bet_id)) is None:
        raise NotFound("There is no such bet.")
    return bet


def bets_of(user_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of a player's bets, newest first. Raises InvalidCursor."""
    return table.query(f"USER#{user_id}", index="by_time", newest_first=True, limit=limit, cursor=cursor)


def _bet_key(bet: Item) -> Key:
    return f"USER#{bet['user_id']}", f"BET#{bet['bet_id']}"
