"""The fake registers, side by side."""

from starlette.applications import Starlette

from localcloud.registers import exclusion, identity

SLOW_SECONDS = 12.0
"""Longer than the service waits for who somebody is."""


def create_app(slow_seconds: float = SLOW_SECONDS) -> Starlette:
    """Return the fake registers as an ASGI application; `slow_seconds` is what SLOW takes of the one of identities."""
    return Starlette(routes=[*exclusion.routes(), *identity.routes(slow_seconds)])
