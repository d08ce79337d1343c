"""The documentation application has every document and all that the code declares; every link leads somewhere."""

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from betsafi.events.catalog import CATALOG
from betsafi.events.model import Envelope
from localcloud import screenshots, web
from localcloud.base.guard import Guard
from tests.browser import conftest as browsers
from tests.contract.template_rules import Template
from tests.support.schema import api_schema
from tests.support.serving import serve
from tools import export_errors
from tools.base.services import ROOT, packages, services
from tools.base.turns import turn
from tools.site import __main__ as site
from tools.site import pages

pytestmark = pytest.mark.full

CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
ELSEWHERE = {"tests/data/football/README.md", "tests/unit/localcloud/golden/README.md"}
"""Documents of test data, found where they are linked to."""
FETCHED = re.compile(r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="?(https?:[^" >]+)')


@pytest.fixture(scope="module")
def made(templates: dict[str, Template]) -> dict[str, str]:
    """Every page that is made of the code; asks for packaged templates of now."""
    return site.made()


def leaves(nav: list[Any]) -> list[str]:
    """Return the pages of a navigation; one that stands without a name has its heading's."""
    entries = [value for entry in nav for value in ([entry] if isinstance(entry, str) else entry.values())]
    return [leaf for value in entries for leaf in (leaves(value) if isinstance(value, list) else [value])]


def test_every_document_and_every_page_that_is_made_is_in_the_navigation(made: dict[str, str]) -> None:
    documents = {str(document) for document in pages.documents()}
    assert sorted(leaves(CONFIG["nav"])) == sorted(documents - ELSEWHERE | made.keys())


