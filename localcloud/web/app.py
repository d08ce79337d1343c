"""The reference app's files as they were built, and what it has to know of the cloud that it is served by."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from localcloud.base.addresses import HOST

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; "
    f"connect-src 'self' http://{HOST}:* ws://{HOST}:*; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""The app runs nothing but its own files and talks to this machine alone."""
_NEVER_CHANGES = "public, max-age=31536000, immutable"
_MISSING = "The app is not built yet: `make app-build` does it.\n"


def create_app(built: Path, config: Callable[[], dict[str, Any]]) -> Starlette:
    """Return the app that was built into this folder, as often as it is built anew.

    ``GET /config.json`` is what ``config`` returns; any address that is no file is a page of the app.
    """

    async def configuration(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(config), headers={"Cache-Control": "no-store"})

    async def file(request: Request) -> Response:
        asked = (built / request.path_params["path"]).resolve()
        if asked.is_file() and asked.is_relative_to(built.resolve()):
            hashed = asked.parent.name == "assets"
            headers = {"Cache-Control": _NEVER_CHANGES if hashed else "no-cache", "Content-Security-Policy": POLICY}
            return FileResponse(asked, headers=headers)
        if asked.suffix:
            return PlainTextResponse("There is no such file.\n", 404)
        page = built / "index.html"
        if not page.is_file():
            return PlainTextResponse(_MISSING, 503)
        return FileResponse(page, headers={"Cache-Control": "no-cache", "Content-Security-Policy": POLICY})

    return Starlette(
        routes=[Route("/config.json", configuration), Route("/{path:path}", file)],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
    )
