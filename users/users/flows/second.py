"""The second factor, which the first sign-in on a new device asks for after the code: the password, or the document.

Three tries within a day; then new devices wait for a day, or for support. Devices that are known go on.
"""

from datetime import timedelta

from betsafi import clock
from betsafi.errors import Forbidden
from users import models, pool, vault, wording
from users.stores import devices, people
from users.stores.identity import VERIFIED, find_identity

TRIES = 3
LOCK_SECONDS = 24 * 3600
PASSWORD, DOCUMENT = "PASSWORD", "DOCUMENT"


class DeviceLocked(Forbidden):
    """The second factor was wrong too often; no new device signs in for a day."""

    code = "DEVICE_LOCKED"


def kinds(user_id: str) -> list[str]:
    """Return what the player can be asked for, in the order in which to offer it; nothing where they have neither."""
    has_password = people.get_profile(user_id).get("has_password")
    has_document = find_identity(user_id)["state"] == VERIFIED
    return [kind for kind, has in ((PASSWORD, has_password), (DOCUMENT, has_document)) if has]


def is_right(user_id: str, phone_number: str, client_id: str, kind: str, answer: str) -> bool:
    """Count a try, and return whether the answer is right. Raises DeviceLocked where no try is left, Unavailable."""
    if not devices.count_second_try(user_id, TRIES, clock.stamp(clock.now() - timedelta(seconds=LOCK_SECONDS))):
        raise DeviceLocked(wording.DEVICE_LOCKED)
    accepted = kinds(user_id)
    shown = kind or next(iter(accepted), "")
    if shown not in accepted:
        return False
    by_password = shown == PASSWORD
    if not (pool.is_password(client_id, phone_number, answer) if by_password else _is_number(user_id, answer)):
        return False
    devices.forget_second_tries(user_id)
    return True


def _is_number(user_id: str, answer: str) -> bool:
    """Return whether somebody's answer is the number of the player's verified document."""
    return models.same_number(answer, vault.unseal(user_id, find_identity(user_id)["sealed"])["number"])