@pytest.fixture(scope="module")
def built(made: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, in a folder where nobody builds it anew."""
    folder = tmp_path_factory.mktemp("site") / "site"
    with turn(site.PAGES.parent):
        assert site.make() == 0
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


FOUND = {
    "placeBet": "/api/graphql/bet/#placebet",
    "STAKE_LIMIT": "/docs/errors/#stake_limit",
    "PUT /accounts/{userId}/status": "/api/http/wallet/#put-accountsuseridstatus",
}
"""What somebody types, and the place that shall be among the first three answers."""


@pytest.mark.parametrize(
    "screen", [{"width": 1280, "height": 900}, {"width": 390, "height": 800}], ids=["desk", "phone"]
)
def test_what_is_searched_for_is_found(address: str, screen: Any) -> None:
    with ThreadPoolExecutor(1) as aside:  # the browser's loop would keep all later tests of this thread from theirs
        aside.submit(search, address, screen).result()


def search(address: str, screen: Any) -> None:
    with browsers.launched() as chromium:
        for words, found in FOUND.items():
            page = chromium.new_page(viewport=screen)
            look_for(page, address, words, found)
            page.close()


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


BEGINNINGS = {"bet", "Bet", "Notification", "player", "Player", "me", "Stop", "Id", "Market"}
"""Words with which so many other names begin that these may come first: the search takes a word for a beginning."""


def names(made: dict[str, str]) -> dict[str, str]:
    """Return every name that somebody may look up, and the page that is about it."""
    headed = {
        word: page.removesuffix(".md")
        for page, text in {"docs/errors.md": export_errors.docs_text(), **made}.items()
        for word in re.findall(r"^###? (\w+)$", text, re.MULTILINE)
        if word not in ("Queries", "Mutations", "Subscriptions")
    }
    assert {*(error.code for error in export_errors.errors()), *(name for _, name in CATALOG)} < headed.keys()
    return headed


def test_every_event_has_an_example_that_reads_as_it(made: dict[str, str]) -> None:
    sections = re.split(r"^## ", made["catalogs/events.md"], flags=re.MULTILINE)
    shown = {section.partition("\n")[0]: re.findall(r"```json\n(.*?)```", section, re.DOTALL) for section in sections}
    for (_, name), model in CATALOG.items():
        (example,) = shown[name]
        told = Envelope.model_validate_json(example)
        assert told.version == model.version
        assert model.model_validate(told.data).data() == told.data, name


def test_a_search_for_a_name_finds_what_is_about_it_among_the_first_three(built: Path, made: dict[str, str]) -> None:
    """As the browser asks, without one: every error, event, alarm, setting, and every operation and type of the API."""
    wanted = names(made)
    script = Path(__file__).with_name("search.mjs")
    told = subprocess.run(
        ["node", script, built], input=json.dumps(sorted(wanted)), capture_output=True, text=True, check=True
    )
    answers = json.loads(told.stdout)
    missed = {
        name: answers[name]
        for name, page in wanted.items()
        if not any(re.fullmatch(rf"{page}/#{name.lower()}(_\d+)?", found) for found in answers[name])
    }
    assert missed.keys() <= BEGINNINGS, {name: missed[name] for name in missed.keys() - BEGINNINGS}


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


def test_every_drawing_is_one_that_the_browser_can_draw() -> None:
    texts = {
        f"{document} {number}": text
        for document in pages.documents()
        for number, text in enumerate(
            re.findall(r"^ *```mermaid\n(.*?)^ *```", (ROOT / document).read_text(), re.M | re.S)
        )
    }
    with ThreadPoolExecutor(1) as aside:
        assert aside.submit(undrawn, {**texts, "a fault": "flowchart LR\n  a -- b"}).result() == ["a fault"]
    assert len(texts) > 15


def undrawn(texts: dict[str, str]) -> list[str]:
    """Return the names of drawings that are no Mermaid."""
    with browsers.launched() as chromium:
        page = chromium.new_page()
        page.add_script_tag(path=site.PICTURES)
        parse = "text => mermaid.parse(text).then(() => true, () => false)"
        return [name for name, text in texts.items() if not page.evaluate(parse, text)]


LINKS = {
    "[a](#here) [b](other.md#there) ![c](picture.png) [d](code.py) [e][f]\n\n[f]: other.md": True,
    "[a](nowhere.md)": False,
    "[a](#there)": False,
    "[a](other.md#here)": False,
    "[a](nowhere.py)": False,
    "![a](nowhere.png)": False,
    "[a][b]\n\n[b]: nowhere.md": False,
    '<a href="nowhere/">a</a>': False,
    '<img src="nowhere.png">': False,
}


@pytest.mark.parametrize(("text", "fine"), LINKS.items())
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path, text: str, fine: bool) -> None:
    config = tmp_path / "zensical.toml"
    config.write_text('[project]\nsite_name = "x"\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Here\n\n{text}\n")
    (tmp_path / "docs" / "other.md").write_text("# There\n")
    (tmp_path / "docs" / "picture.png").write_bytes(b"")
    (tmp_path / "docs" / "code.py").write_text("")
    assert (site.build(config) == 0) is fine


def test_a_link_to_what_a_reference_is_made_of_leads_to_the_reference(tmp_path: Path) -> None:
    text = "[a](../frontend-api/schema/bet.graphql) [b](openapi.yml) [c](../shared/events) [d](../README.md)"
    linked = pages._linked(text, Path("wallet"), tmp_path)
    assert (
        linked == "[a](../api/graphql/bet.md) [b](../api/http/wallet.md) [c](../catalogs/events.md) [d](../README.md)"
    )


def test_everything_that_the_code_declares_is_on_a_page(made: dict[str, str], templates: dict[str, Template]) -> None:
    for _, name in CATALOG:
        assert f"## {name}\n" in made["catalogs/events.md"]
    for template in templates.values():
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                assert f"## {name}\n" in made["catalogs/alarms.md"]
    for setting in ("acceptSeconds", "darajaUrl", "`TWO_PEOPLE_CENTS`"):
        assert setting in made["catalogs/settings.md"]
    assert re.findall(r"^### (\w+)\n\n\n", made["catalogs/settings.md"], re.MULTILINE) == [], "not explained"
    schema = api_schema()
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root is not None
        public = [name for name in root.fields if not name.startswith("publish")]
        missing = [name for name in public if not any(f"### {name}\n" in page for page in made.values())]
        assert missing == []


def test_every_event_says_who_hears_it(made: dict[str, str]) -> None:
    section = made["catalogs/events.md"].split("## BetSettled\n")[1].split("\n## ")[0]
    assert "Published by bet; heard by notifications, wallet." in section


def test_an_alarm_that_a_readme_names_is_one(templates: dict[str, Template]) -> None:
    unknown = []
    for service in packages():
        resources = templates[service]["Resources"].items()
        alarms = [name for name, made in resources if made["Type"] == "AWS::CloudWatch::Alarm"]
        section = re.search(r"^## Alarms.*?(?=^## |\Z)", (services()[service] / "README.md").read_text(), re.M | re.S)
        cells = re.findall(r"^\| ([A-Z]\w+(?:, [A-Z]\w+)*) \|", section[0] if section else "", re.MULTILINE)
        unknown += [
            f"{service}: {name}"
            for cell in cells
            for name in cell.split(", ")
            if not any(alarm.startswith(name) for alarm in alarms)
        ]
    assert unknown == []
