"""Publish the HTTP APIs: `<service>/openapi.yml`, made of what the handlers declare and of the models that check.

What every document may use is in `shared/openapi/common.yml`: ids, money, versions, refusals.

`python -m tools.export_openapi` writes what is new; `--check` writes nothing and fails on a difference.
"""

import argparse
import importlib
import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from betsafi import bodies
from tools.base.services import ROOT

Document = dict[str, Any]

INTERNAL = ("wallet", "users", "payment")
"""Services that others call, signed with IAM credentials."""

COMMON = ROOT / "shared" / "openapi" / "common.yml"
_SHARED = {
    "Id": bodies.Id,
    "Cents": bodies.Cents,
    "Balance": bodies.Balance,
    "Version": bodies.Version,
    "Refusal": bodies.Refusal,
}

_PLACEHOLDERS = (
    "STAGE", "AWS_REGION", "TABLE_NAME", "DARAJA_SECRET_ID", "DARAJA_URL", "USERS_URL", "WALLET_URL",
    "FOLLOWUP_QUEUE_URL", "ARCHIVE_BUCKET",
)  # fmt: skip
"""Settings that the handlers want to be imported; nothing is called."""

_ANYTHING = {"description": "Undocumented: anything is taken, and nothing in it is read."}

_IAM = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "AWS Signature Version 4, service execute-api",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


class _Schema(GenerateJsonSchema):
    """JSON Schema as pydantic makes it, without titles that repeat a name and defaults that stand for nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def internal_api(service: str) -> Document:
    """Return the OpenAPI document of a service's `api` handler; `x-betsafi-callers` are the services that may call."""
    paths: dict[str, Document] = {}
    kept: set[type[bodies.Body]] = set()
    for (method, resource), operation in sorted(_module(service, "api").handler.operations.items()):
        kept |= {operation.gives} | ({operation.takes} if operation.takes else set())
        answers = {200: _answer("Done, or done before.", _ref(operation.gives))}
        for status in sorted({error.status for error in operation.refuses}):
            codes = sorted({error.code for error in operation.refuses if error.status == status})
            refusal = {**_ref(bodies.Refusal), "properties": {"error": {"enum": codes}}}
            answers[status] = _answer("Refused; nothing was changed.", refusal)
        takes = _ref(operation.takes) if operation.takes else None
        written = _operation(operation.endpoint, resource, takes, answers)
        paths.setdefault(resource, {})[method.lower()] = {**written, "x-betsafi-callers": sorted(operation.callers)}
    title = f"BETSAFI {service}: for the other services"
    components = {"schemas": _own(*kept), "securitySchemes": {"iam": _IAM}}
    return _document(title, paths, components, security=[{"iam": []}])


def callbacks_api() -> Document:
    """Return the OpenAPI document of the callbacks that M-Pesa sends; another provider's have schemas of their own."""
    taken_by = _module("payment", "callback").TAKEN_BY
    kinds = importlib.import_module("payment.providers.mpesa.provider").CALLBACK_KINDS
    read = importlib.import_module("payment.providers.mpesa.bodies")
    paybill = importlib.import_module("payment.flows.paybill")
    accepted = re.search("const accepted = '(.*)'", (ROOT / "payment" / "callbacks.js").read_text())
    assert accepted
    acknowledged = {
        200: _answer("Kept in the queue; nothing is said about what comes of it.", {"const": json.loads(accepted[1])}),
        503: _answer("Not kept.", {"type": "object"}),
    }
    asked = {200: _answer("Whether the payment is taken; nothing is written.", _ref(paybill.Validated))}
    paths = {}
    for kind, (take, answers) in {
        **{kind: (take, acknowledged) for kind, take in taken_by.items() if kind in kinds},
        "v": (paybill.validate, asked),
    }.items():
        path, takes = f"/cb/{kind}/{{id}}/{{hmac}}", read.OF_KIND.get(kind)
        paths[path] = {"post": _operation(take, path, _ref(takes) if takes else _ANYTHING, answers)}
    schemas = _own(paybill.Validated, *read.OF_KIND.values())
    return _document("BETSAFI payment: M-Pesa's callbacks", paths, {"schemas": schemas})


