"""Asks the register who a player is, from a queue: a register that is slow or down is asked again."""

from typing import Any

from betsafi.queue import handle_batch
from users.flows import identity


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Ask about each identity of a batch; what fails is tried again."""
    return handle_batch(event, identity.verify)
