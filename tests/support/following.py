"""An app that follows a player's updates by the rules of frontend-api's README, over a socket that is cut now and then.

The socket is gql's. A cut ends its connection without a word, as a tunnel does; nobody waits for the other side.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from gql import Client, GraphQLRequest
from gql.transport.appsync_auth import AppSyncJWTAuthentication

from localcloud.demo.app import App, AppError, Transport
from tests.support.waiting import PATIENCE_SECONDS, eventually

MONEY = "{ amount }"
PARTS = {
    "bet": f"id version status outcome payout {MONEY}",
    "wallet": f"id version available {MONEY} held {MONEY}",
    "payment": "id version status",
    "notification": "id version kind status",
}
LISTS = {"bets": "bet", "payments": "payment", "notifications": "notification"}
_SELECTED = " ".join(f"{part} {{ {fields} }}" for part, fields in PARTS.items())
UPDATES = f"subscription($me: ID!) {{ onPlayerUpdate(userId: $me) {{ userId sequence cursor {_SELECTED} }} }}"
CHANGES = f"""query($cursor: String) {{ changesSince(cursor: $cursor, limit: 5) {{
  sequence cursor more wallet {{ {PARTS["wallet"]} }}
  {" ".join(f"{name} {{ {PARTS[part]} }}" for name, part in LISTS.items())} }} }}"""

Thing = dict[str, Any]


class Follower:
    """One device of a player's: what it shows, and how often it was told each version of each thing.

    Sign the app in before; nobody else may use it.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.things: dict[tuple[str, str], Thing] = {}
        self.shown: Counter[tuple[str, str, int]] = Counter()
        self.live = self.filled = 0
        """How many changes came by the socket, and how many by asking for them."""
        self.passed = asyncio.Event()
        """That all cuts are over."""
        self._sequence, self._cursor = 0, ""

    async def follow(self, cuts: Sequence[float], between: float, done: asyncio.Event) -> None:
        """Listen for some seconds before each cut, which lasts as long as it says; then until `done`."""
        await self._begin()
        for seconds in cuts:
            async with self._socket() as updates:
                await self._catch_up()
                await self._take(updates, between)
            await pass_time(seconds)
        self.passed.set()
        async with self._socket() as updates:
            await self._catch_up()
            while not done.is_set():
                await self._take(updates, 0.2)
        await self._catch_up()  # whatever was on its way to the socket is in the log

    async def _begin(self) -> None:
        answer = await self._ask()
        self._sequence, self._cursor = answer["sequence"], answer["cursor"]

    async def _catch_up(self) -> None:
        more = True
        while more:  # until the answer that is the last
            answer = await self._ask(self._cursor)
            self._show({"wallet": answer["wallet"]}, filled=True)
            for name, part in LISTS.items():
                for thing in answer[name]:
                    self._show({part: thing}, filled=True)
            self._sequence, self._cursor, more = answer["sequence"], answer["cursor"], answer["more"]

    async def _take(self, updates: "asyncio.Queue[Thing]", seconds: float) -> None:
        """Take what comes within some seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:  # until the time is over
            try:
                update = await asyncio.wait_for(updates.get(), left)
            except TimeoutError:
                return
            if update["sequence"] == self._sequence + 1:
                self._show(update, filled=False)
                self._sequence, self._cursor = update["sequence"], update["cursor"]
            elif update["sequence"] > self._sequence:
                await self._catch_up()  # it is in what is asked for, with what came before it

    def _show(self, update: Thing, *, filled: bool) -> None:
        for part in PARTS:
            if (thing := update.get(part)) is None:
                continue
            known = self.things.get((part, thing["id"]))
            if known is None or known["version"] < thing["version"]:
                self.things[part, thing["id"]] = thing
                self.shown[part, thing["id"], thing["version"]] += 1
                self.live, self.filled = self.live + (not filled), self.filled + filled

    async def _ask(self, cursor: str | None = None) -> Thing:
        """An answer with errors is none: ask again."""

        def asked() -> Thing:
            return eventually(lambda: self.app.ask(CHANGES, cursor=cursor), "what changed", AppError)

        return dict(await asyncio.to_thread(asked))

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator["asyncio.Queue[Thing]"]:
        """Subscribe; at the block's end the connection is gone."""
        url = urlsplit(self.app.url)
        auth = AppSyncJWTAuthentication(host=url.netloc, jwt=self.app.token)
        transport = Transport(f"ws://{url.netloc}{url.path}", auth)
        updates: asyncio.Queue[Thing] = asyncio.Queue()

        async def receive(session: Any) -> None:
            request = GraphQLRequest(UPDATES, variable_values={"me": self.app.user_id})
            async for answer in session.subscribe(request):
                updates.put_nowait(answer["onPlayerUpdate"])

        session = await Client(transport=transport).connect_async(reconnecting=False)
        receiving = asyncio.ensure_future(receive(session))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                started = asyncio.ensure_future(transport.started.wait())
                await asyncio.wait({receiving, started}, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                receiving.result()
            yield updates
        finally:
            if (websocket := transport.adapter.websocket) is not None:
                websocket.transport.abort()
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)  # it ends by the cut


async def pass_time(seconds: float) -> None:
    """Let time pass: how long a cut lasts is what is tried."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