def _module(service: str, name: str) -> Any:
    for setting in _PLACEHOLDERS:
        os.environ.setdefault(setting, "http://unused")
    return importlib.import_module(f"{service}.handlers.{name}")


def _operation(
    function: Callable[..., Any], path: str, takes: Document | None, answers: Mapping[int, Document]
) -> Document:
    summary, _, more = (inspect.getdoc(function) or "").partition("\n\n")
    room = function.__module__.split(".")[-1]
    operation: Document = {
        "operationId": function.__name__ if room == "api" else f"{room}_{function.__name__}",
        "summary": " ".join(summary.split()),
    }
    if more:
        operation["description"] = " ".join(more.split())
    if names := re.findall(r"{(\w+)}", path):
        operation["parameters"] = [_path_parameter(name) for name in names]
    if takes is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": takes}}}
    return {**operation, "responses": {str(status): answer for status, answer in answers.items()}}


def _path_parameter(name: str) -> Document:
    schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"} if name == "hmac" else _shared("Id")
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _ref(model: type[Any]) -> Document:
    name = model.__name__
    return _shared(name) if name in _SHARED else {"$ref": f"#/components/schemas/{name}"}


def _shared(name: str) -> Document:
    return {"$ref": f"../{COMMON.relative_to(ROOT)}#/components/schemas/{name}"}


def _answer(description: str, schema: Document) -> Document:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _document(title: str, paths: Mapping[str, Document], components: Document, **more: Any) -> Document:
    about = {"title": title, "version": "1", "license": {"name": "MIT-0", "identifier": "MIT-0"}}
    written = {path: paths[path] for path in sorted(paths)}
    return {"openapi": "3.1.0", "info": about, "paths": written, "components": components, **more}


def _own(*models: Any) -> dict[str, Document]:
    """Return the schemas of a document's own models; what all documents share is referred to where it stands."""
    found = _schemas({model.__name__: model for model in models})
    return {name: _elsewhere(schema) for name, schema in found.items() if name not in _SHARED}


def _schemas(types: Mapping[str, Any]) -> dict[str, Document]:
    """Return the schema of each type, and of each that it is made of, by name."""
    asked = [(name, "validation", TypeAdapter(kind)) for name, kind in types.items()]
    template = "#/components/schemas/{model}"
    _, made = TypeAdapter.json_schemas(asked, ref_template=template, schema_generator=_Schema)  # type: ignore[arg-type]
    schemas: dict[str, Document] = made["$defs"]
    for name, schema in schemas.items():
        schema.pop("title", None)
        if together := getattr(types.get(name), "together", ()):
            schema["dependentRequired"] = {field: [other for other in together if other != field] for field in together}
    return dict(sorted(schemas.items()))


def _elsewhere(part: Any) -> Any:
    """Return a part of a document in which what all documents share is referred to where it stands."""
    if isinstance(part, list):
        return [_elsewhere(member) for member in part]
    if not isinstance(part, dict):
        return part
    name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
    return {**part, **_shared(name)} if name in _SHARED else {key: _elsewhere(member) for key, member in part.items()}


def documents() -> dict[Path, str]:
    """Return what each published file should contain."""
    found = {ROOT / service / "openapi.yml": internal_api(service) for service in INTERNAL}
    found[ROOT / "payment" / "callbacks.yml"] = callbacks_api()
    found[COMMON] = _document("BETSAFI: what its APIs share", {}, {"schemas": _schemas(_SHARED)})
    head = "# Made by `python -m tools.export_openapi` from what the handlers declare; edit those.\n"
    return {
        # By way of JSON no two parts are the same object, which YAML would write as anchors.
        file: head + yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False, width=120)
        for file, document in found.items()
    }


def outdated(wanted: Mapping[Path, str]) -> Iterable[Path]:
    """Return the files that are missing or say something else."""
    return [file for file, text in wanted.items() if not file.exists() or file.read_text() != text]


def main() -> int:
    """Write or check the published documents; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.export_openapi", description="Publish the HTTP APIs.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check = parser.parse_args().check
    wanted = documents()
    for file in (different := outdated(wanted)):
        if check:
            print(f"{file} is not what the handlers declare: run python -m tools.export_openapi", file=sys.stderr)
        else:
            file.write_text(wanted[file])
            print(f"wrote {file}")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
