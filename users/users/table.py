"""The users table and its keys.

A person is under `USER#<id>`: the profile, what protects them, who they say they are, their devices, numbers and
address, which terms they accepted, each time that we stopped the account, and what staff noted and did. Whose a number
or a document is, and the codes that were sent, are under `PHONE#<number>`, `DOCUMENT#<HMAC>` and `EMAIL#<address>`.
Somebody of the staff is under `STAFF#<id>`; what staff did, under `TRAIL` (see `stores.trail`). The README has all.
"""

from enum import StrEnum

from betsafi.dynamodb import Check, ConditionFailed, Item, Key, Table, Write
from betsafi.errors import Erased, NotFound
from betsafi.settings import TableSettings, read_settings
from users import wording

table = Table(read_settings(TableSettings).table_name)


def player_pk(user_id: str) -> str:
    """Below what a player's profile is."""
    return f"USER#{user_id}"


def profile_key(user_id: str) -> Key:
    """Where a player's profile is."""
    return player_pk(user_id), "PROFILE"


def stop_key(user_id: str, version: int) -> Key:
    """Where it is said why we stopped an account, as of that version of its status, and what the player says to it."""
    return player_pk(user_id), f"STOP#{version:08d}"


def protection_key(user_id: str) -> Key:
    """Where it is said what protects a player."""
    return player_pk(user_id), "PROTECTION"


def claim_key(phone_number: str) -> Key:
    """Where it is said whose number it is."""
    return f"PHONE#{phone_number}", "CLAIM"


class Purpose(StrEnum):
    """What a code is for; what is sent for one thing opens nothing else. The value is its item's sort key."""

    SIGN_IN = "CODE"
    CONFIRM = "CODE#CONFIRM"
    LEAVE_PHONE = "CODE#LEAVE"
    TAKE_PHONE = "CODE#TAKE"
    EMAIL = "CODE#EMAIL"


def code_key(address: str, purpose: Purpose = Purpose.SIGN_IN) -> Key:
    """Where the code is that a number, or an e-mail address, was sent last for a purpose."""
    return f"{'EMAIL' if purpose is Purpose.EMAIL else 'PHONE'}#{address}", purpose.value


def device_key(user_id: str, device_id: str) -> Key:
    """Where a device is that a player signed in on."""
    return player_pk(user_id), f"DEVICE#{device_id}"


def second_key(user_id: str) -> Key:
    """Where tries at a player's second factor are counted."""
    return player_pk(user_id), "SECOND"


def phone_change_key(user_id: str) -> Key:
    """Where it is said which number a player wants."""
    return player_pk(user_id), "PHONE_CHANGE"


def left_key(user_id: str, number: str) -> Key:
    """Where it is kept that a number was a player's once."""
    return player_pk(user_id), f"LEFT#{number}"


def identity_key(user_id: str) -> Key:
    """Where it is kept, sealed, who a player says they are."""
    return player_pk(user_id), "IDENTITY"


def document_key(known_by: str) -> Key:
    """Where it is said whose document it is; `known_by` is an HMAC of it."""
    return f"DOCUMENT#{known_by}", "CLAIM"


def email_key(user_id: str) -> Key:
    """Where it is said which e-mail address a player wants."""
    return player_pk(user_id), "EMAIL"


def staff_pk(staff_id: str) -> str:
    """Below what was decided of somebody of the staff."""
    return f"STAFF#{staff_id}"


def staff_key(staff_id: str) -> Key:
    """Where it is said whether somebody of the staff is suspended."""
    return staff_pk(staff_id), "STATUS"


KNOWN = "attribute_exists(pk) AND attribute_not_exists(#erased_at)"
"""Of a profile: that there is a player, and that they were not erased."""


def gone(profile: Item | None) -> NotFound:
    """Return what a player is who is not KNOWN: NotFound or Erased."""
    return NotFound(wording.NO_PLAYER) if profile is None else Erased(wording.ERASED)


def write_below(pk: str, *writes: Write) -> None:
    """Do these writes, of which at least one is below a player's key, or none where the player is gone by then.

    What erasure takes comes back by nothing that was let through before it. Raises NotFound, Erased, ConditionFailed.
    """
    try:
        table.transact(*writes, Check((pk, "PROFILE"), KNOWN))
    except ConditionFailed as failure:
        if len(writes) in failure.found:
            raise gone(failure.found[len(writes)]) from failure
        raise
