"""Errors as AppSync words them."""

import re
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, SourceLocation, get_named_type


class Unauthorized(Exception):
    """The request carries no credentials that the API accepts."""

    error_type = "UnauthorizedException"


class BadRequest(Exception):
    """The request cannot be understood, whoever sent it."""

    def __init__(self, message: str, error_type: str = "MalformedHttpRequestException") -> None:
        super().__init__(message)
        self.error_type = error_type


class ResolverError(Exception):
    """A field could not be resolved; becomes one entry of the answer's errors."""

    def __init__(self, message: str, error_type: str | None, data: Any = None, error_info: Any = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.data = data
        self.error_info = error_info


def not_authorized(type_name: str, field_name: str) -> ResolverError:
    """Return the error of a field that the caller may not read."""
    return ResolverError(f"Not Authorized to access {field_name} on type {type_name}", "Unauthorized")


def envelope(error_type: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the body of a request that failed as a whole."""
    return {"errors": [{"errorType": error_type, "message": message, **more}]}


def validation_error(error: GraphQLError) -> dict[str, Any]:
    """Return the entry for a document or variables that do not fit the schema."""
    return {
        "path": None,
        "locations": _locations(error.locations),
        "message": f"Validation error: {error.message}",
        "errorType": "ValidationError",
    }


def field_error(error: GraphQLError, schema: GraphQLSchema) -> dict[str, Any]:
    """Return the entry for a field that failed while the operation ran."""
    original = error.original_error
    if isinstance(original, ResolverError):
        return {
            "path": error.path,
            "data": original.data,
            "errorType": original.error_type,
            "errorInfo": original.error_info,
            "locations": _locations(error.locations),
            "message": str(original),
        }
    return {"path": error.path, "locations": None, "message": _worded(error, schema)}


def _locations(locations: list[SourceLocation] | None) -> list[dict[str, Any]] | None:
    if not locations:
        return None
    return [{"line": at.line, "column": at.column, "sourceName": None} for at in locations]


_NULL = re.compile(r"Cannot return null for non-nullable field (\w+)\.(\w+)\.")


def _worded(error: GraphQLError, schema: GraphQLSchema) -> str:
    """Reword graphql-core's completion errors as AppSync's, which name the path."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f"/{part}" for part in error.path or [])
    if null := _NULL.match(error.message):
        parent = schema.type_map[null[1]]
        assert isinstance(parent, GraphQLObjectType), "only objects have fields with values"
        kind = get_named_type(parent.fields[null[2]].type)
        return f"Cannot return null for non-nullable type: '{kind}' within parent '{parent}' ({path})"
    if error.message.startswith("Expected Iterable"):
        return f"Can't resolve value ({path}) : type mismatch error, expected type LIST"
    return f"Can't serialize value ({path}) : {error.message}"
