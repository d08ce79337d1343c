"""A headless Chromium of the machine's own, driven by Playwright, and the fake Daraja that it looks at."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Locator, Page, sync_playwright

from localcloud.base.guard import Guard
from localcloud.daraja import ManualClock, Settings, create_app
from localcloud.screenshots import executable
from tests.support import daraja as fakes
from tests.support import pictures
from tests.support.daraja import Daraja, Merchant
from tests.support.serving import serve

MISSING = "No Chromium was found, so no browser test ran; install it with: apt-get install -y chromium"
SMALL = {"width": 360, "height": 740}
PATIENCE_MS = 180_000

merchant_server, merchant, daraja = fakes.merchant_server, fakes.merchant, fakes.daraja


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once why nothing ran."""
    if executable() is None:
        terminalreporter.write_line(MISSING)


@contextmanager
def launched() -> Iterator[Browser]:
    """Run the browser. Without one the tests are skipped, but fail where CI is set."""
    found = executable()
    if found is None and os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    if found is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright, running(playwright.chromium) as browser:
        yield browser


@contextmanager
def running(kind: BrowserType, *more: str) -> Iterator[Browser]:
    """Run one with these arguments more; what it shows when a test fails is kept."""
    browser = kind.launch(executable_path=executable(), headless=True, args=["--no-sandbox", *more])
    with pictures.watched(browser):
        yield browser
    browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, for all tests of a run: in its thread asyncio starts nothing any more."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def daraja_server(merchant_server: Merchant) -> Iterator[Daraja]:
    """The fake behind the guard that `make up` puts before it."""
    clock, settings = ManualClock(), Settings()
    with serve(Guard(create_app(settings, clock=clock))) as url:
        yield Daraja(url, clock, settings, merchant_server)


@dataclass
class Phone:
    """The page of one number, as a person uses it."""

    page: Page
    base_url: str
    number: str = "254712345678"
    expected: str = ""
    """What is no fault where the browser says it: it may do so after the page shows what came of it."""
    complaints: list[str] = field(default_factory=list)

    def open(self) -> "Phone":
        self.page.goto(f"{self.base_url}/phone/{self.number}")
        return self

    @property
    def prompt(self) -> Locator:
        return self.page.get_by_test_id("prompt")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("sms")

    def pay(self, pin: str) -> None:
        self.page.get_by_label("Enter M-PESA PIN").fill(pin)
        self.page.get_by_role("button", name="Send").click()


@pytest.fixture
def phone(chromium: Browser, daraja: Daraja) -> Iterator[Phone]:
    """A small phone, before its page is opened. A test fails if the page complains or asks another server."""
    page = chromium.new_page(viewport=SMALL)
    page.set_default_timeout(PATIENCE_MS)
    held = Phone(page, daraja.url)

    def asked(request: Any) -> None:
        if not request.url.startswith((daraja.url, "data:")):
            held.complaints.append(f"asked {request.url}")

    page.on("request", asked)
    page.on("pageerror", lambda error: held.complaints.append(str(error)))
    page.on("console", lambda line: held.complaints.append(line.text) if line.type == "error" else None)
    yield held
    page.close()
    assert [said for said in held.complaints if not held.expected or held.expected not in said] == []
