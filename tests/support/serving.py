"""An ASGI application of a test's own process, behind real HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from localcloud.cloud.emulator_process import IDLE_SECONDS
from tests.support.waiting import PATIENCE_SECONDS, wait_for


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """Serve an application on a free port of 127.0.0.1 until the block ends; yield its address."""
    server = uvicorn.Server(configuration(app))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started, "server")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


def configuration(app: Any) -> uvicorn.Config:
    """Return how `serve` serves an application."""
    return uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="error",
        lifespan="on",
        ws="wsproto",
        timeout_keep_alive=IDLE_SECONDS,
    )
