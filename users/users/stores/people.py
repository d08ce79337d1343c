"""People: whose number it is, for ever, and the profile of who has it."""

from contextlib import suppress

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write, assign
from betsafi.errors import Conflict, NotFound
from betsafi.telemetry import trace
from users import wording
from users.table import claim_key, profile_key, table


class NumberChanged(Conflict):
    """Somebody signs in under another number than the one that their profile has."""

    code = "NUMBER_CHANGED"


def register(phone_number: str, sub: str, birthdate: str, *also: Write) -> Item:
    """Claim a phone number for a new player, make their profile and write `also`; return the claim that then stands.

    A claim says which player has the number (`user_id`) and who signs in as them (`sub`, of Cognito); it is never given
    back. Safe to call any number of times. Raises NumberChanged.
    """
    pk, sk = claim_key(phone_number)
    claim = {"pk": pk, "sk": sk, "user_id": sub, "sub": sub, "claimed_at": clock.stamp()}
    try:
        table.transact(Put(claim), Put(_profile(sub, phone_number, birthdate)), *also)
    except ConditionFailed as failure:
        if (standing := failure.found.get(0)) is None:
            raise NumberChanged(wording.NUMBER_CHANGED) from failure
        return standing
    return claim


def _profile(user_id: str, phone_number: str, birthdate: str) -> Item:
    pk, sk = profile_key(user_id)
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
    return table.get(claim_key(phone_number))


def hand_over(claim: Item, sub: str) -> Item:
    """Let another sign-in have the account of a claimed number, whose SIM it has proven; return the claim.

    The account stays what it is: so who deleted their sign-in comes back to it, suspended if it is.
    """
    owner = {"sub": sub, "claimed_at": clock.stamp()}
    return table.write(Update((claim["pk"], claim["sk"]), assign(owner), values=owner))


def find_profile(user_id: str) -> Item | None:
    """Return the profile or None."""
    return table.get(profile_key(user_id))


def get_profile(user_id: str) -> Item:
    """Return the profile. Raises NotFound."""
    if (profile := find_profile(user_id)) is None:
        raise NotFound(wording.NO_PLAYER)
    return profile


def change_profile(user_id: str, changes: dict[str, str]) -> Item:
    """Set attributes of an existing profile and return it. Raises NotFound."""
    changed = {**changes, "trace": trace()}
    try:
        return table.write(Update(profile_key(user_id), assign(changed), values=changed))
    except ConditionFailed as error:
        raise NotFound(wording.NO_PLAYER) from error


def change_status(user_id: str, status: str, reason: str, *also: Write) -> Item:
    """Give the profile a status under the next version, and write `also`, or neither; the same status again changes
    nothing. Raises NotFound."""
    update = Update(
        profile_key(user_id),
        "SET #status = :status, #status_reason = :reason, #trace = :trace ADD #status_version :one",
        condition="attribute_exists(pk) AND #status <> :status",
        values={"status": status, "reason": reason, "one": 1, "trace": trace()},
    )
    with suppress(ConditionFailed):  # nobody is there, or has that status, which is seen below
        table.transact(update, *also)
    return get_profile(user_id)
