"""The second factor, which the first sign-in on a new device asks for after the code: the password, or the document.

Three tries within a day; then new devices wait for a day, or for support. Devices that are known go on.
"""

from datetime import timedelta

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Forbidden
from users import models, pool, vault, wording
from users.rules import VERIFIED
from users.stores import devices, people
from users.stores.identity import find_identity

TRIES = 3
LOCK_SECONDS = 24 * 3600
PASSWORD, DOCUMENT = "PASSWORD", "DOCUMENT"


class DeviceLocked(Forbidden):
    """The second factor was wrong too often; no new device signs in for a day."""

    code = "DEVICE_LOCKED"
    sw = "Majibu mengi mno si sahihi. Tumia kifaa ulichowahi kuingia nacho, au wasiliana nasi."


def kinds(user_id: str) -> list[str]:
    """Return what the player can be asked for, in the order in which to offer it; nothing where they have neither."""
    return _kinds(user_id, find_identity(user_id))


def _kinds(user_id: str, identity: Item) -> list[str]:
    has_password = people.get_profile(user_id).get("has_password")
    has_document = identity["state"] == VERIFIED
    return [kind for kind, has in ((PASSWORD, has_password), (DOCUMENT, has_document)) if has]


def is_right(user_id: str, phone_number: str, client_id: str, kind: str, answer: str) -> bool:
    """Count a try, and return whether the answer is right. Raises DeviceLocked where no try is left, Unavailable."""
    if not devices.count_second_try(user_id, TRIES, clock.stamp(clock.now() - timedelta(seconds=LOCK_SECONDS))):
        raise DeviceLocked(wording.DEVICE_LOCKED)
    identity = find_identity(user_id)
    accepted = _kinds(user_id, identity)
    shown = kind or next(iter(accepted), "")
    if shown not in accepted:
        return False
    if shown == PASSWORD:
        right = pool.is_password(client_id, phone_number, answer)
    else:
        right = models.same_number(answer, vault.unseal(user_id, identity["sealed"])["number"])
    if not right:
        return False
    devices.forget_second_tries(user_id)
    return True
