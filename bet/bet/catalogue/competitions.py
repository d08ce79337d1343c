"""The competitions that are kept, with their country, tier and rules, and the teams that play in them."""

from collections.abc import Callable, Iterable

from bet import wording
from bet.catalogue import rules
from bet.catalogue.competition import Competition, Team
from bet.catalogue.names import search_keys, search_text, searched, tokens
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
    keys, found = search_keys(_among(wanted.sport_id), wanted.id, wanted.name), {"team_id": wanted.id}
    found_by = [Update(key, assign(found), ANY, found) for key in keys]
    table.transact(Update(team_key(wanted.id), assign(item), ANY, item), *found_by, *also)


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
    found = {item["team_id"]: item for item in _find_teams(team_ids)}
    if missing := [team_id for team_id in team_ids if team_id not in found]:
        raise NotFound(wording.no_team(missing[0]))
    return [found[team_id] for team_id in team_ids]


def search_teams(sport_id: str, wanted: str, limit: int, cursor: str | None) -> Page:
    """Return a page of a sport's teams that a folded text finds, by what they are called now. Raises InvalidCursor.

    It may be short, even empty, and still have a cursor: what a team was called before is left out.
    """
    page = table.query(searched(_among(sport_id), wanted), search_text(wanted), limit=limit, cursor=cursor)
    found = _find_teams(dict.fromkeys(item["team_id"] for item in page.items))
    return Page([team for team in found if team["sport_id"] == sport_id and _is_called(team, wanted)], page.cursor)


def _is_called(team: Item, wanted: str) -> bool:
    return any(token.startswith(wanted) for token in tokens(team["name"]))


def _among(sport_id: str) -> str:
    """Return among what the teams of a sport are searched."""
    return f"{sport_id}#"


def _find_teams(team_ids: Iterable[str]) -> list[Item]:
    return table.get_many([team_key(team_id) for team_id in team_ids])
