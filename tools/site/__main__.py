"""`make docs`: the documentation application, in build/docs/site: `python -m tools.site [FOLDER]`.

Its pages are the project's documents where they stand, and references made of the schema, the OpenAPI documents, the
models of events, the packaged templates (of `dev`, or in FOLDER) and the code. Nothing in it is written twice by hand.
A link, an anchor or a picture that leads nowhere ends the build.
"""

import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from tools.base.services import ROOT, services
from tools.base.turns import turn
from tools.site import catalogs, graphql, http, links, pages

PAGES = ROOT / "build" / "docs" / "pages"
PACKAGED = ROOT / "build" / "package" / "dev"
PICTURES = ROOT / "node_modules" / "@mermaid-js/tiny" / "dist" / "mermaid.tiny.js"
"""Draws the pictures in the browser; the theme would fetch it from elsewhere."""


def made(packaged: Path = PACKAGED) -> dict[str, str]:
    """Return every page that is made of the code and of the templates in this folder, by its place."""
    templates = {name: packaged / f"{name}.json" for name in services()}
    return {**graphql.pages(), **http.pages(), **catalogs.pages(templates)}


def build(config: Path) -> int:
    """Build a site as its configuration says; return the exit code, which is not 0 for a link that leads nowhere."""
    code = subprocess.run(["zensical", "build", "--clean", "--strict", "--config-file", config]).returncode
    nowhere = links.broken(config.parent / tomllib.loads(config.read_text())["project"].get("site_dir", "site"))
    print("".join(f"{link}\n" for link in nowhere), file=sys.stderr, end="")
    return code or bool(nowhere)


def make(packaged: Path = PACKAGED) -> int:
    """Write the pages and build them, which one process does at a time (`turn`); return the exit code."""
    begun = time.time()
    shutil.rmtree(PAGES, ignore_errors=True)
    pages.write(PAGES)
    for place, text in made(packaged).items():
        file = PAGES / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    shutil.copytree(ROOT / "shared" / "events", PAGES / "shared" / "events")
    shutil.copyfile(ROOT / "docs" / "site.css", PAGES / "docs" / "site.css")
    shutil.copyfile(PICTURES, PAGES / PICTURES.name)
    code = build(ROOT / "zensical.toml")
    if code == 0:
        pages.MADE.touch()
        os.utime(pages.MADE, (begun, begun))
    return code


def main(packaged: Path = PACKAGED) -> int:
    """Make the site; return the exit code."""
    with turn(PAGES.parent):
        return make(packaged)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
