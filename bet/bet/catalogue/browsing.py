"""What players look at: fixtures, with the visible guards of their markets by market id."""

from dataclasses import dataclass

from bet import wording
from bet.catalogue import fixtures
from bet.markets import guards
from betsafi.dynamodb import Item
from betsafi.errors import NotFound


@dataclass(frozen=True)
class Schedule:
    """Some fixtures in order, their markets, and the cursor to the next ones (None: these are the last)."""

    fixtures: list[Item]
    markets: dict[str, Item]
    cursor: str | None


def upcoming(limit: int, cursor: str | None) -> Schedule:
    """Return a page of the fixtures that have not begun, in the order of their start. Raises InvalidCursor."""
    page = fixtures.upcoming(limit, cursor)
    market_ids = [market_id for fixture in page.items for market_id in fixture["markets"]]
    return Schedule(page.items, guards.visible(market_ids), page.cursor)


def fixture(fixture_id: str) -> tuple[Item, dict[str, Item]]:
    """Return one fixture and its markets. Raises NotFound."""
    if (found := fixtures.find_fixture(fixture_id)) is None:
        raise NotFound(wording.NO_FIXTURE)
    return found, guards.visible(found["markets"])
