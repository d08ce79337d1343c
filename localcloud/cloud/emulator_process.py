"""MiniStack on uvicorn, with functions' code unpacked and compiled once: `python -P emulator_process.py`.

`python -m ministack` takes a request through hypercorn and h11, which compute more than all that MiniStack does for it;
httptools reads it in C. And it unpacks a function's code and layers anew for each of its processes, whose first second
then goes into compiling libraries. Nothing writes where a function's code is; on AWS nothing can. Nor is what runs
resolvers ended between two requests. And PreTokenGeneration is told what came with a refresh.

It ends with whoever started it, however that ends: when its standard input does, which is to be a pipe.
"""

import hashlib
import os
import resource
import signal
import sys
import tempfile
import threading
import zipfile
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn

IDLE_SECONDS = 3_600
"""So long a server of the local cloud keeps a connection that nobody uses: longer than its clients keep theirs, for
what one sends at the moment when the server closes gets no answer."""

_one_at_a_time = threading.Lock()


def unpacking_once(kept: Path) -> type[zipfile.ZipFile]:
    """Return zip files that unpack each content once, into `kept`; the folder they are given becomes a link to it."""

    class Once(zipfile.ZipFile):
        @cached_property
        def _content(self) -> Path:
            assert self.filename
            return kept / hashlib.sha256(Path(self.filename).read_bytes()).hexdigest()

        def namelist(self) -> list[str]:
            """Nothing where all is unpacked: MiniStack checks each name again, which takes longer than all else."""
            return [] if self._content.exists() else super().namelist()

        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            with _one_at_a_time:
                if not self._content.exists():
                    unfinished = kept / "unfinished"
                    super().extractall(unfinished, members, pwd)
                    unfinished.rename(self._content)
            os.rmdir(path)
            os.symlink(self._content, path)

    return Once


def tell_at_refreshes(cognito: Any) -> None:
    """Have PreTokenGeneration told the ClientMetadata of GetTokensFromRefreshToken, as on AWS; MiniStack drops it."""
    told: ContextVar[dict[str, str] | None] = ContextVar("told", default=None)
    refresh, build = cognito._get_tokens_from_refresh_token, cognito._build_auth_result

    def refreshed(asked: dict[str, Any]) -> Any:
        now = told.set(asked.get("ClientMetadata"))
        try:
            return refresh(asked)
        finally:
            told.reset(now)

    def built(*given: Any, **named: Any) -> Any:
        return build(*given, **({"client_metadata": told.get()} if told.get() else {}), **named)

    cognito._get_tokens_from_refresh_token, cognito._build_auth_result = refreshed, built


def main() -> None:
    """Run MiniStack until it is stopped."""
    from ministack import app  # type: ignore[import-untyped]
    from ministack.core import appsync_js, lambda_runtime  # type: ignore[import-untyped]
    from ministack.services import cognito  # type: ignore[import-untyped]

    threading.Thread(target=_end_with_our_starter, daemon=True).start()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # The fields of one request come together: with two processes of Node kept, each request would start more.
    appsync_js._pool.max_idle = 8
    tell_at_refreshes(cognito)
    with tempfile.TemporaryDirectory(prefix="betsafi-functions-", ignore_cleanup_errors=True) as kept:
        lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": unpacking_once(Path(kept))})
        _serve(app.app)


def _end_with_our_starter() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(app: Any) -> None:
    """Serve until SIGTERM, which lets the app save its state and then ends all blocks around this."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Some systems let a process have 256 connections, and more if it asks.
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, min(most, 10_240)), most))
    uvicorn.Server(configuration(app)).run()


def configuration(app: Any) -> uvicorn.Config:
    """Return how MiniStack is served, where its environment says."""
    return uvicorn.Config(
        app,
        host=os.environ["BIND_HOST"],
        port=int(os.environ["GATEWAY_PORT"]),
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # These are the app's own, as AWS answers.
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
