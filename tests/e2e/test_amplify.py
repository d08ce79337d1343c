"""A web app made with aws-amplify, bundled as web apps are, in a real browser: sign-up, sign-in, devices."""

import json
import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from localcloud.base.addresses import REGION
from localcloud.cloud.running import Cloud, parameter
from localcloud.demo.seed import wait_for_code
from localcloud.journey.asking import new_phone
from tests.browser import conftest as browsers
from tests.e2e.test_identity import another_code
from tests.support.serving import serve
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
PASSWORD = "Betsafi-2026"


Open = Callable[[str], "Web"]


class Web:
    """A page of the app in a browser of its own: another one is another device."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def do(self, name: str, *given: Any) -> Any:
        """Call one of the page's functions. Raises playwright's Error with Cognito's answer."""
        return self._page.evaluate(f"(given) => player.{name}(...given)", list(given))


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page."""
    bundle = tmp_path_factory.mktemp("amplify") / "app.js"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    given = [str(ROOT / "tests/e2e/amplify.mjs"), "--bundle", "--format=esm", "--define:global=globalThis"]
    subprocess.run([str(esbuild), *given, f"--outfile={bundle}"], check=True, capture_output=True)
    script = bundle.read_text().replace("</script", "<\\/script")
    page = f'<!doctype html><html lang="en"><title>App</title><script type="module">{script}</script></html>'
    with serve(Starlette(routes=[Route("/", lambda _: HTMLResponse(page))])) as url:
        yield url


@pytest.fixture
def opened(cloud: Cloud, app: str, chromium: Browser) -> Iterator[Open]:
    """Open the app on a device of this name."""
    contexts = []

    def open_(name: str) -> Web:
        contexts.append(chromium.new_context())
        page = contexts[-1].new_page()
        page.set_default_timeout(browsers.PATIENCE_MS)
        page.goto(app)
        page.wait_for_function("globalThis.player !== undefined")
        addresses = cloud.addresses
        web = Web(page)
        web.do(
            "configure",
            {
                "userPoolId": parameter(addresses, "users/pool/id"),
                "userPoolClientId": parameter(addresses, "users/client/id"),
                "cognito": addresses.cognito,
                "graphql": addresses.appsync,
                "region": REGION,
                "deviceId": secrets.token_urlsafe(16),
                "deviceName": name,
            },
        )
        return web

    yield open_
    for context in contexts:
        context.close()


def test_a_player_signs_up_and_in_and_a_second_device_shows_the_password(cloud: Cloud, opened: Open) -> None:
    phone, first = new_phone(), opened("A phone")
    assert first.do("signUp", phone) == "DONE"
    asked = first.do("signIn", phone)
    assert asked["signInStep"] == "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"
    assert asked["additionalInfo"]["step"] == "CODE"
    again = first.do("answer", "000000", {"birthdate": "1990-06-15"})
    assert again["additionalInfo"]["tries"] == "2"
    used = wait_for_code(cloud, phone)
    assert first.do("answer", used, {"birthdate": "1990-06-15"})["signInStep"] == "DONE"
    claims = first.do("claims")
    assert first.do("ask", "query { me { id phoneNumber } }")["me"] == {"id": claims["sub"], "phoneNumber": phone}
    document = "mutation($password: String!) { setPassword(password: $password) }"
    assert first.do("ask", document, {"password": PASSWORD})["setPassword"]

    second = opened("A tablet")
    second.do("signIn", phone)
    code = eventually(lambda: another_code(cloud, phone, used), "another code", LookupError)
    asked = second.do("answer", code)
    assert (asked["additionalInfo"]["step"], asked["additionalInfo"]["accepts"]) == ("SECOND", "PASSWORD")
    assert second.do("answer", PASSWORD)["signInStep"] == "DONE"
    devices = second.do("ask", "query { devices { name current } }")["devices"]
    assert sorted(map(json.dumps, devices)) == sorted(
        map(json.dumps, [{"name": "A tablet", "current": True}, {"name": "A phone", "current": False}])
    )
    assert second.do("claims", {"forceRefresh": True})["sub"] == claims["sub"]


def test_a_password_opens_no_device_that_is_not_known(cloud: Cloud, opened: Open) -> None:
    phone, known = new_phone(), opened("A phone")
    known.do("signUp", phone)
    known.do("signIn", phone)
    known.do("answer", wait_for_code(cloud, phone), {"birthdate": "1990-06-15"})
    known.do("ask", "mutation($p: String!) { setPassword(password: $p) }", {"p": PASSWORD})
    known.do("signOut")
    with pytest.raises(Error, match="DEVICE_NEEDED"):
        opened("A stranger's").do("signInByPassword", phone, PASSWORD)
    assert known.do("signInByPassword", phone, PASSWORD)["signInStep"] == "DONE"
