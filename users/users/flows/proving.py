"""Signing up and in: a sign-up is worth nothing before a code proves the phone, which makes its owner the player.

The first code that is answered replaces the password that was chosen before, claims the number and makes the profile.
Each step may be done again.
"""

import json
from typing import Any

from betsafi import clock, queue
from betsafi.dynamodb import Item
from betsafi.errors import Conflict
from users import models, pool, wording
from users.flows import codes, devices, protecting, reaching, second
from users.flows.devices import Device
from users.protection import Standing
from users.stores import people
from users.stores.protection import new_protection

UNPROVEN_SECONDS = 900
"""After this time a sign-up goes whose phone was not proven; the longest that a queue keeps a message back."""


class CodeNeeded(Conflict):
    """Nobody has proven yet that the phone is theirs."""

    code = "CODE_NEEDED"
    sw = "Thibitisha kwanza namba yako ya simu kwa namba ya siri."


def sign_up(pool_id: str, sub: str, unproven_queue_url: str) -> None:
    """Let a sign-up begin, with nothing sent, and look after a while whether anything came of it."""
    message = json.dumps({"poolId": pool_id, "sub": sub})
    queue.send_all(unproven_queue_url, [message], UNPROVEN_SECONDS)


def proves(
    pool_id: str, attributes: dict[str, Any], challenge: str, answer: str, birthdate: Any, device: Device
) -> bool:
    """Return whether the answer is the code; the first time, make the number's owner its player. The device is kept,
    unless it is new and the player can be asked for a second factor.

    Raises InvalidInput, UnderAge for a birth date, Excluded, NumberChanged, DeviceNeeded, TooManyDevices, Unavailable.
    """
    phone, sub = attributes["phone_number"], attributes["sub"]
    code = codes.find_right(phone, answer, challenge)
    if code is None:
        return False
    claim = people.find_claim(phone)
    # Before the code is used up, so that a slip of the pen can be mended.
    born = "" if claim else models.birthdate(birthdate, clock.now().astimezone(clock.NAIROBI).date())
    known = devices.list_devices(claim["user_id"]) if claim else []
    devices.check_named(known, device)
    first = Standing() if claim else reaching.first(protecting.first(phone))
    if not codes.spend(code, challenge):
        return False
    player = str(claim["user_id"]) if claim else sub
    if claim is None or claim["sub"] != sub:
        player = _take_account(pool_id, sub, claim, phone, born, first)
    if attributes.get("phone_number_verified") != "true":
        pool.mark_verified(pool_id, sub)
    if device.id and (devices.is_admitted(known, device) or not second.kinds(player)):
        devices.add(player, known, device)
    return True


def _take_account(pool_id: str, sub: str, claim: Item | None, phone: str, born: str, first: Standing) -> str:
    """Make somebody the player of their number, a new one, or the one that it was before their sign-in was deleted;
    return who that is. The password of before is gone, so it is no second factor any more."""
    pool.replace_password(pool_id, sub)
    also = [new_protection(sub, first)] if first.version else []
    claim = claim or people.register(phone, sub, born, *also)
    if claim["sub"] != sub:
        if pool.exists(pool_id, claim["sub"]):
            raise people.NumberChanged(wording.NUMBER_TAKEN)
        people.hand_over(claim, sub)
        people.change_profile(claim["user_id"], {"has_password": False})
    return str(claim["user_id"])


def player_of(attributes: dict[str, Any]) -> str:
    """Return which player somebody is who has proven their number. Raises CodeNeeded for everybody else."""
    claim = people.find_claim(attributes.get("phone_number", ""))
    if claim is None or claim["sub"] != attributes["sub"]:
        raise CodeNeeded(wording.CODE_NEEDED)
    return str(claim["user_id"])
