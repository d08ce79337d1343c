"""The inbox in a real browser, as `make up` serves it: messages come by themselves, and no message runs."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localcloud import inbox
from localcloud.base.guard import Guard
from tests.browser.conftest import PATIENCE_MS, SMALL
from tests.support.emulator import aws, running_emulator
from tests.support.serving import serve

expect.set_options(timeout=PATIENCE_MS)
PHONE, MAIL = "+254712345678", "asha@example.com"
HTML = """<h1 style="color: rgb(8, 117, 58)">Karibu</h1><style>p { font-weight: 700 }</style><p>Welcome</p>
<script>document.body.append('it ran')</script><p onclick="this.append('it ran')">Press me</p>
<img src="SENDER/seen.png" onerror="document.body.append('it ran')">"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    folder = tmp_path_factory.mktemp("emulator")
    with running_emulator(folder) as emulator, serve(Guard(inbox.create_app(emulator))) as url:
        yield url, emulator


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A small phone's page."""
    page = chromium.new_page(viewport=SMALL)
    page.set_default_timeout(PATIENCE_MS)
    yield page
    page.close()


def send_mail(emulator: str, sender: str) -> None:
    ses, html = aws("ses", emulator), HTML.replace("SENDER", sender)
    for address in ("no-reply@betsafi.example", MAIL):
        ses.verify_email_identity(EmailAddress=address)
    ses.send_email(
        Source="no-reply@betsafi.example",
        Destination={"ToAddresses": [MAIL]},
        Message={"Subject": {"Data": "Karibu"}, "Body": {"Text": {"Data": "Welcome"}, "Html": {"Data": html}}},
    )


def test_messages_come_by_themselves_and_are_found_by_number(box: tuple[str, str], page: Page) -> None:
    url, _ = box
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(url)
    text = "Your code is 123456 <script>document.body.append('it ran')</script>"
    for to in (PHONE, "+254711111111"):
        assert requests.post(f"{url}/messages", json={"to": to, "text": text}, timeout=60).status_code == 201
    expect(page.get_by_test_id("message")).to_have_count(2)
    page.get_by_label("Phone number or e-mail address").fill(PHONE)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_test_id("message")).to_have_count(1)
    expect(page.get_by_test_id("message")).to_contain_text(text)
    assert page.get_by_role("heading").evaluate("h => getComputedStyle(h).marginBottom") == "12.8px"
    assert complaints == []


def test_a_mail_is_shown_with_its_styles_and_runs_nothing_and_asks_nobody(box: tuple[str, str], page: Page) -> None:
    url, emulator = box
    asked: list[str] = []

    def seen(request: Request) -> Response:
        asked.append(str(request.url))
        return Response()

    with serve(Starlette(routes=[Route("/{path:path}", seen)])) as sender:
        send_mail(emulator, sender)
        page.goto(f"{url}/?to={MAIL}")
        mail = page.frame_locator("iframe[title='e-mail']")
        expect(mail.get_by_role("heading")).to_have_css("color", "rgb(8, 117, 58)")
        expect(mail.get_by_text("Welcome")).to_have_css("font-weight", "700")
        mail.get_by_text("Press me").click()
        expect(mail.locator("img")).to_have_js_property("complete", True)
        expect(mail.locator("body")).not_to_contain_text("it ran")
    assert asked == []
