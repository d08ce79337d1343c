"""A note tells the bus once how its delivery ended."""

from typing import Any

import pytest

from betsafi.events.notifications import NotificationFailed, NotificationSent
from tests.support.services import load

stream = load("notifications.handlers.stream", BUS_NAME="bus", PARKING_URL="http://parking")

NOTE: dict[str, Any] = {
    "pk": "USER#u",
    "sk": "NOTE#e",
    "at": "2026-11-01T08:00:00.000000Z",
    "user_id": "u",
    "note_id": "e",
    "template": "BET_WON",
    "title": "You won!",
    "text": "Your bet has won.",
    "status": "UNREAD",
    "channel": "SMS",
    "delivery": "PENDING",
}
SENT = {**NOTE, "delivery": "SENT"}
FAILED = {**NOTE, "delivery": "FAILED", "failure": "OptedOut"}
INBOX = {**NOTE, "delivery": "SENT", "channel": "INBOX"}
FACTS = {
    "notificationId": "e",
    "userId": "u",
    "template": "BET_WON",
    "channel": "SMS",
    "title": "You won!",
    "text": "Your bet has won.",
    "createdAt": "2026-11-01T08:00:00.000000Z",
}


def test_a_sent_message_tells_all_that_the_app_shows() -> None:
    (event,) = stream.to_events(NOTE, SENT)
    assert isinstance(event, NotificationSent)
    assert event.data() == FACTS


def test_a_failed_message_tells_why_and_what_it_would_have_said() -> None:
    (event,) = stream.to_events(NOTE, FAILED)
    assert isinstance(event, NotificationFailed)
    assert event.data() == {**FACTS, "reason": "OptedOut"}


def test_a_note_for_the_inbox_alone_is_told_when_it_is_written() -> None:
    (event,) = stream.to_events(None, INBOX)
    assert isinstance(event, NotificationSent)
    assert event.channel == "INBOX"


@pytest.mark.parametrize(
    ("old", "new"), [(None, NOTE), (NOTE, {**NOTE, "status": "READ"}), (SENT, {**SENT, "status": "READ"})]
)
def test_waiting_and_reading_tell_nothing(old: dict[str, Any] | None, new: dict[str, Any]) -> None:
    assert stream.to_events(old, new) == []


def test_a_note_read_before_its_message_is_sent_still_tells_of_it() -> None:
    read = {**NOTE, "status": "READ"}
    (event,) = stream.to_events(read, {**read, "delivery": "SENT"})
    assert isinstance(event, NotificationSent)
