"""The libraries' layer has the AWS SDK that the tests use, and of it what the functions call."""

import ast
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import botocore
import pytest

from tests.contract.conftest import PACKAGES
from tests.contract.template_rules import Template
from tools.base.services import ROOT, packages

BOTOCORE = "python/botocore/"


@pytest.fixture
def layer(templates: dict[str, Template]) -> zipfile.ZipFile:
    """The layer of the libraries as `make package` built it."""
    found = [
        file for file in (PACKAGES / "work" / "layers").glob("*.zip") if BOTOCORE + "__init__.py" in names_in(file)
    ]
    assert len(found) == 1, "no layer has botocore in it"
    return zipfile.ZipFile(found[0])


def names_in(file: Path) -> set[str]:
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def called(file: Path) -> Iterator[str]:
    """Yield the AWS services that a module makes clients of, by name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("client", "create_client"):
                yield str(node.args[0].value)


def sources() -> Iterator[Path]:
    yield from (ROOT / "layers" / "common" / "python").rglob("*.py")
    for service, package in packages().items():
        yield from (ROOT / service / package).rglob("*.py")


def test_the_layer_has_the_botocore_that_the_tests_use(layer: zipfile.ZipFile) -> None:
    version = re.search(rb"__version__ = '(.*)'", layer.read(BOTOCORE + "__init__.py"))
    assert version
    assert version[1].decode() == botocore.__version__


def test_the_layer_knows_the_aws_services_that_are_called_and_no_others(layer: zipfile.ZipFile) -> None:
    data = BOTOCORE + "data/"
    known = {name.removeprefix(data).split("/")[0] for name in layer.namelist() if re.match(data + "[^/]+/.", name)}
    assert known == {service for file in sources() for service in called(file)}
