"""The fixtures that are kept: made once, moved, stopped, and listed by sport, day, competition and team."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from bet import wording
from bet.catalogue import competitions, fixture
from bet.catalogue.fixture import NewFixture, Status, day_of
from bet.catalogue.names import search_text, searched
from bet.table import fixture_key, game_key, popular_key, table
from betsafi import clock, inputs
from betsafi.cursors import BAD_CURSOR, cursor_to, place_of
from betsafi.dynamodb import ANY, ConditionFailed, Item, Page, Put, Update, Write, assign
from betsafi.errors import Conflict, Contention, InvalidCursor, InvalidInput, NotFound
from betsafi.ids import fingerprint
from betsafi.telemetry import trace

_TRIES = 10
_DAYS_AHEAD = 60
_QUERIES_A_PAGE = 7


def create_fixture(wanted: NewFixture, *also: Write) -> Item:
    """Write a fixture and `also`, or nothing; the same again returns it as it now stands.

    Raises NotFound for an unknown competition or team, Conflict for a taken id or teams of another sport.
    """
    print_ = fingerprint([wanted.competition_id, wanted.home_id, wanted.away_id, wanted.starts_at.isoformat()])
    competition = competitions.get_competition(wanted.competition_id)
    home, away = competitions.teams(wanted.home_id, wanted.away_id)
    if {home["sport_id"], away["sport_id"]} != {competition["sport_id"]}:
        raise Conflict(wording.OTHER_SPORT)
    pk, sk = fixture_key(wanted.id)
    about: Item = {
        "fixture_id": wanted.id,
        **{name: competition[name] for name in ("sport_id", "competition_id", "country", "tier", "rules")},
        "competition": competition["name"],
        "home": {"id": home["team_id"], "name": home["name"]},
        "away": {"id": away["team_id"], "name": away["name"]},
        "starts_at": clock.stamp(wanted.starts_at),
        "status": "SCHEDULED",
        "version": 1,
        "markets": [],
    }
    item = {"pk": pk, "sk": sk, **about, **fixture.places(about), "fingerprint": print_, "trace": trace()}
    found_by = [_found_by(key, item) for key in fixture.search_keys(item)]
    game_pk, game_sk = game_key(wanted.id)
    game = {"pk": game_pk, "sk": game_sk, **fixture.waits(item)}
    try:
        table.transact(Put(item), Put(game), *found_by, *also)
    except ConditionFailed as failure:
        found = failure.found.get(0)
        if found is None or found["fingerprint"] != print_:
            raise Conflict(wording.FIXTURE_TAKEN) from failure
        return found
    return item


def find_fixture(fixture_id: str) -> Item | None:
    """Return a fixture or None."""
    return table.get(fixture_key(fixture_id))


def get_fixture(fixture_id: str) -> Item:
    """Return a fixture. Raises NotFound."""
    if (found := find_fixture(fixture_id)) is None:
        raise NotFound(wording.NO_FIXTURE)
    return found


def fixtures(fixture_ids: Sequence[str]) -> list[Item]:
    """Return those of at most 100 fixtures that exist, in this order."""
    return table.get_many([fixture_key(fixture_id) for fixture_id in fixture_ids])


def change_fixture(
    fixture_id: str,
    also: Callable[[Item], Sequence[Write]] = lambda before: (),
    *,
    starts_at: datetime | None = None,
    status: Status | None = None,
) -> Item:
    """Give a fixture another start or status under its next version, and return it; the same changes nothing.

    `also` returns what is written with it, of the fixture as it was before.

    Its markets follow: see `lines.follow`.
    Raises NotFound, Conflict for a status that cannot follow or the start of what has begun, Contention.
    """
    for _ in range(_TRIES):
        before = get_fixture(fixture_id)
        changes: Item = {}
        if starts_at is not None and clock.stamp(starts_at) != before["starts_at"]:
            if not fixture.may_move(before, clock.now()):
                raise Conflict(wording.NOT_MOVED)
            changes["starts_at"] = clock.stamp(starts_at)
            if before["status"] == "POSTPONED":
                changes["postponed"] = fixture.postponed_once_more(before, clock.stamp())
        if status is not None and status != before["status"]:
            if not fixture.may_become(before, status):
                raise Conflict(wording.cannot_become(before["status"], status))
            changes["status"] = status
        if not changes:
            return before
        changes["version"] = before["version"] + 1
        after = {**before, **changes}
        changes |= {**fixture.places(after), "trace": trace()}
        update = Update(
            fixture_key(fixture_id), assign(changes), "#version = :seen", {**changes, "seen": before["version"]}
        )
        found_by = [_found_by(key, after) for key in fixture.search_keys(after)] if "starts_at" in changes else []
        if "starts_at" in changes:
            found_by.append(Update(game_key(fixture_id), "SET #at = :at", ANY, {"at": changes["starts_at"]}))
        with contextlib.suppress(ConditionFailed):  # it was changed meanwhile, perhaps by this very call's twin
            table.transact(update, *found_by, *also(before))
            return {**after, **changes}
    raise Contention(wording.FIXTURE_BUSY)


def _found_by(key: tuple[str, str], item: Item) -> Update:
    about = {
        "fixture_id": item["fixture_id"],
        "forget_at": fixture.forgotten_at(clock.parse_stamp(item["starts_at"])),
    }
    return Update(key, assign(about), ANY, about)


# -- lists


Wanted = Callable[[Item], bool]
"""Which fixtures of a list are wanted."""


def listed(sport_id: str, status: Status, day: date, wanted: Wanted, limit: int, cursor: str | None) -> Page:
    """Return a page of a sport's fixtures of a day with a status, in the order of their start.

    As `Table.query_wanted`.
    """
    return table.query_wanted(fixture.listed(sport_id, status, day), wanted, limit, cursor, index="by_owner")


def coming(sport_id: str, wanted: Wanted, limit: int, cursor: str | None) -> Page:
    """Return a page of a sport's scheduled fixtures from now on, day after day, in the order of their start.

    The work is bounded: a page after seven queries may be shorter than `limit`, even empty, and still have a cursor. It
    goes on where its page ended, whenever that was. Raises InvalidCursor.
    """
    now, name = clock.now(), f"coming {sport_id}"
    day, after = day_of(now), None
    if cursor:
        day, after = _ended(cursor, name)
    begin = None if cursor else clock.stamp(now)
    last, found = day_of(now) + timedelta(days=_DAYS_AHEAD), list[Item]()
    for _ in range(_QUERIES_A_PAGE):
        page = table.query(
            fixture.listed(sport_id, "SCHEDULED", day),
            index="by_owner",
            limit=limit - len(found),
            cursor=after,
            starting_at=begin,
        )
        found += filter(wanted, page.items)
        after, begin = page.cursor, None
        if after is None:
            day += timedelta(days=1)
        if day > last:
            return Page(found, None)
        if len(found) >= limit:
            break
    return Page(found, cursor_to([f"{day}", after or ""], name))


def _ended(cursor: str, name: str) -> tuple[date, str | None]:
    """Return the day in which a page of `coming` ended, and where in it; None: at its beginning."""
    day, after = place_of(cursor, name, 2)
    try:
        return inputs.day(day, "cursor"), after or None
    except InvalidInput as error:
        raise InvalidCursor(BAD_CURSOR) from error


def of_competition(competition_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of a competition's fixtures from now on, in the order of their start. Raises InvalidCursor."""
    begin = None if cursor else clock.stamp()
    return table.query(
        fixture.listed_by_competition(competition_id),
        index="by_queue",
        limit=limit,
        cursor=cursor,
        starting_at=begin,
    )


