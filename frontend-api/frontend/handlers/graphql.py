"""The field of the AppSync API that fills gaps, and what is exported of it."""

from typing import Any

from betsafi.cursors import BAD_CURSOR
from betsafi.dynamodb import Page
from betsafi.errors import InvalidCursor
from betsafi.graphql import Caller, Fields, page_limit
from frontend.cursors import cursor_at, number_at
from frontend.log import CursorExpired, Entry, Kind, Log, Part, since
from frontend.stores import logs

handler = Fields()

FIELDS: dict[Kind, str] = {"BET": "bets", "PAYMENT": "payments", "NOTIFICATION": "notifications"}
"""By which field of PlayerChanges a service returns the things of a kind; the wallet is one, and not in a list."""


@handler.query("changesSince")
def changes_since(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what changed of the caller's since a cursor, each thing once; without one nothing, and where to begin.

    Raises InvalidInput, InvalidCursor, CursorExpired.
    """
    limit, cursor = page_limit(arguments, 20), arguments.get("cursor")
    number = None if cursor is None else number_at(cursor, caller.user_id, logs.LOG_ID)
    log = logs.read(caller.user_id)
    if number is None:
        return _present(caller.user_id, Part((), log.last, more=False))
    if number > log.last:
        raise InvalidCursor(BAD_CURSOR)
    return _present(caller.user_id, _since(caller.user_id, log, number, limit))


@handler.export("updates")
def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that is kept of a player's updates."""
    return logs.kept(user_id, cursor)


def _since(user_id: str, log: Log, number: int, limit: int) -> Part:
    try:
        return since(log, number, limit)
    except CursorExpired as expired:
        expired.info["cursor"] = cursor_at(log.last, user_id, logs.LOG_ID)
        raise


def _present(user_id: str, part: Part) -> dict[str, Any]:
    """Return a part of a log as GraphQL's `PlayerChanges`: of the things their ids, with which services are asked."""
    things: dict[str, Any] = {
        field: [_asked(each) for each in part.entries if each.thing.kind == kind] for kind, field in FIELDS.items()
    }
    things["wallet"] = [_asked(each) for each in part.entries if each.thing.kind == "WALLET"] or None
    return {
        "changes": [
            {"sequence": each.number, "kind": each.thing.kind, "id": each.thing.id or user_id} for each in part.entries
        ],
        "sequence": part.up_to,
        "cursor": cursor_at(part.up_to, user_id, logs.LOG_ID),
        "more": part.more,
        **things,
    }


def _asked(entry: Entry) -> dict[str, Any]:
    return {"id": entry.thing.id, "posted": entry.thing.posted}
