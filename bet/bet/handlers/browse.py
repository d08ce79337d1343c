"""The lobby: the fields for looking at games and their markets, for which nobody needs to be signed in."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from bet import presenting, wording
from bet.catalogue import browsing, fixture
from bet.catalogue.names import SHORTEST_SEARCH
from bet.catalogue.sports import FOOTBALL, SPORTS, sport
from bet.markets import betting
from bet.settlement.results import results_to_show
from bet.slips.slip import MAX_LEGS
from betsafi import clock, inputs
from betsafi.dynamodb import Item
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier, path_identifier

handler = Fields()
_MOST = 50
_NEWEST = 1_000_000_000


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
    country_id, limit = _country(arguments, ""), page_limit(arguments, 100, default=100)
    page = browsing.competitions(_sport(arguments), country_id, limit, arguments.get("cursor"))
    return {"items": list(map(presenting.competition, page.items)), "cursor": page.cursor}


@handler.public("fixtures")
def fixtures(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of fixtures with their main markets. Raises InvalidInput, InvalidCursor."""
    asked = arguments.get("filter") or {}
    limit, cursor = page_limit(arguments, _MOST), arguments.get("cursor")
    if asked.get("competitionId") is not None:
        competition_id = path_identifier(asked["competitionId"], name="filter.competitionId")
        if any(asked.get(name) is not None for name in ("countryId", "day", "status")):
            raise InvalidInput(wording.ONE_LIST)
        return _listed(browsing.of_competition(competition_id, limit, cursor))
    sport_id, country_id = _sport(asked), _country(asked, "filter.")
    day, wanted = _day(asked), asked.get("status")
    status = fixture.status("SCHEDULED" if wanted is None else wanted)
    if day is None and status == "SCHEDULED":
        return _listed(browsing.coming(sport_id, country_id, limit, cursor))
    day = day or fixture.day_of(clock.now())
    return _listed(browsing.of_day(sport_id, status, day, country_id, limit, cursor))


@handler.public("popularFixtures")
def popular_fixtures(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a sport's popular fixtures that have not begun, with their main markets. Raises InvalidInput."""
    return list(_listed(browsing.popular(_sport(arguments)))["items"])


@handler.public("searchFixtures")
def search_fixtures(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of coming fixtures of teams that are called so. Raises InvalidInput, InvalidCursor."""
    wanted = inputs.text(arguments["text"], "text", SHORTEST_SEARCH, 40)
    return _listed(browsing.search(wanted, page_limit(arguments, 20), arguments.get("cursor")))


@handler.public("fixture")
def one_fixture(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one fixture with its main markets. Raises NotFound."""
    return dict(_listed(browsing.one(identifier(arguments["id"], name="id")))["items"][0])


@handler.public("markets")
def markets(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of all markets of a fixture. Raises NotFound, InvalidInput, InvalidCursor."""
    fixture_id = identifier(arguments["fixtureId"], name="fixtureId")
    found, page = browsing.markets(fixture_id, page_limit(arguments, _MOST, default=_MOST), arguments.get("cursor"))
    return {"items": _markets((guard, found) for guard in page.items), "cursor": page.cursor}


@handler.public("marketsByIds")
def markets_by_ids(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return those of some markets that exist, in the order of their ids as given. Raises InvalidInput."""
    given = arguments["ids"]
    if not 1 <= len(given) <= MAX_LEGS:
        raise InvalidInput(wording.markets_by_ids(MAX_LEGS))
    return _markets(browsing.markets_by_ids(list(dict.fromkeys(identifier(each, name="ids") for each in given))))


@handler.publication("publishMarket")
def publish_market(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a market as it now stands, for those who follow its fixture; None if there is none.

    `resultVersion`: the result that is to be told; None where it waits until somebody releases it, or is the newest no
    more: that one is told by itself.
    """
    market_id, wanted = identifier(arguments["id"], name="id"), arguments.get("resultVersion")
    if wanted is not None:
        inputs.whole(wanted, "resultVersion", 1, _NEWEST)
    found = _markets(browsing.markets_by_ids([market_id]))
    return next((shown for shown in found if wanted in (None, shown["resultVersion"])), None)


def _sport(arguments: dict[str, Any]) -> str:
    given = arguments.get("sportId")
    return FOOTBALL if given is None else sport(given)


def _day(asked: dict[str, Any]) -> date | None:
    return None if asked.get("day") is None else inputs.day(asked["day"], "filter.day")


def _country(asked: dict[str, Any], place: str) -> str | None:
    given = asked.get("countryId")
    return None if given is None else path_identifier(given, name=f"{place}countryId")


def _markets(found: Iterable[tuple[Item, Item]]) -> list[dict[str, Any]]:
    now, pairs = clock.now(), list(found)
    results = results_to_show(guard for guard, _ in pairs)
    return [presenting.market(guard, game, now, results.get(guard["market_id"])) for guard, game in pairs]


def _listed(schedule: browsing.Schedule) -> dict[str, Any]:
    now, results = clock.now(), results_to_show(schedule.markets.values())
    items = [presenting.fixture(fixture, schedule.markets, now, results) for fixture in schedule.fixtures]
    return {"items": items, "cursor": schedule.cursor}
