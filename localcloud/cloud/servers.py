"""Our own servers, each in a thread."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from localcloud import appsync, cognito, daraja, inbox, registers, web
from localcloud.appsync.websocket import WebSocketProtocol
from localcloud.base.addresses import HOST, REGION, STAGE, Addresses
from localcloud.base.guard import Guard
from localcloud.cloud.callbacks import CallbackProxy
from localcloud.cloud.documents import LOG
from localcloud.cloud.emulator_process import IDLE_SECONDS
from localcloud.cloud.running import Cloud, parameter
from localcloud.cloud.starting import CannotStart, Report
from tools.base.services import ROOT
from tools.base.waiting import PATIENCE_SECONDS

RESOLVER_SECONDS = 300.0
"""A busy laptop needs longer than AppSync's 30 seconds for a first call; only a deadlock takes this long."""


BUILT_APP = ROOT / "build" / "web"
BUILT_DOCUMENTS = ROOT / "build" / "docs" / "site"


def app_config(addresses: Addresses) -> dict[str, Any]:
    """Return what the reference app reads at its start; on AWS a file beside it says the same, less `laptop`."""
    return {
        "stage": STAGE,
        "region": REGION,
        "graphql": addresses.appsync,
        "lobbyKey": parameter(addresses, "frontend-api/lobby/key"),
        "userPoolId": parameter(addresses, "users/pool/id"),
        "clientId": parameter(addresses, "users/client/id"),
        "staff": {
            "userPoolId": parameter(addresses, "platform/staff/pool/id"),
            "clientId": parameter(addresses, "platform/staff/client/id"),
        },
        "cognito": addresses.cognito,
        "laptop": {"phone": f"{addresses.daraja}/phone/", "inbox": addresses.inbox},
    }


@contextmanager
def servers(cloud: Cloud, report: Report) -> Iterator[None]:
    """Run every server of ours until the block ends. Raises CannotStart."""
    addresses, folder = cloud.addresses, cloud.folder
    gateway = appsync.create_app(addresses.emulator, region=REGION, resolver_seconds=RESOLVER_SECONDS)
    callbacks = CallbackProxy(addresses.emulator)
    gateway.router.routes.insert(0, Route("/cb/{rest:path}", callbacks.forward, methods=["POST"]))
    tls = {"ssl_certfile": cloud.tls.certificate, "ssl_keyfile": cloud.tls.key, "lifespan": "off"}
    outside = daraja.create_app(state_file=folder / "daraja.json", deliver_to=addresses.callbacks)
    outside.router.routes.insert(0, Mount("/registers", registers.create_app()))
    apps = {
        "daraja": outside,
        "cognito": cognito.create_app(
            addresses.emulator, region=REGION, inbox_url=addresses.inbox, seconds=RESOLVER_SECONDS
        ),
        "inbox": inbox.create_app(addresses.emulator, region=REGION, daraja_url=addresses.daraja),
        "web": web.create_app(BUILT_APP, lambda: app_config(addresses)),
        "docs": web.create_documents(BUILT_DOCUMENTS, folder / LOG),
    }
    groups = [
        {"appsync": server_of(addresses, "appsync", gateway), "secure": server_of(addresses, "secure", gateway, **tls)},
        *({name: server_of(addresses, name, app)} for name, app in apps.items()),
    ]
    running = []
    try:
        for group in groups:
            thread = threading.Thread(target=run_together, args=list(group.values()), name="+".join(group), daemon=True)
            thread.start()
            running.append((group, thread))
        for group, thread in running:
            for name, server in group.items():
                _wait_for_server(name, server, thread)
        report("AppSync gateway, Cognito, fake Daraja, inbox, app and documents are up")
        yield
    finally:
        for group, _ in running:
            for server in group.values():
                server.should_exit = True
        for _, thread in running:
            thread.join(10)


def server_of(addresses: Addresses, name: str, app: Starlette, **more: Any) -> uvicorn.Server:
    """Return the server of one part, not started yet."""
    return uvicorn.Server(
        uvicorn.Config(
            Guard(app),
            host=HOST,
            port=addresses.ports[name],
            ws=WebSocketProtocol if name in ("appsync", "secure") else "none",
            log_level="warning",
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=1,
            **more,
        )
    )


def run_together(*servers: uvicorn.Server) -> None:
    """Run servers of one app in one event loop: what it keeps in memory, as subscriptions, is theirs together."""

    async def run() -> None:
        await asyncio.gather(*(server.serve() for server in servers))

    asyncio.run(run())


def _wait_for_server(name: str, server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise CannotStart(f"The local {name} server did not start; what it printed above says why.")
        time.sleep(0.02)
