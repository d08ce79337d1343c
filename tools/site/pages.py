"""The project's own documents as pages: where each stands in the checkout, so that its links stay what they are."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from tools.base.services import ROOT

NOT_OURS = {
    "node_modules",
    ".venv",
    ".audit",
    "build",
    ".localcloud",
    ".git",
    ".pytest_cache",
    ".cache",
    ".serverless",
    "__pycache__",
}
"""Folders with nothing that we wrote."""
MADE = ROOT / "build" / "docs" / "made"
"""Of the moment at which the site that stands was begun."""
REFERENCES = {
    r"frontend-api/schema/errors\.graphql": "docs/errors.md",
    r"frontend-api/schema/(\w+)\.graphql": r"api/graphql/\1.md",
    r"([\w-]+)/openapi\.yml": r"api/http/\1.md",
    r"(?:payment|shared/openapi)/(callbacks|common)\.yml": r"api/http/\1.md",
    r"shared/serverless/params\.yml|(?:payment|notifications)/stages\.yml": "catalogs/settings.md",
    r"shared/events": "catalogs/events.md",
    r"docs/runbooks": "catalogs/alarms.md",
}
"""What a reference is made of, by its path, and the reference's page: here a link to the one is a link to the other."""
_SOURCES = {".css", ".graphql", ".js", ".json", ".md", ".py", ".toml", ".webp", ".yml"}
_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))")
_FENCE = re.compile(r"(^ *```.*?^ *```)", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    """Return every document of the project, from its root."""
    found = (file.relative_to(ROOT) for file in ROOT.rglob("*.md"))
    return sorted(file for file in found if not NOT_OURS & set(file.parts))


def write(folder: Path) -> None:
    """Put every document into this folder, and beside them the files that they link to.

    A folder that is linked to is its README. A link that leads nowhere stays as it is: the build refuses it.
    """
    for document in documents():
        parts = _FENCE.split((ROOT / document).read_text())
        text = "".join(part if _FENCE.match(part) else _linked(part, document.parent, folder) for part in parts)
        page = folder / document
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text)


def _linked(text: str, place: Path, folder: Path) -> str:
    return _LINK.sub(lambda link: _target(link[0], place, folder), text)


def _target(link: str, place: Path, folder: Path) -> str:
    path, mark, fragment = link.partition("#")
    file = (ROOT / place / unquote(path)).resolve()
    if not path or re.match(r"[a-z]+:", link) or not file.exists():
        return link
    named = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else ""
    for source, page in REFERENCES.items():
        if re.fullmatch(source, named):
            return f"{os.path.relpath(re.sub(source, page, named), place)}{mark}{fragment}"
    if file.is_dir():
        return f"{path.rstrip('/')}/README.md{mark}{fragment}"
    if file.suffix != ".md":
        copy = folder / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return link


def is_current() -> bool:
    """Return whether the site that stands was begun after the last change of what it is made of."""
    return MADE.exists() and all(file.stat().st_mtime <= MADE.stat().st_mtime for file in _sources())


def _sources() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        yield from (Path(folder) / name for name in files if Path(name).suffix in _SOURCES)
