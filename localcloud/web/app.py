"""The checkout's websites as they were built, the reference app and the documents, under their policies of AWS."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from localcloud.base.addresses import HOST
from tools.base.services import ROOT

_POLICIES: dict[str, str] = json.loads((ROOT / "shared" / "serverless" / "policies.json").read_text())
POLICY = _POLICIES["web"].replace("${Addresses}", f"http://{HOST}:* ws://{HOST}:*")
"""The app runs nothing but its own files and talks to this machine alone."""
_NEVER_CHANGES = "public, max-age=31536000, immutable"
_MISSING = "The app is not built yet: `make app-build` does it.\n"
_NOT_YET = "The documents are being built, which takes a minute or two; then this page shows them. If not, see {log}.\n"


def create_app(built: Path, config: Callable[[], dict[str, Any]]) -> Starlette:
    """Return the app that was built into this folder, as often as it is built anew.

    ``GET /config.json`` is what ``config`` returns; any address that is no file is a page of the app.
    """

    async def configuration(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(config), headers={"Cache-Control": "no-store"})

    async def file(request: Request) -> Response:
        asked = _below(built, request)
        if asked and asked.is_file():
            return _file(asked, POLICY, _NEVER_CHANGES if asked.parent.name == "assets" else "no-cache")
        if Path(request.path_params["path"]).suffix:
            return PlainTextResponse("There is no such file.\n", 404)
        page = built / "index.html"
        return _file(page, POLICY) if page.is_file() else PlainTextResponse(_MISSING, 503)

    return _site(Route("/config.json", configuration), Route("/{path:path}", file))


def create_documents(built: Path, log: Path) -> Starlette:
    """Return the documents that were built into this folder; while there are none, that the build writes a log."""

    async def file(request: Request) -> Response:
        if not (built / "index.html").is_file():
            return PlainTextResponse(_NOT_YET.format(log=log), 503, {"Refresh": "2"})
        asked = _below(built, request)
        if asked and asked.is_dir():
            if not request.url.path.endswith("/"):
                return RedirectResponse(f"/{request.path_params['path']}/", 301)
            asked /= "index.html"
        if asked and asked.is_file():
            return _file(asked, _POLICIES["docs"])
        return _file(built / "404.html", _POLICIES["docs"], status=404)

    return _site(Route("/{path:path}", file))


def _site(*routes: Route) -> Starlette:
    return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=1000)])


def _below(built: Path, request: Request) -> Path | None:
    """Return what is asked for, if it is in the folder."""
    asked = (built / request.path_params["path"]).resolve()
    return asked if asked.is_relative_to(built.resolve()) else None


def _file(file: Path, policy: str, cache: str = "no-cache", status: int = 200) -> Response:
    return FileResponse(file, status, {"Cache-Control": cache, "Content-Security-Policy": policy})
