"""Facts about messages to players. Each note is published once when it is kept, once more if no channel took it, and
once when it was read."""

from betsafi.events.model import Event, Id, Stamp


class _NotificationEvent(Event):
    source = "betsafi.notifications"
    notification_id: Id
    user_id: Id
    template: str
    channel: str
    title: str | None = None
    text: str | None = None
    created_at: Stamp | None = None


class NotificationSent(_NotificationEvent):
    """The carrier took the message; or, with channel INBOX, the note stands in the player's inbox."""


class NotificationFailed(_NotificationEvent):
    """The message could not be sent; it stands in the player's inbox."""

    reason: str


class NotificationRead(Event):
    """The player has read the note; its words are in none of these."""

    source = "betsafi.notifications"
    notification_id: Id
    user_id: Id


del _NotificationEvent
