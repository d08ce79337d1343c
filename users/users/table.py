"""The users table and its keys.

A person is under `USER#<id>`, and under `PHONE#<number>` whose number it is and the code that it was sent last;
somebody of the staff is under `STAFF#<id>`; what staff did, under `TRAIL` (see `stores.trail`).
"""

from betsafi.dynamodb import Key, Table
from betsafi.settings import TableSettings, read_settings

table = Table(read_settings(TableSettings).table_name)


def player_pk(user_id: str) -> str:
    """Below what a player's profile is."""
    return f"USER#{user_id}"


def profile_key(user_id: str) -> Key:
    """Where a player's profile is."""
    return player_pk(user_id), "PROFILE"


def protection_key(user_id: str) -> Key:
    """Where it is said what protects a player."""
    return player_pk(user_id), "PROTECTION"


def claim_key(phone_number: str) -> Key:
    """Where it is said whose number it is."""
    return f"PHONE#{phone_number}", "CLAIM"


def code_key(phone_number: str) -> Key:
    """Where the code is that a number was sent last."""
    return f"PHONE#{phone_number}", "CODE"


def staff_pk(staff_id: str) -> str:
    """Below what was decided of somebody of the staff."""
    return f"STAFF#{staff_id}"


def staff_key(staff_id: str) -> Key:
    """Where it is said whether somebody of the staff is suspended."""
    return staff_pk(staff_id), "STATUS"
