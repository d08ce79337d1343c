"""Web apps made with the clients of docs/app.md, bundled as web apps are, in a real browser, over wss with the local
certificate: sign-up, sign-in, devices, queries, subscriptions and cuts."""

import asyncio
import json
import secrets
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport
from playwright.sync_api import Browser, Error, Page, WebSocket

from betsafi.money import format_amount
from localcloud.cloud.running import Cloud, parameter, post_json
from localcloud.demo.app import App
from localcloud.demo.seed import new_app, settle, wait_for_code
from localcloud.journey.asking import (
    DEPOSIT,
    ODDS,
    ON_UPDATE,
    PLACE_BET,
    SET_ODDS,
    money,
    new_phone,
    odds_input,
    results_input,
)
from tests.browser import conftest as browsers
from tests.e2e import web
from tests.e2e.bettor import Bettor
from tests.e2e.conftest import balance, forget_changes, funded, new_market
from tests.e2e.test_identity import another_code
from tests.support import guide
from tests.support.following import PARTS
from tests.support.taxes import credited
from tests.support.waiting import PATIENCE_SECONDS, eventually

PASSWORD = "Betsafi-2026"


Open = Callable[[str], "Web"]


class Web:
    """A page of the app in a browser of its own: another one is another device."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.sockets: list[WebSocket] = []
        page.on("websocket", lambda socket: self.sockets.append(socket))

    def do(self, name: str, *given: Any) -> Any:
        """Call one of the page's functions. Raises playwright's Error with Cognito's answer."""
        return self._page.evaluate(f"(given) => player.{name}(...given)", list(given))

    def all_closed(self) -> bool:
        """Return whether every socket that the page ever opened is closed by now."""
        self._page.evaluate("0")  # what happened until now is heard
        return all(socket.is_closed() for socket in self.sockets)

    def answer(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return what aws-amplify was answered: the root field's value as `data`, or the type of the `error`."""
        (answered,) = self.do("answers", [[document, variables]])
        return answered if "error" in answered else {"data": next(iter(answered["data"].values()))}

    def listen(self, name: str, document: str, variables: dict[str, Any]) -> None:
        """Subscribe with aws-amplify under a name; return once it stands or was refused."""
        self.do("listen", ["amplify"], document, variables, name)
        eventually(lambda: (told := self.do("heard", name))["stood"] or told["errors"], f"{name} to stand")

    def heard(self, name: str) -> list[Any]:
        """Return what a subscription delivered, by its root field."""
        return [next(iter(data.values())) for data in self.do("heard", name)["data"]]

    def refusal(self, name: str) -> str:
        """Return why a subscription was refused; empty while it was not."""
        return " ".join(self.do("heard", name)["errors"])

    def offline(self, now: bool) -> None:
        """Let the browser reach nothing, or everything again."""
        self._page.context.set_offline(now)


@pytest.fixture
def opened(cloud: Cloud, app: str, chromium: Browser) -> Iterator[Open]:
    """Open the app on a device of this name."""
    contexts = []

    def open_(name: str) -> Web:
        contexts.append(chromium.new_context(ignore_https_errors=True))  # the certificate of this cloud
        page = contexts[-1].new_page()
        page.set_default_timeout(browsers.PATIENCE_MS)
        opened = Web(page)
        page.goto(app)
        page.wait_for_function("globalThis.player !== undefined")
        device = {"deviceId": secrets.token_urlsafe(16), "deviceName": name}
        opened.do("configure", {**web.configuration(cloud.addresses), **device})
        return opened

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


def test_a_bettor_asks_and_hears_everything_with_aws_amplify(cloud: Cloud, trader: App, opened: Open) -> None:
    phone, page = new_phone(), opened("A phone")
    page.do("join", phone)
    page.do("signIn", phone)
    page.do("answer", wait_for_code(cloud, phone), {"birthdate": "1990-06-15"})
    bettor = Bettor(cloud, trader, page, phone, PASSWORD)
    assert bettor.ask("setPassword", password=PASSWORD)
    page.do("signOut")
    assert page.do("signInByPassword", phone, PASSWORD)["signInStep"] == "DONE"
    bettor.everything()
    page.do("signOut")
    assert page.answer("query { me { id } }", {}) == {"error": "Unauthorized"}


def pay_in(cloud: Cloud, page: Web, phone: str) -> None:
    """Deposit KES 100, which M-Pesa's customer confirms."""
    rule = {"match": {"kind": "stk", "phone": phone.lstrip("+")}, "times": 1}
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", {**rule, "script": {"outcome": "approve", "delay_s": 0.1}})
    page.do("ask", DEPOSIT, {"id": "first-deposit", "amount": money("100")})


CLIENTS = ("amplify", "apollo", "urql")
ON_MARKET = """subscription($fixture: ID!) {
  onMarketUpdated(fixtureId: $fixture) { id version selections { id key odds } } }"""
MARKET = "query($id: ID!) { fixture(id: $id) { id markets { id version selections { id key odds } } } }"


def odds(*told: Any) -> list[tuple[int, str]]:
    """Return (version, odds of the home side) of markets."""
    home = [next(pick["odds"] for pick in market["selections"] if pick["key"] == "1") for market in told]
    return [(market["version"], price) for market, price in zip(told, home, strict=True)]


def reprice(trader: App, market: str, price: str) -> int:
    """Give the home side another price; return the market's version then."""
    given = odds_input({**dict.fromkeys(ODDS, "2.80"), "1": price})
    return int(trader.ask(SET_ODDS, market=market, odds=given)["version"])


def test_each_client_of_the_guide_looks_subscribes_is_cut_off_and_goes_on(
    cloud: Cloud, trader: App, opened: Open
) -> None:
    market, phone, page = new_market(trader, "guide-e2e"), new_phone(), opened("A phone")

    def heard(client: str, wanted: Callable[[Any], bool], what: str) -> Any:
        eventually(lambda: wanted(page.do("heard", client)), f"{what} at {client}")
        return page.do("heard", client)

    def all_hear(price: str, stood: int) -> None:
        """Once every client stands for the so many-th time, change the price: each is told, and shows it."""
        before = {c: len(heard(c, lambda told: told["stood"] >= stood, "a subscription")["data"]) for c in CLIENTS}
        version = reprice(trader, market, price)
        for client, count in before.items():
            told = heard(client, lambda told, count=count: len(told["data"]) > count, "a price")  # type: ignore[misc]
            shown = page.do("ask", MARKET, {"id": "guide-e2e"}, client)["fixture"]["markets"]
            assert odds(told["data"][-1]["onMarketUpdated"]) == odds(*shown) == [(version, price)], client
            assert told["errors"] == []

    def all_show(available: str, stood: int) -> None:
        """Every client that follows has caught up so many times, shows this balance, and showed no version twice."""
        for client in CLIENTS:

            def shows(client: str = client) -> bool:
                told = page.do("followed", client)
                shown = [thing["available"]["amount"] for part, thing in told["things"] if part == "wallet"]
                return told["stood"] >= stood and shown == [available]

            eventually(shows, f"{available} at {client}")
            told = page.do("followed", client)
            assert len(told["times"]) == len({tuple(each) for each in told["times"]}), client
            assert (told["errors"], told["loaded"]) == ([], 1), "nothing was loaded again"

    assert all(page.do("ask", "query { sports { id } }", {}, client)["sports"] for client in CLIENTS)  # by the key
    for _ in range(2):  # a number that has an account already is no error
        page.do("join", phone)
    page.do("signIn", phone)
    page.do("answer", wait_for_code(cloud, phone), {"birthdate": "1990-06-15"})
    for client in CLIENTS:
        assert page.do("ask", "query { me { phoneNumber } }", {}, client)["me"]["phoneNumber"] == phone
    page.do("listen", CLIENTS, ON_MARKET, {"fixture": "guide-e2e"})
    all_hear("2.90", stood=1)
    page.do("follow", CLIENTS, page.do("claims")["sub"], PARTS)
    all_show("0.00", stood=1)
    assert page.do("cut") == 2  # Amplify's, and the one of Apollo and urql
    pay_in(cloud, page, phone)  # while nobody listens
    all_hear("2.95", stood=2)
    all_show(format_amount(credited(100_00)), stood=2)
    document = "subscription($id: ID!) { onPlayerUpdate(userId: $id) { userId } }"
    for client in reversed(CLIENTS):  # Amplify last: a refusal closes the socket that it shares
        page.do("listen", [client], document, {"id": "somebody-else"})
        told = heard(client, lambda told: bool(told["errors"]), "a refusal")
        assert "Not Authorized to access onPlayerUpdate" in told["errors"][0]


def test_who_signs_out_hears_nothing_more_by_any_client_of_the_guide(cloud: Cloud, trader: App, opened: Open) -> None:
    fixture, phone, page = f"leaving-{secrets.token_hex(4)}", new_phone(), opened("A phone")
    market = new_market(trader, fixture)
    page.do("join", phone)
    page.do("signIn", phone)
    page.do("answer", wait_for_code(cloud, phone), {"birthdate": "1990-06-15"})
    pay_in(cloud, page, phone)
    player = new_app(cloud, phone)  # with a copy of the token, which stays good
    player.user_id = page.do("claims")["sub"]
    player._come_with({"Authorization": page.do("token")})
    player.token = page.do("token")
    player.accept_terms()
    document = "subscription($me: ID!) { onPlayerUpdate(userId: $me) { userId bet { id status } } }"
    for client in CLIENTS:
        page.do("listen", [client], ON_MARKET, {"fixture": fixture}, f"{client}'s prices")
        page.do("listen", [client], document, {"me": player.user_id}, f"{client}'s bets")
    page.do("follow", CLIENTS, player.user_id, PARTS)
    names = [f"{client}'s {what}" for client in CLIENTS for what in ("prices", "bets")]
    for name in names:
        eventually(lambda name=name: page.do("heard", name)["stood"], f"{name} to stand")
    for client in CLIENTS:
        eventually(lambda client=client: page.do("followed", client)["stood"], f"{client} to follow")
    assert len(page.sockets) == 2  # Amplify's, and the one of Apollo and urql

    def shown() -> Any:
        return [page.do("heard", name) for name in names], [page.do("followed", client) for client in CLIENTS]

    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "3.00"}
    slip = {"clientRequestId": "leaving-bet", "stake": money("20"), "selections": [pick]}
    with player.listen(ON_UPDATE, me=player.user_id) as bets, trader.listen(ON_MARKET, fixture=fixture) as prices:
        player.ask(PLACE_BET, input=slip)
        page.do("signOutWhile", ON_MARKET, {"fixture": fixture})
        eventually(page.all_closed, "an end of every socket")
        before = shown()
        settle(cloud, market, results_input("1"))
        bets.wait_for(lambda update: update["bet"] and update["bet"]["status"] == "SETTLED", "the settled bet")
        prices.wait_for(lambda update: update["id"] == market, "the settled market")
    assert shown() == before
    assert [page.do("heard", client) for client in CLIENTS] == [{"data": [], "errors": [], "stood": 0}] * len(CLIENTS)
    assert page.all_closed()
    assert len(page.sockets) == 2
    assert page.do("ask", "query { sports { id } }")["sports"]  # by the key again


