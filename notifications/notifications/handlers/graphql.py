"""The notifications fields of the AppSync API."""

from typing import Any

from betsafi.dynamodb import Page
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier
from notifications import categories, models
from notifications.carriers import push
from notifications.categories import RULES
from notifications.stores import inbox, players
from notifications.stores.players import Preferences
from notifications.table import token_hash

handler = Fields()


@handler.query("notifications")
def notifications(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's inbox, newest first. Raises InvalidInput, InvalidCursor."""
    return _inbox(caller.user_id, arguments, bool(arguments.get("unreadOnly")))


@handler.player("notifications")
def player_notifications(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a player's inbox, newest first, for staff. Raises InvalidInput, InvalidCursor."""
    return _inbox(identifier(arguments["userId"], name="userId"), arguments, unread_only=False)


@handler.query("messagePreferences")
def message_preferences(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return by which channels the caller's messages go out."""
    return present_preferences(players.preferences(caller.user_id))


@handler.mutation("markNotificationsRead")
def mark_notifications_read(caller: Caller, arguments: dict[str, Any]) -> int:
    """Mark the caller's own notes as read; return how many were unread. Raises InvalidInput."""
    return inbox.mark_read(caller.user_id, models.note_ids(arguments.get("ids")))


@handler.query("unreadNotifications")
def unread_notifications(caller: Caller, arguments: dict[str, Any]) -> int:
    """Return how many of the caller's newest hundred notes are unread."""
    return inbox.unread(caller.user_id)


@handler.mutation("markAllNotificationsRead")
def mark_all_notifications_read(caller: Caller, arguments: dict[str, Any]) -> int:
    """Mark the caller's notes as read, at most 500, the oldest first; return how many are unread then, as above."""
    inbox.mark_all_read(caller.user_id)
    return inbox.unread(caller.user_id)


@handler.export("notifications")
def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that is kept of a player's messages."""
    return inbox.kept(user_id, cursor)


@handler.mutation("setMessagePreferences")
def set_message_preferences(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep what the caller chooses; all else stays. Raises InvalidInput, CategoryFixed, CannotSwitchOff, Erased."""
    given = models.object_of(arguments.get("input"), "input")
    chosen, offers = models.choices(given.get("categories")), models.consent(given.get("offersConsent"))
    return present_preferences(players.choose(caller.user_id, chosen, offers))


@handler.mutation("registerPushToken")
def register_push_token(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Send the caller's push messages to this app too, and to nobody else's. Raises InvalidInput, TooManyDevices,
    Erased, Misconfigured, Unavailable."""
    token, platform = models.push_token(arguments.get("token")), models.platform(arguments.get("platform"))
    players.check_room(caller.user_id, token_hash(token))
    endpoint = push.endpoint(token, platform)
    return present_preferences(players.add_endpoint(caller.user_id, token_hash(token), endpoint))


@handler.mutation("forgetPushToken")
def forget_push_token(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Send no more push messages to this app; a token that is not the caller's changes nothing. Raises InvalidInput."""
    # SNS keeps the endpoint, to which nobody sends: it has one for each token, and the phone's next player may have it.
    players.remove_endpoint(caller.user_id, token_hash(models.push_token(arguments.get("token"))))
    return present_preferences(players.preferences(caller.user_id))


@handler.update("notification")
def notification_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's note for their subscribers; None where a newer one has taken its place."""
    user_id, note_id = (identifier(arguments[name], name=name) for name in ("userId", "notification"))
    note = inbox.find_note(user_id, note_id)
    return None if note is None else present(note)


@handler.changes("notifications")
def changed_notifications(caller: Caller, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a player's notes among what changed; none where a newer one has taken its place."""
    return [present(note) for note in inbox.find_notes(caller.user_id, [each["id"] for each in asked])]


def _inbox(user_id: str, arguments: dict[str, Any], unread_only: bool) -> dict[str, Any]:
    page = inbox.notes(user_id, page_limit(arguments), arguments.get("cursor"), unread_only)
    return {"items": [present(note) for note in page.items], "cursor": page.cursor}


def present(note: dict[str, Any]) -> dict[str, Any]:
    """Return a note as GraphQL's `Notification`."""
    kind, _, thing = note["note_id"].rpartition(".")[0].partition(":")
    return {
        "id": note["note_id"],
        "version": 2 if note["status"] == "READ" else 1,
        "kind": note["template"],
        "title": note["title"],
        "text": note["text"],
        "status": note["status"],
        "betId": thing if kind == "bet" else None,
        "paymentId": thing if kind == "payment" else None,
        "createdAt": note["at"],
    }


def present_preferences(found: Preferences) -> dict[str, Any]:
    """Return a player's choices as GraphQL's `MessagePreferences`."""
    return {
        "categories": [
            {
                "category": category,
                "channels": list(categories.chosen(category, found.channels)),
                "fixed": not rules.chosen,
                "required": rules.must_reach,
            }
            for category, rules in RULES.items()
        ],
        "offersConsent": found.offers,
        "offersConsentAt": found.offers_at,
        "devices": len(found.endpoints),
    }
