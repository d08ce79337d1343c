"""The application: Daraja's paths, the ``/_fake`` controls and the phone page, over one M-Pesa."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from localcloud.daraja import phone
from localcloud.daraja.api.call import Call
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import Answer
from localcloud.daraja.controls.routes import routes as controls
from localcloud.daraja.running.clock import Clock, SystemClock, sleep
from localcloud.daraja.running.fake import Fake

SAVE_EVERY_S = 1.0


def create_app(
    settings: Settings | None = None, *, clock: Clock | None = None, seed: int | None = None,
    state_file: Path | None = None, **overrides: Any,
) -> Starlette:  # fmt: skip
    """Return the fake Daraja as an ASGI application; serve it on 127.0.0.1.

    ``overrides`` are fields of Settings (``auto_approve=True, approve_delay_s=0.2``). With a ``ManualClock`` nothing
    happens by itself: move it, or POST /_fake/clock. ``seed`` makes ids repeatable. ``state_file`` keeps the books
    between runs; it is written within a second of a change and at a clean stop.
    """
    fake = Fake(replace(settings or Settings(), **overrides), clock or SystemClock(), seed, state_file)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(fake.courier.run())]
        if fake.state_file:
            tasks.append(asyncio.create_task(_keep_saved(fake)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            fake.save()

    async def daraja(request: Request) -> Response:
        call = Call(
            request.method, request.url.path, {k.lower(): v for k, v in request.headers.items()},
            dict(request.query_params), await request.body(),
        )  # fmt: skip
        given = fake.gateway.handle(call, fake.clock.now())
        fake.courier.wake()
        if given.delay_s:
            await _withhold(fake.clock, given.delay_s, request)
        return Cut() if given.close else _response(given)

    everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    routes = [
        *controls(fake),
        *phone.routes(fake),
        Route("/{path:path}", daraja, methods=everything),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.fake = fake
    return app


async def _withhold(clock: Clock, seconds: float, request: Request) -> None:
    """Wait, but no longer than the caller does."""
    waits = [asyncio.create_task(sleep(clock, seconds)), asyncio.create_task(_hung_up(request))]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _keep_saved(fake: Fake) -> None:
    saved = -1
    while True:
        changes = fake.courier.changes
        if changes != saved:
            fake.save()
            saved = changes
        await asyncio.sleep(SAVE_EVERY_S)


def _response(given: Answer) -> Response:
    return Response(given.body, given.status, given.headers)


class Cut(Response):
    """Ends the connection without an answer: the request was carried out, its outcome is lost."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn keeps the transport on the object that owns ``receive``. With another server the answer is begun and
        # never finished, which a client sees as a broken connection too.
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
            return
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            continue
