"""What an app of the demo leaves when it stops to listen."""

import asyncio
import gc
import threading
from collections.abc import Iterator

import pytest
from aiohttp import web

from localcloud.demo.app import App
from tests.support.waiting import PATIENCE_SECONDS


@pytest.fixture
def refusing() -> Iterator[str]:
    """The address of a gateway that refuses a subscription, and then hears no more: not even that it is closed."""
    loop = asyncio.new_event_loop()
    address: list[str] = []
    up, over = threading.Event(), asyncio.Event()

    async def refuse(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["graphql-ws"])
        await socket.prepare(request)
        await socket.receive_json()
        await socket.send_json({"type": "connection_ack", "payload": {"connectionTimeoutMs": 300000}})
        asked = await socket.receive_json()
        refusal = {"errors": [{"errorType": "Unauthorized", "message": "It is another's."}]}
        await socket.send_json({"type": "error", "id": asked["id"], "payload": refusal})
        await over.wait()
        return socket

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/graphql", refuse)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address.append(f"http://127.0.0.1:{runner.addresses[0][1]}/graphql")
        up.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert up.wait(PATIENCE_SECONDS)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def test_who_leaves_while_a_refused_subscription_is_being_closed_leaves_nothing_behind(
    refusing: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(refusing, "http://127.0.0.1:9", "", "", lobby_key="key")
    with app.listen("subscription { onAnother { id } }") as feed:
        assert feed.error is not None
    del feed  # and with its error the places that it came through
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
