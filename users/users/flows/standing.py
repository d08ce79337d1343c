"""How people stand: players whose account we stop, what they say to it, and staff who lose their powers or get them
back.

Nobody's account is stopped without a reason code, which has a sentence for the player, and a day by which we decide.
The player may appeal once, and somebody else than who stopped it answers. A stop may hold the money too; only an
administrator lets that go.
"""

from collections.abc import Callable
from datetime import date

from betsafi import people as pools
from betsafi.approval import alone
from betsafi.audit import Act
from betsafi.dynamodb import Item
from betsafi.errors import Contention, Forbidden
from betsafi.ids import fingerprint
from betsafi.people import Staff
from betsafi.protection import PlayerStatus
from users import wording
from users.flows import codes, protecting
from users.stores import devices, people, records, staff, stops
from users.table import player_pk, staff_pk

_TRIES = 5


def stop(user_id: str, code: str, deadline: date, hold_money: bool, reason: str, by: Staff, request_id: str) -> Item:
    """Stop a player from betting and depositing, and withdrawing where the money is held; return the profile, once
    wallet and payment have it.

    Raises Forbidden for one's own and for money that is let go by who is no administrator, NotFound,
    IdempotencyKeyReused, Contention, Unavailable: then the same call again goes on.
    """
    status: PlayerStatus = "FROZEN" if hold_money else "SUSPENDED"
    decision = {"code": code, "deadline": deadline.isoformat(), "moneyHeld": hold_money}
    act = Act("suspendUser", player_pk(user_id), by, reason, decision, user_id, request_id=request_id)

    def write(profile: Item) -> bool:
        also = alone(act).writes({"status": profile["status"]}, {"status": status, **decision})
        if code == "SAFETY":  # what was done against harm is in one log, whoever did it
            done = {"kind": "STOP", "by": "OPERATOR", "why": reason, "staff_id": by.id}
            also = (*also, records.put_record(records.INTERVENTION, user_id, act.id, done))
        return stops.stop(profile, status, code, deadline.isoformat(), by.id, *also)

    return _decide(act, status, write)


def reinstate(user_id: str, reason: str, by: Staff, request_id: str) -> Item:
    """End a stop and return the profile, once wallet and payment have it. Raises as `stop`."""
    act = Act("reinstateUser", player_pk(user_id), by, reason, user_id=user_id, request_id=request_id)

    def write(profile: Item) -> bool:
        return stops.reinstate(profile, *alone(act).writes({"status": profile["status"]}, {"status": "ACTIVE"}))

    return _decide(act, "ACTIVE", write)


def answer_appeal(user_id: str, outcome: str, answer: str, reason: str, by: Staff, request_id: str) -> Item:
    """Answer what a player said to a stop: LIFTED ends it, UPHELD leaves it.

    Return the profile, once wallet and payment have it. Raises Forbidden for who stopped the account too, NotStopped,
    NoAppeal, and as `stop`.
    """
    decision = {"outcome": outcome, "answer": fingerprint(answer)}
    act = Act("answerAppeal", player_pk(user_id), by, reason, decision, user_id, request_id=request_id)
    lifted = outcome == "LIFTED"

    def write(profile: Item) -> bool:
        standing = stops.get_stop(profile)
        if by.is_also(standing["stopped_by"]):
            raise Forbidden(wording.STOPPED_BY_YOURSELF)
        after = "ACTIVE" if lifted else profile["status"]
        also = alone(act).writes({"appeal": "WAITS"}, {"appeal": outcome, "status": after})
        stops.answer(profile, standing, lifted, answer, by.id, *also)
        return True

    return _decide(act, "ACTIVE" if lifted else "FROZEN", write)


def _decide(act: Act, after: PlayerStatus, write: Callable[[Item], bool]) -> Item:
    """Write what was decided, after which the account stands so, unless it was before; return the profile, once wallet
    and payment have it."""
    for _ in range(_TRIES):
        profile = people.get_profile(act.user_id)
        if staff.was_done(act):
            break
        if profile["status"] == "FROZEN" != after and "admin" not in act.by.groups:
            raise Forbidden(wording.MONEY_IS_HELD)
        if write(profile):
            profile = people.get_profile(act.user_id)
            break
    else:
        raise Contention(wording.BUSY)
    if version := profile["status_version"]:
        protecting.in_both(lambda service: service.set_status(act.user_id, profile["status"], version))
    return profile


def unlock(user_id: str, reason: str, by: Staff, request_id: str) -> Item:
    """Let a player who was wrong too often have codes, and show a second factor, again; return the profile.

    Raises Forbidden for oneself, NotFound, IdempotencyKeyReused.
    """
    act = Act("unlockSignIn", player_pk(user_id), by, reason, user_id=user_id, request_id=request_id)
    profile = people.get_profile(user_id)
    if not staff.was_done(act):
        unlocked = (*codes.unlocked(profile["phone_number"]), devices.second_tries_forgotten(user_id))
        records.keep(user_id, *unlocked, *alone(act).writes({}, {"locked": False}))
    return profile


def set_staff(action: str, staff_id: str, status: str, reason: str, by: Staff, request_id: str) -> tuple[Staff, bool]:
    """Decide a status, then have the pool follow what was decided last: so does the same call again after a failure.

    Returns who it is, and whether they may work here now.

    Raises NotFound, IdempotencyKeyReused, Unavailable, Misconfigured.
    """
    act = Act(action, staff_pk(staff_id), by, reason, request_id=request_id)
    if not staff.was_done(act):
        before = "ACTIVE" if pools.is_enabled(staff_id) else "SUSPENDED"
        staff.put_staff_status(staff_id, status, *alone(act).writes({"status": before}, {"status": status}))
    may = staff.staff_status(staff_id) == "ACTIVE"
    pools.set_staff_enabled(staff_id, may)
    return pools.find_staff(staff_id), may
