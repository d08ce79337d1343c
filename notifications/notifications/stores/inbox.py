"""A player's inbox: a subject's newest note, how its delivery goes on, and what has been read."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Page, Put, Update, Write, assign
from betsafi.telemetry import trace
from notifications.categories import Channel
from notifications.messages import Fact, known_after
from notifications.table import inbox_pk, note_key, preferences_key, protection_key, read_key, report_key, table
from notifications.templates.words import Words

_CLAIM_SECONDS = 60
"""Longer than a carrier is waited for: after it, whoever had the note is dead."""
_PAGES = 5
"""How many pages of a hundred notes are marked as read at once."""
_REPORT_DAYS = 7
"""For how long a carrier's report of a message finds its note."""


class Busy(Exception):
    """Another delivery of the note is under way; the message must come again."""


@dataclass(frozen=True)
class Outgoing:
    """A note about to be kept: its words, and by which channels it goes out, in this order."""

    template: str
    words_version: str
    words: Words
    channels: tuple[Channel, ...] = ()


def find(user_id: str, subject: str) -> Item | None:
    """Return the newest note about a subject, or None."""
    return table.get(note_key(user_id, subject))


def find_note(user_id: str, note_id: str) -> Item | None:
    """Return the note with this id; None also where a newer one has taken its place."""
    note = find(user_id, note_id.rpartition(".")[0])
    return note if note and note["note_id"] == note_id else None


def find_notes(user_id: str, note_ids: Sequence[str]) -> list[Item]:
    """Return those of at most 100 notes whose place no newer one has taken."""
    subjects = dict.fromkeys(note_id.rpartition(".")[0] for note_id in note_ids)
    found = table.get_many([note_key(user_id, subject) for subject in subjects])
    return [note for note in found if note["note_id"] in note_ids]


def keep_note(earlier: Item | None, fact: Fact, outgoing: Outgoing) -> Item | None:
    """Write a note in place of the earlier one about its subject; None if that is not the newest any more."""
    pk, sk = note_key(fact.user_id, fact.subject)
    channel, *left = outgoing.channels or ("INBOX",)
    optional = {"sms": outgoing.words.sms, "left": left}
    note = {
        "pk": pk,
        "sk": sk,
        "at": clock.stamp(),
        "user_id": fact.user_id,
        "note_id": f"{fact.subject}.{fact.version}",
        "version": fact.version,
        "fact": fact.name,
        "template": outgoing.template,
        "words": outgoing.words_version,
        "title": outgoing.words.title,
        "text": outgoing.words.text,
        "status": "UNREAD",
        "channel": channel,
        "delivery": "KEPT" if channel == "INBOX" else "PENDING",
        "told_cents": known_after(fact, earlier),
        "trace": trace(),
        **{name: value for name, value in optional.items() if value},
    }
    try:
        if earlier is None:
            return note if table.put_new(note) is None else None
        return table.write(Put(note, "#version = :seen", {"seen": earlier["version"]}))
    except ConditionFailed:
        return None


def claim(user_id: str, note_id: str, channel: Channel) -> Item | None:
    """Take a note for sending it by a channel; None where that has ended, or a newer note has taken its place.

    Raises Busy while another function has it: two would send it twice.
    """
    moment = clock.now()
    values: Item = {
        "id": note_id,
        "channel": channel,
        "pending": "PENDING",
        "sending": "SENDING",
        "now": clock.stamp(moment),
        "until": clock.stamp(moment + timedelta(seconds=_CLAIM_SECONDS)),
    }
    free = "(#delivery = :pending OR (#delivery = :sending AND #claimed_until <= :now))"
    try:
        return table.write(
            Update(
                note_key(user_id, note_id.rpartition(".")[0]),
                "SET #delivery = :sending, #claimed_until = :until",
                f"#note_id = :id AND #channel = :channel AND {free}",
                values,
            )
        )
    except ConditionFailed as failure:
        found = failure.item
        if found and (found["note_id"], found["channel"], found["delivery"]) == (note_id, channel, "SENDING"):
            raise Busy(note_id) from None
        return None


def give_back(note: Item) -> None:
    """Let a note be claimed again whose carrier did not take it now."""
    _mark(note, {"delivery": "PENDING"})


def mark_sent(note: Item, carrier_id: str = "") -> None:
    """Record that the carrier took the message, and under which id it will report of it, if it does."""
    if not carrier_id:
        _mark(note, {"delivery": "SENT"})
        return
    pk, sk = report_key(carrier_id)
    report = {
        "pk": pk,
        "sk": sk,
        "user_id": note["user_id"],
        "note_id": note["note_id"],
        "forget_at": int(clock.now().timestamp()) + _REPORT_DAYS * 86_400,
    }
    _mark(note, {"delivery": "SENT"}, Put(report))


def mark_kept(note: Item, why: str) -> None:
    """Record that the note stays in the inbox alone, and why."""
    _mark(note, {"delivery": "KEPT", "channel": "INBOX", "failure": why})


