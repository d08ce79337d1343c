"""The users outbox."""

from betsafi import audit, outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.users import (
    UserAppealAnswered,
    UserDeviceAdded,
    UserEmailChanged,
    UserErased,
    UserIdentityRejected,
    UserPhoneChanged,
    UserProtectionChanged,
    UserRegistered,
    UserReinstated,
    UsersStaffActed,
    UserSuspended,
    UserVerified,
)
from users import rules
from users.protection import Standing

_CHANGES: dict[str, type[UserPhoneChanged | UserEmailChanged]] = {
    "phone_changed_at": UserPhoneChanged,
    "email_changed_at": UserEmailChanged,
}


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A new profile is a registration; a new status version is a suspension or its end, another number is told as
    that; an appeal was answered; who was erased is nobody any more; a new version of what protects a player is
    published as all of it; staff did something; a device was added.

    Phone numbers are published to nobody.
    """
    if new["sk"] == audit.SK:
        return [UsersStaffActed.of(new)]
    if new["sk"].startswith("STOP#"):
        return [] if "answer" not in new or (old and "answer" in old) else [_answered(new)]
    if new["sk"].startswith("DEVICE#"):
        return _of_device(old, new)
    if new["sk"] == "IDENTITY":
        return _of_identity(old, new)
    if new["sk"] == "PROTECTION":
        return [_protection(new)] if old is None or new["version"] != old["version"] else []
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
            held = new["status"] == "FROZEN"
            events.append(UserSuspended(user_id=user_id, status_version=version, money_held=held, **why))
    for attribute, told in _CHANGES.items():
        if (changed_at := new.get(attribute)) and changed_at != (old or {}).get(attribute):
            events.append(told(user_id=user_id, changed_at=changed_at))
    if "erased_at" in new and not (old and "erased_at" in old):
        events.append(UserErased(user_id=user_id))
    return events


def _answered(stop: Item) -> Event:
    return UserAppealAnswered(
        user_id=stop["user_id"], status_version=stop["version"], outcome=stop["answer"]["outcome"]
    )


def _of_device(old: Item | None, new: Item) -> list[Event]:
    """A device that is signed in and was not, unless it is the account's first."""
    if not new["later"] or "out_at" in new or (old is not None and "out_at" not in old):
        return []
    return [UserDeviceAdded(user_id=new["user_id"], device_id=new["device_id"], added_at=new["added_at"])]


def _of_identity(old: Item | None, new: Item) -> list[Event]:
    """That the register was asked who somebody is, and what came of it; nothing of the document."""
    told = {rules.VERIFIED: UserVerified, rules.REJECTED: UserIdentityRejected}.get(new["state"])
    if told is None or (old is not None and old["version"] == new["version"]):
        return []
    return [told(user_id=new["user_id"], state=new["state"], identity_version=new["version"])]


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
        allowed=dict(sent.allowed),
        terms=sent.terms,
        changed=list(standing.changed),
    )


handler = outbox.publisher(to_events)
