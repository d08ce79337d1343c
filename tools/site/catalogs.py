"""Events, alarms and settings of all services, made of the code and of the packaged templates."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from betsafi.events.catalog import CATALOG
from betsafi.events.model import ODDS, STAMP
from tools.base.services import ROOT, import_folders
from tools.export_schemas import schema_of
from tools.site.markdown import cell, table


def pages(packaged: Mapping[str, Path]) -> Mapping[str, str]:
    """Return each catalogue by its place; `packaged` are the templates of a stage by service."""
    return {
        "catalogs/events.md": events(packaged),
        "catalogs/alarms.md": alarms(packaged),
        "catalogs/settings.md": settings(),
    }


@cache
def _resources(packaged: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(packaged.read_text())
    resources: dict[str, Any] = template["Resources"]
    return resources


def _of_kind(packaged: Mapping[str, Path], kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for service, template in packaged.items():
        for name, resource in _resources(template).items():
            if resource["Type"] == kind:
                yield service, name, resource["Properties"]


def events(packaged: Mapping[str, Path]) -> str:
    """Return every event: who publishes and who hears it, its fields, its versions, and what one looks like."""
    heard: dict[tuple[str, str], set[str]] = defaultdict(set)
    for service, _, rule in _of_kind(packaged, "AWS::Events::Rule"):
        pattern = rule.get("EventPattern", {})
        for source in pattern.get("source", ()):
            for event in pattern.get("detail-type", ()):
                if isinstance(source, str) and isinstance(event, str):
                    heard[source, event].add(service)
    parts = [
        "# Events\n\nWhat services tell each other. The envelope is `{id, time, version, correlationId, causationId, "
        "data}`; the fields below are of `data`. How they travel: [architecture](../docs/architecture.md#events).\n"
    ]
    for (source, name), model in sorted(CATALOG.items()):
        schema = schema_of(model)
        data, parts_of = schema["properties"]["data"], schema.get("$defs", {})
        rows = [
            (
                f"`{field}`",
                _kind(part, parts_of),
                "" if field in data.get("required", ()) else "no",
                cell(part.get("description", "")),
            )
            for field, part in data["properties"].items()
        ]
        files = sorted((ROOT / "shared" / "events" / source).glob(f"{name}.v*.json"))
        versions = ", ".join(f"[{file.stem.split('.v')[1]}](../shared/events/{source}/{file.name})" for file in files)
        listeners = ", ".join(sorted(heard[source, name])) or "nobody yet"
        told = f"Published by {source.removeprefix('betsafi.')}; heard by {listeners}. Schema, by version: {versions}."
        fields = table(("field", "kind", "always there", "what it is"), rows)
        shown = json.dumps(_example(schema, parts_of), indent=2)
        parts.append(f"## {name}\n\n{cell(model.__doc__ or '')}\n\n{told}\n\n{fields}\n```json\n{shown}\n```\n")
    return "\n".join(parts)


def _example(part: Mapping[str, Any], named: Mapping[str, Any], name: str = "") -> Any:
    """Return what something of this schema may be, for people to look at; `name` is its field's."""
    if "$ref" in part:
        return _example(named[part["$ref"].rsplit("/", 1)[-1]], named, name)
    if "anyOf" in part:
        return _example(part["anyOf"][0], named, name)
    if "enum" in part or "const" in part:
        return part.get("enum", [part.get("const")])[0]
    match part.get("type"):
        case "object" if "properties" in part:
            return {field: _example(inner, named, field) for field, inner in part["properties"].items()}
        case "object":
            key, inner = part.get("propertyNames", {"const": "1"}), part.get("additionalProperties")
            return {_example(key, named): _example(inner, named)} if isinstance(inner, dict) else {}
        case "array":
            return [_example(part["items"], named, name)]
        case "integer":
            return 10_000 if name.endswith("Cents") else 1
        case "boolean":
            return True
    return _TEXTS.get(part.get("pattern", ""), name or "text")


_TEXTS = {STAMP: "2026-11-27T18:00:00Z", ODDS: "2.50"}
"""What is written by a rule, by the rule."""


