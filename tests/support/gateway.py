"""API Gateway's proxy integration in front of a handler of this process, as a WSGI application."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

Handler = Callable[[dict[str, Any]], dict[str, Any]]


class Gateway:
    """Hands requests to the handler as events; a handler that raises answers 502, as on AWS."""

    def __init__(self, resources: Iterable[str], handler: Handler) -> None:
        self._resources = {
            resource: re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", resource)) for resource in resources
        }
        self._handler = handler

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace")
        answer = self._ask(environ["REQUEST_METHOD"], path, body)
        start_response(f"{answer['statusCode']} -", list(answer["headers"].items()))
        return [answer["body"].encode()]

    def _ask(self, method: str, path: str, body: str) -> dict[str, Any]:
        fitting = ((resource, pattern.fullmatch(path)) for resource, pattern in self._resources.items())
        resource, found = next(((resource, found) for resource, found in fitting if found), ("", None))
        if found is None:
            return _say(403, "Missing Authentication Token")
        event = {
            "httpMethod": method,
            "resource": resource,
            "pathParameters": found.groupdict(),
            "headers": {},
            "requestContext": {"identity": {"sourceIp": "196.201.214.200"}, "requestId": "r"},
            "body": body or None,
        }
        try:
            return self._handler(event)
        except Exception as error:  # noqa: BLE001  what a Lambda raises, API Gateway answers
            return _say(502, f"{type(error).__name__}: {error}")


def _say(status: int, message: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"message": message})}
