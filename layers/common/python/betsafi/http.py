"""The synchronous door to other services: API Gateway (REST, AWS_IAM), JSON in and out, errors by stable code."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from betsafi.errors import DomainError, InvalidInput, NotFound
from betsafi.telemetry import begin, logger

Endpoint = Callable[[dict[str, str], dict[str, Any]], Any]
"""(path parameters, JSON body) -> JSON answer."""


class Api:
    """Endpoints by (method, resource); an instance is the Lambda handler of a service's `api` door."""

    def __init__(self) -> None:
        self._endpoints: dict[tuple[str, str], Endpoint] = {}

    def route(self, method: str, resource: str) -> Callable[[Endpoint], Endpoint]:
        """Register the decorated function, e.g. `@api.route("POST", "/holds/{holdId}/release")`."""

        def register(function: Endpoint) -> Endpoint:
            self._endpoints[method, resource] = function
            return function

        return register

    @property
    def routes(self) -> set[tuple[str, str]]:
        """Every (method, resource) that this door answers."""
        return set(self._endpoints)

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        route = (event["httpMethod"], event["resource"])
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        begin(headers.get("x-correlation-id", ""), headers.get("x-causation-id", ""))
        try:
            endpoint = self._endpoints.get(route)
            if endpoint is None:
                raise NotFound("There is no such operation.")
            answer = endpoint(event.get("pathParameters") or {}, _body(event.get("body")))
        except DomainError as error:
            logger.info("request refused", route=" ".join(route), error=error.code)
            return _answer(error.status, {"error": error.code, "message": error.message, "info": error.info})
        logger.info("request answered", route=" ".join(route))
        return _answer(200, answer)


def _body(text: str | None) -> dict[str, Any]:
    try:
        body = json.loads(text) if text else {}
    except ValueError as error:
        raise InvalidInput("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.")
    return body


def _answer(status: int, body: Any) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body, separators=(",", ":")),
    }
