"""What wallet and payment must know of who a player is, before money moves: what their identity lets them do, and which
terms they accepted. It goes there with what protects the player, under the same version.
"""

from collections.abc import Mapping
from typing import Any

from betsafi.protection import NO_TERMS, Use
from users import protection, rules
from users.flows import protecting
from users.protection import Standing
from users.stores import identity, people
from users.stores.protection import find_protection


def first(now: Standing) -> Standing:
    """Return what protects somebody who signs up, with what they may do who have shown and accepted nothing yet."""
    return protection.know(now, _allowed(rules.UNVERIFIED), NO_TERMS)


def known(user_id: str) -> dict[str, Any]:
    """Return what their identity allows a player, in cents a day, and the terms that they accepted. Raises NotFound."""
    profile = people.get_profile(user_id)
    return {
        "allowed": _allowed(identity.find_identity(user_id)["state"]),
        "terms": rules.accepted_by(profile),
    }


def reach(user_id: str) -> None:
    """Have wallet and payment know it. Raises NotFound, Contention, Unavailable: then the same call goes on."""
    # Asked for anew at every try, after what it is written over was read: so nothing older stands at the end.
    standing = protecting.changed(user_id, lambda now, _: protection.know(now, **known(user_id)))
    protecting.reach(user_id, standing)


def renew(user_id: str) -> None:
    """Take what the stage says anew of what a state allows, for a player of whom wallet and payment know that at all.

    Raises NotFound, Contention. It is there with the next `protecting.reach`.
    """
    now = find_protection(user_id)
    if now.terms is not None and now.allowed != _allowed(identity.find_identity(user_id)["state"]):
        protecting.changed(user_id, lambda now, _: protection.know(now, **known(user_id)))


def _allowed(state: str) -> Mapping[Use, int]:
    return {use: cents for use, cents in rules.allowed(state, rules.in_force()).items() if cents is not None}