def test_each_client_of_the_guide_loads_everything_once_where_more_was_missed_than_is_kept(
    cloud: Cloud, trader: App, opened: Open
) -> None:
    player, market, page = funded(cloud), new_market(trader, "guide-expired"), opened("A phone")
    page.do("configure", web.configuration(cloud.addresses))  # a device of which nothing is known is as good as any
    page.do("signInByPassword", player.phone, player.password)
    page.do("follow", CLIENTS, player.user_id, PARTS)

    def all_show(loaded: int, stood: int) -> None:
        """Every client has caught up so many times and loaded everything so often, and shows the balance of now."""
        now = balance(player)
        for client in CLIENTS:

            def shows(client: str = client) -> bool:
                told = page.do("followed", client)
                wallets = [thing for part, thing in told["things"] if part == "wallet"]
                shown = [(thing["available"]["amount"], thing["held"]["amount"]) for thing in wallets]
                return told["stood"] >= stood and shown == [now]

            eventually(shows, f"{now} at {client}")
            told = page.do("followed", client)
            assert (told["loaded"], told["errors"]) == (loaded, []), client

    all_show(loaded=1, stood=1)
    page.offline(True)
    page.do("cut")
    missed = bet_of(player, market, "guide-missed")
    forget_changes(cloud, player.user_id)
    page.offline(False)
    all_show(loaded=2, stood=2)
    next_one = bet_of(player, market, "guide-next")
    all_show(loaded=2, stood=2)  # it goes on from the cursor of the refusal
    for client in CLIENTS:
        bets = {thing["id"] for part, thing in page.do("followed", client)["things"] if part == "bet"}
        assert bets == {missed, next_one}, client


