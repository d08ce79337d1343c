"""The messages that the local cloud sent: SMS and e-mails, as the emulator recorded them, newest first.

What MiniStack 1.5.33 gives back over HTTP, and what this page does about the rest:

- SNS ``Publish(PhoneNumber=…)``: ``/_ministack/sns/sms-messages``, whole text, **no time**. The inbox stamps a message
  when it first sees it (it looks twice a second); what was there before the inbox started has no time.
- SES: ``/_ministack/ses/messages``, with time; Cognito's e-mails are among them. They are read when somebody looks.
- Cognito sends **no SMS at all**. For a user who is unconfirmed, or must reset the password, the inbox writes the SMS
  that AWS would have sent, from the pool's own template, marked ``derived``. What leaves no trace to read (a code sent
  again, a forgotten password, an attribute to verify), the Cognito endpoint of the local cloud POSTs to ``/messages``.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from localcloud.base.addresses import REGION
from localcloud.base.emulator import Emulator
from localcloud.inbox.aggregator import Aggregator
from localcloud.inbox.mailbox import Mailbox, Message, iso
from localcloud.inbox.page import POLICY, render_page, render_rows, version
from localcloud.inbox.reading import LOOK_SECONDS, Reader

LOOK_EVERY_S = 0.5


def create_app(
    emulator_url: str,
    *,
    region: str = REGION,
    daraja_url: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """Return the inbox of one emulator; with ``daraja_url`` the fake's M-Pesa messages are in it too.

    ``GET /`` is the page, ``GET /messages?to=&channel=`` the JSON; both look at the emulator first, so that a message
    is there as soon as it was sent. ``POST /messages`` {to, text, channel?, subject?, source?, id?} records one that
    the emulator cannot. Below ``/africastalking`` stands a fake of that carrier, whose SMS are here too.
    """
    emulator = Emulator(emulator_url, region, LOOK_SECONDS)
    mailbox = Mailbox()
    reader = Reader(emulator, mailbox, daraja_url.rstrip("/") if daraja_url else None, now)
    pages = _Pages(mailbox, reader, now)

    async def keep_looking() -> None:
        while True:
            await reader.look(kept=False)
            await asyncio.sleep(LOOK_EVERY_S)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(keep_looking())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await emulator.close()

    return Starlette(
        routes=[
            Route("/", pages.page),
            Route("/rows", pages.rows),
            Route("/messages", pages.messages, methods=["GET"]),
            Route("/messages", pages.record, methods=["POST"]),
            *Aggregator(mailbox, now).routes(),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        lifespan=lifespan,
    )


class _Pages:
    """What each path answers."""

    def __init__(self, mailbox: Mailbox, reader: Reader, now: Callable[[], datetime]) -> None:
        self._mailbox, self._reader, self._now = mailbox, reader, now

    async def messages(self, request: Request) -> Response:
        """Return the messages as JSON."""
        found = [asdict(message) for message in await self._chosen(request)]
        return JSONResponse({"messages": found, "faults": self._reader.faults})

    async def record(self, request: Request) -> Response:
        """Keep a message that the emulator cannot record."""
        try:
            given = await request.json()
            message = self._mailbox.recorded(given, iso(self._now()))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"id": message.id}, 201 if self._mailbox.add(message) else 200)

    async def page(self, request: Request) -> Response:
        """Return the page."""
        to = request.query_params.get("to") or ""
        rows = render_rows(await self._chosen(request), self._reader.faults)
        return HTMLResponse(render_page(to, rows), headers={"Content-Security-Policy": POLICY})

    async def rows(self, request: Request) -> Response:
        """Return what the page shows now."""
        shown = render_rows(await self._chosen(request), self._reader.faults)
        return HTMLResponse(shown, headers={"X-Version": version(shown), "Cache-Control": "no-store"})

    async def _chosen(self, request: Request) -> list[Message]:
        await self._reader.look()
        return self._mailbox.newest_first(
            request.query_params.get("to") or None, request.query_params.get("channel") or None
        )
