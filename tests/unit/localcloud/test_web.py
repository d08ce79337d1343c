"""How the reference app is served: its files, its pages, what it is told, and nothing beside them."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from localcloud import web
from localcloud.base.guard import Guard
from tests.support.serving import serve
from tests.support.waiting import PATIENCE_SECONDS

Get = Callable[[str], tuple[int, dict[str, str], str]]

CONFIG = {"stage": "local", "graphql": "http://127.0.0.1:4567/graphql"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build, beside a file that is none of it."""
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>BETSAFI</title>")
    (folder / "assets" / "index-1a2b.js").write_text("start()")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def get(built: Path) -> Iterator[Get]:
    """Ask for a path as it is written, and return status, headers and text."""
    with serve(Guard(web.create_app(built, lambda: CONFIG))) as url:

        def ask(path: str) -> tuple[int, dict[str, str], str]:
            connection = HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()

        yield ask


def test_it_is_told_where_everything_is(get: Get) -> None:
    _, headers, text = get("/config.json")
    assert (json.loads(text), headers["cache-control"]) == (CONFIG, "no-store")


@pytest.mark.parametrize("path", ["/", "/bets/some-bet", "/account/deposit", "/fixture/gor-afc"])
def test_every_address_that_is_no_file_is_a_page_of_the_app(get: Get, path: str) -> None:
    status, headers, text = get(path)
    assert (status, text) == (200, "<title>BETSAFI</title>")
    assert headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in headers["content-security-policy"]


def test_what_has_its_content_in_its_name_is_kept_for_ever(get: Get) -> None:
    assert "immutable" in get("/assets/index-1a2b.js")[1]["cache-control"]


@pytest.mark.parametrize("path", ["/assets/index-0000.js", "/favicon.ico", "/%2e%2e/secret.txt", "/..%2fsecret.txt"])
def test_no_other_file_is_served(get: Get, path: str) -> None:
    status, _, text = get(path)
    assert (status, "secret" in text) == (404, False)


def test_where_it_is_not_built_it_says_how(built: Path, get: Get) -> None:
    (built / "index.html").unlink()
    status, _, text = get("/")
    assert (status, "make app-build" in text) == (503, True)
