"""What traders do beside deciding markets: fixtures, prices and statuses, and how a market's limit is split.

Each is written into the trail with what it changes; the same call again changes nothing and returns how things stand.
"""

from bet.catalogue import fixtures
from bet.catalogue.fixture import NewFixture
from bet.markets import changing, exposure, guards
from bet.table import fixture_key, guard_key, table
from betsafi import clock
from betsafi.approval import alone
from betsafi.audit import Act, was_done
from betsafi.dynamodb import Item
from betsafi.people import Staff


def create_fixture(wanted: NewFixture, trader: Staff) -> tuple[Item, dict[str, Item]]:
    """Create a fixture with a priced market, once for each id; return it and its markets by id.

    Raises Conflict for a taken id.
    """
    act = Act("createFixture", fixture_key(wanted.fixture_id)[0], trader)
    shown = {"startsAt": clock.stamp(wanted.starts_at), "odds": wanted.odds, "tier": wanted.tier}
    created = fixtures.create_fixture(wanted, *alone(act).writes({}, shown))
    return created, guards.visible(created["markets"])


def change(action: str, market_id: str, changes: Item, trader: Staff, request_id: str) -> Item:
    """Give a market new `odds` or a new `status`, as the API's field `action` asks; return its visible guard.

    Raises what `changing.change_market` raises, IdempotencyKeyReused.
    """
    act = _act(action, market_id, changes, trader, request_id)
    if was_done(table, act):
        return guards.get_market(market_id)
    return changing.change_market(market_id, changes, alone(act))


def set_guards(market_id: str, wanted: int, trader: Staff, request_id: str) -> Item:
    """Split a market's limit over more guards, so that more bets a second fit; return its exposure.

    Raises what `changing.add_guards` raises, IdempotencyKeyReused.
    """
    act = _act("setMarketGuards", market_id, {"guards": wanted}, trader, request_id)
    if not was_done(table, act):
        changing.add_guards(market_id, wanted, alone(act))
    return market_exposure(market_id)


def market_exposure(market_id: str) -> Item:
    """Return what a market could cost: by selection over all guards, with the limit of each. Raises NotFound."""
    parts = guards.guards_of(market_id)
    return {
        **{name: parts[0][name] for name in ("market_id", "status", "guards")},
        "limit_cents": sum(guard["limit_cents"] for guard in parts),
        "exposure": {key: sum(exposure.exposure_of(guard, key) for guard in parts) for key in parts[0]["odds"]},
    }


def _act(action: str, market_id: str, decision: Item, trader: Staff, request_id: str) -> Act:
    return Act(action, guard_key(market_id, 0)[0], trader, decision=decision, request_id=request_id)
