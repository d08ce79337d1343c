"""The reference app as `make up` serves it, in a real browser as small as a phone: from a guest to a paid bet."""

import json
import os
import random
import re
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Page,
    Request,
    Route,
    StorageState,
    WebSocket,
    WebSocketRoute,
    expect,
)

from betsafi.money import parse_amount
from localcloud.cloud.running import Cloud, get_json, post_json
from localcloud.demo.app import App
from localcloud.demo.offer import create
from localcloud.demo.seed import settle, wait_for_code
from localcloud.journey.asking import ODDS, ON_UPDATE, PLACE_BET, SET_ODDS, money, new_phone, odds_input, results_input
from tests.browser import conftest as browsers
from tests.e2e.conftest import balance, forget_changes, funded
from tests.e2e.test_cuts import SINCE
from tests.e2e.test_identity import another_code, on_device
from tests.support.emulator import free_port
from tests.support.taxes import credited
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
ENGLAND = "/?competition=en-premier-league"
"""Where the lobby has a few games of the demo's, and none of another test."""
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
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A phone's browser. Whoever a test calls known is signed in."""
    state = request.getfixturevalue("known").state if "known" in request.fixturenames else None
    context = chromium.new_context(viewport=PHONE, locale="en-KE", storage_state=state)
    context.set_default_timeout(browsers.PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@dataclass(frozen=True)
class Known:
    """A player with money who is signed in: by an app in Python, and by what a browser keeps."""

    app: App
    state: StorageState

    def balance_after(self, cents: int) -> str:
        """Return what the page shows once so much has come or gone."""
        return shillings(parse_amount(balance(self.app)[0]) + cents)


@pytest.fixture(scope="module")
def known(cloud: Cloud, address: str, chromium: Browser) -> Known:
    app = funded(cloud)
    context = chromium.new_context(viewport=PHONE, locale="en-KE")
    context.set_default_timeout(browsers.PATIENCE_MS)
    sign_in(cloud, context.new_page(), f"{address}/sign-in", app.phone)
    state = context.storage_state()
    context.close()
    return Known(app, state)


def sign_out(cloud: Cloud, page: Page, address: str, button: str) -> None:
    """Who signs out is in the lobby at once: the page they left asks nobody to sign in, though Cognito is silent."""
    page.route(re.compile(re.escape(cloud.addresses.cognito)), lambda _: None)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page).to_have_url(f"{address}/")
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def sign_in(cloud: Cloud, page: Page, address: str, phone: str) -> None:
    """Sign in with the code that comes by SMS to who has an account."""
    used = wait_for_code(cloud, phone)
    page.goto(address)
    page.get_by_role("button", name="Sign in", exact=True).click()
    enter_code(cloud, page, phone, used)
    expect(page.get_by_test_id("balance")).to_be_visible()


def enter_code(cloud: Cloud, page: Page, phone: str, used: str) -> None:
    """On the page for signing in have a code sent, and enter the one that comes after `used`."""
    page.get_by_label("Phone number").fill(phone)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(eventually(lambda: another_code(cloud, phone, used), "another code", LookupError))
    page.get_by_role("button", name="Continue").click()


def bet_on(page: Page, address: str, market: str) -> None:
    """Place KES 100 on the home side of a market."""
    page.goto(f"{address}/fixture/{market.split('/')[0]}")
    page.locator(f'[data-selection="{market}/1"]').click()
    page.get_by_role("link", name=re.compile("Open slip")).click()
    page.get_by_role("button", name="Place bet").click()
    expect(page.get_by_text("Your bet is accepted.")).to_be_visible()


def single(market: str, stake: str = "100") -> dict[str, Any]:
    """Return a slip of KES 100, unless said, on the home side of a market."""
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "2.50"}
    return {"clientRequestId": uuid.uuid4().hex, "stake": money(stake), "selections": [pick]}


