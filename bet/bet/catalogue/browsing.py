"""What players look at: fixtures with their main markets, a fixture's other markets, and competitions.

A page of fixtures is one query, or one query a day, and one read of all main markets' visible guards.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from bet.catalogue import fixtures, lines
from bet.catalogue.competitions import competitions_of, of_country
from bet.catalogue.fixture import Status
from bet.catalogue.names import sought
from bet.markets import guards
from betsafi.dynamodb import Item, Page

competitions = competitions_of


class Schedule(NamedTuple):
    """Some fixtures in order, their main markets by id, and the cursor to the next ones (None: these are the last)."""

    fixtures: list[Item]
    markets: dict[str, Item]
    cursor: str | None


def coming(sport_id: str, country_id: str | None, limit: int, cursor: str | None) -> Schedule:
    """Return a page of a sport's fixtures from now on, of a country (None: of all), in the order of their start.

    Raises InvalidCursor.
    """
    return _with_markets(fixtures.coming(sport_id, of_country(country_id), limit, cursor))


def of_day(
    sport_id: str, status: Status, day: date, country_id: str | None, limit: int, cursor: str | None
) -> Schedule:
    """Return a page of a sport's fixtures of a day with a status, of a country (None: of all), in the order of their
    start. Raises InvalidCursor.
    """
    return _with_markets(fixtures.listed(sport_id, status, day, of_country(country_id), limit, cursor))


def of_competition(competition_id: str, limit: int, cursor: str | None) -> Schedule:
    """Return a page of a competition's fixtures from now on, in the order of their start. Raises InvalidCursor."""
    return _with_markets(fixtures.of_competition(competition_id, limit, cursor))


def popular(sport_id: str) -> Schedule:
    """Return a sport's popular fixtures that have not begun, in the order of their start."""
    return _with_markets(Page(fixtures.popular(sport_id), None))


def search(text: str, limit: int, cursor: str | None) -> Schedule:
    """Return a page of fixtures not long begun of teams one of whose names has a word that begins so.

    Accents and capitals do not count. Raises InvalidInput for a text without two letters or digits, InvalidCursor.
    """
    return _with_markets(fixtures.search(sought(text), limit, cursor))


def one(fixture_id: str) -> Schedule:
    """Return one fixture and its main markets. Raises NotFound."""
    return _with_markets(Page([fixtures.get_fixture(fixture_id)], None))


def markets(fixture_id: str, limit: int, cursor: str | None) -> tuple[Item, Page]:
    """Return a fixture, and a page of the visible guards of all its markets. Raises NotFound, InvalidCursor."""
    found = fixtures.get_fixture(fixture_id)
    page = lines.markets_of(fixture_id, limit, cursor)
    visible = guards.visible([line["market_id"] for line in page.items])
    return found, Page(list(visible.values()), page.cursor)


def markets_by_ids(market_ids: Sequence[str]) -> list[tuple[Item, Item]]:
    """Return the visible guards of those of at most 100 markets that exist, in this order, each with its fixture."""
    found = guards.visible(market_ids).values()
    games = {item["fixture_id"]: item for item in fixtures.fixtures([guard["fixture_id"] for guard in found])}
    return [(guard, games[guard["fixture_id"]]) for guard in found if guard["fixture_id"] in games]


def _with_markets(page: Page) -> Schedule:
    market_ids = [market_id for item in page.items for market_id in item["markets"]]
    return Schedule(page.items, guards.visible(market_ids), page.cursor)
