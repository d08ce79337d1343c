"""The users table: one item a person under `USER#<id>`; what staff did, under `TRAIL` (see `trail`)."""

from contextlib import suppress
from dataclasses import dataclass

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Table, Update, Write
from betsafi.errors import NotFound
from betsafi.settings import read_settings
from betsafi.telemetry import trace


@dataclass(frozen=True)
class Settings:
    """Where the profiles are."""

    table_name: str


table = Table(read_settings(Settings).table_name)


def _key(user_id: str) -> tuple[str, str]:
    return f"USER#{user_id}", "PROFILE"


def ensure_profile(user_id: str, phone_number: str, birthdate: str) -> Item:
    """Return the person's profile, made now if there is none. Safe to call any number of times."""
    pk, sk = _key(user_id)
    profile = {
        "pk": pk,
        "sk": sk,
        "user_id": user_id,
        "phone_number": phone_number,
        "birthdate": birthdate,
        "language": "en",
        "status": "ACTIVE",
        "status_version": 0,
        "registered_at": clock.stamp(),
        "trace": trace(),
    }
    return table.put_new(profile) or profile


def find_profile(user_id: str) -> Item | None:
    """Return the profile or None."""
    return table.get(_key(user_id))


def get_profile(user_id: str) -> Item:
    """Return the profile. Raises NotFound."""
    if (profile := find_profile(user_id)) is None:
        raise NotFound("There is no such player.")
    return profile


def change_profile(user_id: str, changes: dict[str, str]) -> Item:
    """Set attributes of an existing profile and return it. Raises NotFound."""
    assignments = ", ".join(f"#{name} = :{name}" for name in [*changes, "trace"])
    try:
        return table.write(Update(_key(user_id), f"SET {assignments}", values={**changes, "trace": trace()}))
    except ConditionFailed as error:
        raise NotFound("There is no such player.") from error


def change_status(user_id: str, status: str, reason: str, *also: Write) -> Item:
    """Give the profile a status under the next version, and write `also`, or neither; the same status again changes
    nothing. Raises NotFound."""
    update = Update(
        _key(user_id),
        "SET #status = :status, #status_reason = :reason, #trace = :trace ADD #status_version :one",
        condition="attribute_exists(pk) AND #status <> :status",
        values={"status": status, "reason": reason, "one": 1, "trace": trace()},
    )
    with suppress(ConditionFailed):  # nobody is there, or has that status, which is seen below
        table.transact(update, *also)
    return get_profile(user_id)
