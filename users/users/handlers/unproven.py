"""Sign-ups that came to nothing: whose phone was not proven after a while is deleted."""

from typing import Any

from betsafi.queue import handle_batch
from users.flows import sign_ins


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Look at each sign-up of a batch; what fails is tried again."""
    return handle_batch(event, _look)


def _look(signed_up: dict[str, str]) -> None:
    sign_ins.delete_unless_proven(signed_up["poolId"], signed_up["sub"])
