"""Routes of the local AppSync data plane."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
from graphql import OperationType
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from localcloud.appsync import realtime
from localcloud.appsync.callers import SignedMessage
from localcloud.appsync.deployment import NoSuchApi
from localcloud.appsync.errors import BadRequest, Unauthorized, envelope
from localcloud.appsync.execution import InvalidOperation, answer, prepare, read_json, run
from localcloud.appsync.gateway import Gateway
from localcloud.appsync.resolvers import RESOLVER_SECONDS
from localcloud.base.addresses import REGION
from localcloud.base.emulator import Emulator, EmulatorError

KEEP_ALIVE_SECONDS = 60.0
COMPRESSED_FROM_BYTES = 1000
"""Source: AppSync developer guide, "Compressing API responses"."""


def create_app(
    emulator_url: str,
    region: str = REGION,
    *,
    keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
    resolver_seconds: float = RESOLVER_SECONDS,
) -> Starlette:
    """Return the AppSync data plane of whatever is deployed on the emulator.

    Serve it on the loopback only, by one process: subscriptions live in its memory. `POST /graphql` and the
    WebSocket `/graphql` (or `/graphql/realtime`) answer for the first API, `/v1/apis/{id}/graphql` for a named
    one. `POST /_reload` reads the deployment at once; otherwise changes show within a second or, for the
    first resolver on a type, within ten. A resolver may take `resolver_seconds`, AppSync's 30 unless given otherwise.
    Answers from 1,000 bytes on are compressed for who accepts gzip, as AppSync does.
    """
    gateway = Gateway(Emulator(emulator_url, region, resolver_seconds), keep_alive_seconds, resolver_seconds)

    async def graphql(request: Request) -> JSONResponse:
        return await _answer(request, gateway)

    async def subscribe(websocket: WebSocket) -> None:
        await realtime.serve(websocket, gateway)

    async def reload(request: Request) -> JSONResponse:
        return JSONResponse({"apis": await gateway.deployments.reload()})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await gateway.emulator.close()

    paths = ("/graphql", "/v1/apis/{api_id}/graphql")
    return Starlette(
        routes=[
            Route("/_reload", reload, methods=["POST"]),
            *(Route(path, graphql, methods=["POST"]) for path in paths),
            *(WebSocketRoute(path + suffix, subscribe) for path in paths for suffix in ("", "/realtime")),
        ],
        middleware=[
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]),
            Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES),
        ],
        lifespan=lifespan,
    )


async def _answer(request: Request, gateway: Gateway) -> JSONResponse:
    """Execute a query or a mutation; the one place where failures become HTTP answers."""
    try:
        status, body = 200, await _execute(request, gateway)
    except InvalidOperation as error:
        status, body = 200, answer(None, error.errors)
    except Unauthorized as error:
        status, body = 401, envelope(error.error_type, str(error))
    except BadRequest as error:
        status, body = 400, envelope(error.error_type, str(error))
    except NoSuchApi as error:
        status, body = 404, envelope("ResourceNotFoundException", f"Unable to find the Api: {error}")
    except (EmulatorError, aiohttp.ClientError, TimeoutError) as error:
        status, body = 503, envelope("ServiceUnavailableException", f"The emulator failed: {error}")
    headers = {"x-amzn-requestid": str(uuid.uuid4())}
    if "data" not in body:
        headers["x-amzn-errortype"] = body["errors"][0]["errorType"]
    return JSONResponse(body, status, headers)


async def _execute(request: Request, gateway: Gateway) -> dict[str, Any]:
    message = await _message(request)
    deployment = await gateway.deployments.get(request.path_params.get("api_id"))
    call = await gateway.call(deployment, message, request.client.host if request.client else "127.0.0.1")
    try:
        asked = read_json(message.body)
    except ValueError as error:
        raise BadRequest("Invalid JSON payload in GraphQL POST request.") from error
    operation = prepare(deployment, asked)
    if operation.type is OperationType.SUBSCRIPTION:
        raise BadRequest("Subscriptions are served over a WebSocket.", "UnsupportedOperation")
    data, errors = await run(operation, call)
    if operation.type is OperationType.MUTATION and data:
        gateway.hub.publish(deployment, operation, data)
    return answer(data, errors)


async def _message(request: Request) -> SignedMessage:
    raw_path = request.scope.get("raw_path") or quote(request.url.path).encode()
    return SignedMessage(
        method=request.method,
        path=raw_path.decode("ascii"),
        query=request.url.query,
        headers=dict(request.headers.items()),
        body=await request.body(),
    )
