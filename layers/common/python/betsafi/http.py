"""The synchronous door to other services: API Gateway (REST, AWS_IAM), JSON in and out, errors by stable code.

What an operation takes, gives and refuses with is declared where it is registered, as JSON Schemas and error classes;
each service's `openapi.yml` is made of it (`python -m tools.export_openapi`).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from betsafi.errors import DomainError, InvalidInput, NotFound
from betsafi.inputs import check_storable
from betsafi.telemetry import begin, logger

Endpoint = Callable[[dict[str, str], dict[str, Any]], Any]
"""(path parameters, JSON body) -> JSON answer."""

Schema = dict[str, Any]
"""A JSON Schema."""


@dataclass(frozen=True)
class Operation:
    """An endpoint and its contract: the body that it takes (None: none), its answer, and what it refuses with."""

    endpoint: Endpoint
    takes: Schema | None
    gives: Schema
    refuses: tuple[type[DomainError], ...]


class Api:
    """Operations by (method, resource); an instance is the Lambda handler of a service's `api` door."""

    def __init__(self) -> None:
        self.operations: dict[tuple[str, str], Operation] = {}

    def route(
        self, method: str, resource: str, *, gives: Schema, takes: Schema | None = None,
        refuses: tuple[type[DomainError], ...] = (),
    ) -> Callable[[Endpoint], Endpoint]:  # fmt: skip
        """Register the decorated function, e.g. `@api.route("GET", "/accounts/{userId}", gives=ACCOUNT)`.

        Every operation may also refuse with InvalidInput.
        """

        def register(function: Endpoint) -> Endpoint:
            self.operations[method, resource] = Operation(function, takes, gives, (InvalidInput, *refuses))
            return function

        return register

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        route = (event["httpMethod"], event["resource"])
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        begin(headers.get("x-correlation-id", ""), headers.get("x-causation-id", ""))
        try:
            operation = self.operations.get(route)
            if operation is None:
                raise NotFound("There is no such operation.")
            path, body = event.get("pathParameters") or {}, _body(event.get("body"))
            check_storable({**path, **body})
            answer = operation.endpoint(path, body)
        except DomainError as error:
            logger.info("request refused", route=" ".join(route), error=error.code)
            return _answer(error.status, {"error": error.code, "message": error.message, "info": error.info})
        logger.info("request answered", route=" ".join(route))
        return _answer(200, answer)


def _body(text: str | None) -> dict[str, Any]:
    try:
        body = json.loads(text, parse_float=_number) if text else {}
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.")
    return body


def _number(text: str) -> int | float:
    """JSON has one kind of number: 1.0 and 1e2 are whole."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _answer(status: int, body: Any) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body, separators=(",", ":")),
    }
