"""GraphQL execution: directives, policies and resolvers around graphql-core's algorithm."""

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import aiohttp
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute,
    get_operation_ast,
    parse,
    print_ast,
    specified_rules,
    validate,
)

from localcloud.appsync import resolvers
from localcloud.appsync.callers import Caller
from localcloud.appsync.deployment import IAM, Deployment
from localcloud.appsync.errors import (
    BadRequest,
    ResolverError,
    field_error,
    not_authorized,
    validation_error,
)
from localcloud.appsync.permissions import PolicyCheck, field_is_open
from localcloud.appsync.resolvers import RESOLVER_SECONDS
from localcloud.base.emulator import Emulator, EmulatorError

DEEPEST = 100
"""So many levels of JSON are read, more than any input type has."""
_TOO_DEEP = "nested too deeply"


class InvalidOperation(Exception):
    """The operation does not fit the schema; `errors` are ready for the answer."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


@dataclass(frozen=True)
class Operation:
    """A validated operation with its raw variables."""

    document: DocumentNode
    node: OperationDefinitionNode
    name: str | None
    variables: Mapping[str, Any]

    @property
    def type(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.node.operation

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return {d.name.value: d for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)}


def read_json(text: str | bytes) -> Any:
    """Parse JSON. Raises ValueError for what is none, for half of a surrogate pair, and beyond DEEPEST levels."""
    try:
        parsed = json.loads(text)
        json.dumps(parsed, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    level = [parsed]
    for _ in range(DEEPEST):
        level = [
            member
            for part in level
            if isinstance(part, (dict, list))
            for member in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return parsed
    raise ValueError(_TOO_DEEP)


def prepare(deployment: Deployment, request: Any) -> Operation:
    """Return the operation of a GraphQL-over-HTTP body (`query`, `variables`, `operationName`).

    Raises BadRequest when it cannot be read and InvalidOperation when the schema refuses it.
    """
    if not isinstance(request, dict) or not isinstance(request.get("query"), str):
        raise BadRequest("Invalid JSON payload in GraphQL POST request.")
    variables = request.get("variables") or {}
    if not isinstance(variables, dict):
        raise BadRequest("The variables must be a JSON object.")
    try:
        document, errors = _read(deployment.schema, request["query"], introspection=deployment.introspection)
    except (GraphQLError, RecursionError) as error:
        raise BadRequest("Unable to parse GraphQL query.") from error
    if errors:
        raise InvalidOperation([validation_error(error) for error in errors])
    name = request.get("operationName")
    node = get_operation_ast(document, name)
    if node is None:
        raise BadRequest("Must provide the name of an operation of the document.", "BadRequestException")
    return Operation(document, node, name, variables)


@lru_cache(maxsize=256)
def _read(schema: GraphQLSchema, text: str, *, introspection: bool) -> tuple[DocumentNode, list[GraphQLError]]:
    """Return a document and what the schema refuses in it: apps send the same ones, and to validate takes longest.

    Raises GraphQLError, RecursionError.
    """
    document = parse(text)
    rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
    return document, validate(schema, document, rules)


@dataclass
class Call:
    """One caller's operation on its way through the fields: graphql-core's context value."""

    deployment: Deployment
    caller: Caller
    headers: Mapping[str, str]
    emulator: Emulator
    policies: PolicyCheck
    resolver_seconds: float = RESOLVER_SECONDS
    appended: list[GraphQLError] = field(default_factory=list)
    resolvers_run: int = 0

    def resolve(self, source: Any, info: GraphQLResolveInfo, /, **arguments: Any) -> Any:
        """Return a field's value, or an awaitable of it. Raises ResolverError."""
        self.check_depth(info)
        self.check_directives(info)
        resolver = self.deployment.resolvers.get((info.parent_type.name, info.field_name))
        at_root = info.path.prev is None
        if resolver is None and not at_root:
            return source.get(info.field_name) if isinstance(source, Mapping) else None
        if resolver is not None:
            self._count_resolver()
        return self._resolve_with(resolver, source, info, arguments, at_root=at_root)

    def check_depth(self, info: GraphQLResolveInfo) -> None:
        """Raise ResolverError for a field below the API's deepest level: a root field is level 1, a scalar counts too.

        What lies above is answered; a non-null field takes its parents with it, up to the first that may be null.
        Introspection has no resolvers and is not limited here.
        Source: AppSync developer guide, "Configuring query depth limits".
        """
        limit = self.deployment.depth_limit
        if limit and sum(isinstance(part, str) for part in info.path.as_list()) > limit:
            raise ResolverError("Query depth limit reached.", "QueryDepthLimitReached")

    def _count_resolver(self) -> None:
        """Raise ResolverError for every resolver past the API's limit; those before it run.

        One that runs for each item of a list counts for each. Source: AppSync developer guide, "Configuring resolver
        count limits".
        """
        self.resolvers_run += 1
        if self.resolvers_run > self.deployment.resolver_limit:
            raise ResolverError("Resolver invocation limit reached.", "ResolverExecutionLimitReached")

    def check_directives(self, info: GraphQLResolveInfo) -> None:
        """Raise ResolverError unless the schema opens the field to the caller."""
        definition = info.parent_type.fields[info.field_name]
        if not field_is_open(self.deployment, self.caller, info.parent_type, definition):
            raise not_authorized(info.parent_type.name, info.field_name)

    async def _resolve_with(
        self,
        resolver: Mapping[str, Any] | None,
        source: Any,
        info: GraphQLResolveInfo,
        arguments: dict[str, Any],
        *,
        at_root: bool,
    ) -> Any:
        try:
            if at_root and self.caller.mode == IAM:
                await self._check_policy(info)
            if resolver is None:
                return None
            context = self._context(source, info, arguments)
            value, appended = await resolvers.resolve(
                self.emulator, self.deployment, resolver, context, self.resolver_seconds
            )
        except (EmulatorError, aiohttp.ClientError) as error:
            raise ResolverError(f"The emulator failed: {error}", "InternalFailure") from error
        self.appended += [_located(error, info) for error in appended]
        return value

    async def _check_policy(self, info: GraphQLResolveInfo) -> None:
        type_name = info.parent_type.name
        if not await self.policies.allows(self.caller, self.deployment, type_name, info.field_name):
            raise not_authorized(type_name, info.field_name)

    def _context(self, source: Any, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> dict[str, Any]:
        return {
            "arguments": arguments,
            "args": arguments,
            "identity": self.caller.identity,
            "source": source,
            "request": {"headers": dict(self.headers), "domainName": None},
            "prev": None,
            "info": {
                "fieldName": info.field_name,
                "parentTypeName": info.parent_type.name,
                "variables": info.variable_values,
                "selectionSetList": selection_list(info),
                "selectionSetGraphQL": _selection_text(info.field_nodes),
            },
            "env": dict(self.deployment.environment),
        }


async def run(operation: Operation, call: Call) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Execute a query or a mutation (or a subscription's own resolver); return data and errors.

    Siblings of a query run concurrently, the root fields of a mutation one after the other.
    """
    outcome = execute(
        call.deployment.schema,
        operation.document,
        context_value=call,
        variable_values=dict(operation.variables),
        operation_name=operation.name,
        field_resolver=call.resolve,
        type_resolver=resolve_type,
    )
    result = await outcome if isinstance(outcome, Awaitable) else outcome
    return result.data, entries(result, call)


def entries(result: ExecutionResult, call: Call) -> list[dict[str, Any]]:
    """Return a result's errors in AppSync's shape; one without a path never got as far as a field."""
    schema = call.deployment.schema
    failed = [field_error(e, schema) if e.path else validation_error(e) for e in result.errors or []]
    return failed + [field_error(error, schema) for error in call.appended]


def resolve_type(value: Any, info: GraphQLResolveInfo, abstract: Any) -> str:
    """Return an abstract value's `__typename`, which AppSync demands of the resolver."""
    name = value.get("__typename") if isinstance(value, Mapping) else None
    if not isinstance(name, str):
        raise ResolverError(f"Abstract type '{abstract.name}' must resolve with a __typename.", None)
    return name


def _located(error: ResolverError, info: GraphQLResolveInfo) -> GraphQLError:
    return GraphQLError(str(error), nodes=info.field_nodes, path=info.path.as_list(), original_error=error)


def selection_list(info: GraphQLResolveInfo) -> list[str]:
    """Return the paths selected below a field, by response name: `["id", "legs", "legs/odds"]`."""
    found: dict[str, None] = {}
    for node in info.field_nodes:
        if node.selection_set:
            _collect_paths(node.selection_set, info.fragments, "", found)
    return list(found)


def _collect_paths(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    prefix: str,
    found: dict[str, None],
) -> None:
    for node in flatten(selections, fragments):
        path = prefix + response_name(node)
        found[path] = None
        if node.selection_set:
            _collect_paths(node.selection_set, fragments, f"{path}/", found)


def flatten(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> list[FieldNode]:
    """Return the fields of a selection set with its fragments opened, whatever their type conditions."""
    fields: list[FieldNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            fields.append(node)
        elif isinstance(node, InlineFragmentNode):
            fields += flatten(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            fields += flatten(fragments[node.name.value].selection_set, fragments)
    return fields


def response_name(node: FieldNode) -> str:
    """Return the key of a field in the answer: its alias, or its name."""
    return node.alias.value if node.alias else node.name.value


def _selection_text(nodes: list[FieldNode]) -> str:
    selections = nodes[0].selection_set
    return print_ast(selections) if selections else ""


def run_at_once(operation: Operation, call: Call, root: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of an operation whose fields are all read from `root`; no resolver runs."""

    def read(source: Mapping[str, Any], info: GraphQLResolveInfo, /, **_: Any) -> Any:
        call.check_depth(info)
        call.check_directives(info)
        return source.get(info.field_name)

    outcome = execute(
        call.deployment.schema,
        operation.document,
        root_value=root,
        variable_values=dict(operation.variables),
        operation_name=operation.name,
        field_resolver=read,
        type_resolver=resolve_type,
    )
    if not isinstance(outcome, ExecutionResult):
        raise TypeError("nothing in a delivery may wait")
    return answer(outcome.data, entries(outcome, call))


def answer(data: dict[str, Any] | None, errors: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of an answer: data first, errors only if there are any."""
    return {"data": data, "errors": errors} if errors else {"data": data}
