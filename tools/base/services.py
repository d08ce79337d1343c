"""The services, as serverless-compose.yml lists them: in the order of deployment.

With Python's own modules alone: a pipeline asks which services a change concerns before anything is installed.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "serverless-compose.yml"
_LINE = re.compile(r"  ([a-z-]+): \{path: ([a-z/-]+)(?:, dependsOn: \[([a-z-]+(?:, [a-z-]+)*)\])?\}")


class _Listed(NamedTuple):
    path: str
    needs: tuple[str, ...]


@cache
def _listed() -> dict[str, _Listed]:
    _, _, lines = LIST.read_text().partition("\nservices:\n")
    found = {}
    for line in lines.splitlines():
        match = _LINE.fullmatch(line)
        assert match is not None, f"{LIST.name} has a line that is no service: {line}"
        found[match[1]] = _Listed(match[2], tuple(match[3].split(", ")) if match[3] else ())
    return found


def services() -> dict[str, Path]:
    """Return every service's folder by its name (`layers/common` is called layers)."""
    return {name: ROOT / about.path for name, about in _listed().items()}


def needs(service: str) -> set[str]:
    """Return the services that must be deployed before this one, and before those."""
    nearest = _listed()[service].needs
    return set(nearest).union(*map(needs, nearest))


def packages() -> dict[str, str]:
    """Return the Python package of every service that has one: the folder in it that has `handlers/`."""
    found = {name: sorted(folder.glob("*/handlers")) for name, folder in services().items()}
    return {name: handlers[0].parent.name for name, handlers in found.items() if handlers}


def with_table() -> tuple[str, ...]:
    """Return the services that have a table: those whose package has `table.py`."""
    return tuple(name for name, package in packages().items() if (services()[name] / package / "table.py").exists())


def websites() -> tuple[str, ...]:
    """Return the services that are files alone, which CloudFront serves: those with the plugin `website`."""
    files = {name: (folder / "serverless.yml").read_text() for name, folder in services().items()}
    return tuple(name for name, text in files.items() if re.search(r"^  modules: \[.*\bwebsite\]$", text, re.MULTILINE))


def import_folders() -> list[Path]:
    """Return the folders from which the layer and the services' packages are imported, as they are in Lambda."""
    return [services()["layers"] / "python", *(services()[name] for name in packages())]
