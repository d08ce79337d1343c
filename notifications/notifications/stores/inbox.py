"""A player's inbox: a subject's newest note, how its delivery ended, and what has been read."""

from collections.abc import Sequence

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Page, Put, Update, assign
from betsafi.telemetry import trace
from notifications.messages import Fact, known_after
from notifications.models import Channel
from notifications.table import inbox_pk, note_key, table
from notifications.templates import Words


def find(user_id: str, subject: str) -> Item | None:
    """Return the newest note about a subject, or None."""
    return table.get(note_key(user_id, subject))


def find_note(user_id: str, note_id: str) -> Item | None:
    """Return the note with this id; None also where a newer one has taken its place."""
    note = find(user_id, note_id.rpartition(".")[0])
    return note if note and note["note_id"] == note_id else None


def keep_note(earlier: Item | None, fact: Fact, template: str, words: Words, channel: Channel) -> Item | None:
    """Write a note in place of the earlier one about its subject; None if that is not the newest any more."""
    pk, sk = note_key(fact.user_id, fact.subject)
    note = {
        "pk": pk,
        "sk": sk,
        "at": clock.stamp(),
        "user_id": fact.user_id,
        "note_id": f"{fact.subject}.{fact.version}",
        "version": fact.version,
        "fact": fact.name,
        "template": template,
        "title": words.title,
        "text": words.text,
        "status": "UNREAD",
        "channel": channel,
        "delivery": "SENT" if channel == "INBOX" else "PENDING",
        "told_cents": known_after(fact, earlier),
        "trace": trace(),
    }
    try:
        if earlier is None:
            return note if table.put_new(note) is None else None
        return table.write(Put(note, "#version = :seen", {"seen": earlier["version"]}))
    except ConditionFailed:
        return None


def mark_sent(note: Item, channel: Channel) -> None:
    """Record that the carrier took the message. What another delivery, or a newer note, wrote stays."""
    _mark(note, {"delivery": "SENT", "channel": channel})


def mark_failed(note: Item, channel: Channel, failure: str) -> None:
    """Record that the carrier refused for good, and its code. What was written meanwhile stays."""
    _mark(note, {"delivery": "FAILED", "channel": channel, "failure": failure})


def _mark(note: Item, delivered: dict[str, str]) -> None:
    key, guard = (note["pk"], note["sk"]), "#delivery = :pending AND #version = :version"
    seen = {"pending": "PENDING", "version": note["version"]}
    try:
        table.write(Update(key, assign(delivered), guard, values={**delivered, **seen}))
    except ConditionFailed as failure:
        if failure.item is None:
            raise


def notes(user_id: str, limit: int, cursor: str | None, unread_only: bool) -> Page:
    """Return one page of a player's notes, newest first: as `Table.query_wanted`."""

    def wanted(note: Item) -> bool:
        return not unread_only or note["status"] == "UNREAD"

    return table.query_wanted(inbox_pk(user_id), wanted, limit, cursor, index="by_time", newest_first=True)


def kept(user_id: str, cursor: str | None) -> Page:
    """Return a page of everything below a player's id. Raises InvalidCursor."""
    return table.query(inbox_pk(user_id), cursor=cursor)


def forget(user_id: str) -> int:
    """Delete everything below a player's id, who was erased; return how much there was."""
    return table.delete_all((item["pk"], item["sk"]) for item in table.query_all(inbox_pk(user_id)))


def mark_read(user_id: str, note_ids: Sequence[str]) -> int:
    """Mark the player's own notes as read; return how many were unread. Ids without such a note are passed over."""
    return sum(_mark_read(user_id, note_id) for note_id in dict.fromkeys(note_ids))


def _mark_read(user_id: str, note_id: str) -> bool:
    values = {"read": "READ", "unread": "UNREAD", "id": note_id}
    key = note_key(user_id, note_id.rpartition(".")[0])
    try:
        table.write(Update(key, "SET #status = :read", "#status = :unread AND #note_id = :id", values))
    except ConditionFailed:
        return False
    return True
