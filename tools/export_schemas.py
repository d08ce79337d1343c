"""Publish the events' JSON Schemas: `shared/events/<source>/<detail-type>.v<version>.json`, envelope and data.

`python -m tools.export_schemas` writes what is new; `--check` writes nothing and fails on a difference. Either way a
change that breaks a reader of a published version is refused: it needs a new version.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from betsafi.events import Envelope, Event
from betsafi.events.catalog import CATALOG
from tools.base.services import ROOT

FOLDER = ROOT / "shared" / "events"

Schema = dict[str, Any]
_NAMED = ("properties", "$defs")


def schema_of(model: type[Event]) -> Schema:
    """Return the JSON Schema of an event's `detail`: the envelope with this event's data."""
    envelope, data = _plain(Envelope.model_json_schema()), _plain(model.model_json_schema())
    definitions = data.pop("$defs", {})
    envelope["properties"] |= {"version": {"const": model.version}, "data": data}
    envelope |= {"title": model.__name__, "description": f"{model.source}, version {model.version}"}
    if definitions:
        envelope["$defs"] = definitions
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **envelope}


def _plain(schema: Schema) -> Schema:
    """Return a schema without the titles that pydantic makes of attribute names."""
    plain = {key: value for key, value in schema.items() if key != "title"}
    for group in _NAMED:
        if group in plain:
            plain[group] = {name: _plain(part) for name, part in plain[group].items()}
    return plain


def file_of(folder: Path, model: type[Event], version: int | None = None) -> Path:
    """Return where an event's schema is published, of its present version unless another is asked for."""
    return folder / model.source / f"{model.__name__}.v{version or model.version}.json"


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return why readers of the old schema, or the new schema's readers of old events, would fail.

    New optional properties and other words in descriptions are fine.
    """
    return _breaking(_meaning(old), _meaning(new), "")


def _breaking(old: Schema, new: Schema, where: str) -> list[str]:
    problems = []
    before, after = old.get("properties", {}), new.get("properties", {})
    required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() - after.keys()):
        problems.append(f"{where}{name} is gone")
    for name in sorted((required_after - required_before) & after.keys()):
        problems.append(f"{where}{name} has become required")
    for name in sorted((required_before - required_after) & after.keys()):
        problems.append(f"{where}{name} is no longer always there")
    for name in sorted(before.keys() & after.keys()):
        problems += _breaking(before[name], after[name], f"{where}{name}.")
    rest_before, rest_after = _without_properties(old), _without_properties(new)
    if rest_before != rest_after:
        problems.append(f"{where.rstrip('.') or 'the event'} has another type: {rest_before} is now {rest_after}")
    return problems


def _without_properties(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in ("properties", "required")}


def _meaning(schema: Any) -> Any:
    """Return a schema without its words for people."""
    if isinstance(schema, list):
        return [_meaning(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _meaning(part) for name, part in value.items()} if key in _NAMED else _meaning(value)
        for key, value in schema.items()
        if key not in ("description", "title", "$schema")
    }


def unread(folder: Path, model: type[Event]) -> list[str]:
    """Return why an event's model would not read the versions that it says it `reads`.

    What it leaves out of an older version is fine, and a wider choice of values; what it wants must have been there.
    """
    about, wanted = f"{model.source} {model.__name__}", _meaning(schema_of(model))["properties"]["data"]
    found = [] if model.version in model.reads else [f"{about} does not read its own version {model.version}"]
    for version in sorted(model.reads - {model.version}):
        file = file_of(folder, model, version)
        if not file.exists():
            found.append(f"{about} reads version {version}, which was never published")
            continue
        given = _meaning(json.loads(file.read_text()))["properties"]["data"]
        given["properties"] = {name: part for name, part in given["properties"].items() if name in wanted["properties"]}
        wide = _as_wide(given, wanted)
        changes = [change for change in _breaking(wide, wanted, "") if "no longer" not in change]
        found += [f"{about} does not read version {version}: {change}" for change in changes]
    return found


def _as_wide(old: Any, new: Any) -> Any:
    """Return a part of an older schema whose values have the wider choice that the newer one gives them."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old
    if "enum" in old and set(old["enum"]) <= set(new.get("enum", ())):
        old = {**old, "enum": new["enum"]}
    return {key: _as_wide(part, new[key]) if key in new else part for key, part in old.items()}


def problems(folder: Path, catalog: dict[tuple[str, str], type[Event]]) -> list[str]:
    """Return every breaking change of a published version, every version that is not read though its model says so, and
    every published event that is in no catalog."""
    found = []
    for model in catalog.values():
        found += unread(folder, model)
        file = file_of(folder, model)
        if file.exists():
            changes = breaking_changes(json.loads(file.read_text()), schema_of(model))
            found += [f"{file.parent.name} {file.stem}: {change}; publish a new version" for change in changes]
    for file in sorted(folder.glob("*/*.json")):
        if (file.parent.name, file.name.split(".")[0]) not in catalog:
            found.append(f"{file.parent.name} {file.stem} is published but there is no such event any more")
    return found


def outdated(folder: Path, catalog: dict[tuple[str, str], type[Event]]) -> dict[Path, str]:
    """Return the content that each missing or different file should have."""
    wanted = {file_of(folder, model): json.dumps(schema_of(model), indent=2) + "\n" for model in catalog.values()}
    return {file: text for file, text in wanted.items() if not file.exists() or file.read_text() != text}


def main() -> int:
    """Write or check the published schemas; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.export_schemas", description="Publish the events' schemas.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check = parser.parse_args().check
    refused = problems(FOLDER, CATALOG)
    for problem in refused:
        print(problem, file=sys.stderr)
    changes = outdated(FOLDER, CATALOG)
    if refused or check:
        for file in changes:
            print(f"{file} is not what the events say: run python -m tools.export_schemas", file=sys.stderr)
        return 1 if refused or changes else 0
    for file, text in changes.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(f"wrote {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