def test_an_older_version_never_takes_a_newer_one_s_place(opened: Open) -> None:
    page = opened("A phone")
    settled, accepted, open_again = (
        {"id": "b", "version": version, "status": status}
        for version, status in ((3, "SETTLED"), (2, "ACCEPTED"), (4, "OPEN"))
    )
    other = {**accepted, "id": "c"}
    for told, then in ((settled, settled), (accepted, settled), (other, other), ([{"bet": open_again}],) * 2):
        assert page.do("newest", told) == then


def test_the_guide_s_python_client_looks_and_listens(cloud: Cloud, trader: App, player: App) -> None:
    client: dict[str, Any] = {}
    exec(compile(guide.files()["client.py"], "docs/app.md", "exec"), client)
    market, graphql = new_market(trader, "guide-gql"), cloud.addresses.secure
    authority = str(cloud.tls.authority)
    key = {"x-api-key": parameter(cloud.addresses, "frontend-api/lobby/key")}
    assert client["ask"](graphql, key, authority, "query { sports { id } }")["sports"]
    signed = {"Authorization": player.token}
    told = client["ask"](graphql, signed, authority, MARKET, id="guide-gql")["fixture"]["markets"]
    assert odds(*told) == [(1, "3.00")]

    async def first() -> Any:
        pushed = client["listen"](graphql, player.token, authority, ON_MARKET, fixture="guide-gql")
        event = await asyncio.wait_for(anext(pushed), PATIENCE_SECONDS)
        await pushed.aclose()
        return event["onMarketUpdated"]

    given = {1: "3.00"}
    with ThreadPoolExecutor(1) as elsewhere:  # this thread has Playwright's loop
        arriving = elsewhere.submit(asyncio.run, first())

        def heard() -> bool:
            price = f"2.{50 + len(given) % 50}"
            given[reprice(trader, market, price)] = price
            return arriving.done()

        eventually(heard, "a price, of those that change because gql does not say when it stands")
        ((version, price),) = odds(arriving.result())
    assert price == given[version]


