"""The reference app as `make up` serves it, in a real browser as small as a phone: from a guest to a paid bet."""

import json
import random
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from localcloud.cloud.running import Cloud
from localcloud.demo.app import App
from localcloud.demo.offer import create
from localcloud.demo.seed import settle, wait_for_code
from localcloud.journey.asking import ODDS, new_phone, results_input
from tests.browser import conftest as browsers
from tests.e2e.conftest import funded
from tests.e2e.test_identity import another_code
from tests.support.taxes import credited
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
SHOTS = ROOT / "build" / "test" / "app"
PHONE = {"width": 390, "height": 844}
FIRST_VIEW_BYTES, FIRST_BET_BYTES = 150_000, 300_000
ACCOUNT = ["", "payments", "statement", "inbox", "protection", "identity", "devices", "settings", "terms", "withdraw"]

expect.set_options(timeout=browsers.PATIENCE_MS)


class Seen:
    """What a page complained of, and what it loaded of the app itself."""

    def __init__(self, page: Page, address: str) -> None:
        self.complaints: list[str] = []
        self._loaded: list[Request] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("requestfinished", lambda asked: self._loaded.append(asked) if asked.url.startswith(address) else None)

    def loaded_bytes(self) -> int:
        return sum(asked.sizes()["responseBodySize"] for asked in self._loaded)


@pytest.fixture(scope="module")
def address(cloud: Cloud) -> str:
    """Where the app is, built from this checkout."""
    subprocess.run(["make", "--silent", "app-build"], cwd=ROOT, check=True)
    return cloud.addresses.web


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A phone's page; what it showed when a test failed is kept."""
    context = chromium.new_context(viewport=PHONE, locale="en-KE")
    page = context.new_page()
    page.set_default_timeout(browsers.PATIENCE_MS)
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{request.node.name}.png", full_page=True)
    context.close()


