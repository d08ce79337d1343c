"""The reference of the HTTP APIs, made of their OpenAPI documents."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.base.services import ROOT
from tools.site.markdown import cell, table

Document = dict[str, Any]


def pages() -> Mapping[str, str]:
    """Return a page for each document that `tools.export_openapi` publishes, by its place."""
    files = [
        *sorted(ROOT.glob("*/openapi.yml")),
        ROOT / "payment" / "callbacks.yml",
        ROOT / "shared/openapi/common.yml",
    ]
    return {f"api/http/{_name(file)}.md": _page(yaml.safe_load(file.read_text())) for file in files}


def _name(file: Path) -> str:
    return file.parent.name if file.stem == "openapi" else file.stem


def _page(document: Document) -> str:
    parts = [f"# {document['info']['title']}\n"]
    for path, operations in document["paths"].items():
        parts += [_operation(path, method, operation) for method, operation in operations.items()]
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        parts.append(f"## {name}\n\n`{name}`.\n\n{_schema(schema)}")
    return "\n".join(parts)


def _operation(path: str, method: str, operation: Document) -> str:
    callers = ", ".join(operation.get("x-betsafi-callers", ()))
    text = f"## {method.upper()} {path}\n\n{cell(operation['summary'])} {cell(operation.get('description', ''))}\n\n"
    if callers:
        text += f"Called by {callers}.\n\n"
    if body := operation.get("requestBody"):
        text += f"Takes {_kind(body['content']['application/json']['schema'])}.\n\n"
    rows = [(status, _answer(answer)) for status, answer in sorted(operation["responses"].items())]
    return text + table(("status", "answer"), rows)


def _answer(answer: Document) -> str:
    schema = answer["content"]["application/json"]["schema"]
    codes = schema.get("properties", {}).get("error", {}).get("enum", ())
    said = cell(answer["description"])
    return f"{said} {', '.join(f'`{code}`' for code in codes)}" if codes else f"{said} {_kind(schema)}"


def _schema(schema: Document) -> str:
    said = f"{cell(schema['description'])}\n\n" if "description" in schema else ""
    if "properties" not in schema:
        return f"{said}{_kind(schema)}\n"
    needed = schema.get("required", ())
    rows = [
        (f"`{name}`", _kind(part), "yes" if name in needed else "", cell(part.get("description", "")))
        for name, part in schema["properties"].items()
    ]
    return said + table(("field", "kind", "needed", "what it is"), rows)


def _kind(schema: Document) -> str:
    """Return what a value may be, in a few words; a schema with a name is a link to it."""
    if "$ref" in schema:
        file, _, place = schema["$ref"].partition("#")
        name = place.rsplit("/", 1)[-1]
        return f"[{name}]({Path(file).stem + '.md' if file else ''}#{name.lower()})"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(_kind(part) for part in schema[choice])
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{cell(str(value))}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"a list of {_kind(schema.get('items', {}))}"
    return ", ".join([str(schema.get("type", "anything")), *_limits(schema)])


def _limits(schema: Document) -> Iterator[str]:
    names = {"minimum": "from", "maximum": "to", "minLength": "at least", "maxLength": "at most", "pattern": "like"}
    for name, word in names.items():
        if name in schema:
            yield f"{word} `{cell(str(schema[name]))}`"
