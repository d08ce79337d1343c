"""Publish the HTTP APIs: `<service>/openapi.yml`, made of what the doors declare.

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

from betsafi import ids
from tools.base.services import ROOT

Document = dict[str, Any]

INTERNAL = ("wallet", "users")
"""Services that others call, signed with IAM credentials."""

_PLACEHOLDERS = (
    "STAGE", "AWS_REGION", "TABLE_NAME", "DARAJA_SECRET_ID", "DARAJA_URL", "USERS_URL", "WALLET_URL",
    "FOLLOWUP_QUEUE_URL", "ARCHIVE_BUCKET",
)  # fmt: skip
"""Settings that the doors want to be imported; nothing is called."""

_IAM = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "AWS Signature Version 4, service execute-api",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


def internal_api(service: str) -> Document:
    """Return the OpenAPI document of a service's `api` door; `x-betsafi-callers` are the services that may call."""
    paths: dict[str, Document] = {}
    for (method, resource), operation in sorted(_door(service, "api").handler.operations.items()):
        answers = {200: _answer("Done, or done before.", operation.gives)}
        for status in sorted({error.status for error in operation.refuses}):
            codes = sorted({error.code for error in operation.refuses if error.status == status})
            answers[status] = _answer("Refused; nothing was changed.", _refusal(codes))
        written = _operation(operation.endpoint, resource, operation.takes, answers)
        paths.setdefault(resource, {})[method.lower()] = {**written, "x-betsafi-callers": sorted(operation.callers)}
    title = f"BETSAFI {service}: for the other services"
    return _document(title, paths, {"securitySchemes": {"iam": _IAM}}, security=[{"iam": []}])


def callbacks_api() -> Document:
    """Return the OpenAPI document of payment's callbacks."""
    doors = _door("payment", "callback").DOORS
    bodies = importlib.import_module("payment.providers.mpesa.schemas")
    validate = importlib.import_module("payment.flows.paybill").validate
    acknowledged = {
        200: _answer("Kept in the queue; nothing is said about what comes of it.", bodies.ACKNOWLEDGED),
        503: _answer("Not kept.", {"type": "object"}),
    }
    asked = {200: _answer("Whether the payment is taken; nothing is written.", bodies.VALIDATED)}
    paths = {}
    for door, (take, answers) in {
        **{door: (take, acknowledged) for door, take in doors.items()},
        "v": (validate, asked),
    }.items():
        path = f"/cb/{door}/{{id}}/{{hmac}}"
        paths[path] = {"post": _operation(take, path, bodies.OF_DOOR[door], answers)}
    return _document("BETSAFI payment: M-Pesa's callbacks", paths, {})


def _door(service: str, name: str) -> Any:
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
    pattern = "[0-9a-f]{64}" if name == "hmac" else ids.PATTERN
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{pattern}$"}}


def _refusal(codes: list[str]) -> Document:
    properties = {
        "error": {"enum": codes},
        "message": {"type": "string", "description": "A sentence for a person."},
        "info": {"type": "object"},
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _answer(description: str, schema: Document) -> Document:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _document(title: str, paths: Mapping[str, Document], components: Document, **more: Any) -> Document:
    about = {"title": title, "version": "1", "license": {"name": "MIT-0", "identifier": "MIT-0"}}
    named: dict[str, Any] = {}
    written = {path: _named(paths[path], named) for path in sorted(paths)}
    components = {"schemas": dict(sorted(named.items())), **components}
    return {"openapi": "3.1.0", "info": about, "paths": written, "components": components, **more}


def _named(part: Any, named: dict[str, Any]) -> Any:
    """Return a part of the document with its titled schemas moved to `named`, and references in their places."""
    if isinstance(part, list):
        return [_named(member, named) for member in part]
    if not isinstance(part, dict):
        return part
    members = {key: _named(member, named) for key, member in part.items() if key != "title"}
    if "title" not in part:
        return members
    named[part["title"]] = members
    return {"$ref": f"#/components/schemas/{part['title']}"}


def documents() -> dict[Path, str]:
    """Return what each published file should contain."""
    found = {service: internal_api(service) for service in INTERNAL} | {"payment": callbacks_api()}
    head = "# Made by `python -m tools.export_openapi` from what the doors declare; edit those.\n"
    return {
        # By way of JSON no two parts are the same object, which YAML would write as anchors.
        ROOT / service / "openapi.yml": head
        + yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False, width=120)
        for service, document in found.items()
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
            print(f"{file} is not what the doors declare: run python -m tools.export_openapi", file=sys.stderr)
        else:
            file.write_text(wanted[file])
            print(f"wrote {file}")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
