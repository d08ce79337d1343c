"""The notifications table: a player's inbox, one item an event, `USER#<id>` / `NOTE#<event id>`. No contact details.

`status` is UNREAD or READ. `delivery` is PENDING until the carrier has answered, then SENT or FAILED (with
`failure`, its code); a note for the inbox alone is SENT from the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Page, Table, Update
from betsafi.settings import read_settings
from betsafi.telemetry import trace
from notifications.models import Channel
from notifications.templates import Words

_ROUNDS = 10


@dataclass(frozen=True)
class Settings:
    """Where the inboxes are."""

    table_name: str


table = Table(read_settings(Settings).table_name)


def _pk(user_id: str) -> str:
    return f"USER#{user_id}"


def _sk(note_id: str) -> str:
    return f"NOTE#{note_id}"


def keep_note(note_id: str, user_id: str, template: str, words: Words, channel: Channel) -> Item:
    """Return the one note under this id: this one, or the one that an earlier delivery of the event has kept."""
    note = {
        "pk": _pk(user_id),
        "sk": _sk(note_id),
        "at": clock.stamp(),
        "user_id": user_id,
        "note_id": note_id,
        "template": template,
        "title": words.title,
        "text": words.text,
        "status": "UNREAD",
        "channel": channel,
        "delivery": "SENT" if channel == "INBOX" else "PENDING",
        "trace": trace(),
    }
    return table.put_new(note) or note


def mark_sent(note: Item, channel: Channel) -> None:
    """Record that the carrier took the message. What another delivery of the event has recorded stays."""
    _mark(note, "#delivery = :to, #channel = :channel", {"to": "SENT", "channel": channel})


def mark_failed(note: Item, channel: Channel, failure: str) -> None:
    """Record that the carrier refused for good, and its code. What another delivery has recorded stays."""
    values = {"to": "FAILED", "channel": channel, "failure": failure}
    _mark(note, "#delivery = :to, #channel = :channel, #failure = :failure", values)


def _mark(note: Item, assignments: str, values: dict[str, str]) -> None:
    key = (note["pk"], note["sk"])
    try:
        table.write(Update(key, f"SET {assignments}", "#delivery = :pending", values={**values, "pending": "PENDING"}))
    except ConditionFailed as failure:
        if failure.item is None:
            raise


def notes(user_id: str, limit: int, cursor: str | None, unread_only: bool) -> Page:
    """Return one page of a player's notes, newest first. Raises InvalidCursor.

    With `unread_only` a page may hold fewer than `limit` notes, even none, while its cursor leads to more: the work
    of one page is bounded.
    """
    found: list[Item] = []
    for _ in range(_ROUNDS):
        page = table.query(_pk(user_id), index="by_time", newest_first=True, limit=limit - len(found), cursor=cursor)
        found += [note for note in page.items if not unread_only or note["status"] == "UNREAD"]
        cursor = page.cursor
        if cursor is None or len(found) == limit:
            break
    return Page(found, cursor)


def mark_read(user_id: str, note_ids: Sequence[str]) -> int:
    """Mark the player's own notes as read; return how many were unread. Ids without such a note are passed over."""
    return sum(_mark_read(user_id, note_id) for note_id in dict.fromkeys(note_ids))


def _mark_read(user_id: str, note_id: str) -> bool:
    values = {"read": "READ", "unread": "UNREAD"}
    try:
        table.write(Update((_pk(user_id), _sk(note_id)), "SET #status = :read", "#status = :unread", values))
    except ConditionFailed:
        return False
    return True
