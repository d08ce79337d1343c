"""The notifications outbox."""

from betsafi import outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.notifications import NotificationFailed, NotificationSent


def to_events(old: Item | None, new: Item) -> list[Event]:
    """Publish once how a note's delivery ended, never that it was read; a note that replaced another is new."""
    published = old is not None and old["note_id"] == new["note_id"] and old["delivery"] != "PENDING"
    if new["delivery"] == "PENDING" or published:
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
    if new["delivery"] == "FAILED":
        return [NotificationFailed(**facts, reason=new["failure"])]
    return [NotificationSent(**facts)]


handler = outbox.publisher(to_events)
