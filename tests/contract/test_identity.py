"""A package holds the files that `tools.identity` expects: a daily check finds nothing where nothing changed."""

import pytest

from tests.contract.conftest import PACKAGES
from tests.contract.template_rules import Template
from tools import identity
from tools.base.services import packages, services

OURS = "python/betsafi/__init__.py"


def archives(service: str) -> list[dict[str, str]]:
    """What is in each zip of a packaged service. What stands in a file may have changed since it was packaged."""
    found = sorted((PACKAGES / "work" / service).glob("*.zip"))
    return [identity.unpacked(path.read_bytes()) for path in found]


@pytest.mark.parametrize("service", sorted(packages()))
def test_every_package_has_the_files_that_are_looked_for(service: str, templates: dict[str, Template]) -> None:
    found = archives(service)
    assert found, f"{service} is not packaged: run `make package`"
    wanted = identity.released(services()[service], packages()[service])
    assert [archive.keys() ^ wanted.keys() for archive in found] == [set()] * len(found)


def test_the_shared_layer_has_the_files_that_are_looked_for(templates: dict[str, Template]) -> None:
    (common,) = [archive for archive in archives("layers") if OURS in archive]
    assert common.keys() == identity.released(services()["layers"], "python").keys()
