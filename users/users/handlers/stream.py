"""The users outbox."""

from betsafi import outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.users import UserRegistered, UserReinstated, UserSuspended


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A new profile is a registration; a new status version is a suspension or its end."""
    user_id = new["user_id"]
    if old is None:
        return [UserRegistered(user_id=user_id, registered_at=new["registered_at"], language=new["language"])]
    if old["status_version"] == new["status_version"]:
        return []
    if new["status"] == "ACTIVE":
        return [UserReinstated(user_id=user_id, status_version=new["status_version"])]
    return [UserSuspended(user_id=user_id, status_version=new["status_version"])]


handler = outbox.publisher(to_events)
