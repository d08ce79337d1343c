"""What a browser shows when a test fails is kept, whichever test it is."""

import os
import struct
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import PATIENCE_SECONDS
from tools.base.services import ROOT

INNER = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import pytest
from tests.browser import conftest as browsers
from tests.support import pictures

chromium = browsers.chromium
pictures.FOLDER = Path("pictures").absolute()


@pytest.fixture
def show(chromium):
    pages = []
    def open_(width, browser=chromium):
        pages.append(browser.new_page(viewport={"width": width, "height": 50}))
        pages[-1].set_content("<h1>Where it was</h1>")
    yield open_
    for page in pages:
        page.context.close()


@pytest.fixture
def elsewhere(chromium):
    with browsers.running(chromium.browser_type) as browser:
        yield browser


@pytest.fixture
def prepared(show):
    show(300)
    raise RuntimeError("before the test")


def test_that_passes(show):
    show(100)


@pytest.mark.parametrize("what", ["a b/c"])
def test_that_fails(elsewhere, show, what):
    show(200)
    show(210, elsewhere)
    raise AssertionError("in the test")


def test_that_was_never_begun(prepared):
    pass


def aside():
    with browsers.launched() as browser:
        browser.new_page(viewport={"width": 400, "height": 50})
        raise AssertionError("in a browser of its own")


def test_with_its_own(chromium):
    with ThreadPoolExecutor(1) as thread:
        thread.submit(aside).result()
"""


def width(picture: Path) -> int:
    """Return how wide a PNG is, as its header says."""
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    found: int = struct.unpack(">I", head[16:20])[0]
    return found


def test_every_open_page_of_every_browser_is_kept_when_a_test_fails(tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text(INNER)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "test_inner.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert "2 failed, 1 passed, 1 error" in ran.stdout, ran.stdout + ran.stderr
    kept = {picture.name: width(picture) for picture in (tmp_path / "pictures").iterdir()}
    assert kept == {
        "test_inner.py-test_that_fails-a-b-c--0.png": 200,
        "test_inner.py-test_that_fails-a-b-c--1.png": 210,
        "test_inner.py-test_that_was_never_begun-0.png": 300,
        "test_inner.py-test_with_its_own-0.png": 400,
    }
