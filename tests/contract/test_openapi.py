"""The published HTTP APIs are what the handlers declare, and what the packaged services put before them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.template_rules import Template
from tools import export_openapi
from tools.export_openapi import ROOT


def document(service: str, name: str = "openapi") -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / service / f"{name}.yml").read_text())
    return loaded


def routes_of(template: Template) -> set[tuple[str, str]]:
    """Return every (method, path) of the template's HTTP API."""
    routes = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::ApiGatewayV2::Route"]
    return {(method.lower(), path) for method, path in (route["RouteKey"].split(" ") for route in routes)}


def paths_of(template: Template, root: str) -> set[tuple[str, str]]:
    """Return every (method, path) of the template's REST API whose root resource is an attribute of `root`."""
    resources = template["Resources"]

    def path(name: str) -> str:
        properties = resources[name]["Properties"]
        parent = properties["ParentId"]
        return ("" if "Fn::GetAtt" in parent else path(parent["Ref"])) + "/" + properties["PathPart"]

    methods = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::ApiGateway::Method"]
    return {(m["HttpMethod"].lower(), path(m["ResourceId"]["Ref"])) for m in methods if m["RestApiId"] == {"Ref": root}}


def test_the_published_apis_are_what_the_handlers_declare() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "tools.export_openapi", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=180
    )
    assert (checked.stderr, checked.returncode) == ("", 0)


def test_a_missing_or_changed_document_is_found(tmp_path: Path) -> None:
    same, other, missing = tmp_path / "same.yml", tmp_path / "other.yml", tmp_path / "missing.yml"
    same.write_text("a")
    other.write_text("b")
    assert list(export_openapi.outdated({same: "a", other: "a", missing: "a"})) == [other, missing]


@pytest.mark.parametrize("service", export_openapi.INTERNAL)
def test_api_gateway_has_the_same_operations(templates: dict[str, Template], service: str) -> None:
    declared = {(method, path) for path, methods in document(service)["paths"].items() for method in methods}
    assert routes_of(templates[service]) == declared


def test_api_gateway_has_every_kind_of_callback(templates: dict[str, Template]) -> None:
    served = paths_of(templates["payment"], "CallbackApi")
    doors = set(document("payment", "callbacks")["paths"])
    assert served == {("post", "/cb/v/{id}/{hmac}"), ("post", "/cb/{door}/{id}/{hmac}")}
    assert doors == {f"/cb/{door}/{{id}}/{{hmac}}" for door in "abcqrstv"}


def test_every_refusal_names_its_stable_codes() -> None:
    for service in export_openapi.INTERNAL:
        for methods in document(service)["paths"].values():
            for operation in methods.values():
                for status, answer in operation["responses"].items():
                    schema = answer["content"]["application/json"]["schema"]
                    assert status == "200" or schema["properties"]["error"]["enum"], operation["operationId"]
