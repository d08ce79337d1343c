"""Every ``/_fake`` path."""

from starlette.routing import Route

from localcloud.daraja.controls import deliveries, money, requests, temper
from localcloud.daraja.controls.handling import guarded
from localcloud.daraja.running.fake import Fake


def routes(fake: Fake) -> list[Route]:
    """Return the control routes over ``fake``."""
    return [
        Route(f"/_fake{path}", guarded(fake, handler), methods=[method])
        for room in (money, requests, deliveries, temper)
        for method, path, handler in room.ROUTES
    ]