class Cut:
    """A page's way to the API, which can be cut: sockets end without a word, and nothing is answered. Of the
    player's updates the first that says what is to be lost never arrives."""

    def __init__(self, page: Page) -> None:
        self._page, self._cut = page, False
        self._sockets: list[WebSocketRoute] = []
        self.to_lose, self.lost = "", False
        self.asked: list[str] = []
        """What was asked since the cut."""
        page.route_web_socket(re.compile("/realtime"), self._connect)
        page.route("**/graphql", self._ask)

    def follows(self) -> None:
        """Wait until the page knows where its player's updates stand, for it loads everything anew once it does."""

        def loads() -> bool:
            self._page.wait_for_timeout(10)  # what it asks meanwhile is heard
            places = [number for number, asked in enumerate(self.asked) if "changesSince" in asked]
            return bool(places) and any("query Wallet" in asked for asked in self.asked[places[0] :])

        eventually(loads, "a place among the updates")

    def begin(self) -> None:
        self._cut = True
        for socket in self._sockets:
            socket.close()

    def end(self) -> None:
        self._cut = False

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._cut:
            socket.close()
            return
        socket.connect_to_server().on_message(lambda message: self._bring(socket, message))
        self._sockets.append(socket)

    def _bring(self, socket: WebSocketRoute, message: str | bytes) -> None:
        if self.to_lose and not self.lost and self.to_lose in str(message) and "onPlayerUpdate" in str(message):
            self.lost = True
        else:
            socket.send(message)

    def _ask(self, route: Route) -> None:
        if self._cut:
            route.abort()
            return
        self.asked.append(route.request.post_data or "")
        route.continue_()


class Held:
    """What a page asks of a kind, which can be held back: nothing of it is answered meanwhile."""

    def __init__(self, page: Page, asked: str) -> None:
        self._page, self._asked = page, asked
        self._back, self._held = False, list[Route]()
        self._under_way = set[Request]()
        page.route("**/graphql", self._hold)
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: self._under_way.discard(request))

    @contextmanager
    def back(self) -> Iterator[None]:
        """Hold it back while the block runs, which begins once what was asked before is answered."""
        self._back = True
        eventually(lambda: (self._page.wait_for_timeout(10), not self._under_way)[1], "the answer to what was asked")
        yield
        self._back = False
        for route in self._held:
            route.continue_()
        self._held.clear()

    def _hold(self, route: Route) -> None:
        if self._asked not in (route.request.post_data or ""):
            route.fallback()
        elif self._back:
            self._held.append(route)
        else:
            self._under_way.add(route.request)
            route.fallback()


