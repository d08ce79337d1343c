"""The services, as serverless-compose.yml lists them: in the order of deployment."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "serverless-compose.yml"


@cache
def _listed() -> dict[str, dict[str, Any]]:
    listed: dict[str, dict[str, Any]] = yaml.safe_load(LIST.read_text())["services"]
    return listed


def services() -> dict[str, Path]:
    """Return every service's folder by its name (`layers/common` is called layers)."""
    return {name: ROOT / about["path"] for name, about in _listed().items()}


def needs(service: str) -> set[str]:
    """Return the services that must be deployed before this one, and before those."""
    nearest = _listed()[service].get("dependsOn", [])
    return set(nearest).union(*map(needs, nearest))


def packages() -> dict[str, str]:
    """Return the Python package of every service that has one: the folder in it that has `handlers/`."""
    found = {name: sorted(folder.glob("*/handlers")) for name, folder in services().items()}
    return {name: handlers[0].parent.name for name, handlers in found.items() if handlers}


def import_folders() -> list[Path]:
    """Return the folders from which the layer and the services' packages are imported, as they are in Lambda."""
    return [services()["layers"] / "python", *(services()[name] for name in packages())]
