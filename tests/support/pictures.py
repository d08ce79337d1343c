"""What browsers showed when a test failed: a picture of every page that was open, below build/test/pictures."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.base.services import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = ROOT / "build" / "test" / "pictures"
_watched: list["Browser"] = []


@contextmanager
def watched(browser: "Browser") -> Iterator[None]:
    """Have what a browser of this thread shows kept where a test fails, or this block."""
    _watched.append(browser)
    try:
        yield
    except BaseException:
        take()
        raise
    finally:
        _watched.remove(browser)


def take() -> None:
    """Keep what every watched browser shows, by the name of the test that runs."""
    from playwright.sync_api import Error

    pages = [page for browser in _watched for context in browser.contexts for page in context.pages]
    for number, page in enumerate(pages):
        try:
            page.screenshot(path=place(number), full_page=True)
        except Error as failure:
            print(f"There is no picture of {page.url}: {failure}")


def place(number: int = 0) -> Path:
    """Return where a page's picture goes."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "no test (call)").rpartition(" ")[0].removeprefix("tests/")
    return FOLDER / f"{re.sub(r'[^A-Za-z0-9_.]+', '-', test)}-{number}.png"