def _kind(part: dict[str, Any], named: Mapping[str, Any]) -> str:
    """Return what a field of an event may be, in a few words."""
    if "$ref" in part:
        inner = named[part["$ref"].rsplit("/", 1)[-1]]
        fields = ", ".join(f"`{name}`" for name in inner.get("properties", ()))
        return f"object of {fields}" if fields else _kind(inner, named)
    if "anyOf" in part:
        return " or ".join(_kind(one, named) for one in part["anyOf"])
    if "enum" in part or "const" in part:
        return ", ".join(f"`{value}`" for value in part.get("enum", [part.get("const")]))
    if part.get("type") == "array":
        return f"list of {_kind(part.get('items', {}), named)}"
    return str(part.get("type", "anything"))


_RUNBOOK = re.compile(r"See (docs/runbooks/\w+\.md)")


def alarms(packaged: Mapping[str, Path]) -> str:
    """Return every alarm: which services have it, what it says, whether it wakes somebody, its runbook."""
    parts = [
        "# Alarms\n\nEvery alarm of a stage, by its name; CloudWatch shows it as `betsafi-<service>-<stage>-<name>-…`. "
        "A *page* wakes somebody, a *ticket* waits for a working day. "
        "`python -m tools.alarms` prints those that ring.\n"
    ]
    by_name: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for service, name, alarm in _of_kind(packaged, "AWS::CloudWatch::Alarm"):
        by_name[name][_alarm(alarm)].append(service)
    for name, said in sorted(by_name.items()):
        lines = "\n".join(f"- {', '.join(services)}: {text}" for text, services in said.items())
        parts.append(f"## {name}\n\n{lines}\n")
    return "\n".join(parts)


def _alarm(alarm: Mapping[str, Any]) -> str:
    text = str(alarm.get("AlarmDescription", ""))
    runbook = _RUNBOOK.search(text)
    says = _RUNBOOK.sub("", text).split(": ", 1)[-1].strip().rstrip(".")
    actions = json.dumps(alarm.get("AlarmActions", ""))
    urgency = "Ticket" if "Ticket" in actions else "Page" if "Alarms" in actions else "Part of another"
    link = f": [{_title(ROOT / runbook[1])}](../{runbook[1]})" if runbook else ""
    return f"{cell(says)}. {urgency}{link}."


def _title(document: Path) -> str:
    return document.read_text().partition("\n")[0].removeprefix("# ")


class _Class(NamedTuple):
    module: str
    node: ast.ClassDef


@cache
def _classes() -> Mapping[str, list[_Class]]:
    """Return every class of the layer and the services by its name."""
    found: dict[str, list[_Class]] = defaultdict(list)
    for folder in import_folders():
        for file in sorted(folder.rglob("*.py")):
            module = ".".join(file.relative_to(folder).with_suffix("").parts)
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ClassDef):
                    found[node.name].append(_Class(module, node))
    return found


def settings() -> str:
    """Return what each service reads from its environment, and what differs between stages, with its comments."""
    parts = [
        "# Settings\n\nWhat a stage chooses stands in three files, with these comments. Below that is what the code "
        "reads from the environment of its functions, which the serverless files fill in.\n"
    ]
    for file in ("shared/serverless/params.yml", "payment/stages.yml", "notifications/stages.yml"):
        parts.append(f"## {file}\n")
        parts += [
            f"### {name}\n\n{said}\n\n`{first}` unless a stage says otherwise.\n"
            for name, first, said in _chosen(ROOT / file)
        ]
    for module, node in sorted(
        (one for name in ("Settings", "StaffSettings", "PlayerSettings") for one in _classes()[name]),
        key=lambda one: one.module,
    ):
        said = ast.get_docstring(node) or ""
        parts.append(f"## {module}\n\n{said}\n\n{table(('variable', 'kind', 'default'), _fields(node))}")
    return "\n".join(parts)


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            default = f"`{cell(ast.unparse(line.value))}`" if line.value else "must be set"
            yield f"`{line.target.id.upper()}`", f"`{cell(ast.unparse(line.annotation))}`", default


def _chosen(file: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each setting of the file's first section with its value and the comment above it and those beside it."""
    comment: list[str] = []
    begun = told = False
    for line in file.read_text().splitlines():
        if re.match(r"\w+:", line):
            if begun:
                return
            begun = True
        elif found := re.match(r"  # (.*)", line):
            comment, told = [*(() if told else comment), found[1]], False
        elif found := re.match(r"  (\w+): (.*)", line):
            told = True
            yield found[1], found[2], cell(" ".join(comment))