def serious(page: Page) -> list[Any]:
    """Return what axe finds that keeps somebody from using the page."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    return [
        (page.url, one["id"], [node["html"] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def game(trader: App, home: str = "Safi United") -> str:
    """Offer a game of a team that the demo does not have, tomorrow; return its 1X2 market."""
    name = f"app-{new_phone()[1:]}"
    starts_at = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    create(trader, name, "ke-premier-league", (home, "Nyota Stars"), starts_at, {"1": ODDS})
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
    market = game(trader, "Pwani Rangers")  # other tests have more games of Safi United than a page of a search
    seen = Seen(page, address)
    page.goto(address)
    expect(page.locator(".fixture").first).to_be_visible()
    assert serious(page) == []
    assert seen.loaded_bytes() <= FIRST_VIEW_BYTES

    page.get_by_role("link", name="Search").click()
    page.get_by_label("Team, or booking code").fill("pwani")
    named = page.get_by_role("button", name=re.compile("Pwani Rangers.*: Pwani Rangers 1 2.50"))
    named.and_(page.locator(f'[data-selection="{market}/1"]')).click()
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


def test_a_newcomer_sees_games_with_odds_first_in_the_order_of_their_start(address: str, page: Page) -> None:
    page.goto(address)
    expect(page.locator(".fixture").first).to_be_visible()
    expect(page.get_by_role("heading", level=3).first).to_have_text(re.compile("Today|Tomorrow"))
    games = page.locator(".fixture").filter(has_not_text="Nyota Stars").all()[:5]  # those are other tests'
    assert [game.get_by_role("button").count() for game in games] == [3] * 5


def test_the_app_speaks_kiswahili_and_is_as_usable_in_the_dark(address: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport=PHONE, locale="sw-KE", color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(browsers.PATIENCE_MS)
    page.goto(f"{address}{ENGLAND}")
    expect(page.get_by_role("link", name="Mkeka")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Arsenal"))).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "sw"
    assert serious(page) == []
    page.get_by_role("button", name=re.compile("Arsenal.*: Arsenal 1 1.72")).click()
    page.get_by_role("link", name=re.compile("Fungua mkeka")).click()
    expect(page.get_by_role("heading", name="Mkeka")).to_be_visible()
    assert serious(page) == []
    page.goto(f"{address}/account/settings")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    context.close()


def test_a_player_finds_games_by_day_and_competition_bets_singles_and_reads_what_moved(
    cloud: Cloud, address: str, page: Page, trader: App
) -> None:
    player, market = funded(cloud), game(trader)
    sign_in(cloud, page, f"{address}/sign-in", player.phone)
    page.get_by_role("button", name="Tomorrow").click()
    expect(page.locator(".fixture").first).to_be_visible()
    assert {*page.get_by_role("heading", level=3).all_inner_texts()} <= {"Tomorrow"}
    page.get_by_label("Competition").select_option("England · Premier League")
    expect(page.locator(".competition").first).to_have_text("England Premier League")
    assert {*page.locator(".competition").all_inner_texts()} == {"England Premier League"}
    page.get_by_role("button", name=re.compile("Arsenal.*: Arsenal 1 1.72")).click()
    page.goto(f"{address}/fixture/{market.split('/')[0]}")
    page.locator(f'[data-selection="{market}/1"]').click()
    page.get_by_role("link", name=re.compile("Open slip")).click()
    page.get_by_role("button", name="Singles").click()
    page.get_by_role("button", name=re.compile("Place 2 bets")).click()
    expect(page.get_by_role("heading", name="My bets")).to_be_visible()
    placed = player.ask("query { bets(limit: 2) { items { status stake { amount } legs { odds } } } }")["items"]
    assert [(bet["status"], bet["stake"]["amount"]) for bet in placed] == [("ACCEPTED", "100.00")] * 2
    assert sorted(leg["odds"] for bet in placed for leg in bet["legs"]) == ["1.72", "2.50"]

    page.goto(f"{address}/account/statement")
    rows = page.locator(".menu .line")
    left = credited(100_000) - 20_000
    expect(rows.first).to_contain_text(re.compile(rf"[-−]100\.00\s*Balance {shillings(left).split()[1]}"))
    expect(rows).to_have_count(3)
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV, 90 days").click()
    lines = saved.value.path().read_text().splitlines()
    assert (len(lines), lines[0].split(",")[:3]) == (4, ["time", "kind", "reference"])


def test_a_device_is_signed_out_from_another(cloud: Cloud, address: str, page: Page) -> None:
    player = funded(cloud)
    sign_in(cloud, page, f"{address}/sign-in", player.phone)
    used, other = wait_for_code(cloud, player.phone), on_device(cloud, player.phone, player.password)
    other.ask_code()
    other.answer_code(eventually(lambda: another_code(cloud, player.phone, used), "another code", LookupError))
    assert other.answer_code(player.password)
    page.goto(f"{address}/account/devices")
    expect(page.get_by_text("This device")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("Signed out", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_have_count(0)
    with pytest.raises(ClientError, match="SIGNED_OUT"):
        other.refresh()


def test_a_player_withdraws_shows_a_document_sets_a_limit_and_takes_a_break(
    cloud: Cloud, address: str, page: Page
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(cloud, page, f"{address}/sign-in?then=/account", funded(cloud).phone)
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
    expect(page.get_by_role("alert").get_by_role("link", name="See your limits")).to_be_visible()
    expect(page.get_by_role("button", name="Ask M-Pesa")).to_be_disabled()

    page.goto(f"{address}/account/settings")
    page.get_by_role("button", name="Kiswahili").click()
    expect(page.get_by_text("Imehifadhiwa.")).to_be_visible()
    page.goto(f"{address}/account/deposit")
    expect(page.get_by_role("alert")).to_contain_text("Kikomo chako cha kuweka pesa ni shilingi 100.00 kwa siku")
    page.goto(f"{address}/account/settings")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto(f"{address}/account/protection")
    page.get_by_role("button", name="Take a break").click()
    expect(page.get_by_role("heading", name="You are on a break")).to_be_visible()
    page.goto(f"{address}{ENGLAND}")
    page.get_by_role("button", name=re.compile("Arsenal.*: Arsenal 1 1.72")).click()
    page.get_by_role("link", name=re.compile("Open slip")).click()
    expect(page.get_by_role("alert")).to_contain_text("You are taking a time-out")
    expect(page.get_by_role("button", name="Place bet")).to_be_disabled()

    page.goto(f"{address}/account/devices")
    sign_out(cloud, page, address, "Sign out everywhere")


def test_a_player_moves_to_another_number_and_gives_an_address(cloud: Cloud, address: str, page: Page) -> None:
    player, wanted, email = funded(cloud), new_phone(), f"{new_phone()[1:]}@example.com"
    sign_in(cloud, page, f"{address}/sign-in?then=/account/contact", player.phone)
    page.get_by_label("New number").fill(wanted)
    page.get_by_role("button", name="Send the codes").click()
    page.get_by_label(f"Code sent to {player.phone}").fill(wait_for_code(cloud, player.phone, "takes this number OFF"))
    page.get_by_label(f"Code sent to {wanted}").fill(wait_for_code(cloud, wanted, "puts this number on"))
    page.get_by_role("button", name="Change number").click()
    expect(page.get_by_text(wanted, exact=True)).to_be_visible()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).fill(wait_for_code(cloud, email, "confirms this address"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text(email, exact=True)).to_be_visible()
    assert serious(page) == []
    page.goto(f"{address}/account/deposit")
    expect(page.get_by_text(f"M-Pesa asks for your PIN on {wanted}.")).to_be_visible()


def test_a_system_with_a_banker_takes_better_odds_and_is_loaded_by_its_code(
    trader: App, address: str, page: Page, known: Known
) -> None:
    markets = [game(trader) for _ in range(3)]
    for market in markets:
        page.goto(f"{address}/fixture/{market.split('/')[0]}")
        page.locator(f'[data-selection="{market}/1"]').click()
    page.get_by_role("link", name=re.compile("Open slip")).click()
    page.get_by_role("button", name="System").click()
    page.get_by_role("button", name=re.compile("Banker")).first.click()
    page.get_by_role("button", name="1 of 2").click()
    page.get_by_label("If odds move").select_option("Take better odds")
    expect(page.get_by_text("3 lines, each")).to_be_visible()
    trader.ask(SET_ODDS, market=markets[1], odds=odds_input({**ODDS, "1": "2.60"}))
    page.get_by_role("button", name="Place bet").click()
    expect(page.get_by_role("heading", name="System 1/2 of 2 + 1 banker")).to_be_visible()
    assert sorted(leg.inner_text() for leg in page.locator(".leg-odds").all()) == ["2.50", "2.50", "2.60"]
    assert serious(page) == []
    page.get_by_role("button", name="Share").click()
    code = page.locator(".booking").inner_text()
    page.goto(f"{address}/search")
    page.get_by_label("Team, or booking code").fill(code.lower())
    page.get_by_role("button", name=f"Load the slip {code}").click()
    banker = page.get_by_role("button", name=re.compile("Banker"))
    expect(banker.first).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Place bet")).to_be_enabled()


def test_a_wrong_code_is_said_and_may_be_tried_again(cloud: Cloud, address: str, page: Page) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in", exact=True).click()
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


def test_what_happened_while_the_network_was_cut_is_shown_after_it(
    cloud: Cloud, trader: App, address: str, page: Page, known: Known
) -> None:
    market, way = game(trader), Cut(page)
    bet_on(page, address, market)
    way.follows()
    won = known.balance_after(25_000)
    page.get_by_role("link", name="My bets").click()
    rows = page.get_by_role("link", name=re.compile("Safi United"))
    row = rows.first
    are_open = len(known.app.ask("query { bets(statuses: [PENDING, ACCEPTED]) { items { id } } }")["items"])
    expect(rows).to_have_count(are_open)
    expect(row).to_contain_text("Accepted")
    way.begin()
    expect(page.get_by_text("Connecting again")).to_be_visible()
    settle(cloud, market, results_input("1"))
    eventually(lambda: known.balance_after(0) == won, "the bet's payout")
    expect(row).to_contain_text("Accepted")
    way.asked.clear()
    way.end()
    expect(page.get_by_test_id("balance")).to_have_text(won)
    expect(page.get_by_text("Connecting again")).to_have_count(0)
    expect(rows).to_have_count(are_open - 1)
    assert any("changesSince" in asked for asked in way.asked)
    assert not any("query Bets" in asked for asked in way.asked)
    page.get_by_role("button", name="Decided").click()
    expect(row).to_contain_text("Won")


def test_where_more_happened_than_is_kept_everything_is_asked_for_anew(
    cloud: Cloud, trader: App, address: str, page: Page, known: Known
) -> None:
    market, way = game(trader), Cut(page)
    begin = known.app.ask("query { changesSince { cursor } }")["cursor"]
    bet_on(page, address, market)
    way.follows()
    won = known.balance_after(25_000)
    way.begin()
    expect(page.get_by_text("Connecting again")).to_be_visible()
    settle(cloud, market, results_input("1"))
    eventually(lambda: known.balance_after(0) == won, "the bet's payout")
    since = "query($cursor: String) { changesSince(cursor: $cursor) { bets { status } } }"
    eventually(lambda: {"status": "SETTLED"} in known.app.ask(since, cursor=begin)["bets"], "an update of the bet")
    forget_changes(cloud, known.app.user_id)
    assert known.app.refusal(SINCE, cursor=begin).type == "CURSOR_EXPIRED"
    way.asked.clear()
    way.end()
    expect(page.get_by_text("Won", exact=True).first).to_be_visible()
    expect(page.get_by_test_id("balance")).to_have_text(won)
    assert any("query Bet(" in asked for asked in way.asked)
    way.asked.clear()
    known.app.ask(PLACE_BET, input=single(game(trader)))
    expect(page.get_by_test_id("balance")).to_have_text(known.balance_after(0))
    assert not any("query Bet(" in asked for asked in way.asked), "it goes on from the cursor of the refusal"


def test_a_leg_that_wins_is_shown_at_once_in_the_bet_that_stays_open(
    cloud: Cloud, trader: App, address: str, page: Page, known: Known
) -> None:
    first, second = game(trader), game(trader)
    picks = [*single(first)["selections"], *single(second)["selections"]]
    multi = known.app.ask(PLACE_BET, input={**single(first), "selections": picks})
    won = known.balance_after(parse_amount(multi["potentialPayout"]["amount"]))
    page.goto(f"{address}/bets")
    row = page.locator(f'a[href="/bets/{multi["id"]}"]')
    expect(row).to_contain_text("Accepted")
    settle(cloud, first, results_input("1"))
    expect(row).to_contain_text("Won")
    expect(row).to_contain_text("Accepted")
    row.click()
    legs = page.get_by_role("main").locator("li.leg")
    expect(legs.first).to_contain_text("Won")
    expect(legs.last).not_to_contain_text("Won")
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()
    settle(cloud, second, results_input("1"))
    expect(legs.last).to_contain_text("Won")
    expect(page.get_by_text("Accepted", exact=True)).to_have_count(0)
    expect(page.get_by_test_id("balance")).to_have_text(won)


def test_an_update_that_is_lost_on_the_way_is_missed_by_the_number_of_the_next(
    cloud: Cloud, trader: App, address: str, page: Page, known: Known
) -> None:
    market, way = game(trader), Cut(page)
    bet_on(page, address, market)
    way.follows()
    won = known.balance_after(25_000)
    way.asked.clear()
    way.to_lose = "SETTLED"  # what was placed may be told after it is known
    settle(cloud, market, results_input("1"))
    eventually(lambda: known.balance_after(0) == won, "the bet's payout")
    eventually(lambda: (page.wait_for_timeout(10), way.lost)[1], "an update, which is lost")
    known.app.ask(PLACE_BET, input=single(game(trader)))
    expect(page.get_by_text("Won", exact=True).first).to_be_visible()
    expect(page.get_by_test_id("balance")).to_have_text(known.balance_after(0))
    assert any("changesSince" in asked for asked in way.asked)


def test_a_bet_that_is_placed_in_one_tab_is_seen_in_the_other(
    trader: App, address: str, context: BrowserContext, known: Known
) -> None:
    market = game(trader)
    left, right = context.new_page(), context.new_page()
    right.goto(f"{address}/bets")
    expect(right.get_by_test_id("balance")).to_have_text(known.balance_after(0))
    expect(right.get_by_text("Loading…")).to_have_count(0)
    spent = known.balance_after(-10_000)
    left.goto(f"{address}/fixture/{market.split('/')[0]}")
    left.locator(f'[data-selection="{market}/1"]').click()
    slip = right.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("Slip"))
    expect(slip).to_contain_text("1")
    left.get_by_role("link", name=re.compile("Open slip")).click()
    left.get_by_role("button", name="Place bet").click()
    expect(left.get_by_text("Your bet is accepted.")).to_be_visible()
    expect(slip).not_to_contain_text("1")
    expect(right.get_by_test_id("balance")).to_have_text(spent)
    expect(right.locator(f'a[href="{urlsplit(left.url).path}"]')).to_contain_text("Accepted")


class Kept:
    """The first answer to a question of a page that has these words, from now on: kept until it is to be given, or
    given to each look."""

    def __init__(self, page: Page, *words: str, always: bool = False) -> None:
        self._words, self._always = words, always
        self._asked = False
        self._first: dict[str, Any] = {}
        self._waiting: Route | None = None
        page.route("**/graphql", self._ask)

    def wait(self, look: Callable[[], None]) -> None:
        """Wait until there is one; have the page look until it asks, for it may have done so a moment ago."""
        eventually(lambda: (look(), self._first)[1], f"an answer to {self._words}")

    def give(self) -> None:
        """Give it, though it is old by now."""
        assert self._waiting
        self._waiting.fulfill(**self._first)

    def _ask(self, route: Route) -> None:
        asked = route.request.post_data or ""
        if any(word not in asked for word in self._words) or (self._asked and not (self._always and self._first)):
            route.continue_()
        elif self._first:
            route.fulfill(**self._first)
        else:
            self._asked = True
            answer = route.fetch()
            self._first = {"status": answer.status, "headers": answer.headers, "body": answer.body()}
            self._waiting = route
            if self._always:
                self.give()


def test_the_list_of_open_bets_has_each_once_what_was_placed_meanwhile_and_nothing_that_is_decided(
    cloud: Cloud, trader: App, address: str, page: Page
) -> None:
    (before, *markets), player = [game(trader) for _ in range(4)], funded(cloud)
    rows = page.locator('a[href^="/bets/"]')

    def place(market: str) -> None:
        placed.append(player.ask(PLACE_BET, input=single(market, "20"))["id"])

    def shown() -> list[str]:
        return [str(row.get_attribute("href")).removeprefix("/bets/") for row in rows.all()]

    def look_again() -> None:
        """Come back to the page: what is older than five seconds is asked for, and what is on its way goes on."""
        page.clock.fast_forward("00:06")
        page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(10)

    placed: list[str] = []
    open_bets = ("query Bets(", '"ACCEPTED"')
    page.clock.install()
    sign_in(cloud, page, f"{address}/sign-in?then=/bets", player.phone)
    place(before)
    expect(rows).to_have_count(1)
    settle(cloud, before, results_input("1"))
    expect(page.get_by_text("No open bets")).to_be_visible()
    decided = [placed.pop()]
    for count in (1, 2):
        kept = Kept(page, *open_bets)
        kept.wait(look_again)
        # The push has the list asked for anew: an answer of after the twentieth bet would have a first page alone.
        with page.expect_request_finished(lambda asked: all(word in (asked.post_data or "") for word in open_bets)):
            place(markets[0])
            expect(rows).to_have_count(count)
        kept.give()
    for _ in range(20):
        place(markets[0])
    expect(rows).to_have_count(22)
    assert shown() == placed[::-1]

    page.reload()
    expect(rows).to_have_count(20)
    place(markets[1])
    expect(rows.first).to_have_attribute("href", f"/bets/{placed[-1]}")
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(23)
    place(markets[2])
    expect(rows).to_have_count(24)
    assert shown() == placed[::-1]

    settle(cloud, markets[1], results_input("1"))
    expect(rows).to_have_count(23)
    look_again()
    settle(cloud, markets[2], results_input("1"))
    expect(rows).to_have_count(22)
    assert shown() == placed[21::-1]
    page.get_by_role("button", name="Decided", exact=True).click()
    expect(rows).to_have_count(3)
    assert shown() == [*placed[:21:-1], *decided]


def test_a_result_and_its_correction_are_shown_in_the_game_without_another_look(
    cloud: Cloud, trader: App, address: str, page: Page, known: Known
) -> None:
    market, heard = game(trader), [""]
    page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(json.loads(frame)["type"]))
    )
    Kept(page, "query Markets(", always=True)
    page.goto(f"{address}/fixture/{market.split('/')[0]}")
    home, away = (page.locator(f'[data-selection="{market}/{outcome}"]') for outcome in "13")
    expect(home).to_contain_text("2.50")
    eventually(lambda: (page.wait_for_timeout(10), heard.count("start_ack") == 2)[1], "the player's updates and prices")
    settle(cloud, market, results_input("1"))
    expect(home).to_contain_text("Won")
    expect(away).to_contain_text("Lost")
    settle(cloud, market, results_input("3"))
    expect(home).to_contain_text("Lost")
    expect(away).to_contain_text("Won")


def test_messages_that_are_read_on_another_device_are_new_no_more(
    trader: App, address: str, page: Page, known: Known
) -> None:
    page.goto(address)
    unread = page.get_by_role("link", name=re.compile("unread"))
    bet = {"betId": known.app.ask(PLACE_BET, input=single(game(trader)))["id"]}
    inbox = "query { notifications { items { betId } } }"
    eventually(lambda: bet in known.app.ask(inbox)["items"], "the bet's message")  # others are unread already
    expect(unread).to_be_visible()
    known.app.ask("mutation { markAllNotificationsRead }")
    expect(unread).to_have_count(0)


def test_a_slow_m_pesa_is_said_and_ends_as_it_ended(cloud: Cloud, address: str, page: Page, known: Known) -> None:
    phone, prompts = known.app.phone.lstrip("+"), f"{cloud.addresses.daraja}/_fake/prompts"
    waits = {"match": {"kind": "stk", "phone": phone}, "times": 1, "script": {"outcome": "wait"}}
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", waits)
    paid_in = known.balance_after(credited(10_000))
    page.clock.install(time=datetime.now(UTC) - timedelta(minutes=10))  # half a minute cannot pass by itself
    page.goto(f"{address}/account/deposit")
    page.get_by_label("Amount in shillings").fill("100")
    page.get_by_role("button", name="Ask M-Pesa").click()
    expect(page.locator("[data-status=SUBMITTED]")).to_contain_text("enter your M-Pesa PIN")
    expect(page.get_by_text("This takes longer than usual")).to_have_count(0)
    page.clock.fast_forward("10:31")
    expect(page.get_by_text("This takes longer than usual")).to_be_visible()
    (prompt,) = get_json(f"{prompts}?phone={phone}")["prompts"]
    post_json(f"{prompts}/{prompt['checkoutRequestID']}", {"action": "approve", "pin": "1234"})
    expect(page.locator("[data-status=COMPLETED]")).to_be_visible()
    expect(page.get_by_text("This takes longer than usual")).to_have_count(0)
    expect(page.get_by_test_id("balance")).to_have_text(paid_in)


def test_who_was_signed_out_elsewhere_is_told_and_comes_back_to_the_same_page(
    cloud: Cloud, address: str, page: Page
) -> None:
    player = funded(cloud)
    page.clock.install()
    sign_in(cloud, page, f"{address}/sign-in?then=/bets", player.phone)
    expect(page.get_by_role("heading", name="My bets")).to_be_visible()
    player.ask("mutation { signOutEverywhere { id } }")
    page.clock.fast_forward("31:00")
    page.get_by_role("link", name="Account").click()
    told = page.get_by_role("status").filter(has_text="You have been signed out")
    expect(told).to_be_visible()
    assert serious(page) == []
    used = wait_for_code(cloud, player.phone)
    told.get_by_role("link", name="Sign in").click()
    enter_code(cloud, page, player.phone, used)
    expect(page.get_by_role("heading", name="A new device")).to_be_visible()
    page.get_by_label("Password").fill(player.password)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name=player.phone)).to_be_visible()
    expect(told).to_have_count(0)


def test_who_signs_out_hears_nothing_more_in_any_tab(
    cloud: Cloud, trader: App, address: str, context: BrowserContext
) -> None:
    market, player = game(trader), funded(cloud)
    fixture = market.partition("/")[0]
    sockets: list[WebSocket] = []
    heard: list[str] = []

    def open_tab() -> Page:
        tab = context.new_page()
        tab.on("websocket", lambda socket: sockets.append(socket))
        tab.on(
            "websocket",
            lambda socket: socket.on("framereceived", lambda frame: heard.append(json.loads(frame)["type"])),
        )
        return tab

    def closed() -> bool:
        context.cookies()  # what happened until now is heard
        return all(socket.is_closed() for socket in sockets)

    left, right = open_tab(), open_tab()
    sign_in(cloud, left, f"{address}/sign-in?then=/account", player.phone)
    right.goto(f"{address}/fixture/{fixture}")
    eventually(lambda: (closed(), heard.count("start_ack") == 3)[1], "updates in both tabs, and prices in one")
    assert len(sockets) == 2
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "2.50"}
    slip = {"clientRequestId": uuid.uuid4().hex, "stake": money("100"), "selections": [pick]}
    document = "subscription($fixture: ID!) { onMarketUpdated(fixtureId: $fixture) { id } }"
    with player.listen(ON_UPDATE, me=player.user_id) as bets, trader.listen(document, fixture=fixture) as prices:
        player.ask(PLACE_BET, input=slip)
        sign_out(cloud, left, address, "Sign out")
        eventually(closed, "an end of every socket")
        heard.clear()
        settle(cloud, market, results_input("1"))
        bets.wait_for(lambda update: update["bet"] and update["bet"]["status"] == "SETTLED", "the settled bet")
        prices.wait_for(lambda update: update["id"] == market, "the settled market")
    assert closed()
    assert (heard, len(sockets)) == ([], 2)


class Late:
    """The first thing that a page asks of a kind, which is answered when the test says so."""

    def __init__(self, page: Page, asked: str) -> None:
        self._page, self._asked = page, asked
        self._kept: list[tuple[Route, APIResponse]] = []
        self._ended = set[Request]()
        page.route("**/graphql", self._keep)
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: self._ended.add(request))

    def comes(self) -> None:
        """Wait until it was asked."""
        eventually(lambda: (self._page.wait_for_timeout(10), self._kept)[1], f"{self._asked} to be asked")

    def answer(self, **instead: Any) -> None:
        """Bring what the API answered when it was asked, or another body; return once the page has taken it in, or
        did not wait for it any more."""
        ((route, answered),) = self._kept
        route.fulfill(response=answered, **instead)
        eventually(lambda: (self._page.wait_for_timeout(10), route.request in self._ended)[1], "the answer")
        self._page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def _keep(self, route: Route) -> None:
        if self._kept or self._asked not in (route.request.post_data or ""):
            route.fallback()
        else:
            self._kept.append((route, route.fetch()))


def test_who_signed_out_is_not_told_that_their_session_ended_by_an_answer_to_what_was_asked_before(
    cloud: Cloud, address: str, page: Page, known: Known
) -> None:
    late = Late(page, "changesSince")
    page.goto(f"{address}/account")
    late.comes()
    sign_out(cloud, page, address, "Sign out")
    late.answer(json={"errors": [{"errorType": "UnauthorizedException", "message": "Token has expired."}]})
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_text("You have been signed out")).to_have_count(0)


def test_an_answer_to_what_was_asked_before_a_change_takes_nothing_back(address: str, page: Page, known: Known) -> None:
    late, name = Late(page, "query Me{"), page.get_by_label("What we call you")
    page.goto(f"{address}/account/settings")
    late.comes()
    name.fill("Amina")
    page.locator("form").filter(has=name).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    late.answer()
    expect(name).to_have_value("Amina")


def test_a_page_that_cannot_be_loaded_says_so_and_is_loaded_again(address: str, page: Page) -> None:
    page.goto(address)
    expect(page.locator(".fixture").first).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("BETSAFI could not be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Team, or booking code")).to_be_visible()


def test_the_app_can_be_installed(address: str, page: Page) -> None:
    page.goto(address)
    chromium = page.context.new_cdp_session(page)
    assert chromium.send("Page.getAppManifest")["errors"] == []
    wrong = {error["errorId"] for error in chromium.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert wrong <= {"in-incognito"}, "as every context of a test is"


def test_make_app_serves_the_app_live_against_what_runs(cloud: Cloud, page: Page) -> None:
    first, own = urlsplit(cloud.addresses.web).port, free_port()
    assert first
    live = ["npm", "run", "--silent", "live", "--workspace", "clients/web", "--", "--port", str(own), "--strictPort"]
    running = subprocess.Popen(live, cwd=ROOT, env={**os.environ, "PORT": str(first - 6)}, start_new_session=True)
    try:
        eventually(lambda: get_json(f"http://127.0.0.1:{own}/config.json"), "vite", OSError)
        page.goto(f"http://127.0.0.1:{own}")
        expect(page.locator(".fixture").first).to_be_visible()
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()


def test_the_app_knows_what_its_server_says(cloud: Cloud, address: str, page: Page) -> None:
    answer = page.request.get(f"{address}/config.json")
    assert json.loads(answer.text())["graphql"] == cloud.addresses.appsync
    assert page.request.get(f"{address}/fixture/of-some-game").status == 200
    assert page.request.get(f"{address}/assets/missing.js").status == 404
