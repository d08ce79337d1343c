"""API Gateway in front of a handler of this process, as a WSGI application."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from tests.support.signed import session_of, signed

Handler = Callable[[dict[str, Any]], dict[str, Any]]
ToEvent = Callable[[str, str, str], dict[str, Any] | None]
"""(method, path, body) -> the event of such a request, None for a path that the API does not have."""


class Gateway:
    """Hands requests to the handler as events; a handler that raises answers 502, as on AWS."""

    def __init__(self, to_event: ToEvent, handler: Handler) -> None:
        self._to_event = to_event
        self._handler = handler

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace")
        answer = self._ask(environ["REQUEST_METHOD"], path, body)
        start_response(f"{answer['statusCode']} -", list(answer["headers"].items()))
        return [answer["body"].encode()]

    def _ask(self, method: str, path: str, body: str) -> dict[str, Any]:
        event = self._to_event(method, path, body)
        if event is None:
            return _say(404, "Not Found")
        try:
            return self._handler(event)
        except Exception as error:  # noqa: BLE001  what a Lambda raises, API Gateway answers
            return _say(502, f"{type(error).__name__}: {error}")


def rest(resources: Iterable[str]) -> ToEvent:
    """Return how a REST API's proxy integration makes events of requests (payload 1.0)."""
    patterns = {resource: re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", resource)) for resource in resources}

    def to_event(method: str, path: str, body: str) -> dict[str, Any] | None:
        for resource, pattern in patterns.items():
            if found := pattern.fullmatch(path):
                return {
                    "httpMethod": method,
                    "resource": resource,
                    "pathParameters": found.groupdict(),
                    "headers": {},
                    "requestContext": {"identity": {"sourceIp": "196.201.214.200"}, "requestId": "r"},
                    "body": body or None,
                }
        return None

    return to_event


def http_api(operations: Iterable[tuple[str, str]], caller: str) -> ToEvent:
    """Return how an HTTP API with IAM makes events of a service's requests (payload 2.0)."""
    resources = sorted({resource for _, resource in operations})
    return lambda method, path, body: signed(session_of(caller), method, path, resources, body)


def _say(status: int, message: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"message": message})}
