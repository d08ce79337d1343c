"""A note is published when it is kept, when no channel took it and when it is read; it waits on its channel's queue."""

from typing import Any

import pytest

from betsafi.events.notifications import NotificationFailed, NotificationRead, NotificationSent
from tests.support.services import load

stream = load("notifications.handlers.stream", TABLE_NAME="notes", BUS_NAME="bus", PARKING_URL="http://parking")

NOTE: dict[str, Any] = {
    "pk": "USER#u",
    "sk": "NOTE#e",
    "at": "2026-11-01T08:00:00.000000Z",
    "user_id": "u",
    "note_id": "e.1",
    "template": "BET_WON",
    "title": "You won!",
    "text": "Your bet has won.",
    "status": "UNREAD",
    "channel": "PUSH",
    "delivery": "PENDING",
    "left": ["SMS"],
}
SENDING = {**NOTE, "delivery": "SENDING"}
SENT = {**NOTE, "delivery": "SENT"}
FAILED = {**NOTE, "delivery": "FAILED", "failure": "OptedOut"}
INBOX = {**NOTE, "delivery": "KEPT", "channel": "INBOX"}
NEXT = {**NOTE, "channel": "SMS", "left": []}
FACTS = {
    "notificationId": "e.1",
    "userId": "u",
    "template": "BET_WON",
    "channel": "PUSH",
    "title": "You won!",
    "text": "Your bet has won.",
    "createdAt": "2026-11-01T08:00:00.000000Z",
}


@pytest.mark.parametrize("note", [NOTE, INBOX])
def test_a_note_tells_all_that_the_app_shows_as_soon_as_it_is_kept(note: dict[str, Any]) -> None:
    (event,) = stream.to_events(None, note)
    assert isinstance(event, NotificationSent)
    assert event.data() == {**FACTS, "channel": note["channel"]}
    (event,) = stream.to_events({**SENT, "note_id": "e.0"}, note)
    assert isinstance(event, NotificationSent)


def test_a_message_that_no_channel_took_tells_why_and_what_it_would_have_said() -> None:
    (event,) = stream.to_events(SENDING, FAILED)
    assert isinstance(event, NotificationFailed)
    assert event.data() == {**FACTS, "reason": "OptedOut"}


def test_a_note_as_it_stands_implies_all_that_it_told() -> None:
    assert [type(event) for event in stream.to_events(None, FAILED)] == [NotificationSent, NotificationFailed]
    assert [type(event) for event in stream.to_events(None, SENT)] == [NotificationSent]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (NOTE, SENDING),
        (SENDING, SENT),
        (SENDING, NEXT),
        ({**NOTE, "status": "READ"}, {**SENDING, "status": "READ"}),
    ],
)
def test_being_sent_tells_nothing(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert stream.to_events(old, new) == []


@pytest.mark.parametrize("note", [NOTE, SENDING, SENT, FAILED, INBOX])
def test_a_note_that_is_read_tells_that_and_none_of_its_words(note: dict[str, Any]) -> None:
    read = {**note, "status": "READ"}
    (event,) = stream.to_events(note, read)
    assert isinstance(event, NotificationRead)
    assert event.data() == {"notificationId": "e.1", "userId": "u"}
    newer = {**NOTE, "note_id": "e.2"}
    assert [type(told) for told in stream.to_events(read, newer)] == [NotificationSent], "which nobody has read"


@pytest.mark.parametrize(
    ("old", "new", "channel"),
    [
        (None, NOTE, "PUSH"),
        (None, SENDING, "PUSH"),
        ({**SENT, "note_id": "e.0"}, NOTE, "PUSH"),
        (SENDING, NEXT, "SMS"),
        (NOTE, SENDING, None),
        (SENDING, NOTE, None),
        (NOTE, {**NOTE, "status": "READ"}, None),
        (None, INBOX, None),
        (None, SENT, None),
        (SENDING, FAILED, None),
    ],
)
def test_a_note_waits_for_its_channel_once(
    old: dict[str, Any] | None, new: dict[str, Any], channel: str | None
) -> None:
    queued = stream.plan(old, new)
    assert [(each.channel, each.note_id, each.category) for each in queued] == (
        [(channel, "e.1", "BETS")] if channel else []
    )


@pytest.mark.parametrize("sk", ["PREFERENCES", "PROTECTION", "SENT#2026-11-27", "CLAIM"])
def test_what_is_no_note_tells_nothing(sk: str) -> None:
    item = {"pk": "USER#u", "sk": sk, "version": 1}
    assert (stream.plan(None, item), stream.to_events(None, item)) == ([], [])