def test_the_guide_s_python_client_follows_a_player_across_a_cut(cloud: Cloud, trader: App) -> None:
    market = new_market(trader, "guide-follow")
    with Following(cloud) as following:
        first = bet_of(following.player, market, "guide-one")
        following.shows(first)
        following.cut()
        missed = bet_of(following.player, market, "guide-missed")
        following.begin()
        following.shows(missed, bet_of(following.player, market, "guide-two"))
    times = [(part, thing["id"], thing["version"]) for part, thing in following.shown]
    assert len(times) == len(set(times)), "no version twice"
    assert following.loaded == 1


def test_the_guide_s_python_client_hears_nothing_more_once_its_player_left(cloud: Cloud, trader: App) -> None:
    market = new_market(trader, "guide-left")
    with Following(cloud) as following:
        following.shows(bet_of(following.player, market, "guide-left"))
        following.leave()
        shown = len(following.shown)
        assert [socket.adapter.websocket for socket in following.sockets] == [None]
        with pytest.raises(ClientError, match="NotAuthorizedException"):
            following.player.refresh()
        with following.player.listen(ON_UPDATE, me=following.player.user_id) as feed:
            settle(cloud, market, results_input("1"))
            feed.wait_for(lambda update: update["bet"] and update["bet"]["status"] == "SETTLED", "a settled bet")
        assert len(following.shown) == shown, "nothing more is shown to who has left"


def test_the_guide_s_python_client_loads_everything_where_more_was_missed_than_is_kept(
    cloud: Cloud, trader: App
) -> None:
    market = new_market(trader, "guide-forgotten")
    with Following(cloud) as following:
        following.cut()
        missed = bet_of(following.player, market, "guide-missed")
        forget_changes(cloud, following.player.user_id)
        following.begin()
        eventually(lambda: following.loaded == 2, "everything loaded again")
        following.shows(bet_of(following.player, market, "guide-next"))
    assert following.loaded == 2
    assert missed not in {thing["id"] for _, thing in following.shown}, "it is in what was loaded"


