"""The users table: a person under `USER#<id>`, and under `PHONE#<number>` whose number it is and the code that it was
sent last; somebody of the staff under `STAFF#<id>`; what staff did, under `TRAIL` (see `trail`)."""

from contextlib import suppress
from dataclasses import dataclass

from betsafi import clock
from betsafi.dynamodb import ANY, ConditionFailed, Item, Put, Table, Update, Write, assign
from betsafi.errors import Conflict, NotFound
from betsafi.settings import read_settings
from betsafi.telemetry import trace


@dataclass(frozen=True)
class Settings:
    """Where the profiles are."""

    table_name: str


table = Table(read_settings(Settings).table_name)


class NumberChanged(Conflict):
    """Somebody signs in under another number than the one that their profile has."""

    code = "NUMBER_CHANGED"


def _key(user_id: str) -> tuple[str, str]:
    return f"USER#{user_id}", "PROFILE"


def _of_phone(phone_number: str, what: str) -> tuple[str, str]:
    return f"PHONE#{phone_number}", what


def _of_staff(staff_id: str) -> tuple[str, str]:
    return f"STAFF#{staff_id}", "STATUS"


def register(phone_number: str, sub: str, birthdate: str) -> Item:
    """Claim a phone number for a new player and make their profile; return the claim, or the one that stands already.

    A claim says which player has the number (`user_id`) and who signs in as them (`sub`, of Cognito); it is never given
    back. Safe to call any number of times. Raises NumberChanged.
    """
    pk, sk = _of_phone(phone_number, "CLAIM")
    claim = {"pk": pk, "sk": sk, "user_id": sub, "sub": sub, "claimed_at": clock.stamp()}
    try:
        table.transact(Put(claim), Put(_profile(sub, phone_number, birthdate)))
    except ConditionFailed as failure:
        if (standing := failure.found.get(0)) is None:
            raise NumberChanged("Your account has another phone number. Please contact support.") from failure
        return standing
    return claim


def _profile(user_id: str, phone_number: str, birthdate: str) -> Item:
    pk, sk = _key(user_id)
    return {
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


def find_claim(phone_number: str) -> Item | None:
    """Return whose number it is, or None."""
    return table.get(_of_phone(phone_number, "CLAIM"))


def hand_over(claim: Item, sub: str) -> Item:
    """Let another sign-in have the account of a claimed number, whose SIM it has proven; return the claim.

    The account stays what it is: so who deleted their sign-in comes back to it, suspended if it is.
    """
    update = Update(
        (claim["pk"], claim["sk"]), "SET #sub = :sub, #claimed_at = :now", values={"sub": sub, "now": clock.stamp()}
    )
    return table.write(update)


def find_code(phone_number: str) -> Item | None:
    """Return the code that was sent last to a number, hashed, or None."""
    return table.get(_of_phone(phone_number, "CODE"))


def keep_code(phone_number: str, seen: Item | None, code: Item) -> bool:
    """Put a code in place of the one that was seen; return False where another came in between."""
    pk, sk = _of_phone(phone_number, "CODE")
    condition = "#sent_at = :seen" if seen else "attribute_not_exists(pk)"
    try:
        table.write(Put({"pk": pk, "sk": sk, **code}, condition, {"seen": seen["sent_at"]} if seen else {}))
    except ConditionFailed:
        return False
    return True


def count_try(phone_number: str, challenge: str, most: int) -> Item | None:
    """Count one try at a number's code and return the code; None where no try is left, or none is any more in time.

    A code that was spent has tries for the challenge alone that spent it.
    """
    update = Update(
        _of_phone(phone_number, "CODE"),
        "ADD #tries :one",
        "#expires_at > :now AND (#spent_by = :challenge OR (attribute_not_exists(#spent_by) AND #tries < :most))",
        {"one": 1, "now": clock.stamp(), "challenge": challenge, "most": most},
    )
    try:
        return table.write(update)
    except ConditionFailed:
        return None


def spend_code(code: Item, challenge: str) -> bool:
    """Use a code up for one challenge; return whether that challenge has it, now or since an earlier try."""
    update = Update(
        (code["pk"], code["sk"]),
        "SET #spent_by = :challenge",
        "#sent_at = :seen AND (attribute_not_exists(#spent_by) OR #spent_by = :challenge)",
        {"challenge": challenge, "seen": code["sent_at"]},
    )
    try:
        table.write(update)
    except ConditionFailed:
        return False
    return True


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
    changed = {**changes, "trace": trace()}
    try:
        return table.write(Update(_key(user_id), assign(changed), values=changed))
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


def put_staff_status(staff_id: str, status: str, *also: Write) -> None:
    """Keep what was decided of somebody of the staff, and write `also`, or neither."""
    pk, sk = _of_staff(staff_id)
    table.transact(Put({"pk": pk, "sk": sk, "status": status}, ANY), *also)


def staff_status(staff_id: str) -> str:
    """Return what was decided last of somebody of the staff."""
    return str((table.get(_of_staff(staff_id)) or {"status": "ACTIVE"})["status"])
