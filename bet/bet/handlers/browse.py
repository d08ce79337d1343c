"""The lobby: the fields for looking at games and their markets, for which nobody needs to be signed in."""

from datetime import date
from typing import Any

from bet import presenting, wording
from bet.catalogue import browsing, fixture
from bet.catalogue.sports import FOOTBALL, SPORTS, sport
from bet.markets import betting
from betsafi import clock, inputs
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier, path_identifier

handler = Fields()
_MOST = 50


@handler.public("sports")
def sports(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sports that are offered."""
    return [{"id": sport_id, "name": name} for sport_id, name in SPORTS.items()]


@handler.public("betting")
def all_betting(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return whether bets are taken at all."""
    return presenting.betting(betting.now_open())


@handler.public("competitions")
def competitions(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a sport's competitions. Raises InvalidInput, InvalidCursor."""
    page = browsing.competitions(_sport(arguments), page_limit(arguments, 100, default=100), arguments.get("cursor"))
    return {"items": list(map(presenting.competition, page.items)), "cursor": page.cursor}


@handler.public("fixtures")
def fixtures(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of fixtures with their main markets. Raises InvalidInput, InvalidCursor."""
    asked = arguments.get("filter") or {}
    limit, cursor = page_limit(arguments, _MOST), arguments.get("cursor")
    if asked.get("competitionId") is not None:
        competition_id = path_identifier(asked["competitionId"], name="filter.competitionId")
        if asked.get("day") is not None or asked.get("status") is not None:
            raise InvalidInput(wording.ONE_LIST)
        return _listed(browsing.of_competition(competition_id, limit, cursor))
    sport_id, day, wanted = _sport(asked), _day(asked), asked.get("status")
    status = fixture.status("SCHEDULED" if wanted is None else wanted)
    if day is None and status == "SCHEDULED":
        return _listed(browsing.coming(sport_id, limit, cursor))
    return _listed(browsing.of_day(sport_id, status, day or fixture.day_of(clock.now()), limit, cursor))


@handler.public("popularFixtures")
def popular_fixtures(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a sport's popular fixtures that have not begun, with their main markets. Raises InvalidInput."""
    return list(_listed(browsing.popular(_sport(arguments)))["items"])


@handler.public("searchFixtures")
def search_fixtures(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of coming fixtures of teams that are called so. Raises InvalidInput, InvalidCursor."""
    wanted = inputs.text(arguments["text"], "text", fixture.SHORTEST_SEARCH, 40)
    return _listed(browsing.search(wanted, page_limit(arguments, 20), arguments.get("cursor")))


@handler.public("fixture")
def one_fixture(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one fixture with its main markets. Raises NotFound."""
    found = browsing.one(identifier(arguments["id"], name="id"))
    return presenting.fixture(found.fixtures[0], found.markets, clock.now())


@handler.public("markets")
def markets(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of all markets of a fixture. Raises NotFound, InvalidInput, InvalidCursor."""
    fixture_id = identifier(arguments["fixtureId"], name="fixtureId")
    found, page = browsing.markets(fixture_id, page_limit(arguments, _MOST, default=_MOST), arguments.get("cursor"))
    now = clock.now()
    return {"items": [presenting.market(guard, found, now) for guard in page.items], "cursor": page.cursor}


@handler.publication("publishMarket")
def publish_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a market as it now stands, for those who follow its fixture; None if there is none."""
    found = browsing.market(identifier(arguments["id"], name="id"))
    return None if found is None else presenting.market(*found, clock.now())


def _sport(arguments: dict[str, Any]) -> str:
    given = arguments.get("sportId")
    return FOOTBALL if given is None else sport(given)


def _day(asked: dict[str, Any]) -> date | None:
    return None if asked.get("day") is None else inputs.day(asked["day"], "filter.day")


def _listed(schedule: browsing.Schedule) -> dict[str, Any]:
    now = clock.now()
    items = [presenting.fixture(fixture, schedule.markets, now) for fixture in schedule.fixtures]
    return {"items": items, "cursor": schedule.cursor}
