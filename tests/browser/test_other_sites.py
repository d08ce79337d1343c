"""What a page of another site can do in the same browser to the laptop's servers: nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.conftest import PATIENCE_MS, running
from tests.support.daraja import Daraja
from tests.support.serving import serve

PHONE = "254712345678"
FORM = """<form method="post" action="TARGET/paybill"><input name="amount" value="300"><input name="account"
value="BET100"><button>Win a phone</button></form>"""


@pytest.fixture
def elsewhere(chromium: Browser) -> Iterator[Page]:
    """A page of a browser for which evil.example is this machine."""
    with running(chromium.browser_type, "--host-resolver-rules=MAP evil.example 127.0.0.1") as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield page


def evil(request: Request) -> HTMLResponse:
    return HTMLResponse(FORM.replace("TARGET", request.query_params["target"]))


def test_another_name_for_this_machine_shows_nothing(elsewhere: Page, daraja: Daraja) -> None:
    answer = elsewhere.goto(f"http://evil.example:{daraja.url.rpartition(':')[2]}/phone/{PHONE}")
    assert answer is not None
    assert (answer.status, "Balance" in answer.text()) == (421, False)


def test_a_form_of_another_site_pays_nothing(elsewhere: Page, daraja: Daraja) -> None:
    with serve(Starlette(routes=[Route("/", evil)])) as url:
        elsewhere.goto(f"http://evil.example:{url.rpartition(':')[2]}/?target={daraja.url}/phone/{PHONE}")
        with elsewhere.expect_navigation() as pressed:
            elsewhere.get_by_role("button", name="Win a phone").click()
    assert pressed.value.status == 403
    assert daraja.control("/books")["totals"]["c2bReceived"] == "0.00"


def test_a_script_of_another_site_is_told_nothing_and_changes_nothing(elsewhere: Page, daraja: Daraja) -> None:
    with serve(Starlette(routes=[Route("/", evil)])) as url:
        elsewhere.goto(f"http://evil.example:{url.rpartition(':')[2]}/?target={daraja.url}/phone/{PHONE}")
        for mode in ("no-cors", "cors"):
            ask = f"""async () => {{
              const body = JSON.stringify({{phone: '{PHONE}', amount: 9, account: 'A'}});
              const options = {{method: 'POST', mode: '{mode}', body}};
              try {{ return await (await fetch('{daraja.url}/_fake/c2b', options)).text(); }} catch (e) {{ return ''; }}
            }}"""
            assert elsewhere.evaluate(ask) == ""
    assert daraja.control("/books")["totals"]["c2bReceived"] == "0.00"
