"""The messages: every SMS and e-mail once."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal


@dataclass(frozen=True)
class Message:
    """One SMS or e-mail. ``at`` is ISO 8601 in UTC, None when unknown; ``derived`` ones the emulator never sent."""

    id: str
    channel: Literal["sms", "email"]
    to: str
    text: str
    at: str | None
    source: str
    subject: str = ""
    sender: str = ""
    html: str = ""
    derived: bool = False


class Mailbox:
    """Every message seen so far, once each."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}

    def add(self, message: Message) -> bool:
        """Keep a message; one whose id is known is not kept again. Returns whether it was new."""
        return self._messages.setdefault(message.id, message) is message

    def newest_first(self, to: str | None = None, channel: str | None = None) -> list[Message]:
        """Return the messages to an address or number (however written), newest first; those without a time last."""
        order = {message.id: place for place, message in enumerate(self._messages.values())}
        wanted = [
            m
            for m in self._messages.values()
            if channel in (None, m.channel) and (to is None or _address(to) == _address(m.to))
        ]
        return sorted(wanted, key=lambda m: (m.at or "", order[m.id]), reverse=True)

    def recorded(self, given: Any, at: str) -> Message:
        """Read a posted message. Raises ValueError with the reason."""
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise ValueError("a message is a JSON object of strings")
        unknown = set(given) - {"to", "text", "channel", "subject", "source", "id"}
        if unknown or not given.get("to") or "text" not in given:
            raise ValueError("a message has to, text and, if you like, channel, subject, source, id")
        channel = given.get("channel", "sms")
        if channel not in ("sms", "email"):
            raise ValueError("the channel is sms or email")
        message_id = given.get("id") or f"posted:{len(self._messages)}:{at}"
        source = given.get("source", "posted")
        return Message(
            message_id, channel, given["to"], given["text"], at, source, given.get("subject", ""), derived=True
        )


def iso(moment: datetime) -> str:
    """Return a moment as messages carry it: ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _address(written: str) -> str:
    """One form for a number with or without + and blanks, and for an address in any case."""
    return written.strip().lower() if "@" in written else re.sub(r"\D", "", written)
