"""What `make package` built, read as the cloud would: functions with their settings, tables, queues, rules, filters."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import ROOT, SERVICES
from tests.bench.rows import Unmeasurable
from tests.support.serverless import request_of

STAGE = "dev"
FOLDER = ROOT / "build" / "package" / STAGE
HOT = ("graphql", "api", "callback", "consumer")
"""The handlers that a person or a payment waits for, by their file name."""


@dataclass(frozen=True)
class Function:
    """One Lambda: `module` is what it imports, `environment` what its settings are read from.

    With `snap_start` it begins from a snapshot that was taken after its imports.
    """

    service: str
    module: str
    environment: Mapping[str, str]
    snap_start: bool = False

    @property
    def door(self) -> str:
        """The file in handlers/, e.g. graphql."""
        return self.module.rsplit(".", 1)[1]

    @property
    def name(self) -> str:
        """Service and handler, e.g. bet.graphql."""
        return f"{self.service}.{self.door}"


@dataclass(frozen=True)
class Queue:
    """A queue, the handler that reads it, how many messages at most at a time, and the events that rules send to it.

    With a `window` its messages are gathered for so many seconds, in quiet traffic too.
    """

    service: str
    name: str
    door: str
    batch: int
    window: int
    patterns: tuple[Mapping[str, Any], ...]

    def takes(self, source: str, detail_type: str) -> bool:
        """Return whether a rule sends such an event here."""
        return any(source in pattern["source"] and detail_type in pattern["detail-type"] for pattern in self.patterns)


def functions() -> list[Function]:
    """Return every Lambda of every service. Raises Unmeasurable if nothing is packaged."""
    return [
        Function(
            service,
            properties["Handler"].removesuffix(".handler").replace("/", "."),
            {
                name: _plain(name, value)
                for name, value in properties.get("Environment", {}).get("Variables", {}).items()
            },
            "SnapStart" in properties,
        )
        for service in SERVICES
        for _, properties in _resources(service, "AWS::Lambda::Function")
    ]


def hot_functions() -> list[Function]:
    """Return the Lambdas with a hot handler."""
    return [function for function in functions() if function.door in HOT]


def queues(service: str) -> list[Queue]:
    """Return the queues that the service's functions read."""
    rules = [properties for _, properties in _resources(service, "AWS::Events::Rule")]
    return [
        Queue(
            service,
            queue,
            _door_of(service, _function_of(mapping["FunctionName"])),
            mapping["BatchSize"],
            mapping.get("MaximumBatchingWindowInSeconds", 0),
            tuple(
                rule["EventPattern"]
                for rule in rules
                if "EventPattern" in rule
                and any(target["Arn"] == {"Fn::GetAtt": [queue, "Arn"]} for target in rule.get("Targets", ()))
            ),
        )
        for mapping in _mappings(service)
        if (queue := mapping["EventSourceArn"]["Fn::GetAtt"][0]) != "Table"
    ]


def stream_filters(service: str) -> list[Mapping[str, Any]]:
    """Return the patterns of which a stream record must match one to start the service's outbox (none: all do)."""
    return [
        json.loads(rule["Pattern"])
        for mapping in _mappings(service)
        if mapping["EventSourceArn"]["Fn::GetAtt"][0] == "Table"
        for rule in mapping.get("FilterCriteria", {}).get("Filters", [])
    ]


def table(service: str) -> dict[str, Any]:
    """Return the service's table as CreateTable takes it, without its name."""
    [(_, properties)] = _resources(service, "AWS::DynamoDB::Table")
    return request_of(properties)


def sizes() -> dict[str, dict[str, dict[str, int]]]:
    """Return what each zip weighs, by service and zip. Raises Unmeasurable if nothing is packaged."""
    return dict(_read(FOLDER / "sizes.json"))


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Return whether an event has what a pattern asks for: literals and prefixes are understood, no more.

    Raises Unmeasurable for another kind of condition, rather than to guess.
    """
    for name, wanted in pattern.items():
        if name not in event:
            return False
        if isinstance(wanted, Mapping):
            if not matches(wanted, event[name]):
                return False
        elif not any(_one_of(condition, event[name]) for condition in wanted):
            return False
    return True


def _one_of(condition: Any, value: Any) -> bool:
    if isinstance(condition, str):
        return bool(value == condition)
    if isinstance(condition, dict) and list(condition) == ["prefix"]:
        return isinstance(value, str) and value.startswith(condition["prefix"])
    raise Unmeasurable(f"a filter has a condition that the bench does not know: {condition!r}")


def _mappings(service: str) -> list[dict[str, Any]]:
    return [properties for _, properties in _resources(service, "AWS::Lambda::EventSourceMapping")]


def _function_of(target: Mapping[str, Any]) -> str:
    """Return the logical name of the function that a mapping invokes, directly or by SnapStart's alias of it."""
    arn = target["Fn::Join"][1][0] if "Fn::Join" in target else target
    return str(arn["Fn::GetAtt"][0])


def _door_of(service: str, logical_name: str) -> str:
    handler = dict(_resources(service, "AWS::Lambda::Function"))[logical_name]["Handler"]
    return str(Path(handler).name).removesuffix(".handler")


def _resources(service: str, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in _read(FOLDER / f"{service}.json")["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


def _read(file: Path) -> Any:
    if not file.exists():
        raise Unmeasurable(f"{file.relative_to(ROOT)} is not there; run `make package` first")
    return json.loads(file.read_text())


def _plain(name: str, value: Any) -> str:
    """Return a setting; one that only a deployment knows gets a stand-in of its kind."""
    if not isinstance(value, dict):
        return str(value)
    return f"http://{name.lower().removesuffix('_url').replace('_', '-')}.internal" if "URL" in name else name.lower()
