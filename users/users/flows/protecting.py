"""What protects a player is written here, and reaches wallet and payment before the player is answered.

Both get all of it under its version and keep the newest, so a call that was cut off anywhere is simply made again; the
event that follows from the write is the backstop.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from betsafi import clock
from betsafi.errors import Contention, Unavailable
from users import payment_api, wallet_api, wording
from users.protection import Standing
from users.stores import people, protection

How = Callable[[Standing, datetime], Standing]
"""A change: what protects a player, and the present moment, to what then does."""

TRIES = 20


def change(user_id: str, how: How) -> dict[str, Any]:
    """Change what protects a player, and return it as `look` does, once wallet and payment have it.

    Raises NotFound, what `how` raises, Contention, and Unavailable: then it is in force in part, and the same call goes
    on.
    """
    people.get_profile(user_id)
    for attempt in range(TRIES):
        seen = protection.find_protection(user_id)
        standing = how(seen, clock.now())
        if standing == seen or protection.replace_protection(user_id, seen, standing):
            reach(user_id, standing)
            return look(user_id)
        clock.sleep_with_jitter(attempt)
    raise Contention(wording.BUSY)


def reach(user_id: str, standing: Standing) -> None:
    """Have wallet and payment take what protects a player, unless they are known to have it. Raises Unavailable.

    One that does not answer keeps the other from nothing.
    """
    if standing.reached >= standing.version:
        return
    failed: Unavailable | None = None
    for protect in (wallet_api.protect, payment_api.protect):
        try:
            protect(user_id, standing.sent)
        except Unavailable as unavailable:
            failed = unavailable
    if failed:
        raise failed
    protection.mark_reached(user_id, standing.version)


def look(user_id: str) -> dict[str, Any]:
    """Return what protects a player, what is left of each limit by its name, and how their session stands.

    Raises NotFound, Unavailable.
    """
    people.get_profile(user_id)
    account = wallet_api.account(user_id)
    rooms = {room["name"]: room for room in (*account["limits"], *payment_api.rooms(user_id))}
    return {"standing": protection.find_protection(user_id), "rooms": rooms, "session": account["session"]}


def acknowledge(user_id: str) -> dict[str, Any]:
    """Take that a player has seen how their betting goes; return as `look`. Raises NotFound, Unavailable."""
    people.get_profile(user_id)
    wallet_api.acknowledge(user_id)
    return look(user_id)
