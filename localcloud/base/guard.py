"""What every server of the laptop does before it answers: no other site uses it, and no page runs what is not its own.

The servers listen on 127.0.0.1, but any page that the same browser shows can send requests there. A page of another
site has another Host (a name that was made to mean 127.0.0.1) or another Origin, which browsers send with
everything but a plain GET. Programs send no Origin and pass.
"""

import base64
import hashlib
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localcloud.base.addresses import HOST

HOSTS = (HOST, "localhost")
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For answers that are no page; a page sends its own."""
_HARMLESS = ("GET", "HEAD", "OPTIONS")
_POLICY_VIOLATION = 1008


class Guard:
    """An application that only this machine's own pages and programs can use.

    A Host other than 127.0.0.1 or localhost is answered 421; what is sent from a page of another site, a WebSocket's
    handshake included, 403. Every answer has a content security policy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif refusal := _refusal(scope):
            await _refuse(refusal, scope, receive, send)
        else:
            await self._app(scope, receive, _with_policy(send))


def inline(content: str) -> str:
    """Return how a page's policy names one of its own styles or scripts."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _refusal(scope: Scope) -> PlainTextResponse | None:
    headers = Headers(scope=scope)
    if _host(f"//{headers.get('host', '')}") not in HOSTS:
        return PlainTextResponse(f"This server is {HOST} and nobody else.\n", 421)
    changes = scope["type"] == "websocket" or scope["method"] not in _HARMLESS
    if changes and any(_host(origin) not in HOSTS for origin in headers.getlist("origin")):
        return PlainTextResponse("Pages of other sites may send nothing here.\n", 403)
    return None


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _refuse(refusal: PlainTextResponse, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
    else:
        await refusal(scope, receive, _with_policy(send))


def _with_policy(send: Send) -> Send:
    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", POLICY)
            headers.setdefault("x-content-type-options", "nosniff")
        await send(message)

    return send_with_policy
