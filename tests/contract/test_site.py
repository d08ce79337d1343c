"""The documentation application has every document and all that the code declares; every link leads somewhere."""

import fcntl
import re
import shutil
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from betsafi.events.catalog import CATALOG
from localcloud import screenshots, web
from localcloud.base.guard import Guard
from tests.browser import conftest as browsers
from tests.contract.template_rules import Template
from tests.support.schema import api_schema
from tests.support.serving import serve
from tools.base.services import ROOT
from tools.site import __main__ as site
from tools.site import pages

CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
ELSEWHERE = {"tests/data/football/README.md", "tests/unit/localcloud/golden/README.md"}
"""Documents of test data, found where they are linked to."""
FETCHED = re.compile(r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="?(https?:[^" >]+)')


@pytest.fixture(scope="module")
def made(templates: dict[str, Template]) -> dict[str, str]:
    """Every page that is made of the code; asks for packaged templates of now."""
    return site.made()


def leaves(nav: list[Any]) -> list[str]:
    entries = [value for entry in nav for value in entry.values()]
    return [leaf for value in entries for leaf in (leaves(value) if isinstance(value, list) else [value])]


def test_every_document_and_every_page_that_is_made_is_in_the_navigation(made: dict[str, str]) -> None:
    documents = {str(document) for document in pages.documents()}
    assert sorted(leaves(CONFIG["nav"])) == sorted(documents - ELSEWHERE | made.keys())


@pytest.fixture(scope="module")
def built(made: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, in a folder where nobody builds it anew."""
    folder = tmp_path_factory.mktemp("site") / "site"
    with (ROOT / "build" / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert site.main() == 0
        shutil.copytree(ROOT / CONFIG["site_dir"], folder)
    return folder


def test_the_site_is_whole_and_fetches_nothing_from_elsewhere(built: Path) -> None:
    html = sorted(built.rglob("*.html"))
    assert len(html) > len(leaves(CONFIG["nav"]))
    assert {link for page in html for link in FETCHED.findall(page.read_text())} == set()
    assert (built / CONFIG["extra_javascript"][0]).exists()
    assert (built / CONFIG["extra_css"][0]).exists()


@pytest.fixture
def address(built: Path) -> Iterator[str]:
    """Where the site is served, under its policy."""
    with serve(Guard(web.create_documents(built, Path("nowhere")))) as url:
        yield url


@pytest.mark.parametrize(
    "screen", [{"width": 1280, "height": 900}, {"width": 390, "height": 800}], ids=["desk", "phone"]
)
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("placeBet", "/api/graphql/bet/#placebet"),
        ("OutboxSilentAlarm", "/catalogs/alarms/#bet"),
        ("termsVersions", "/catalogs/settings/#sharedserverlessparamsyml"),
    ],
)
def test_what_is_searched_for_is_found(address: str, screen: Any, words: str, found: str) -> None:
    with ThreadPoolExecutor(1) as aside:  # the browser's loop would keep all later tests of this thread from theirs
        aside.submit(search, address, screen, words, found).result()


def search(address: str, screen: Any, words: str, found: str) -> None:
    with browsers.launched() as chromium:
        look_for(chromium.new_page(viewport=screen), address, words, found)


def look_for(page: Page, address: str, words: str, found: str) -> None:
    page.set_default_timeout(browsers.PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(address)
    page.locator("[for=__search]:visible, .md-search__button:visible").click()
    page.get_by_placeholder("Search").fill(words)
    page.locator("a[href*='?h=']").first.wait_for()
    links = [str(link.get_attribute("href")) for link in page.locator("a[href*='?h=']").all()]
    assert f"{address}{found}" in [re.sub(r"\?h=[^#]*", "", link) for link in links][:3]
    page.locator("a[href*='?h=']").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert complaints == []


def test_the_page_of_pictures_shows_every_picture_and_no_other(built: Path) -> None:
    assert screenshots.DOCUMENT.read_text() == screenshots.document(), "make screenshots writes it"
    names = {f"{one.name}.webp" for pictures in screenshots.PARTS.values() for one in pictures}
    kept = list(screenshots.FOLDER.iterdir())
    assert {file.name for file in kept} == names, "make screenshots takes them"
    assert all(file.read_bytes()[8:12] == b"WEBP" for file in kept)
    assert sum(file.stat().st_size for file in kept) < 1_000_000
    assert {file.name for file in (built / "docs" / "screenshots").glob("*.webp")} == names
    shown = (built / "docs" / "screenshots" / "index.html").read_text()
    assert set(re.findall(r'src="(?:\.\./)?(?:screenshots/)?(\w+\.webp)"', shown)) == names


@pytest.mark.parametrize(
    ("text", "fine"), [("# Here\n\n[a](#here)", True), ("[a](nowhere.md)", False), ("# Here\n\n[a](#there)", False)]
)
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path, text: str, fine: bool) -> None:
    config = tmp_path / "zensical.toml"
    config.write_text('[project]\nsite_name = "x"\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(text)
    assert (site.build(config) == 0) is fine


def test_everything_that_the_code_declares_is_on_a_page(made: dict[str, str], templates: dict[str, Template]) -> None:
    for _, name in CATALOG:
        assert f"## {name}\n" in made["catalogs/events.md"]
    for template in templates.values():
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                assert f"`{name}`" in made["catalogs/alarms.md"]
    for setting in ("acceptSeconds", "darajaUrl", "`TWO_PEOPLE_CENTS`"):
        assert setting in made["catalogs/settings.md"]
    schema = api_schema()
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root is not None
        public = [name for name in root.fields if not name.startswith("publish")]
        missing = [name for name in public if not any(f"### {name}\n" in page for page in made.values())]
        assert missing == []


def test_every_event_says_who_hears_it(made: dict[str, str]) -> None:
    section = made["catalogs/events.md"].split("## BetSettled\n")[1].split("\n## ")[0]
    assert "Published by bet; heard by notifications, wallet." in section
