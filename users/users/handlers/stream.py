"""The users outbox."""

from betsafi import audit, outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.users import (
    UserAppealAnswered,
    UserErased,
    UserRegistered,
    UserReinstated,
    UsersStaffActed,
    UserSuspended,
)


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A new profile is a registration; a new status version is a suspension or its end; an appeal was answered; who
    was erased is nobody any more; staff did something.

    Phone numbers are published to nobody.
    """
    if new["sk"] == audit.SK:
        return [UsersStaffActed.of(new)]
    if new["sk"].startswith("STOP#"):
        return [] if "answer" not in new or (old and "answer" in old) else [_answered(new)]
    if new["sk"] != "PROFILE":
        return []
    user_id, version = new["user_id"], new["status_version"]
    events: list[Event] = []
    if old is None:
        events.append(UserRegistered(user_id=user_id, registered_at=new["registered_at"], language=new["language"]))
    if version != (old["status_version"] if old else 0):
        if new["status"] == "ACTIVE":
            events.append(UserReinstated(user_id=user_id, status_version=version))
        else:
            why = {"reason_code": new.get("stop_code"), "deadline": new.get("stop_deadline")}
            events.append(UserSuspended(user_id=user_id, status_version=version, **why))
    if "erased_at" in new and not (old and "erased_at" in old):
        events.append(UserErased(user_id=user_id))
    return events


def _answered(stop: Item) -> Event:
    return UserAppealAnswered(
        user_id=stop["user_id"], status_version=stop["version"], outcome=stop["answer"]["outcome"]
    )


handler = outbox.publisher(to_events)
