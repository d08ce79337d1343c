"""`make docs`: the documentation application, in build/docs/site: `python -m tools.site`.

Its pages are the project's documents where they stand, and references made of the schema, the OpenAPI documents, the
models of events, the packaged templates and the code. Nothing in it is written twice by hand. A link or an anchor that
leads nowhere ends the build.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tools.base.services import ROOT
from tools.site import catalogs, graphql, http, pages

PAGES = ROOT / "build" / "docs" / "pages"
PACKAGED = ROOT / "build" / "package" / "dev"
PICTURES = ROOT / "node_modules" / "@mermaid-js/tiny" / "dist" / "mermaid.tiny.js"
"""Draws the pictures in the browser; the theme would fetch it from elsewhere."""


def made() -> dict[str, str]:
    """Return every page that is made of the code, by its place."""
    return {**graphql.pages(), **http.pages(), **catalogs.pages(PACKAGED)}


def build(config: Path) -> int:
    """Build a site as its configuration says; return the exit code, which is not 0 for a link that leads nowhere."""
    return subprocess.run(["zensical", "build", "--clean", "--strict", "--config-file", config]).returncode


def main() -> int:
    """Write the pages and build them; return the exit code."""
    shutil.rmtree(PAGES, ignore_errors=True)
    pages.write(PAGES)
    for place, text in made().items():
        file = PAGES / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    shutil.copytree(ROOT / "shared" / "events", PAGES / "shared" / "events")
    shutil.copyfile(ROOT / "docs" / "site.css", PAGES / "docs" / "site.css")
    shutil.copyfile(PICTURES, PAGES / PICTURES.name)
    return build(ROOT / "zensical.toml")


if __name__ == "__main__":
    sys.exit(main())
