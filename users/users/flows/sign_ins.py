"""Sign-ins as the pool of players keeps them: a password chosen instead of a code, and those that came to nothing."""

from betsafi import clock
from betsafi.errors import NotFound
from betsafi.fresh import SignInAgain
from betsafi.telemetry import logger
from users import pool, wording
from users.stores import people

FRESH_SECONDS = 600
"""A token that was stolen or left behind is no proof of who sits there now, but a sign-in just now is."""


def set_password(pool_id: str, user_id: str, sign_in_id: str, password: str, signed_in_at: int) -> None:
    """Give somebody a password to sign in with instead of a code, and to show on a new device.

    Raises SignInAgain, NotFound, Erased, Unavailable, Misconfigured.
    """
    if clock.now().timestamp() - signed_in_at > FRESH_SECONDS:
        raise SignInAgain(wording.SIGN_IN_AGAIN)
    people.get_profile(user_id)
    pool.set_password(pool_id, sign_in_id, password)
    people.change_profile(user_id, {"has_password": True})


def delete_unless_proven(pool_id: str, sub: str) -> None:
    """Delete a sign-up from the pool unless it is who a claimed number belongs to.

    Who proves the number at this very moment loses the sign-in and keeps the account: the claim stands, and the next
    code brings them back to it.
    """
    try:
        claim = people.find_claim(pool.phone_number(pool_id, sub))
        if claim is None or claim["sub"] != sub:
            pool.delete(pool_id, sub)
            logger.info("sign-up without proof deleted")
    except NotFound:
        logger.info("the sign-up is gone already")
