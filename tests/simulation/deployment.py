"""What the services' serverless.yml files say of functions, queues, streams, subscriptions and schedules: read, not
repeated.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.support.serverless import SHARED, outbox_of, read_yaml, template_of

SERVICES = ("wallet", "bet", "payment", "notifications")
APPS = "frontend-api"
"""Deployed in some runs only: what it does nobody else waits for."""
_MAX_RECEIVE = 60  # shared/serverless/queues.js


@dataclass(frozen=True)
class QueueSpec:
    """A queue as deployed: who reads it, in which batches, and when a message is given up."""

    name: str
    function: str
    batch_size: int
    visibility_seconds: int
    max_receive: int


@dataclass(frozen=True)
class ServiceSpec:
    """One service as deployed. `timeouts` by function; `filters` of the table's stream: patterns of the sort key;
    `attributes`: an item that has one of them, with one of these values if any are named, passes whatever its key is;
    `schedules`: (queue, message) of everything that comes by the clock.
    """

    name: str
    timeouts: dict[str, int]
    queues: dict[str, QueueSpec]
    filters: tuple[tuple[str, bool], ...]
    attributes: Mapping[str, frozenset[str]]
    subscriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    schedules: tuple[tuple[str, str], ...] = ()

    def streams(self, sk: str, item: Mapping[str, Any]) -> bool:
        """Return whether the table's stream shows a change of an item with this sort key to the outbox."""
        by_key = any(sk.startswith(text) if prefix else sk == text for text, prefix in self.filters)
        return not self.filters or by_key or any(self._passes(name, item) for name in self.attributes)

    def _passes(self, name: str, item: Mapping[str, Any]) -> bool:
        wanted = self.attributes[name]
        return name in item and (not wanted or item[name].get("S") in wanted)


@cache
def read(service: str) -> ServiceSpec:
    """Return a service's specification."""
    template = template_of(service)
    default_timeout = read_yaml(SHARED / "provider.yml")["timeout"]
    defaults, functions = template["custom"]["defaults"], {**template["functions"]}
    outbox = outbox_of(service) if "outbox" in defaults else None
    if outbox:
        functions["stream"] = outbox
    timeouts = {name: function.get("timeout", default_timeout) for name, function in functions.items()}
    return ServiceSpec(
        service,
        timeouts=timeouts,
        queues={name: _queue(name, queue, functions, timeouts) for name, queue in defaults["queues"].items()},
        filters=_filters(outbox) if outbox else (),
        attributes=_attributes(outbox) if outbox else {},
        subscriptions=_subscriptions(defaults),
        schedules=_schedules(defaults),
    )


def _queue(name: str, queue: dict[str, Any], functions: dict[str, Any], timeouts: dict[str, int]) -> QueueSpec:
    function = queue["function"]
    sources = [event["sqs"] for event in functions[function]["events"] if "sqs" in event]
    (batch_size,) = (source["batchSize"] for source in sources if len(sources) == 1 or _of(source, name))
    return QueueSpec(name, function, batch_size, 6 * timeouts[function], _MAX_RECEIVE)


def _of(source: dict[str, Any], queue: str) -> bool:
    """Return whether a function's event source is this queue, where it has several."""
    return f"{queue[0].upper()}{queue[1:]}Queue" in json.dumps(source["arn"])


def _filters(function: dict[str, Any]) -> tuple[tuple[str, bool], ...]:
    found: list[tuple[str, bool]] = []
    for event in function["events"]:
        for pattern in event["stream"].get("filterPatterns", []):
            for wanted in pattern["dynamodb"].get("Keys", {"sk": {"S": []}})["sk"]["S"]:
                found.append((wanted["prefix"], True) if isinstance(wanted, dict) else (wanted, False))
    return tuple(found)


def _attributes(function: dict[str, Any]) -> dict[str, frozenset[str]]:
    """Return the attributes that pass: by their presence, or by one of some texts. No other pattern is understood."""
    found: dict[str, frozenset[str]] = {}
    for event in function["events"]:
        for pattern in event["stream"].get("filterPatterns", []):
            for name, wanted in pattern["dynamodb"].get("NewImage", {}).items():
                by_text = list(wanted) == ["S"] and all(isinstance(text, str) for text in wanted["S"])
                if not by_text and list(wanted.values()) != [[{"exists": True}]]:
                    raise ValueError(f"a filter that the simulation does not know: {name} {wanted}")
                found[name] = frozenset(wanted["S"]) if by_text else frozenset()
    return found


def _subscriptions(defaults: dict[str, Any]) -> dict[tuple[str, str], str]:
    given = defaults.get("subscriptions") or []
    return {
        (source, detail_type): subscription["queue"]
        for subscription in ([given] if isinstance(given, dict) else given)
        for source, detail_types in subscription["events"].items()
        for detail_type in detail_types
    }


def _schedules(defaults: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (schedule["queue"], json.dumps({**schedule["message"], "schedule": name}))
        for name, schedule in defaults.get("schedules", {}).items()
        if "queue" in schedule
    )
