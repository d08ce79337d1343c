"""Where a player is signed in: on devices that they know, each under an id that its app made and keeps to itself.

The first device of an account needs a code alone; each later one also a second factor, where the player has one. An
account that has devices gives tokens to them only, so nobody gets around this by a password, or by naming no device.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from betsafi import clock, inputs
from betsafi.dynamodb import Item
from betsafi.errors import Conflict, Forbidden, InvalidInput, NotFound
from betsafi.fresh import signed_out_since
from users import models, pool, wording
from users.stores import devices, people

MOST = 50
"""Nobody has so many, and their list is read at each sign-in."""
REFRESH_DAYS = 30
"""How long a refresh token lives (serverless.yml): after it, nothing of a device that was signed out is left."""
LONGEST_NAME = 40


class DeviceNeeded(Conflict):
    """The account has devices, and the sign-in names none of them."""

    code = "DEVICE_NEEDED"
    sw = "Ingia kwanza kwa namba ya siri kwenye kifaa hiki."


class SignedOut(Forbidden):
    """The device was signed out; who sits there signs in again."""

    code = "SIGNED_OUT"
    sw = "Umetolewa kwenye kifaa hiki. Tafadhali ingia tena."


class TooManyDevices(Conflict):
    """The account has MOST devices."""

    code = "TOO_MANY_DEVICES"
    sw = "Una vifaa vingi mno. Tafadhali wasiliana nasi."


@dataclass(frozen=True)
class Device:
    """What a sign-in says of where it is: the id that is kept, and a name to show; each empty where none was given."""

    id: str = ""
    name: str = ""


def told(metadata: Mapping[str, Any] | None) -> Device:
    """Return the device that ClientMetadata names. Raises InvalidInput for an id that no app of ours makes."""
    given = (metadata or {}).get("deviceId")
    if not given:
        return Device()
    secret = models.device_id(given)
    try:
        name = inputs.text((metadata or {}).get("deviceName"), "deviceName", 1, LONGEST_NAME)
    except InvalidInput:
        name = ""
    return Device(hashlib.sha256(secret.encode()).hexdigest()[:32], name)


def check_named(known: list[Item], device: Device) -> None:
    """Raise DeviceNeeded where a sign-in must name its device and does not, TooManyDevices where no more are kept.

    `known` are the player's devices, here as below.
    """
    if known and not device.id:
        raise DeviceNeeded(wording.DEVICE_NEEDED)
    if len(known) >= MOST and device.id not in {one["device_id"] for one in known}:
        raise TooManyDevices(wording.TOO_MANY_DEVICES)


def is_admitted(known: list[Item], device: Device) -> bool:
    """Return whether a sign-in is on a device where the player is signed in, or the account has none."""
    return not known or any(one["device_id"] == device.id and "out_at" not in one for one in known)


def add(user_id: str, known: list[Item], device: Device) -> None:
    """Keep a device as signed in now."""
    this: Item = next((one for one in known if one["device_id"] == device.id), {"out_at": ""})
    stays = "out_at" not in this
    later, added_at = (this["later"], this["added_at"]) if stays else (bool(known), clock.stamp())
    name = device.name or this.get("name", wording.NAMELESS_DEVICE)
    devices.keep_device(user_id, device.id, name, later, added_at)


def admit(user_id: str, device: Device, refreshed: bool) -> str:
    """Return the id of the device that a token is for, empty for an account without devices.

    A refresh need not name its device before one of the account was signed out: on AWS only GetTokensFromRefreshToken
    can. Raises DeviceNeeded for a sign-in elsewhere, SignedOut for a refresh.
    """
    known = {one["device_id"]: one for one in devices.list_devices(user_id)}
    this = known.get(device.id)
    if this is not None and "out_at" not in this:
        return device.id
    if not refreshed and known:
        raise DeviceNeeded(wording.DEVICE_NEEDED)
    recently = clock.stamp(clock.now() - timedelta(days=REFRESH_DAYS))
    if device.id or any(one.get("out_at", "") > recently for one in known.values()):
        raise SignedOut(wording.SIGNED_OUT)
    return ""


def check_here(user_id: str, device_id: str, signed_in_at: int) -> None:
    """Raise SignedOut for a token of a device that was signed out, or from before its player signed out everywhere.

    A token is good for half an hour after either; what gives an account away looks closer.
    """
    before = signed_out_since(signed_in_at, people.get_profile(user_id).get("signed_out_at", ""))
    if before or any(one["device_id"] == device_id and "out_at" in one for one in devices.list_devices(user_id)):
        raise SignedOut(wording.SIGNED_OUT)


def list_devices(user_id: str) -> list[Item]:
    """See `stores.devices.list_devices`."""
    return devices.list_devices(user_id)


def sign_out(user_id: str, device_id: str) -> list[Item]:
    """Sign one of the player's devices out and return all of them. Raises NotFound."""
    if not devices.sign_out(user_id, device_id):
        raise NotFound(wording.NO_DEVICE)
    return devices.list_devices(user_id)


def sign_out_everywhere(pool_id: str, user_id: str, sign_in_id: str) -> list[Item]:
    """Sign every device of the player out, and have Cognito take no refresh token of theirs any more.

    Raises Unavailable, Misconfigured: then the same call again goes on.
    """
    people.sign_out(user_id, *(devices.signed_out(user_id, one["device_id"]) for one in _signed_in(user_id)))
    pool.sign_out_everywhere(pool_id, sign_in_id)
    return devices.list_devices(user_id)


def _signed_in(user_id: str) -> list[Item]:
    return [one for one in devices.list_devices(user_id) if "out_at" not in one]
