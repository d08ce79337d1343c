"""The notifications outbox; it also puts each note on the queue of its channel."""

from betsafi import outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.notifications import NotificationFailed, NotificationRead, NotificationSent
from notifications import queues
from notifications.queues import Queued
from notifications.templates import TEMPLATES


def plan(old: Item | None, new: Item) -> list[Queued]:
    """Return the note if its channel's turn has come: it is new, or the channel before did not take it."""
    if not _is_note(new) or new["delivery"] not in ("PENDING", "SENDING"):
        return []
    before = (old["note_id"], old["channel"]) if old else None
    if before == (new["note_id"], new["channel"]):
        return []
    category = TEMPLATES[new["template"]].category
    return [Queued(new["user_id"], new["note_id"], new["channel"], category)]


def to_events(old: Item | None, new: Item) -> list[Event]:
    """Publish each note once when it is kept, and once more if no channel took it, and once when it was read."""
    if not _is_note(new):
        return []
    facts = {
        "notification_id": new["note_id"],
        "user_id": new["user_id"],
        "template": new["template"],
        "channel": new["channel"],
        "title": new["title"],
        "text": new["text"],
        "created_at": new["at"],
    }
    events: list[Event] = []
    is_new = old is None or old["note_id"] != new["note_id"]
    if is_new:
        events.append(NotificationSent(**facts))
    if new["delivery"] == "FAILED" and (is_new or (old and old["delivery"] != "FAILED")):
        events.append(NotificationFailed(**facts, reason=new["failure"]))
    if old is not None and not is_new and old["status"] != new["status"]:
        events.append(NotificationRead(notification_id=new["note_id"], user_id=new["user_id"]))
    return events


def _is_note(item: Item) -> bool:
    return bool(item["sk"].startswith("NOTE#"))


handler = outbox.publisher(to_events, outbox.FollowUps(plan, queues.put))
