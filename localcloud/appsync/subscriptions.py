"""Who is subscribed to what, and which of them a mutation's result reaches."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, SelectionSetNode
from graphql.execution.values import get_argument_values, get_variable_values

from localcloud.appsync.deployment import Deployment
from localcloud.appsync.execution import Call, Operation, flatten, response_name, run_at_once

MOST_BYTES = 240_000
"""Of a message to subscribers. Source: AWS general reference, "AWS AppSync endpoints and quotas"."""


@dataclass(frozen=True, eq=False)
class Subscription:
    """One accepted subscription: its root field, its filter and where its messages go."""

    operation: Operation
    call: Call
    field_name: str
    arguments: Mapping[str, Any]
    emit: Callable[[dict[str, Any]], None]

    def wants(self, payload: Mapping[str, Any]) -> bool:
        """Return whether every argument equals the payload's field of the same name.

        An omitted argument filters nothing, a null one lets through what has no value; a field that the mutation did
        not select has none. Source: AppSync developer guide, "Argument null value has meaning".
        """
        return all(payload.get(name) == wanted for name, wanted in self.arguments.items())

    def deliver(self, payload: Mapping[str, Any]) -> None:
        """Emit the payload as far as the subscriber selected it and may see it."""
        self.emit(run_at_once(self.operation, self.call, {self.field_name: payload}))


class Hub:
    """The accepted subscriptions of every API."""

    def __init__(self) -> None:
        self._by_field: dict[tuple[str, str], dict[int, Subscription]] = {}

    def add(self, subscription: Subscription) -> None:
        """Let the subscription receive from now on."""
        self._listeners(subscription)[id(subscription)] = subscription

    def remove(self, subscription: Subscription) -> None:
        """Stop it. Removing twice does no harm."""
        self._listeners(subscription).pop(id(subscription), None)

    def publish(self, deployment: Deployment, mutation: Operation, data: Mapping[str, Any]) -> None:
        """Deliver what each root field of a mutation returned, unless null or too large, to who wants it."""
        for node in flatten(mutation.node.selection_set, mutation.fragments):
            value = data.get(response_name(node))
            listeners = deployment.subscriptions_by_mutation.get(node.name.value, ())
            if not isinstance(value, Mapping) or not listeners or node.selection_set is None:
                continue
            payload = by_field_name(value, [node.selection_set], mutation.fragments)
            if len(json.dumps(payload, ensure_ascii=False).encode()) > MOST_BYTES:
                continue
            for field_name in listeners:
                self._deliver((deployment.api_id, field_name), payload)

    def _deliver(self, key: tuple[str, str], payload: Mapping[str, Any]) -> None:
        for subscription in list(self._by_field.get(key, {}).values()):
            if subscription.wants(payload):
                subscription.deliver(payload)

    def _listeners(self, subscription: Subscription) -> dict[int, Subscription]:
        key = (subscription.call.deployment.api_id, subscription.field_name)
        return self._by_field.setdefault(key, {})


def root_field(operation: Operation, deployment: Deployment) -> tuple[str, dict[str, Any]]:
    """Return a validated subscription's one root field and its coerced arguments; omitted ones are left out.

    Raises GraphQLError for variables or arguments that do not fit.
    """
    node = flatten(operation.node.selection_set, operation.fragments)[0]
    root = deployment.schema.subscription_type
    assert root is not None, "validation refuses subscriptions without a root type"
    coerced = get_variable_values(deployment.schema, operation.node.variable_definitions, dict(operation.variables))
    if isinstance(coerced, list):
        raise coerced[0]
    name = node.name.value
    return name, get_argument_values(root.fields[name], node, coerced)


def by_field_name(
    value: Any, selections: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Any:
    """Return a completed value keyed by field names instead of aliases."""
    if isinstance(value, list):
        return [by_field_name(item, selections, fragments) for item in value]
    if not isinstance(value, Mapping):
        return value
    nodes: dict[str, list[FieldNode]] = {}
    for node in (node for chosen in selections for node in flatten(chosen, fragments)):
        if response_name(node) in value:
            nodes.setdefault(response_name(node), []).append(node)
    return {
        same[0].name.value: by_field_name(
            value[key], [node.selection_set for node in same if node.selection_set], fragments
        )
        for key, same in nodes.items()
    }
