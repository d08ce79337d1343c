"""The users outbox."""

from betsafi import audit, outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.users import (
    UserProtectionChanged,
    UserRegistered,
    UserReinstated,
    UsersStaffActed,
    UserSuspended,
)
from users.protection import Standing


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A new profile is a registration; a new status version is a suspension or its end; a new version of what protects
    a player is published as all of it; staff did something.

    Phone numbers are published to nobody.
    """
    if new["sk"] == audit.SK:
        return [UsersStaffActed.of(new)]
    if new["sk"] == "PROTECTION":
        return [_protection(new)] if old is None or new["version"] != old["version"] else []
    if new["sk"] != "PROFILE":
        return []
    user_id, version = new["user_id"], new["status_version"]
    events: list[Event] = []
    if old is None:
        events.append(UserRegistered(user_id=user_id, registered_at=new["registered_at"], language=new["language"]))
    if version != (old["status_version"] if old else 0):
        changed = UserReinstated if new["status"] == "ACTIVE" else UserSuspended
        events.append(changed(user_id=user_id, status_version=version))
    return events


def _protection(item: Item) -> Event:
    standing = Standing.of(item)
    sent = standing.sent
    return UserProtectionChanged(
        user_id=item["user_id"],
        protection_version=sent.version,
        limits=dict(standing.limits),
        stopped_until=sent.stopped_until,
        stop_kind=sent.stop_kind,
        reality_minutes=sent.reality_minutes,
        cleared_until=sent.cleared_until,
        changed=list(standing.changed),
    )


handler = outbox.publisher(to_events)
