"""Sign-ins as the pool of players keeps them: a password chosen instead of a code, and those that came to nothing."""

from betsafi import clock
from betsafi.errors import Forbidden, NotFound
from betsafi.telemetry import logger
from users import pool, wording
from users.stores import people

FRESH_SECONDS = 600
"""A token that was stolen or left behind is no proof of who sits there now, but a sign-in just now is."""
LOOSENING_SECONDS = 1_800
"""How old a sign-in may be for loosening what protects a player."""


class SignInAgain(Forbidden):
    """The sign-in is too long ago for this."""

    code = "SIGN_IN_AGAIN"


def set_password(pool_id: str, sign_in_id: str, password: str, signed_in_at: int) -> None:
    """Give somebody a password to sign in with instead of a code. Raises SignInAgain, Unavailable, Misconfigured."""
    check_fresh(signed_in_at, FRESH_SECONDS, wording.SIGN_IN_AGAIN)
    pool.set_password(pool_id, sign_in_id, password)


def check_fresh(signed_in_at: int, seconds: int, sentence: str) -> None:
    """Raise SignInAgain, with a sentence, for a sign-in that is longer ago."""
    if clock.now().timestamp() - signed_in_at > seconds:
        raise SignInAgain(sentence)


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
