"""A fixture as it is kept, where it is listed, and what its status allows. No I/O.

A fixture is on two lists of its own table's indexes: its sport's, by status and day in Nairobi, and its competition's.
Both are in the order of the start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from bet import wording
from bet.catalogue import names
from betsafi import clock, inputs
from betsafi.errors import InvalidInput
from betsafi.ids import path_identifier

Item = dict[str, Any]
Status = Literal["SCHEDULED", "LIVE", "ENDED", "POSTPONED", "INTERRUPTED", "ABANDONED", "CANCELLED"]
STATUSES: tuple[Status, ...] = get_args(Status)
LONGEST_ID = 64
UNDECIDED = "UNDECIDED"
"""The list of games of which something may be open, in the order of their start."""
MAIN_MARKETS = 8
"""So many markets are shown with a fixture in a list."""
_NEXT: dict[Status, tuple[Status, ...]] = {
    "SCHEDULED": ("LIVE", "ENDED", "POSTPONED", "CANCELLED"),
    "LIVE": ("ENDED", "INTERRUPTED", "ABANDONED"),
    "INTERRUPTED": ("LIVE", "ENDED", "ABANDONED"),
    "POSTPONED": ("SCHEDULED", "CANCELLED"),
    "ABANDONED": ("LIVE", "ENDED"),
    "ENDED": ("LIVE",),
    "CANCELLED": ("SCHEDULED",),
}
"""What may follow; some of it takes a mistake back."""


@dataclass(frozen=True)
class NewFixture:
    """A fixture as traders give it."""

    id: str
    competition_id: str
    home_id: str
    away_id: str
    starts_at: datetime


def new_fixture(given: dict[str, Any]) -> NewFixture:
    """Return the checked fixture of `createFixture`. Raises InvalidInput."""
    home, away = (path_identifier(given[name], name=name) for name in ("homeTeamId", "awayTeamId"))
    if home == away:
        raise InvalidInput(wording.ONE_TEAM)
    return NewFixture(
        fixture_id(given["id"], "id"),
        path_identifier(given["competitionId"], name="competitionId"),
        home,
        away,
        inputs.moment(given["startsAt"], "startsAt"),
    )


def fixture_id(given: Any, field: str) -> str:
    """Return a fixture's id. Raises InvalidInput."""
    if len(found := path_identifier(given, name=field)) > LONGEST_ID:
        raise InvalidInput(wording.fixture_id(field, LONGEST_ID))
    return found


def status(given: Any) -> Status:
    """Return a fixture's status. Raises InvalidInput."""
    if given not in STATUSES:
        raise InvalidInput(wording.fixture_status(STATUSES))
    return given  # type: ignore[no-any-return]


def may_become(fixture: Item, wanted: Status) -> bool:
    """Return whether a fixture may have a status next; its own it may always have."""
    return wanted == fixture["status"] or wanted in _NEXT[fixture["status"]]


def may_move(fixture: Item, now: datetime) -> bool:
    """Return whether a fixture may be given another start: not one that has begun, unless it is postponed."""
    status, begins = fixture["status"], clock.parse_stamp(fixture["starts_at"])
    return status == "POSTPONED" or (status == "SCHEDULED" and now < begins)


def may_be_popular(fixture: Item, now: datetime) -> bool:
    """Return whether a fixture may be one of the popular ones: it is still to begin, or waits for another start."""
    return fixture["status"] == "POSTPONED" or now < clock.parse_stamp(fixture["starts_at"])


def postponed_once_more(fixture: Item, now: str) -> list[dict[str, str]]:
    """Return the starts that a fixture had until it was moved as POSTPONED, each with when; the oldest are left out."""
    return [*fixture.get("postponed", []), {"starts_at": fixture["starts_at"], "until": now}][-_MOST_STARTS:]


def day_of(moment: datetime) -> date:
    """Return the day of a moment in Nairobi."""
    return moment.astimezone(clock.NAIROBI).date()


def listed(sport_id: str, of: str, day: date) -> str:
    """Return the list of a sport's fixtures that have a status and begin on a day."""
    return f"FIXTURES#{of}#{sport_id}#{day.isoformat()}"


def listed_by_competition(competition_id: str) -> str:
    """Return the list of a competition's fixtures."""
    return f"COMPETITION#{competition_id}"


def places(fixture: Mapping[str, Any]) -> Item:
    """Return the attributes that put a fixture on its lists; they follow from its status and start."""
    starts_at = clock.parse_stamp(fixture["starts_at"])
    return {
        "owner": listed(fixture["sport_id"], fixture["status"], day_of(starts_at)),
        "queue": listed_by_competition(fixture["competition_id"]),
        "at": fixture["starts_at"],
    }


def waits(fixture: Mapping[str, Any]) -> Item:
    """Return the attributes that put what is decided of a fixture on the list of what is not."""
    return {"fixture_id": fixture["fixture_id"], "queue": UNDECIDED, "at": fixture["starts_at"]}


def search_keys(fixture: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the keys under which a fixture is found by the beginning of a word of its teams' names."""
    return names.search_keys("", fixture["fixture_id"], fixture["home"]["name"], fixture["away"]["name"])


def forgotten_at(starts_at: datetime) -> int:
    """Return when a fixture is no longer found by search or among the popular ones, in seconds since 1970."""
    return int((starts_at + timedelta(days=1)).timestamp())


_MOST_STARTS = 20
