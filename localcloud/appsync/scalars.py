"""AppSync's own scalars, for graphql-core: what they take and give.

Source: AWS AppSync developer guide, "Scalar types in GraphQL".
"""

import ipaddress
import json
import re
from collections.abc import Callable
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from graphql import GraphQLScalarType, GraphQLSchema, ValueNode, build_schema, value_from_ast_untyped

from tools.base.services import ROOT

_PRELUDE = (ROOT / "shared" / "schema" / "appsync.graphql").read_text()

_OFFSET = r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d(?::[0-5]\d)?)"
_TIME = r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?"
_DATE_PATTERN = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})(?:{_OFFSET})?")
_TIME_PATTERN = re.compile(rf"({_TIME})(?:{_OFFSET})?")
_DATE_TIME_PATTERN = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})T({_TIME}){_OFFSET}")
_EMAIL_PATTERN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE_PATTERN = re.compile(r"\+[1-9](?:[ -]?\d){6,14}|(?:1[ -]?)?[2-9]\d{2}[ -]?[2-9]\d{2}[ -]?\d{4}")
"""With a country's code, or else as North America numbers its phones."""

Check = Callable[[Any], Any]


def _matched(pattern: re.Pattern[str], value: Any) -> re.Match[str]:
    match = pattern.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(value)
    return match


def _clock(text: str) -> None:
    """Raise ValueError unless the wall-clock part names a real time."""
    time.fromisoformat(text.partition(".")[0])


def _date(value: Any) -> str:
    date.fromisoformat(_matched(_DATE_PATTERN, value)[1])
    return str(value)


def _time(value: Any) -> str:
    _clock(_matched(_TIME_PATTERN, value)[1])
    return str(value)


def _date_time(value: Any) -> str:
    match = _matched(_DATE_TIME_PATTERN, value)
    date.fromisoformat(match[1])
    _clock(match[2])
    return str(value)


def _timestamp(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(value)
    return value


def _email(value: Any) -> str:
    return _matched(_EMAIL_PATTERN, value)[0]


def _phone(value: Any) -> str:
    return _matched(_PHONE_PATTERN, value)[0]


def _url(value: Any) -> str:
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or not parts.scheme or "//" in parts.path or any(c.isspace() for c in value):
        raise ValueError(value)
    if not parts.netloc and (not parts.path or value.startswith(f"{parts.scheme}://")):
        raise ValueError(value)
    return str(value)


def _ip_address(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    ipaddress.ip_interface(value)
    return value


def _json_in(value: Any) -> Any:
    """AppSync hands a resolver the parsed document, not the text."""
    if not isinstance(value, str):
        raise ValueError(value)
    return json.loads(value)


def _json_out(value: Any) -> str:
    """A resolver's text passes if it is JSON; anything else is encoded."""
    if isinstance(value, str):
        json.loads(value)
        return value
    return json.dumps(value, separators=(",", ":"))


_CHECKS: dict[str, tuple[Check, Check]] = {
    "AWSDate": (_date, _date),
    "AWSTime": (_time, _time),
    "AWSDateTime": (_date_time, _date_time),
    "AWSTimestamp": (_timestamp, _timestamp),
    "AWSEmail": (_email, _email),
    "AWSJSON": (_json_in, _json_out),
    "AWSURL": (_url, _url),
    "AWSPhone": (_phone, _phone),
    "AWSIPAddress": (_ip_address, _ip_address),
}


def _bind(scalar: GraphQLScalarType, name: str, read: Check, write: Check) -> None:
    def parse_value(value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise ValueError(f"{name} cannot represent value: {json.dumps(value, default=str)}") from error

    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        return parse_value(value_from_ast_untyped(node, variables))

    def serialize(value: Any) -> Any:
        try:
            return write(value)
        except ValueError as error:
            raise ValueError(f"Unable to serialize `{value}` as a valid {name}.") from error

    # graphql-core documents the assignment of these three for schemas built from SDL.
    scalar.parse_value = parse_value  # type: ignore[method-assign]
    scalar.parse_literal = parse_literal  # type: ignore[method-assign]
    scalar.serialize = serialize  # type: ignore[method-assign]


def build_appsync_schema(sdl: str) -> GraphQLSchema:
    """Return an executable schema of AppSync SDL, its scalars validating both ways.

    Raises graphql.GraphQLError when the SDL cannot be parsed.
    """
    schema = build_schema(_PRELUDE + sdl, assume_valid_sdl=True)
    for name, (read, write) in _CHECKS.items():
        scalar = schema.type_map.get(name)
        if isinstance(scalar, GraphQLScalarType):
            _bind(scalar, name, read, write)
    return schema
