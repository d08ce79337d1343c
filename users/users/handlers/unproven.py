"""Sign-ups that came to nothing: whose phone was not proven after a while is deleted."""

from typing import Any

from betsafi.errors import NotFound
from betsafi.queue import handle_batch
from betsafi.telemetry import logger
from users import pool, store


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Look at each sign-up of a batch; what fails is tried again."""
    return handle_batch(event, delete_unless_proven)


def delete_unless_proven(signed_up: dict[str, str]) -> None:
    """Delete a sign-up from the pool unless it is who a claimed number belongs to.

    Who proves the number at this very moment loses the sign-in and keeps the account: the claim stands, and the next
    code brings them back to it.
    """
    try:
        claim = store.find_claim(pool.phone_number(signed_up["poolId"], signed_up["sub"]))
        if claim is None or claim["sub"] != signed_up["sub"]:
            pool.delete(signed_up["poolId"], signed_up["sub"])
            logger.info("sign-up without proof deleted")
    except NotFound:
        logger.info("the sign-up is gone already")
