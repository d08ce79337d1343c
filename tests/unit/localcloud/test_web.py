"""How the reference app and the documents are served: their files, their pages, and nothing beside them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from starlette.applications import Starlette

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


@contextmanager
def asking(app: Starlette) -> Iterator[Get]:
    """Serve an app; yield what asks it for a path as it is written, and returns status, headers and text."""
    with serve(Guard(app)) as url:

        def ask(path: str) -> tuple[int, dict[str, str], str]:
            connection = HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()

        yield ask


@pytest.fixture
def get(built: Path) -> Iterator[Get]:
    with asking(web.create_app(built, lambda: CONFIG)) as ask:
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


# --- the documents


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Documents, beside a file that is none of them."""
    folder = tmp_path / "site"
    (folder / "docs" / "app").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Documents</title>")
    (folder / "404.html").write_text("<title>Nothing here</title>")
    (folder / "docs" / "app" / "index.html").write_text("<title>Clients</title>")
    (folder / "search.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def read(documents: Path) -> Iterator[Get]:
    with asking(web.create_documents(documents, Path("documents.log"))) as ask:
        yield ask


def test_a_folder_is_its_page(read: Get) -> None:
    assert read("/")[2] == "<title>Documents</title>"
    status, headers, text = read("/docs/app/")
    assert (status, text) == (200, "<title>Clients</title>")
    assert "default-src 'none';" in headers["content-security-policy"]
    status, headers, _ = read("/docs/app")
    assert (status, headers["location"]) == (301, "/docs/app/")
    assert read("/search.json")[2] == "{}"


@pytest.mark.parametrize("path", ["/nowhere/", "/none.json", "/docs/", "/%2e%2e/secret.txt", "/..%2fsecret.txt"])
def test_what_is_no_document_is_answered_by_their_own_page(read: Get, path: str) -> None:
    assert (read(path)[0], read(path)[2]) == (404, "<title>Nothing here</title>")


def test_documents_that_are_being_built_say_so_and_are_asked_for_again(documents: Path, read: Get) -> None:
    (documents / "index.html").unlink()
    status, headers, text = read("/docs/app/")
    assert (status, headers["refresh"], "see documents.log" in text) == (503, "2", True)
