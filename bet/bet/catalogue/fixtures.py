"""The fixtures that are kept."""

from bet import wording
from bet.catalogue.fixture import NewFixture
from bet.markets.guards import new_guards
from bet.table import SCHEDULE, fixture_key, table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Page, Put, Write
from betsafi.errors import Conflict
from betsafi.ids import fingerprint
from betsafi.telemetry import trace


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
    guards = new_guards(market_id, fixture.fixture_id, fixture.starts_at, fixture.odds, fixture.tier)
    try:
        table.transact(Put(item), *guards, *also)
    except ConditionFailed as failure:
        found = failure.found.get(0)
        if found is None or found["fingerprint"] != print_:
            raise Conflict(wording.FIXTURE_TAKEN) from failure
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
