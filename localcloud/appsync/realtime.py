"""AppSync's real-time protocol over a WebSocket (sub-protocol graphql-ws).

Source: AWS AppSync developer guide, "Building a real-time WebSocket client".
"""

import asyncio
import base64
import binascii
import contextlib
import json
from typing import Any

import aiohttp
from graphql import GraphQLError, OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect

from localcloud.appsync.callers import SignedMessage
from localcloud.appsync.deployment import NoSuchApi
from localcloud.appsync.errors import BadRequest, Unauthorized, envelope, validation_error
from localcloud.appsync.execution import InvalidOperation, prepare, read_json, run
from localcloud.appsync.gateway import Gateway
from localcloud.appsync.subscriptions import Subscription, root_field
from localcloud.base.emulator import EmulatorError

SUBPROTOCOL = "graphql-ws"
CONNECTION_TIMEOUT_MS = 300_000
MOST_SUBSCRIPTIONS = 100
"""Of one connection. Source: AWS general reference, "AWS AppSync endpoints and quotas"."""
_HEADER_SUBPROTOCOL = "header-"
_POLICY_VIOLATION = 1008


class Refused(Exception):
    """A subscription that is not accepted; `errors` go into the error frame."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


async def serve(websocket: WebSocket, gateway: Gateway) -> None:
    """Speak the protocol with one client until it leaves."""
    if SUBPROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.close()
        return
    await websocket.accept(subprotocol=SUBPROTOCOL)
    await _Connection(websocket, gateway).serve()


class _Connection:
    """One client's socket. Frames leave through one queue, so their order is the order of events."""

    def __init__(self, websocket: WebSocket, gateway: Gateway) -> None:
        self._websocket = websocket
        self._gateway = gateway
        self._outbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._subscriptions: dict[str, Subscription] = {}
        self._keep_alive: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Handle frames until the client leaves or is refused."""
        sender = asyncio.create_task(self._send_all())
        try:
            while await self._handle(await self._receive()):
                pass
            self._outbox.put_nowait(None)
            await sender
        except WebSocketDisconnect:
            pass  # the client has left: the ordinary end
        finally:
            for task in filter(None, (sender, self._keep_alive)):
                task.cancel()
            for subscription in self._subscriptions.values():
                self._gateway.hub.remove(subscription)

    async def _send_all(self) -> None:
        """Send what is queued; None ends the connection. A client that has left is the receiver's business."""
        with contextlib.suppress(WebSocketDisconnect):
            while (frame := await self._outbox.get()) is not None:
                await self._websocket.send_text(json.dumps(frame, separators=(",", ":")))
            await self._websocket.close(_POLICY_VIOLATION)

    async def _receive(self) -> str:
        """Return the text of the next frame, "" for a binary one. Raises WebSocketDisconnect."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        return message.get("text") or ""

    async def _handle(self, text: str) -> bool:
        """Answer one frame; return False when the connection must end."""
        try:
            frame = read_json(text)
        except ValueError:
            frame = None
        kind = frame.get("type") if isinstance(frame, dict) else None
        if self._keep_alive is None and not await self._open():
            return False
        if kind == "connection_init":
            payload = {"connectionTimeoutMs": CONNECTION_TIMEOUT_MS}
            self._outbox.put_nowait({"type": "connection_ack", "payload": payload})
        elif kind in ("start", "stop") and not (isinstance(frame.get("id"), str) and frame["id"]):
            self._fail(None, _as_envelope(BadRequest("id must be a text.", "BadRequestException")))
        elif kind == "start":
            await self._start(frame)
        elif kind == "stop":
            self._stop(frame["id"])
        else:
            self._fail(None, envelope("UnsupportedOperation", f"{kind} not supported through the realtime channel"))
        return True

    async def _open(self) -> bool:
        """Let the connection be used, from its first frame on: connection_init may be left out. False: refused."""
        try:
            deployment = await self._gateway.deployments.get(self._websocket.path_params.get("api_id"))
            message = SignedMessage("POST", "/graphql/connect", "", _connect_headers(self._websocket), b"{}")
            await self._gateway.authenticate(deployment, message, self._source_ip())
        except _FAILURES as error:
            self._outbox.put_nowait({"type": "connection_error", "payload": _as_envelope(error)})
            return False
        self._keep_alive = asyncio.create_task(self._send_keep_alives())
        return True

    async def _send_keep_alives(self) -> None:
        while True:
            self._outbox.put_nowait({"type": "ka"})
            await asyncio.sleep(self._gateway.keep_alive_seconds)

    async def _start(self, frame: dict[str, Any]) -> None:
        subscription_id: str = frame["id"]
        try:
            if subscription_id in self._subscriptions:
                raise BadRequest("The id is already in use.", "DuplicatedOperationError")
            if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
                raise BadRequest("The connection has as many as it may.", "MaxSubscriptionsReachedError")
            subscription = await self._accept(subscription_id, frame.get("payload"))
        except _FAILURES as error:
            self._fail(subscription_id, _as_envelope(error))
            return
        self._subscriptions[subscription_id] = subscription
        self._outbox.put_nowait({"id": subscription_id, "type": "start_ack"})
        self._gateway.hub.add(subscription)

    async def _accept(self, subscription_id: str, payload: Any) -> Subscription:
        """Return the subscription, after its token, its directives and its own resolver have let it pass."""
        body, headers = _start_parts(payload)
        deployment = await self._gateway.deployments.get(self._websocket.path_params.get("api_id"))
        message = SignedMessage("POST", "/graphql", "", headers, body.encode())
        call = await self._gateway.call(deployment, message, self._source_ip())
        operation = prepare(deployment, _json_object(body))
        if operation.type is not OperationType.SUBSCRIPTION:
            raise BadRequest("Only subscriptions are served over the real-time endpoint.", "UnsupportedOperation")
        try:
            field_name, arguments = root_field(operation, deployment)
        except GraphQLError as error:
            raise Refused([validation_error(error)]) from error
        _, errors = await run(operation, call)
        if errors:
            raise Refused(errors)

        def emit(result: dict[str, Any]) -> None:
            self._outbox.put_nowait({"id": subscription_id, "type": "data", "payload": result})

        return Subscription(operation, call, field_name, arguments, emit)

    def _stop(self, subscription_id: str) -> None:
        subscription = self._subscriptions.pop(subscription_id, None)
        if subscription is None:
            self._fail(subscription_id, envelope("UnknownOperationError", "No subscription has this id."))
            return
        self._gateway.hub.remove(subscription)
        self._outbox.put_nowait({"id": subscription_id, "type": "complete"})

    def _fail(self, subscription_id: str | None, payload: dict[str, Any]) -> None:
        named = {"id": subscription_id} if subscription_id is not None else {}
        self._outbox.put_nowait({**named, "type": "error", "payload": payload})

    def _source_ip(self) -> str:
        return self._websocket.client.host if self._websocket.client else "127.0.0.1"


_FAILURES = (
    Unauthorized,
    BadRequest,
    InvalidOperation,
    Refused,
    NoSuchApi,
    EmulatorError,
    aiohttp.ClientError,
    TimeoutError,
)


def _as_envelope(error: Exception) -> dict[str, Any]:
    if isinstance(error, (InvalidOperation, Refused)):
        return {"errors": error.errors}
    if isinstance(error, Unauthorized):
        return envelope(error.error_type, str(error), errorCode=401)
    if isinstance(error, BadRequest):
        return envelope(error.error_type, str(error), errorCode=400)
    if isinstance(error, NoSuchApi):
        return envelope("ResourceNotFoundException", str(error), errorCode=404)
    return envelope("ServiceUnavailableException", str(error), errorCode=503)


def _connect_headers(websocket: WebSocket) -> dict[str, str]:
    """Return the authorization of the handshake: `?header=`, the sub-protocol `header-…`, or its own headers."""
    encoded = websocket.query_params.get("header")
    for offered in websocket.scope["subprotocols"]:
        if encoded is None and offered.startswith(_HEADER_SUBPROTOCOL):
            encoded = offered.removeprefix(_HEADER_SUBPROTOCOL)
    return dict(websocket.headers.items()) if encoded is None else decode_header(encoded)


def decode_header(encoded: str) -> dict[str, str]:
    """Decode base64 JSON headers, names in lower case.

    Takes both alphabets, missing padding, and a space for a plus that was not URL-escaped. Raises Unauthorized.
    """
    text = encoded.translate(str.maketrans(" -_", "++/")).rstrip("=")
    try:
        headers = read_json(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (binascii.Error, ValueError) as error:
        raise Unauthorized("The connection header is not base64 JSON.") from error
    return _lower(headers)


def _start_parts(payload: Any) -> tuple[str, dict[str, str]]:
    """Return the text of the operation and the authorization headers of a start frame."""
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, str):
        raise BadRequest("payload.data must be the JSON text of the operation.", "BadRequestException")
    extensions = payload.get("extensions")
    return data, _lower(extensions.get("authorization") if isinstance(extensions, dict) else None)


def _lower(headers: Any) -> dict[str, str]:
    if not isinstance(headers, dict):
        raise Unauthorized("Required headers are missing.")
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _json_object(text: str) -> Any:
    try:
        return read_json(text)
    except ValueError as error:
        raise BadRequest("payload.data is not JSON.", "BadRequestException") from error
