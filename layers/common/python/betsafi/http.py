"""The handler for other services: an HTTP API with IAM, JSON in and out, errors by stable code.

Who may call an operation, what it takes, gives and refuses with is declared where it is registered, as names of
services, models (`betsafi.bodies`) and error classes. The models check what comes, and each service's `openapi.yml` is
made of all this (`python -m tools.export_openapi`).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from betsafi.bodies import Body, Refusal
from betsafi.errors import DomainError, Forbidden, InvalidInput, NotFound
from betsafi.ids import path_identifier
from betsafi.inputs import check_storable
from betsafi.settings import read_settings
from betsafi.telemetry import begin, count, logger

Endpoint = Callable[[str, dict[str, str], Any], Body]
"""(calling service, path parameters, what the operation takes or None) -> its answer."""


@dataclass(frozen=True)
class Settings:
    """Where we are: roles of other stages and regions are strangers."""

    stage: str
    aws_region: str


@dataclass(frozen=True)
class Operation:
    """An endpoint and its contract: who may call it, the body that it takes (None: none), its answer, its refusals."""

    endpoint: Endpoint
    callers: frozenset[str]
    takes: type[Body] | None
    gives: type[Body]
    refuses: tuple[type[DomainError], ...]


class Api:
    """Operations by (method, resource); an instance is the Lambda handler of a service's function `api`.

    IAM lets a role call the methods and paths that its policy names. The handler checks the caller once more, and hands
    the service's name to the operation, for what a path does not say.
    """

    def __init__(self) -> None:
        self.operations: dict[tuple[str, str], Operation] = {}
        self._here = read_settings(Settings)

    def route(
        self, method: str, resource: str, *, callers: tuple[str, ...], gives: type[Body],
        takes: type[Body] | None = None, refuses: tuple[type[DomainError], ...] = (),
    ) -> Callable[[Endpoint], Endpoint]:  # fmt: skip
        """Register the decorated function, e.g. `@api.route("GET", "/a/{id}", callers=("payment",), gives=Account)`.

        The function gets path parameters that are ids, and a body that fits. Every operation may also refuse with
        InvalidInput, and with Forbidden any service but its `callers`.
        """

        def register(function: Endpoint) -> Endpoint:
            refusals: tuple[type[DomainError], ...] = (InvalidInput, Forbidden, *refuses)
            self.operations[method, resource] = Operation(function, frozenset(callers), takes, gives, refusals)
            return function

        return register

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        method, _, resource = event["routeKey"].partition(" ")
        headers, caller = event.get("headers") or {}, self._caller(event)
        begin(headers.get("x-correlation-id", ""), headers.get("x-causation-id", ""))
        try:
            operation = self.operations.get((method, resource))
            if operation is None:
                raise NotFound("There is no such operation.")
            if caller not in operation.callers:
                raise Forbidden("This operation is not for the service that calls it.")
            given = event.get("pathParameters") or {}
            path = {name: path_identifier(value, name) for name, value in given.items()}
            body = _body(event.get("body"))
            check_storable(body)
            answer = operation.endpoint(caller, path, operation.takes.read(body) if operation.takes else None)
        except DomainError as error:
            if isinstance(error, Forbidden):
                count("CallerRefused")
            logger.info("request refused", route=event["routeKey"], caller=caller, error=error.code)
            said = {"message": error.said("en"), "sw": error.said("sw")}
            return _answer(error.status, Refusal(error=error.code, **said, info=error.info))
        logger.info("request answered", route=event["routeKey"], caller=caller)
        return _answer(200, answer)

    def _caller(self, event: Mapping[str, Any]) -> str:
        """Return the service whose function signed the request, an empty text for everybody else.

        API Gateway verified the signature and writes the ARN of the session itself. It names the role, and a role's
        name is one in its account: `betsafi-<service>-<stage>-<function>-<region>-lambdaRole`, as osls calls it.
        """
        asked = event.get("requestContext") or {}
        signed = (asked.get("authorizer") or {}).get("iam") or {}
        here = (str(asked.get("accountId")), self._here.stage, self._here.aws_region)
        account, stage, region = map(re.escape, here)
        role = rf"betsafi-(?P<service>[a-z]+(-[a-z]+)*)-{stage}-[A-Za-z0-9]+-{region}(-lambdaRole)?"
        match = re.fullmatch(rf"arn:aws[a-z-]*:sts::{account}:assumed-role/{role}/[^/]+", signed.get("userArn") or "")
        return match["service"] if match else ""


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


def _answer(status: int, body: Body) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body.model_dump(by_alias=True), separators=(",", ":")),
    }