def mark_untaken(note: Item, failure: str) -> None:
    """Record that a channel did not take the note: the next one's turn, and FAILED where none is left."""
    _mark(note, _after(note, failure))


def _after(note: Item, failure: str) -> dict[str, Any]:
    """Return what a note becomes whose channel failed."""
    left = note.get("left") or []
    if not left:
        return {"delivery": "FAILED", "failure": failure}
    return {"delivery": "PENDING", "channel": left[0], "left": left[1:], "failure": failure}


def _mark(note: Item, changed: dict[str, Any], *also: Write) -> None:
    """Change a note that is claimed. What another delivery, or a newer note, wrote stays."""
    update = Update(
        (note["pk"], note["sk"]),
        assign(changed),
        "#note_id = :this_id AND #delivery = :sending AND #claimed_until = :mine",
        {**changed, "this_id": note["note_id"], "sending": "SENDING", "mine": note["claimed_until"]},
    )
    try:
        if also:
            table.transact(update, *also)
        else:
            table.write(update)
    except ConditionFailed as failure:
        if failure.item is None:
            raise


def reported(carrier_id: str, arrived: bool, failure: str) -> bool:
    """Record what a carrier reports of a message that it took; return whether the message is known.

    What did not arrive is the next channel's. A note that another one replaced, or whose end was reported before, stays
    as it is.
    """
    report = table.get(report_key(carrier_id))
    if report is None:
        return False
    note = find_note(report["user_id"], report["note_id"])
    if note is None or note["delivery"] != "SENT":
        return True
    changed = {"delivery": "DELIVERED"} if arrived else _after(note, failure)
    values = {**changed, "this_id": note["note_id"], "sent": "SENT", "by": note["channel"]}
    guard = "#note_id = :this_id AND #delivery = :sent AND #by = :by"
    try:
        table.write(Update((note["pk"], note["sk"]), assign(changed), guard, values, {"by": "channel"}))
    except ConditionFailed as failed:
        if failed.item is None:
            raise
    return True


def notes(user_id: str, limit: int, cursor: str | None, unread_only: bool) -> Page:
    """Return one page of a player's notes, newest first: as `Table.query_wanted`."""

    def wanted(note: Item) -> bool:
        return not unread_only or note["status"] == "UNREAD"

    return table.query_wanted(inbox_pk(user_id), wanted, limit, cursor, index="by_time", newest_first=True)


def kept(user_id: str, cursor: str | None) -> Page:
    """Return a page of everything below a player's id. Raises InvalidCursor."""
    return table.query(inbox_pk(user_id), cursor=cursor)


def forget(user_id: str) -> int:
    """Delete everything below a player's id but that they were erased (`players.close`); return how much there was."""
    ends = {preferences_key(user_id), protection_key(user_id)}
    keys = [(item["pk"], item["sk"]) for item in table.query_all(inbox_pk(user_id))]
    return table.delete_all(key for key in keys if key not in ends)


def mark_read(user_id: str, note_ids: Sequence[str]) -> int:
    """Mark the player's own notes as read; return how many were unread. Ids without such a note are passed over."""
    return sum(_mark_read(user_id, note_id) for note_id in dict.fromkeys(note_ids))


def unread(user_id: str) -> int:
    """Return how many of a player's newest hundred notes are unread."""
    newest = table.query(inbox_pk(user_id), index="by_time", newest_first=True, starting_at=_read_through(user_id))
    return sum(note["status"] == "UNREAD" for note in newest.items)


def mark_all_read(user_id: str) -> None:
    """Mark the player's notes as read, from the oldest unread one on, at most 500 a call.

    A note that is written late takes its place by when it was made, so only what is older than any function runs is
    not looked at again.
    """
    through, cursor = _read_through(user_id), None
    options: dict[str, Any] = {"index": "by_time", "starting_at": through}
    for _ in range(_PAGES):
        page = table.query(inbox_pk(user_id), cursor=cursor, **options)
        mark_read(user_id, [note["note_id"] for note in page.items if note["status"] == "UNREAD"])
        through, cursor = (page.items[-1]["at"] if page.items else through), page.cursor
        if cursor is None:
            break
    complete = clock.stamp(clock.now() - timedelta(minutes=15))
    if through is not None:
        _keep_read(user_id, min(through, complete))


def _read_through(user_id: str) -> str | None:
    """Return up to which moment no note of a player is unread; None: that is not known of any."""
    found = table.get(read_key(user_id))
    return found["through"] if found else None


def _keep_read(user_id: str, through: str) -> None:
    further = "attribute_not_exists(#through) OR #through < :through"
    with suppress(ConditionFailed):  # another call got as far
        table.write(Update(read_key(user_id), "SET #through = :through", further, {"through": through}))


def _mark_read(user_id: str, note_id: str) -> bool:
    values = {"read": "READ", "unread": "UNREAD", "id": note_id}
    key = note_key(user_id, note_id.rpartition(".")[0])
    try:
        table.write(Update(key, "SET #status = :read", "#status = :unread AND #note_id = :id", values))
    except ConditionFailed:
        return False
    return True
