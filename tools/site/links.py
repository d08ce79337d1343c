"""Whether every link of the built site leads somewhere: to a file of it, and to a place that its page has.

The generator looks at links between documents alone, not at pictures, files and what is written as HTML.
"""

import os
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LEADS = {"a": "href", "img": "src", "link": "href", "script": "src", "source": "src", "iframe": "src"}


class _Page(HTMLParser):
    def __init__(self, file: Path) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: set[str] = set()
        self.feed(file.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what can be led to, and what leads elsewhere."""
        given = dict(attrs)
        self.places |= {given.get(name) or "" for name in ("id", "name")}
        link = given.get(_LEADS.get(tag, ""))
        if link is not None:
            self.links.add(link)


def broken(site: Path) -> list[str]:
    """Return each link that leads nowhere, with the page that has it."""
    page = cache(_Page)

    @cache
    def places(target: str) -> set[str] | None:
        """Return the places of a page, none of another file, and None where there is nothing."""
        file = Path(target)
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            return None
        return page(file).places if file.suffix == ".html" else set()

    def stands(file: Path, link: str) -> bool:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return True
        path = unquote(parts.path)
        above = site if path.startswith("/") else file if not path else file.parent
        found = places(os.path.normpath(f"{above}/{path}" if path else above))
        return found is not None and (not parts.fragment or unquote(parts.fragment) in found)

    return [
        f"{file.relative_to(site)}: {link} leads nowhere"
        for file in sorted(site.rglob("*.html"))
        for link in sorted(page(file).links)
        if not stands(file, link)
    ]
