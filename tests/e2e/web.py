"""A web app made with the clients of docs/app.md: bundled, served, and followed through a network that is cut."""

import asyncio
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page, async_playwright
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from localcloud.base.addresses import REGION, Addresses
from localcloud.cloud.running import parameter
from localcloud.demo.app import App
from tests.browser.conftest import PATIENCE_MS, executable
from tests.support import guide, pictures
from tests.support.following import PARTS, Thing, pass_time
from tests.support.serving import serve
from tests.support.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Bundle the app in a folder, as web apps are; yield the address of its page."""
    for name, code in guide.files().items():
        (folder / name).write_text(code)
    shutil.copy(ROOT / "tests/e2e/amplify.mjs", folder)
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    given = [str(folder / "amplify.mjs"), "--bundle", "--format=esm", "--define:global=globalThis"]
    run = subprocess.run(
        [str(esbuild), *given, f"--outfile={folder / 'bundle.js'}"],
        env={**os.environ, "NODE_PATH": str(ROOT / "node_modules")},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    script = (folder / "bundle.js").read_text().replace("</script", "<\\/script")
    page = f'<!doctype html><html lang="en"><title>App</title><script type="module">{script}</script></html>'
    with serve(Starlette(routes=[Route("/", lambda _: HTMLResponse(page))])) as url:
        yield url


def configuration(addresses: Addresses) -> dict[str, Any]:
    """Return what the page is configured with, but the device."""
    return {
        "userPoolId": parameter(addresses, "users/pool/id"),
        "userPoolClientId": parameter(addresses, "users/client/id"),
        "cognito": addresses.cognito,
        "graphql": addresses.secure,
        "region": REGION,
        "lobbyKey": parameter(addresses, "frontend-api/lobby/key"),
    }


class Network:
    """What lies between the page and the API: every byte goes through it, and none while it is cut."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Yield the API's address by way of this network."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield self._target._replace(netloc=f"127.0.0.1:{port}").geturl()
        finally:
            self.cut()
            server.close()

    def cut(self) -> None:
        """End every connection without a word, and let none come until `mend`."""
        self._is_cut = True
        for writer in list(self._open):
            writer.transport.abort()

    def mend(self) -> None:
        """Let connections come again."""
        self._is_cut = False

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        pair = {writer, back}
        self._open |= pair
        carrying = [asyncio.ensure_future(_carry(reader, back)), asyncio.ensure_future(_carry(there, writer))]
        try:
            await asyncio.wait(carrying, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in carrying:
                each.cancel()
            self._open -= pair
            for one in pair:
                one.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
    except ConnectionError:
        return


class Amplify:
    """One device of a player's: a page in Chromium that follows with aws-amplify; what it shows, and how often."""

    def __init__(self, addresses: Addresses, app: App, page: str) -> None:
        self.app = app
        self.things: dict[tuple[str, str], Thing] = {}
        self.shown: Counter[tuple[str, str, int]] = Counter()
        self.filled = self.loaded = 0
        self.passed = asyncio.Event()
        self._addresses, self._page = addresses, page

    async def follow(self, cuts: Sequence[float], between: float, done: asyncio.Event) -> None:
        """Listen for some seconds before each cut, which lasts as long as it says; then until `done`."""
        network = Network(self._addresses.secure)
        async with network.running() as graphql, self._opened(graphql) as page:
            await self._do(page, "follow", ["amplify"], self.app.user_id, PARTS)
            await self._stands(page, 1)
            for seconds in cuts:
                await pass_time(between)
                stood = (await self._do(page, "followed", "amplify"))["stood"]
                network.cut()
                await page.context.set_offline(True)
                await pass_time(seconds)
                network.mend()
                await page.context.set_offline(False)
                await self._stands(page, stood + 1)
            self.passed.set()
            await done.wait()
            self._take(await self._do(page, "caughtUp", "amplify"))

    def _take(self, told: dict[str, Any]) -> None:
        assert told["errors"] == []
        for part, thing in told["things"]:
            self.things[part, thing["id"]] = {name: thing[name] for name in thing if name != "__typename"}
        self.shown.update(tuple(each) for each in told["times"])
        self.filled, self.loaded = told["filled"], told["loaded"]

    @asynccontextmanager
    async def _opened(self, graphql: str) -> AsyncIterator[Page]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
            context: BrowserContext = await browser.new_context(ignore_https_errors=True)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            try:
                await page.goto(self._page)
                await page.wait_for_function("globalThis.player !== undefined")
                await self._do(page, "configure", {**configuration(self._addresses), "graphql": graphql})
                await self._do(page, "signInByPassword", self.app.phone, self.app.password)
                yield page
            except BaseException:
                await page.screenshot(path=pictures.place(), full_page=True)
                raise
            await browser.close()

    async def _stands(self, page: Page, times: int) -> None:
        """Wait until the page has subscribed and caught up for the so many-th time."""
        stands = f"async () => (await player.followed('amplify')).stood >= {times}"
        await page.wait_for_function(stands, timeout=PATIENCE_SECONDS * 1000)

    async def _do(self, page: Page, name: str, *given: Any) -> Any:
        return await page.evaluate(f"(given) => player.{name}(...given)", list(given))
