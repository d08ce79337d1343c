"""The notifications fields of the AppSync API."""

from typing import Any

from betsafi.dynamodb import Page
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier
from notifications import models
from notifications.stores import inbox

handler = Fields()


@handler.query("notifications")
def notifications(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's inbox, newest first. Raises InvalidInput, InvalidCursor."""
    return _inbox(caller.user_id, arguments, bool(arguments.get("unreadOnly")))


@handler.player("notifications")
def player_notifications(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a player's inbox, newest first, for staff. Raises InvalidInput, InvalidCursor."""
    return _inbox(identifier(arguments["userId"], name="userId"), arguments, unread_only=False)


@handler.mutation("markNotificationsRead")
def mark_notifications_read(caller: Caller, arguments: dict[str, Any]) -> int:
    """Mark the caller's own notes as read; return how many were unread. Raises InvalidInput."""
    return inbox.mark_read(caller.user_id, models.note_ids(arguments.get("ids")))


@handler.export("notifications")
def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that is kept of a player's messages."""
    return inbox.kept(user_id, cursor)


@handler.update("notification")
def notification_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's note for their subscribers; None where a newer one has taken its place."""
    user_id, note_id = (identifier(arguments[name], name=name) for name in ("userId", "notification"))
    note = inbox.find_note(user_id, note_id)
    return None if note is None else present(note)


def _inbox(user_id: str, arguments: dict[str, Any], unread_only: bool) -> dict[str, Any]:
    page = inbox.notes(user_id, page_limit(arguments), arguments.get("cursor"), unread_only)
    return {"items": [present(note) for note in page.items], "cursor": page.cursor}


def present(note: dict[str, Any]) -> dict[str, Any]:
    """Return a note as GraphQL's `Notification`."""
    return {
        "id": note["note_id"],
        "version": 2 if note["status"] == "READ" else 1,
        "kind": note["template"],
        "title": note["title"],
        "text": note["text"],
        "status": note["status"],
        "createdAt": note["at"],
    }