@pytest.mark.parametrize("held", ["stands up", "loads", "fails"])
def test_the_guide_s_python_client_ends_its_socket_whatever_it_did_when_it_was_cut(cloud: Cloud, held: str) -> None:
    with Following(cloud, held) as following:
        eventually(following.holds.is_set, f"a client that {held}, with an open socket")
        following.cut()
        assert [socket.adapter.websocket for socket in following.sockets] == [None]


class Following:
    """The guide's Python client follows a new player, in a thread, for this one has Playwright's loop.

    `held`: what it never gets done, "stands up" (the gateway's acknowledgement is not heard), "loads" or "fails" (to
    load); `holds` is set once it is at that and its socket is open.
    """

    def __init__(self, cloud: Cloud, held: str = "") -> None:
        self.player = funded(cloud)
        self.holds, self._let_go, self._held = threading.Event(), threading.Event(), held
        self.shown: list[tuple[str, dict[str, Any]]] = []
        self.loaded = 0
        client: dict[str, Any] = {}
        exec(compile(guide.files()["client.py"], "docs/app.md", "exec"), client)
        self.sockets: list[AppSyncWebsocketsTransport] = []
        following = self

        class Noted(AppSyncWebsocketsTransport):
            def __init__(self, *given: Any, **more: Any) -> None:
                super().__init__(*given, **more)
                following.sockets.append(self)

            async def _wait_ack(self) -> None:
                if held == "stands up":
                    following.holds.set()
                    await asyncio.Event().wait()
                await super()._wait_ack()

        client["AppSyncWebsocketsTransport"] = Noted
        self._follow, self._leave = client["follow"], client["leave"]
        self._place: dict[str, Any] = {}
        self._given = (cloud.addresses.secure, self.player.token, str(cloud.tls.authority), self.player.user_id, PARTS)
        self._elsewhere = ThreadPoolExecutor(1)
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> "Following":
        self._elsewhere.submit(self._loop.run_forever)
        self.begin()
        eventually(lambda: self.loaded, "a place")
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go.set()
        try:
            self.cut()
        finally:  # a loop that runs on would keep the whole run of the tests from ending
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._elsewhere.shutdown()
            self._loop.close()

    def begin(self) -> None:
        """Follow, with the place of before."""

        async def begun() -> "asyncio.Task[None]":
            follow = self._follow(*self._given, self._place, lambda *told: self.shown.append(told), self._load)
            return asyncio.create_task(follow)

        self._following = self._in_its_loop(begun())

    def cut(self) -> None:
        """End the connection."""
        self._loop.call_soon_threadsafe(self._following.cancel)
        eventually(lambda: len(asyncio.all_tasks(self._loop)) == 0, "an end of what listened")

    def leave(self) -> None:
        """Sign out by the guide."""
        player = self.player
        self._in_its_loop(self._leave(player.cognito, player.client_id, player.refresh_token, self._following))

    def _in_its_loop(self, running: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(running, self._loop).result(PATIENCE_SECONDS)

    def shows(self, *bets: str) -> None:
        """Wait until these bets are shown, while it follows."""

        def shown() -> bool:
            assert not self._following.done(), self._following.result()
            return {*bets} <= {thing["id"] for part, thing in self.shown if part == "bet"}

        eventually(shown, f"{bets}")

    def _load(self) -> None:
        self.loaded += 1
        if self._held in ("loads", "fails"):
            eventually(lambda: any(socket.adapter.websocket for socket in self.sockets), "an open socket")
            self.holds.set()
            if self._held == "fails":
                raise ConnectionError("what is on the screen cannot be fetched")
            self._let_go.wait(PATIENCE_SECONDS)


def bet_of(player: App, market: str, name: str) -> str:
    """Place a bet; return its id once an update has told of it."""
    begin = player.ask("query { changesSince { cursor } }")["cursor"]
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "3.00"}
    bet = player.ask(PLACE_BET, input={"clientRequestId": name, "stake": money("20"), "selections": [pick]})["id"]
    since = "query($cursor: String) { changesSince(cursor: $cursor) { bets { id } } }"
    eventually(lambda: {"id": bet} in player.ask(since, cursor=begin)["bets"], "an update of a bet")
    return str(bet)
