"""A connection that an app keeps is good for its next question, whenever that comes."""

import asyncio

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from localcloud.base.addresses import HOST
from localcloud.cloud import emulator_process, servers
from tests.support import serving
from tests.support.emulator import free_addresses, free_port

APP = Starlette(routes=[Route("/", lambda _: Response())])
LONG_SECONDS = 3_000.0


@pytest.fixture
def config(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> uvicorn.Config:
    """How this part serves its app, in whose place it serves ours."""
    if request.param == "emulator":
        monkeypatch.setenv("BIND_HOST", HOST)
        monkeypatch.setenv("GATEWAY_PORT", str(free_port()))
        return emulator_process.configuration(APP)
    if request.param == "serve":
        return serving.configuration(APP)
    return servers.server_of(free_addresses(), request.param, APP).config


@pytest.mark.parametrize("config", ["emulator", "cognito", "appsync", "serve"], indirect=True)
def test_what_is_asked_after_a_long_rest_is_answered_on_the_same_connection(
    config: uvicorn.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asyncio.run(_asked_twice(config, monkeypatch)) == [b"HTTP/1.1 200 OK"] * 2


async def _asked_twice(config: uvicorn.Config, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Ask, let the server's clock run on, and ask again; return how the two answers begin."""
    loop = asyncio.get_running_loop()
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    reader, writer = await asyncio.open_connection(HOST, server.servers[0].sockets[0].getsockname()[1])

    async def ask() -> bytes:
        writer.write(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        return (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]

    first, rested, clock = await ask(), asyncio.Event(), loop.time
    loop.call_later(LONG_SECONDS, rested.set)
    monkeypatch.setattr(loop, "time", lambda: clock() + LONG_SECONDS)
    await rested.wait()  # until all that was due before is done
    second = await ask()
    writer.close()
    await server.shutdown()
    return [first, second]
