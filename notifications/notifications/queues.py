"""The queues of the channels, one each, so that none waits for another's carrier; and what is in them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.queue import send_all
from betsafi.settings import read_settings
from notifications.categories import RULES, Category, Channel
from notifications.timing import delay_seconds, hours_of, quiet_until


@dataclass(frozen=True)
class Settings:
    """Where the queues are; hours in Nairobi in which players are left alone, such as "21:00-07:00"."""

    sms_queue_url: str = ""
    push_queue_url: str = ""
    email_queue_url: str = ""
    quiet_hours: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for hours that are none."""
        hours_of(self.quiet_hours)


settings = read_settings(Settings)


@dataclass(frozen=True)
class Queued:
    """A note that waits for a channel."""

    user_id: str
    note_id: str
    channel: Channel
    category: Category

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Queued":
        """Read a message."""
        return cls(body["userId"], body["noteId"], body["channel"], body["category"])

    def waits(self) -> int:
        """Return for how many seconds a message is kept back now: 0 but for quiet hours, and for their part that a
        queue can keep one back."""
        now = clock.now()
        quiet = None if RULES[self.category].must_reach else quiet_until(settings.quiet_hours, now)
        return delay_seconds(quiet, now) if quiet else 0


def put(notes: Iterable[Queued]) -> None:
    """Put notes on their channels' queues. Raises SendFailed; some may then be there already."""
    urls = {"SMS": settings.sms_queue_url, "PUSH": settings.push_queue_url, "EMAIL": settings.email_queue_url}
    together: dict[tuple[str, int], list[str]] = {}
    for note in notes:
        body = {"userId": note.user_id, "noteId": note.note_id, "channel": note.channel, "category": note.category}
        together.setdefault((urls[note.channel], note.waits()), []).append(json.dumps(body))
    for (url, delay), bodies in together.items():
        send_all(url, bodies, delay)
