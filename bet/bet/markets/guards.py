"""A market's guards: items with its price, status and version, each with a part of its limit and of its exposure.

Guard 0 is the one that people see, and a bet uses the one that its id hashes to.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bet import wording
from bet.markets import betting, limits
from bet.markets.exposure import nothing
from bet.markets.kinds import fixture_of
from bet.markets.market import NO_GAME, Game, Market
from bet.table import BETTING, fixture_key, guard_key, table
from betsafi import clock
from betsafi.dynamodb import Check, Item, Put
from betsafi.errors import NotFound
from betsafi.telemetry import trace

if TYPE_CHECKING:  # what traders give is imported where they are served, not where bets are placed
    from bet.markets.given import NewMarket

_CACHE_SECONDS = 2.0
_CACHED_MARKETS = 1_000
_cache: dict[str, dict[int, tuple[float, Item]]] = {}
"""Guards by market and number, each with the moment until which it may be used."""
_games: dict[str, Game] = {}
"""What is known of fixtures that does not change, by id."""
_switch: list[Item] = []
"""The switch of all betting as it was read last, if there is one."""


def new_guards(fixture: Item, given: "NewMarket") -> list[Put]:
    """Return the writes that make an open market of a fixture, whose limit its tier splits over guards."""
    split = limits.split(fixture["tier"])
    market = {
        "market_id": given.id_for(fixture["fixture_id"]),
        "fixture_id": fixture["fixture_id"],
        "definition_id": given.definition.definition_id,
        "specifiers": given.specifiers,
        "guards": split.guards,
        "version": 1,
        "status": "OPEN",
        "odds": given.odds,
        "starts_at": fixture["starts_at"],
        "fixture_status": fixture["status"],
        "fixture_version": fixture["version"],
        "limit_cents": split.part_cents,
        "counts_from": 0,
        "trace": trace(),
    }
    return [new_guard(market, n) for n in range(split.guards)]


def new_guard(market: Item, n: int) -> Put:
    """Return the write that adds guard `n`, on which nothing is reserved, to a market as it stands."""
    pk, sk = guard_key(market["market_id"], n)
    return Put({**market, "exposure": nothing(market["odds"]), "pk": pk, "sk": sk, "guard": n})


def find_market(market_id: str) -> Item | None:
    """Return a market's visible guard, read consistently, or None."""
    return table.get(guard_key(market_id, 0))


def get_market(market_id: str) -> Item:
    """Return a market's visible guard. Raises NotFound."""
    if (guard := find_market(market_id)) is None:
        raise NotFound(wording.NO_MARKET)
    return guard


def visible(market_ids: Sequence[str]) -> dict[str, Item]:
    """Return the visible guards of those markets that exist, by market id."""
    keys = [guard_key(market_id, 0) for market_id in market_ids]
    return {
        item["market_id"]: item
        for start in range(0, len(keys), 100)
        for item in table.get_many(keys[start : start + 100])
    }


def guards_of(market_id: str) -> list[Item]:
    """Return all guards of a market. Raises NotFound."""
    first = get_market(market_id)
    return [first, *others(first)]


def others(first: Item) -> list[Item]:
    """Return a market's guards beside guard 0."""
    return table.get_many([guard_key(first["market_id"], n) for n in range(1, first["guards"])])


def guards_used_by(bet: Item) -> tuple[list[Item], bool]:
    """Return the guards of an accepted bet's markets, what people see and what the bet uses, and whether all betting
    is open; read consistently.
    """
    keys = [guard_key(leg["market_id"], n) for leg in bet["legs"] for n in {0, leg["guard"]}]
    found = table.get_many([*keys, BETTING])
    return [item for item in found if "guard" in item], betting.is_open(_switch_in(found))


def is_closed(guard: Item) -> Check:
    """Return the condition that a market is closed, as its guard 0 says."""
    return Check(
        guard_key(guard["market_id"], 0),
        "#version = :version AND #status = :closed",
        {"version": guard["version"], "closed": "CLOSED"},
    )


def markets_for(bet_id: str, market_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Market]:
    """Return the markets as the guards that this bet uses have them; unknown ones are missing.

    Their fixtures are read with them. A cached answer is at most two seconds old. It may be stale, never wrong: the
    guard's version is a condition of the transaction that accepts the bet. How many guards a market has only grows, so
    any number that it ever had names one that there is; guard 0 is asked for it once. Where the guard that is read
    tells of more, the bet uses one of those: what an old part of the limit has no room for, a new one may have.
    """
    if len(_cache) > _CACHED_MARKETS:
        _cache.clear()
        _games.clear()
    now = clock.monotonic()
    read = [(market_id, 0) for market_id in market_ids if market_id not in _cache]
    _read(read, now)
    for _ in range(2):
        own = [(market_id, _guard_used_by(bet_id, market_id)) for market_id in market_ids if market_id in _cache]
        places = [place for place in own if place not in read and (fresh or _is_old(place, now))]
        _read(places, now)
        read += places
    return {market_id: _market(_cache[market_id][n][1]) for market_id, n in own if n in _cache[market_id]}


def betting_open() -> bool:
    """Return whether bets are taken at all, as the newest read of `markets_for` had it: with it, two seconds ago."""
    return betting.is_open(next(iter(_switch), None))


def _read(places: Sequence[tuple[str, int]], now: float) -> None:
    keys = [guard_key(market_id, n) for market_id, n in places]
    unknown = dict.fromkeys(fixture_of(market_id) for market_id, _ in places)
    keys += [fixture_key(fixture_id) for fixture_id in unknown if fixture_id not in _games]
    if not keys:
        return
    found = table.get_many([*keys, BETTING])
    _switch[:] = filter(None, [_switch_in(found)])
    for item in found:
        if "guard" in item:
            _cache.setdefault(item["market_id"], {})[item["guard"]] = (now + _CACHE_SECONDS, item)
        elif "home" in item:
            home, away = item["home"]["name"], item["away"]["name"]
            _games[item["fixture_id"]] = Game(item["tier"], item["competition"], home, away)


def _switch_in(found: Sequence[Item]) -> Item | None:
    return next((item for item in found if "open" in item), None)


def _is_old(place: tuple[str, int], now: float) -> bool:
    market_id, n = place
    return n not in _cache[market_id] or _cache[market_id][n][0] <= now


def _guard_used_by(bet_id: str, market_id: str) -> int:
    guards = max(item["guards"] for _, item in list(_cache[market_id].values()))
    return int(bet_id.replace("-", "")[:8], 16) % int(guards)


def _market(item: Item) -> Market:
    return Market(
        market_id=item["market_id"],
        fixture_id=item["fixture_id"],
        definition_id=item["definition_id"],
        specifiers=item["specifiers"],
        version=item["version"],
        status=item["status"],
        fixture_status=item["fixture_status"],
        starts_at=clock.parse_stamp(item["starts_at"]),
        odds=item["odds"],
        exposure=item["exposure"],
        limit_cents=item["limit_cents"],
        guard=item["guard"],
        guards=item["guards"],
        counts_from=item["counts_from"],
        game=_games.get(item["fixture_id"], NO_GAME),
    )
