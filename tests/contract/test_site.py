"""The documentation application has every document and all that the code declares; every link leads somewhere."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from betsafi.events.catalog import CATALOG
from tests.contract.template_rules import Template
from tests.support.schema import api_schema
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


def test_the_site_is_built_and_fetches_nothing_from_elsewhere(made: dict[str, str]) -> None:
    assert site.main() == 0
    built = ROOT / CONFIG["site_dir"]
    html = sorted(built.rglob("*.html"))
    assert len(html) > len(leaves(CONFIG["nav"]))
    assert {link for page in html for link in FETCHED.findall(page.read_text())} == set()
    assert (built / CONFIG["extra_javascript"][0]).exists()
    assert (built / CONFIG["extra_css"][0]).exists()
    found = json.loads((built / "search.json").read_text())
    assert any("placeBet" in json.dumps(entry) for entry in found["items"])


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
