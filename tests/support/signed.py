"""What an HTTP API with IAM hands to a service's handler `api`: payload 2.0, with who signed the request."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-1"


def session_of(service: str, stage: str = "local", function: str = "graphql") -> str:
    """Return the ARN under which a service's function signs."""
    name = f"betsafi-{service}-{stage}-{function}"
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}-{REGION}-lambdaRole/{name}"


def signed(
    arn: str, method: str, path: str, resources: Iterable[str], body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any] | None:  # fmt: skip
    """Return the event of a request that somebody with this ARN signed; None where no route fits the path."""
    for resource in resources:
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", resource), path)
        if found:
            event: dict[str, Any] = {
                "version": "2.0",
                "routeKey": f"{method} {resource}",
                "rawPath": path,
                "headers": {name.lower(): value for name, value in (headers or {}).items()},
                "pathParameters": found.groupdict(),
                "requestContext": {"accountId": ACCOUNT, "authorizer": {"iam": {"userArn": arn}}},
            }
            return event | ({"body": body} if body else {})
    return None