def search(wanted: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the fixtures that a folded text finds, until a day after their start. Raises InvalidCursor."""
    page = table.query(searched("", wanted), search_text(wanted), limit=limit, cursor=cursor)
    yesterday = clock.stamp(clock.now() - timedelta(days=1))
    found = fixtures(list(dict.fromkeys(item["fixture_id"] for item in page.items)))
    return Page([item for item in found if item["starts_at"] > yesterday], page.cursor)


def popular_ids(sport_id: str) -> list[str]:
    """Return the fixtures that traders made popular in a sport, also those that have begun since."""
    listed_now = table.get(popular_key(sport_id))
    return list(listed_now["fixtures"]) if listed_now else []


def put_popular(sport_id: str, before: Sequence[str], after: Sequence[str], *also: Write) -> None:
    """Let these be a sport's popular fixtures in place of those `before`. Raises ConditionFailed if others are."""
    item = {"fixtures": list(after), "trace": trace()}
    as_seen = "attribute_not_exists(pk) OR #fixtures = :seen"
    table.transact(Update(popular_key(sport_id), assign(item), as_seen, {**item, "seen": list(before)}), *also)


def popular(sport_id: str) -> list[Item]:
    """Return a sport's popular fixtures that have not begun, in the order of their start."""
    found, now = fixtures(popular_ids(sport_id)), clock.stamp()
    return sorted((item for item in found if item["starts_at"] > now), key=lambda item: str(item["starts_at"]))
