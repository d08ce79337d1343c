"""What the pool of players is to follow: sign-ups that came to nothing are deleted, changed numbers are taken over."""

from typing import Any

from betsafi.queue import handle_batch
from users.flows import phones, sign_ins


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Look at each message of a batch; what fails is tried again."""
    return handle_batch(event, _look)


def _look(message: dict[str, str]) -> None:
    if "number" in message:
        phones.follow(message)
    else:
        sign_ins.delete_unless_proven(message["poolId"], message["sub"])
