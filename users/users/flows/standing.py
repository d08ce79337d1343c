"""How people stand: players who are suspended or reinstated, and staff who lose their powers or get them back."""

from typing import Any

from betsafi import people as pools
from betsafi.approval import alone
from betsafi.audit import Act
from betsafi.dynamodb import Item
from betsafi.people import Staff
from users import wallet_api
from users.flows import codes
from users.stores import devices, people, staff
from users.table import player_pk, staff_pk


def set_player(action: str, user_id: str, status: str, reason: str, by: Staff, request_id: str) -> Item:
    """Give a player a status and return the profile, once the wallet has it.

    Raises Forbidden for one's own, NotFound, IdempotencyKeyReused, Unavailable: then the same call again goes on.
    """
    act = Act(action, player_pk(user_id), by, reason, user_id=user_id, request_id=request_id)
    if staff.was_done(act):
        profile = people.get_profile(user_id)
    else:
        also = alone(act).writes({"status": _other(status)}, {"status": status})
        profile = people.change_status(user_id, status, reason, *also)
    if profile["status_version"]:
        wallet_api.set_status(user_id, profile["status"], profile["status_version"])
    return profile


def unlock(user_id: str, reason: str, by: Staff, request_id: str) -> Item:
    """Let a player who was wrong too often have codes, and show a second factor, again; return the profile.

    Raises Forbidden for oneself, NotFound, IdempotencyKeyReused.
    """
    act = Act("unlockSignIn", player_pk(user_id), by, reason, user_id=user_id, request_id=request_id)
    profile = people.get_profile(user_id)
    if not staff.was_done(act):
        unlocked = (*codes.unlocked(profile["phone_number"]), devices.second_tries_forgotten(user_id))
        staff.write(*unlocked, *alone(act).writes({}, {"locked": False}))
    return profile


def set_staff(action: str, staff_id: str, status: str, reason: str, by: Staff, request_id: str) -> dict[str, Any]:
    """Decide a status, then have the pool follow what was decided last: so does the same call again after a failure.

    Raises NotFound, IdempotencyKeyReused, Unavailable, Misconfigured.
    """
    act = Act(action, staff_pk(staff_id), by, reason, request_id=request_id)
    if not staff.was_done(act):
        before = "ACTIVE" if pools.is_enabled(staff_id) else "SUSPENDED"
        staff.put_staff_status(staff_id, status, *alone(act).writes({"status": before}, {"status": status}))
    stands = staff.staff_status(staff_id)
    pools.set_staff_enabled(staff_id, stands == "ACTIVE")
    return {"id": staff_id, "status": stands, "groups": sorted(pools.find_staff(staff_id).groups)}


def _other(status: str) -> str:
    return "ACTIVE" if status == "SUSPENDED" else "SUSPENDED"
