"""The GraphQL schema, and whether what a service says is a whole thing of its type."""

from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    build_schema,
)

from tools.base.services import ROOT

_SOURCES = (
    ROOT / "shared" / "schema" / "appsync.graphql",
    *sorted((ROOT / "frontend-api" / "schema").glob("*.graphql")),
)


def api_text() -> str:
    """Return the whole schema of the API as it is written."""
    return "".join(path.read_text() for path in _SOURCES)


@cache
def api_schema() -> GraphQLSchema:
    """Return the whole schema of the API, which nobody may change: to build it takes half a second."""
    return build_schema(api_text())


def object_type(schema: GraphQLSchema, name: str) -> GraphQLObjectType:
    """Return one of the schema's object types."""
    found = schema.get_type(name)
    assert isinstance(found, GraphQLObjectType), f"there is no type {name}"
    return found


def staff_fields() -> set[str]:
    """Return the queries and mutations that staff alone may ask."""
    roots = [object_type(api_schema(), kind).fields for kind in ("Query", "Mutation")]
    marked = {name: field.ast_node for fields in roots for name, field in fields.items()}
    return {name for name, node in marked.items() if node and any(mark.arguments for mark in node.directives)}


def flaws(value: Any, kind: GraphQLOutputType, place: str = "") -> list[str]:
    """Return what a value lacks, or has too much, to be of a type with every one of its fields served."""
    if isinstance(kind, GraphQLNonNull):
        return [f"{place} is null"] if value is None else flaws(value, kind.of_type, place)
    if value is None:
        return []
    if isinstance(kind, GraphQLList):
        return [flaw for n, item in enumerate(value) for flaw in flaws(item, kind.of_type, f"{place}[{n}]")]
    if isinstance(kind, GraphQLEnumType):
        return [] if value in kind.values else [f"{place} is {value!r}, which is no {kind.name}"]
    if not isinstance(kind, GraphQLObjectType):
        return []
    odd = [f"{place}.{name} is not served" for name in kind.fields.keys() - value.keys()]
    odd += [f"{place}.{name} is not in the schema" for name in value.keys() - kind.fields.keys()]
    both = [name for name in kind.fields if name in value]
    return sorted(odd) + [
        flaw for name in both for flaw in flaws(value[name], kind.fields[name].type, f"{place}.{name}")
    ]
