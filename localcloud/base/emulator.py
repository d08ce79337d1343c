"""Signed, asynchronous calls to the local AWS emulator."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from xml.etree import ElementTree

import aiohttp
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL


class EmulatorError(Exception):
    """The emulator refused a call that the gateway depends on."""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer of the emulator; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the decoded body; an empty body is None."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class FunctionOutcome:
    """What a Lambda function returned; `failed` when it raised, and then `payload` describes the exception."""

    payload: Any
    failed: bool


def root_credentials() -> Credentials:
    """Return the emulator's root key: the environment's, or test/test as the emulator defaults to."""
    return Credentials(os.environ.get("AWS_ACCESS_KEY_ID", "test"), os.environ.get("AWS_SECRET_ACCESS_KEY", "test"))


class Emulator:
    """A client of the emulator that signs as the account's root and waits `seconds` for an answer.

    Use as an async context manager, or call `close` at the end.
    """

    def __init__(self, url: str, region: str, seconds: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self.region = region
        self._seconds = seconds
        self.root = root_credentials()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections to the emulator."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _connections(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64), auto_decompress=False)
        return self._session

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_seconds: float | None = None,
    ) -> Answer:
        """Send one request as it stands (`path` already escaped) and return whatever comes back."""
        async with self._connections().request(
            method,
            URL(self.url + path, encoded=True),
            headers=headers,
            data=body,
            timeout=aiohttp.ClientTimeout(total=timeout_seconds or self._seconds),
            skip_auto_headers=("Content-Type",),
        ) as response:
            answer_headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, answer_headers, await response.read())

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_seconds: float | None = None,
    ) -> Answer:
        """Send one request signed as root for `service`."""
        request = AWSRequest(method=method, url=self.url + path, data=body, headers=dict(headers or {}))
        SigV4Auth(self.root, service, self.region).add_auth(request)
        return await self.send(
            method, path, headers=dict(request.headers.items()), body=body, timeout_seconds=timeout_seconds
        )

    async def read(self, service: str, path: str) -> Any:
        """Return the JSON of a signed GET. Raises EmulatorError on any other status than 200."""
        answer = await self.call(service, "GET", path)
        if answer.status != 200:
            raise EmulatorError(f"GET {path} answered {answer.status}: {answer.body[:200]!r}")
        return answer.json()

    async def post_json(self, url: str, body: Any) -> None:
        """Post JSON to another part of the local cloud. Raises aiohttp.ClientError unless it is taken."""
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        async with self._connections().post(url, json=body, timeout=timeout, raise_for_status=True):
            return

    async def invoke(
        self, function: str, event: Any, *, asynchronous: bool = False, timeout_seconds: float | None = None
    ) -> FunctionOutcome:
        """Invoke a Lambda function (name or ARN). Raises EmulatorError when it cannot be invoked at all."""
        path = f"/2015-03-31/functions/{quote(function, safe='')}/invocations"
        headers = {
            "Content-Type": "application/json",
            "X-Amz-Invocation-Type": "Event" if asynchronous else "RequestResponse",
        }
        answer = await self.call(
            "lambda",
            "POST",
            path,
            headers=headers,
            body=json.dumps(event).encode(),
            timeout_seconds=timeout_seconds,
        )
        if answer.status not in (200, 202):
            raise EmulatorError(f"Lambda {function} answered {answer.status}: {answer.body[:200]!r}")
        return FunctionOutcome(answer.json(), "x-amz-function-error" in answer.headers)

    async def enforces_signatures(self) -> bool:
        """Return whether the emulator runs with AUTH=true, the only mode in which it checks signatures."""
        health = (await self.send("GET", "/_ministack/health")).json()
        return bool(health["auth"] == "enabled")


def elements(xml: bytes) -> dict[str, str]:
    """Return the text of each element of an XML answer (IAM, STS) by its local name."""
    return {node.tag.rpartition("}")[2]: node.text or "" for node in ElementTree.fromstring(xml).iter()}
