"""The packaged templates and the GraphQL schema, as they would go to AWS."""

import json
from pathlib import Path

import pytest

from tests.contract.template_rules import Template
from tools.base.services import ROOT, services

STAGE = "dev"
PACKAGES = ROOT / "build" / "package" / STAGE
SHARED = ROOT / "shared" / "serverless"


def load_template(service: str, folder: Path) -> Template:
    """Return a service's packaged template. Fails the test if it is missing or older than what it is made from."""
    file = PACKAGES / f"{service}.json"
    sources = [
        path for path in (*folder.iterdir(), *SHARED.iterdir()) if path.suffix in (".yml", ".js", ".json", ".graphql")
    ]
    if not file.exists() or file.stat().st_mtime < max(path.stat().st_mtime for path in sources):
        pytest.fail(f"{service} is not packaged as it now is: run `make package` (python -m tools.package {STAGE})")
    template: Template = json.loads(file.read_text())
    return template


@pytest.fixture(scope="session")
def templates() -> dict[str, Template]:
    """Every service's packaged template by the service's name. Tests must not change them."""
    return {service: load_template(service, folder) for service, folder in services().items()}


@pytest.fixture(scope="session")
def schema() -> str:
    """The whole GraphQL schema."""
    files = sorted((ROOT / "frontend-api" / "schema").glob("*.graphql"))
    return "\n".join(file.read_text() for file in files)
