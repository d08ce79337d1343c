"""The competitions that are kept, with their country, tier and rules, and the teams that play in them."""

from collections.abc import Callable

from bet import wording
from bet.catalogue import rules
from bet.catalogue.competition import Competition, Team
from bet.table import COMPETITIONS, competition_key, table, team_key
from betsafi.dynamodb import ANY, Item, Page, Update, Write, assign
from betsafi.errors import NotFound
from betsafi.telemetry import trace


def keep_competition(wanted: Competition, *also: Write) -> None:
    """Write a competition, new or changed, and `also`. Games that are kept already stay as they are."""
    item = {
        "competition_id": wanted.id,
        "sport_id": wanted.sport_id,
        "country": {"id": wanted.country_id, "name": wanted.country},
        "name": wanted.name,
        "tier": wanted.tier,
        "rules": rules.as_rows(wanted.rules),
        "owner": COMPETITIONS + wanted.sport_id,
        "at": f"{wanted.country['en']}#{wanted.name['en']}",
        "trace": trace(),
    }
    table.transact(Update(competition_key(wanted.id), assign(item), ANY, item), *also)


def keep_team(wanted: Team, *also: Write) -> None:
    """Write a team, new or changed, and `also`. Games that are kept already stay as they are."""
    item = {"team_id": wanted.id, "sport_id": wanted.sport_id, "name": wanted.name, "trace": trace()}
    table.transact(Update(team_key(wanted.id), assign(item), ANY, item), *also)


def competitions_of(sport_id: str, country_id: str | None, limit: int, cursor: str | None) -> Page:
    """Return a page of a sport's competitions, of a country (None: of all), by country and name in English.

    As `Table.query_wanted`.
    """
    return table.query_wanted(f"{COMPETITIONS}{sport_id}", of_country(country_id), limit, cursor, index="by_owner")


def of_country(country_id: str | None) -> Callable[[Item], bool]:
    """Return what says whether a competition, or a fixture, is of a country; of None is each."""
    return lambda item: country_id in (None, item["country"]["id"])


def get_competition(competition_id: str) -> Item:
    """Return a competition. Raises NotFound."""
    if (found := table.get(competition_key(competition_id))) is None:
        raise NotFound(wording.NO_COMPETITION)
    return found


def teams(*team_ids: str) -> list[Item]:
    """Return teams in this order. Raises NotFound, naming the first that is missing."""
    found = {item["team_id"]: item for item in table.get_many([team_key(team_id) for team_id in team_ids])}
    if missing := [team_id for team_id in team_ids if team_id not in found]:
        raise NotFound(wording.no_team(missing[0]))
    return [found[team_id] for team_id in team_ids]
