"""Games that are late, broken off, or over without a result: what their competition's rules make of them.

Every hour each game that has begun and of which something is open is looked at. What its rules call void is decided as
a version of the game like any other; of the rest it is counted how many wait for a trader. A postponed game that is
moved is looked at when that happens.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bet import wording
from bet.catalogue import rules
from bet.catalogue.fixture import UNDECIDED
from bet.catalogue.fixtures import find_fixture, get_fixture
from bet.catalogue.rules import Rules
from bet.markets import kinds
from bet.settlement import games, versions
from bet.table import table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Page
from betsafi.errors import Contention
from betsafi.settings import read_settings
from betsafi.telemetry import gauge, logger

Due = Literal["DECIDED", "VOID", "LATE", "NOT_YET"]
"""All is decided; what is open is void; a trader has to decide; it is early yet."""

_PAGE = 25
_TRIES = 10
_NOBODY = {"decided_by": None, "decided_because": None}
_WAITED_FOR = ("POSTPONED", "INTERRUPTED", "ABANDONED")


@dataclass(frozen=True)
class Settings:
    """How long after its shortest play a game may be without all its results."""

    overdue_minutes: int = 60


settings = read_settings(Settings)


def due(status: str, starts_at: datetime, rule: Rules, now: datetime, *, is_known: bool) -> Due:
    """Return what is due of a game of which something is open. `is_known`: something of it is decided."""
    since = now - starts_at
    if status == "CANCELLED" or (status in _WAITED_FOR and since >= rule.wait):
        return "VOID"
    if status in _WAITED_FOR:
        return "NOT_YET"
    if not is_known and rule.void_after is not None and since >= rule.void_after:
        return "VOID"
    late = rule.shortest_play + timedelta(minutes=settings.overdue_minutes)
    return "LATE" if since >= late else "NOT_YET"


def judge(game: Item) -> tuple[Item | None, Due]:
    """Return a game's fixture, and what is due of it now."""
    if (fixture := find_fixture(game["fixture_id"])) is None:
        return None, "DECIDED"
    game, is_open, is_known = games.find_game(game["fixture_id"]), False, False
    for market_id, result in games.markets_with_results(game["fixture_id"]):
        outcomes = [outcome.outcome_id for outcome in kinds.definition_of(market_id).outcomes]
        is_open = is_open or not versions.is_decided(result, outcomes)
        is_known = is_known or bool(result and result["results"])
    if not is_open:
        return fixture, "DECIDED"
    starts_at = clock.parse_stamp(fixture["starts_at"])
    rule = rules.rules_of(rules.rules(fixture["rules"]), starts_at)
    what = due(fixture["status"], starts_at, rule, clock.now(), is_known=is_known or bool(game["record"]))
    # What was void once and is open again was opened by somebody, who decides it.
    return fixture, "LATE" if what == "VOID" and game["rest_version"] else what


def look(cursor: str | None, late: int, has_time: Callable[[], bool], send: Callable[[Item], None]) -> None:
    """Look at the games that wait, from `cursor` on, before which `late` were found to be late.

    Where the time is up a message goes on; at the end their number is reported, none as well.
    """
    while True:  # until the last page, or until the time is up
        page = table.query(UNDECIDED, index="by_queue", limit=_PAGE, cursor=cursor, ending_at=clock.stamp())
        for game in page.items:
            late += _look_at(game)
        if (cursor := page.cursor) is None:
            gauge("FixturesOverdue", late)
            return
        if not has_time():
            send({"overdue": True, "cursor": cursor, "late": late})
            return


def moved(fixture_id: str) -> None:
    """Cancel the bets on a postponed fixture that was moved further than it is waited for.

    Once: what a trader takes back stays so until it is moved too far from a later start. Raises Conflict where too many
    windows stand, Contention.
    """
    for _ in range(_TRIES):
        fixture, game = get_fixture(fixture_id), games.find_game(fixture_id)
        until = rules.waited_until(fixture)
        if until is None or until <= game["moved_until"]:
            return
        windows = versions.opened(game["windows"], {"from": None, "to": until})
        given = {"windows": windows, "moved_until": until, "reason": "POSTPONED", **_NOBODY}
        with contextlib.suppress(ConditionFailed):  # it was decided at this moment: look again
            games.put_game(fixture, game, given)
            logger.info("bets on a postponed game cancelled", fixture_id=fixture_id, until=until)
            return
    raise Contention(wording.FIXTURE_BUSY)


def overdue(limit: int, cursor: str | None) -> Page:
    """Return a page of the games that wait for a trader, those that began first before others. Raises InvalidCursor.

    It may be short, even empty, and still have a cursor.
    """
    found: list[Item] = []

    def is_late(game: Item) -> bool:
        fixture, what = judge(game)
        if fixture and what == "LATE":
            found.append(fixture)
        return what == "LATE"

    page = table.query_wanted(UNDECIDED, is_late, limit, cursor, index="by_queue", ending_at=clock.stamp())
    return Page(found, page.cursor)


def _look_at(game: Item) -> int:
    """Do what is due of a game; return 1 if a trader has to."""
    try:
        fixture, what = judge(game)
        if fixture is None or what == "DECIDED":
            games.waits_no_more(games.find_game(game["fixture_id"]))
        elif what == "VOID":
            now = games.find_game(game["fixture_id"])
            about = {"rest_version": now["game_version"] + 1, "reason": fixture["status"], **_NOBODY}
            games.put_game(fixture, now, about)
            logger.info("rest of the game void", fixture_id=game["fixture_id"], status=fixture["status"])
        return int(what == "LATE")
    except ConditionFailed:  # it was decided at this moment: the next look sees it
        return 0
    except Exception:  # noqa: BLE001  the games behind it are looked at; this one counts as late until it works
        logger.exception("fixture not looked at", fixture_id=game["fixture_id"])
        return 1
