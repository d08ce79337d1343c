"""A player's phone number, changed: with a code to the old and one to the new, or by two people where the old is lost.

The claim moves in one transaction. The user pool follows by a message that is sent before and after it, so a crash
between the two leaves nobody without a way in. The old number is kept from its next owner for a while: who gets it from
the operator neither signs in as the player nor opens an account with it.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from betsafi import clock, ids, queue
from betsafi.approval import alone
from betsafi.audit import PROPOSED, Act
from betsafi.dynamodb import Item, Write
from betsafi.errors import Conflict, InvalidInput, NotFound
from betsafi.people import Staff
from betsafi.settings import Url, read_settings
from users import pool, wording
from users.flows import codes
from users.flows.protecting import Excluded
from users.stores import people, phones, protection, staff
from users.stores.asks import too_often
from users.table import Purpose


@dataclass(frozen=True)
class Settings:
    """The pool that players sign in with, the queue by which it follows, and how long a number that was left rests."""

    player_pool: str
    unproven_queue_url: Url
    number_rests_days: int = 90


@cache
def _settings() -> Settings:
    """Read when a number moves: whoever has the pool follow needs none of it."""
    return read_settings(Settings)


A_DAY = 5
"""So many changes a player may ask for in a day: each sends an SMS to a number that may be another's."""
LATER_SECONDS = 60


def begin(user_id: str, number: str) -> None:
    """Send a code to the number that the player has, and one to the new. Raises InvalidInput, TooOften, NoSms."""
    profile = _ask(user_id, number)
    codes.send(profile["phone_number"], Purpose.LEAVE_PHONE, profile["language"])
    codes.send(number, Purpose.TAKE_PHONE, profile["language"])


def confirm(user_id: str, old_code: str, new_code: str) -> Item:
    """Move the player to the number that they asked for, once both codes are right; return the profile.

    Raises NotFound where nothing was asked for, WrongCode, NumberTaken, Conflict. The same again returns the profile.
    """
    profile, change = people.get_profile(user_id), _asked(user_id)
    if change["state"] == "MOVED" and profile["phone_number"] == change["number"]:
        return profile
    used_for = _used_for(change)
    old, new = (
        codes.find_right(number, code, used_for, purpose)
        for number, code, purpose in (
            (profile["phone_number"], old_code, Purpose.LEAVE_PHONE),
            (change["number"], new_code, Purpose.TAKE_PHONE),
        )
    )
    if old is None or new is None or not (codes.spend(old, used_for) and codes.spend(new, used_for)):
        raise codes.WrongCode(wording.WRONG_CODE)
    return _move(profile, change)


def begin_review(user_id: str, number: str) -> None:
    """Send a code to the new number, whose answer puts the change before staff. Raises as `begin`."""
    codes.send(number, Purpose.TAKE_PHONE, _ask(user_id, number)["language"])


def ask_review(user_id: str, number: str, reason: str, new_code: str) -> Item:
    """Put a change before staff, from a player who no longer has the old number; return it.

    Raises NotFound where nothing, or another number, was asked for, WrongCode, Conflict.
    """
    change = _asked(user_id)
    if change["number"] != number:
        raise NotFound(wording.NO_PHONE_CHANGE)
    if change["state"] == "REVIEW":
        return change
    codes.confirm(number, new_code, _used_for(change), Purpose.TAKE_PHONE)
    return phones.review_change(change, reason)


def decide(user_id: str, approves: bool, reason: str, by: Staff, request_id: str) -> tuple[Item, str]:
    """Decide a change in review: two people let it be done, one refuses it. Return it, and PROPOSED, MOVED or REFUSED.

    Raises NotFound where none waits, Forbidden for one's own, Conflict, NumberTaken, IdempotencyKeyReused.
    """
    change = phones.find_change(user_id)
    if change is None:
        raise NotFound(wording.NO_PHONE_CHANGE)
    decision = {"outcome": "APPROVED" if approves else "REFUSED", "askedAt": change["asked_at"]}
    act = Act("decidePhoneChange", f"PHONE_CHANGE#{user_id}", by, reason, decision, user_id, request_id=request_id)
    if staff.was_done(act):
        return change, change["state"] if change["state"] != "REVIEW" else PROPOSED
    if change["state"] != "REVIEW":
        raise NotFound(wording.NO_PHONE_CHANGE)
    seen = {"state": "REVIEW", "askedAt": change["asked_at"]}
    if not approves:
        return phones.refuse_change(change, *alone(act).writes(seen, {**seen, "state": "REFUSED"})), "REFUSED"
    agreed = phones.decide_change(act, seen)
    if agreed is None:
        return change, PROPOSED
    _move(people.get_profile(user_id), change, *agreed.writes(seen, {**seen, "state": "MOVED"}))
    return change, "MOVED"


def follow(message: dict[str, Any]) -> None:
    """Give a player's sign-in the number that they have. Raises Unavailable, Misconfigured."""
    number = message["number"]
    claim = people.find_claim(number)
    if claim is not None and claim["user_id"] == message["userId"]:
        pool.move(message["poolId"], claim["sub"], number)


def _ask(user_id: str, number: str) -> Item:
    """Note what the player asks for; return their profile.

    Raises Excluded for who is on the exclusion register, which knows them by that number.
    """
    if protection.find_protection(user_id).listed_at:
        raise Excluded(wording.EXCLUDED)
    profile = people.get_profile(user_id)
    if number == profile["phone_number"]:
        raise InvalidInput(wording.SAME_NUMBER)
    if not phones.ask_change(user_id, number, clock.now().astimezone(clock.NAIROBI).date().isoformat(), A_DAY):
        raise too_often(wording.PHONE_TOO_OFTEN, A_DAY)
    return profile


def _asked(user_id: str) -> Item:
    if (change := phones.find_change(user_id)) is None or change["state"] == "REFUSED":
        raise NotFound(wording.NO_PHONE_CHANGE)
    return change


def _used_for(change: Item) -> str:
    return ids.derive_id("phone change", change["user_id"], change["number"], change["asked_at"])


def _move(profile: Item, change: Item, *also: Write) -> Item:
    settings, user_id, number = _settings(), profile["user_id"], change["number"]
    if protection.find_protection(user_id).listed_at:
        raise Excluded(wording.EXCLUDED)
    old = people.find_claim(profile["phone_number"])
    if old is None:
        raise Conflict(wording.PHONE_CHANGED_MEANWHILE)
    # The pool gives the sign-in the number that the profile has by then.
    message = json.dumps({"poolId": settings.player_pool, "userId": user_id, "number": number})
    queue.send_all(settings.unproven_queue_url, [message], LATER_SECONDS)
    phones.move_number(change, old, clock.stamp(clock.now() + timedelta(days=settings.number_rests_days)), *also)
    queue.send_all(settings.unproven_queue_url, [message], 0)
    codes.tell(profile["phone_number"], wording.LEFT_SMS.said(profile["language"]))
    return people.get_profile(user_id)
