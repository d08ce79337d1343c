"""One list of services exists, serverless-compose.yml; here what cannot read it is held against it."""

import subprocess
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from betsafi.events.catalog import CATALOG
from tests.contract.template_rules import Template, resources
from tests.support.serverless import read_yaml
from tools import export_openapi, first_day
from tools.base.services import ROOT, import_folders, needs, packages, services

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
CONTRACTS = {contract["name"]: contract for contract in PYPROJECT["importlinter"]["contracts"]}
HOUSES = "Houses: tests, the laptop's cloud, tools, services, the layer"
PACKAGES = sorted(packages().values())
FOLDERS = sorted(str(folder.relative_to(ROOT)) for folder in import_folders())


def test_the_services_that_are_listed_are_the_folders_with_a_serverless_file() -> None:
    files = {
        *ROOT.glob("*/serverless.yml"),
        *ROOT.glob("layers/*/serverless.yml"),
        *ROOT.glob("clients/*/serverless.yml"),
    }
    assert {folder / "serverless.yml" for folder in services().values()} == files
    for name, folder in services().items():
        assert read_yaml(folder / "serverless.yml")["service"] == f"betsafi-{name}"


def test_every_service_with_functions_has_a_package_of_its_own() -> None:
    with_functions = {
        name for name, folder in services().items() if "functions" in read_yaml(folder / "serverless.yml")
    }
    assert packages().keys() == with_functions
    assert len(set(packages().values())) == len(packages())


@pytest.mark.parametrize(
    ("where", "found", "expected"),
    [
        ("tool.mypy.mypy_path", PYPROJECT["mypy"]["mypy_path"], FOLDERS),
        (
            "tool.importlinter.root_packages",
            PYPROJECT["importlinter"]["root_packages"],
            ["betsafi", "localcloud", "tools", "tests", *PACKAGES],
        ),
        (HOUSES, CONTRACTS[HOUSES]["layers"][3].split(" | "), PACKAGES),
        (
            "No circle anywhere",
            CONTRACTS["No circle anywhere"]["ancestors"],
            ["betsafi", "localcloud", "tools", "tests", *PACKAGES],
        ),
        (
            "tool.ruff.lint.isort.known-first-party",
            PYPROJECT["ruff"]["lint"]["isort"]["known-first-party"],
            ["betsafi", "localcloud", "tests", "tools", *PACKAGES],
        ),
        (
            "tool.deptry.known_first_party",
            PYPROJECT["deptry"]["known_first_party"],
            ["betsafi", "localcloud", "tests", "tools", *PACKAGES],
        ),
    ],
)
def test_pyproject_names_every_service(where: str, found: list[str], expected: list[str]) -> None:
    assert sorted(found) == sorted(expected), where


def test_the_houses_stand_in_one_order() -> None:
    first, second, third, _, last = CONTRACTS[HOUSES]["layers"]
    assert (first, second, third, last) == ("tests", "localcloud", "tools", "betsafi")


@pytest.mark.parametrize(
    ("house", "package"),
    [*packages().items(), ("the layer", "betsafi"), ("the laptop's cloud", "localcloud"), ("the tools", "tools")],
)
def test_every_house_says_the_direction_of_imports_in_it_for_every_room(house: str, package: str) -> None:
    contract = CONTRACTS[f"Rooms of {house}"]
    assert (contract["type"], contract["containers"], contract["exhaustive"]) == ("layers", [package], True)


def test_the_makefile_reads_the_same_list() -> None:
    show = "show: ; @echo '$(LISTED)'; echo '$(PACKAGES)'"
    command = ["make", "--no-print-directory", "--eval", show, "show"]
    listed, made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert listed.split() == [f"{name}:{folder.relative_to(ROOT)}" for name, folder in services().items()]
    assert sorted(made.split()) == sorted(f"{name}/{package}" for name, package in packages().items())


def test_what_a_service_takes_from_another_is_deployed_before_it(templates: Mapping[str, Template]) -> None:
    for service, template in templates.items():
        parameters = template.get("Parameters", {}).values()
        taken = {parameter["Default"].split("/")[3] for parameter in parameters if "::Value<" in parameter["Type"]}
        assert taken <= needs(service) | {service}, f"dependsOn of {service}"


def test_a_service_is_called_by_the_module_that_is_named_after_it_alone() -> None:
    code = (file for name, package in packages().items() for file in (services()[name] / package).rglob("*.py"))
    callers = {str(file.relative_to(ROOT)) for file in code if "ServiceClient(" in file.read_text()}
    assert callers == {file for file in callers if file.removesuffix("_api.py").split("/")[-1] in packages()}
    assert len(callers) >= 5


def test_every_publisher_of_events_is_a_service_with_an_outbox(templates: Mapping[str, Template]) -> None:
    publishers = {source.removeprefix("betsafi.") for source, _ in CATALOG}
    assert publishers == {name for name, template in templates.items() if "StreamFailureQueue" in template["Resources"]}


def test_every_table_is_looked_at_on_the_first_day(templates: Mapping[str, Template]) -> None:
    with_table = {name for name, template in templates.items() if resources(template, "AWS::DynamoDB::Table")}
    assert set(first_day.TABLES) == with_table


def test_every_api_for_other_services_has_its_document() -> None:
    files = {name: read_yaml(folder / "serverless.yml") for name, folder in services().items()}
    with_api = {name for name, file in files.items() if "api" in file["custom"].get("defaults", {})}
    assert set(export_openapi.INTERNAL) == with_api