def serious(page: Page) -> list[Any]:
    """Return what axe finds that keeps somebody from using the page."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    return [
        (page.url, one["id"], [node["html"] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def game(trader: App) -> str:
    """Offer a game of a team that nobody else has, tomorrow; return its 1X2 market."""
    name = f"app-{new_phone()[1:]}"
    starts_at = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    create(trader, name, "ke-premier-league", ("Safi United", "Nyota Stars"), starts_at, {"1": ODDS})
    return f"{name}/1"


def sign_up(cloud: Cloud, page: Page) -> str:
    """Sign up from the page for it; return the phone number."""
    phone = new_phone()
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Phone number").fill(f"0{phone[4:]}")
    page.get_by_label("Date of birth").fill("1990-06-15")
    page.get_by_label("I am 18 or older").check()
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.get_by_label("Code").fill(wait_for_code(cloud, phone))
    page.get_by_role("button", name="Continue").click()
    return phone


def test_a_guest_signs_up_pays_in_and_sees_a_bet_accepted_and_paid(
    cloud: Cloud, trader: App, address: str, page: Page
) -> None:
    market = game(trader)
    seen = Seen(page, address)
    page.goto(address)
    expect(page.get_by_role("link", name=re.compile("Arsenal"))).to_be_visible()
    assert serious(page) == []
    assert seen.loaded_bytes() <= FIRST_VIEW_BYTES

    page.get_by_role("link", name="Search").click()
    page.get_by_label("Team, or booking code").fill("safi")
    page.get_by_role("button", name=re.compile("Safi United.*: Safi United 1 2.50")).click()
    page.get_by_role("link", name=re.compile("Open slip")).click()
    expect(page.get_by_text("KES 250.00")).to_be_visible()
    page.get_by_role("link", name="Sign in to place it").click()
    phone = sign_up(cloud, page)

    page.get_by_role("link", name="Deposit", exact=True).click()
    page.get_by_label("Amount in shillings").fill("1000")
    page.get_by_role("button", name="Ask M-Pesa").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=re.compile("Open the phone")).click()
    opened.value.get_by_label("Enter M-PESA PIN").fill("1234")
    opened.value.get_by_role("button", name="Send").click()
    paid_in = credited(100_000)
    expect(page.get_by_test_id("balance")).to_have_text(shillings(paid_in))

    page.get_by_role("link", name="Back to the slip").click()
    page.get_by_role("button", name="Place bet").click()
    expect(page.get_by_text("Your bet is accepted.")).to_be_visible()
    expect(page.get_by_test_id("balance")).to_have_text(shillings(paid_in - 10_000))
    assert seen.loaded_bytes() <= FIRST_BET_BYTES
    settle(cloud, market, results_input("1"))
    expect(page.get_by_text("Won", exact=True).first).to_be_visible()
    expect(page.get_by_test_id("balance")).to_have_text(shillings(paid_in + 15_000))

    for name in ACCOUNT:
        page.goto(f"{address}/account/{name}".rstrip("/"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text("Loading…")).to_have_count(0)
        assert serious(page) == []
    assert (seen.complaints, phone[:4]) == ([], "+254")


def shillings(cents: int) -> str:
    return f"KES {cents // 100:,}.{cents % 100:02}"


def test_the_app_speaks_kiswahili_and_is_as_usable_in_the_dark(address: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport=PHONE, locale="sw-KE", color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(browsers.PATIENCE_MS)
    page.goto(address)
    expect(page.get_by_role("link", name="Mkeka")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Arsenal"))).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "sw"
    assert serious(page) == []
    page.get_by_role("button", name=re.compile("Arsenal.*: Arsenal 1 1.72")).click()
    page.get_by_role("link", name=re.compile("Fungua mkeka")).click()
    assert serious(page) == []
    page.goto(f"{address}/account/settings")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    context.close()


def test_a_player_withdraws_shows_a_document_sets_a_limit_and_takes_a_break(
    cloud: Cloud, address: str, page: Page
) -> None:
    phone = funded(cloud).phone
    used = wait_for_code(cloud, phone)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/sign-in?then=/account")
    page.get_by_label("Phone number").fill(phone)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(eventually(lambda: another_code(cloud, phone, used), "another code", LookupError))
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("link", name="Withdraw").click()
    page.get_by_label("Amount").fill("5000")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("alert")).to_contain_text("balance is too low")
    page.get_by_label("Amount").fill("200")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("[data-status=COMPLETED]")).to_be_visible()
    expect(page.get_by_test_id("balance")).to_have_text(shillings(credited(100_000) - 20_000))

    page.goto(f"{address}/account/identity")
    page.get_by_label("Number").fill(str(random.randrange(10_000_000, 99_999_999)))
    page.get_by_label("First name").fill("Amina")
    page.get_by_label("Last name").fill("Otieno")
    page.get_by_label("Date of birth").fill("1990-06-15")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_test_id("identity")).to_have_text("Verified")

    page.goto(f"{address}/account/protection")
    page.get_by_label("Amount").fill("100")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").filter(has_text="Deposits a day")).to_contain_text("KES 100")
    page.goto(f"{address}/account/deposit")
    page.get_by_role("button", name="Ask M-Pesa").click()
    expect(page.get_by_role("alert").get_by_role("link", name="See your limits")).to_be_visible()

    page.goto(f"{address}/account/settings")
    with page.expect_response(re.compile(re.escape(cloud.addresses.cognito))):  # the token that says it
        page.get_by_role("button", name="Kiswahili").click()
    page.goto(f"{address}/account/deposit")
    page.get_by_role("button", name="Omba M-Pesa").click()
    expect(page.get_by_role("alert")).to_contain_text("Kikomo chako cha kuweka pesa ni shilingi 100.00 kwa siku")
    page.goto(f"{address}/account/settings")
    with page.expect_response(re.compile(re.escape(cloud.addresses.cognito))):
        page.get_by_role("button", name="English").click()

    page.goto(f"{address}/account/protection")
    page.get_by_role("button", name="Take a break").click()
    expect(page.get_by_role("heading", name="You are on a break")).to_be_visible()
    page.goto(address)
    page.get_by_role("button", name=re.compile("Arsenal.*: Arsenal 1 1.72")).click()
    page.get_by_role("link", name=re.compile("Open slip")).click()
    expect(page.get_by_role("alert")).to_contain_text("You are taking a time-out")
    expect(page.get_by_role("button", name="Place bet")).to_be_disabled()

    page.goto(f"{address}/account/devices")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_a_wrong_code_is_said_and_may_be_tried_again(cloud: Cloud, address: str, page: Page) -> None:
    page.goto(f"{address}/sign-in")
    phone = new_phone()
    page.get_by_label("Phone number").fill("12")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("alert")).to_have_text("A Kenyan mobile number, like 0712 345 678.")
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Phone number").fill(phone)
    page.get_by_label("Date of birth").fill("1990-06-15")
    page.get_by_label("I am 18 or older").check()
    page.get_by_role("button", name="Send me a code").click()
    code = wait_for_code(cloud, phone)
    page.get_by_label("Code").fill("000000" if code != "000000" else "111111")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("2 tries left")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_test_id("balance")).to_be_visible()


def test_a_page_that_cannot_be_loaded_says_so_and_is_loaded_again(address: str, page: Page) -> None:
    page.goto(address)
    expect(page.get_by_role("link", name=re.compile("Arsenal"))).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("BETSAFI could not be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Team, or booking code")).to_be_visible()


def test_the_app_knows_what_its_server_says(cloud: Cloud, address: str, page: Page) -> None:
    answer = page.request.get(f"{address}/config.json")
    assert json.loads(answer.text())["graphql"] == cloud.addresses.appsync
    assert page.request.get(f"{address}/fixture/of-some-game").status == 200
    assert page.request.get(f"{address}/assets/missing.js").status == 404
