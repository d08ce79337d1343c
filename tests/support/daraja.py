"""A fake Daraja and a merchant that listens for its callbacks, and the fixtures that serve them."""

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localcloud.daraja import ManualClock, Settings, create_app
from tests.support.serving import serve
from tests.support.waiting import PATIENCE_SECONDS, wait_for


@dataclass
class Letter:
    """One callback as it arrived."""

    path: str
    headers: dict[str, str]
    raw: str
    json: Any


@dataclass
class Merchant:
    """Our side of the callbacks: records what comes, answers what ``answers`` says (status, body) by path.

    Each test has addresses of its own: what is still under way from an earlier one is not recorded.
    """

    base: str = ""
    test: int = 0
    letters: list[Letter] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.base}/t{self.test}"

    def begin(self) -> None:
        """Forget everything, and what is still to come."""
        self.test += 1
        self.letters.clear()
        self.answers.clear()

    def at(self, path: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.path == path]

    def app(self) -> Starlette:
        async def receive(request: Request) -> Response:
            raw = (await request.body()).decode()
            try:
                parsed = await request.json()
            except ValueError:
                parsed = None
            mine = f"/t{self.test}"
            path = request.url.path.removeprefix(mine)
            if request.url.path.startswith(mine + "/"):
                self.letters.append(Letter(path, dict(request.headers), raw, parsed))
            status, body = self.answers.get(path, (200, '{"ResultCode":0,"ResultDesc":"Accepted"}'))
            return Response(body, status, media_type="application/json")

        return Starlette(routes=[Route("/{path:path}", receive, methods=["POST"])])


@dataclass
class Daraja:
    """The fake, its clock, and a plain client for it."""

    url: str
    clock: ManualClock
    settings: Settings
    merchant: Merchant
    token: str = ""
    running: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def stop(self) -> None:
        self.running.close()

    def login(self) -> str:
        keys = (self.settings.consumer_key, self.settings.consumer_secret)
        answer = requests.get(
            f"{self.url}/oauth/v1/generate",
            params={"grant_type": "client_credentials"},
            auth=keys,
            timeout=PATIENCE_SECONDS,
        )
        self.token = answer.json()["access_token"]
        return self.token

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        if not self.token:
            self.login()
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return requests.post(
            self.url + path, json=body, headers=headers, timeout=options.pop("timeout", PATIENCE_SECONDS), **options
        )

    def control(self, path: str, body: Any = None, method: str | None = None) -> Any:
        verb = method or ("GET" if body is None else "POST")
        answer = requests.request(verb, f"{self.url}/_fake{path}", json=body, timeout=PATIENCE_SECONDS)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def script(self, match: dict[str, Any], script: dict[str, Any], times: int | None = None) -> None:
        self.control("/scripts", {"match": match, "script": script} | ({"times": times} if times else {}))

    def signature(self) -> dict[str, str]:
        stamp = (self.clock.now() + timedelta(hours=3)).strftime("%Y%m%d%H%M%S")
        plain = f"{self.settings.shortcode}{self.settings.passkey}{stamp}"
        return {"Timestamp": stamp, "Password": base64.b64encode(plain.encode()).decode()}

    def push_body(self, **changes: Any) -> dict[str, Any]:
        return {
            "BusinessShortCode": 174379,
            **self.signature(),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": "100",
            "PartyA": changes.get("PhoneNumber", "254712345678"),
            "PartyB": "174379",
            "PhoneNumber": "254712345678",
            "CallBackURL": f"{self.merchant.url}/cb/s/1",
            "AccountReference": "BET100",
            "TransactionDesc": "Deposit",
        } | changes

    def push(self, **changes: Any) -> requests.Response:
        return self.post("/mpesa/stkpush/v1/processrequest", self.push_body(**changes))

    def query(self, checkout_request_id: str) -> requests.Response:
        body = {"BusinessShortCode": "174379", **self.signature(), "CheckoutRequestID": checkout_request_id}
        return self.post("/mpesa/stkpushquery/v1/query", body)

    def b2c_body(self, **changes: Any) -> dict[str, Any]:
        return {
            "OriginatorConversationID": "7f0c8d2e-1111-4222-8333-444455556666",
            "InitiatorName": "testapi",
            "SecurityCredential": base64.b64encode(b"sealed").decode(),
            "CommandID": "BusinessPayment",
            "Amount": "500",
            "PartyA": "600000",
            "PartyB": "254712345678",
            "Remarks": "Withdrawal",
            "QueueTimeOutURL": f"{self.merchant.url}/cb/t/1",
            "ResultURL": f"{self.merchant.url}/cb/r/1",
            "Occassion": "w1",
        } | changes

    def b2c(self, **changes: Any) -> requests.Response:
        return self.post("/mpesa/b2c/v3/paymentrequest", self.b2c_body(**changes))

    def settled(self, path: str, count: int = 1) -> list[Letter]:
        """Wait until ``count`` callbacks arrived at ``path`` and the fake has recorded how each delivery went."""
        wait_for(lambda: len(self.merchant.at(path)) >= count, f"{count} callbacks at {path}")
        wait_for(lambda: not self.control("/deliveries?state=posting")["deliveries"], "end of the deliveries")
        return self.merchant.at(path)


@pytest.fixture(scope="session")
def merchant_server() -> Iterator[Merchant]:
    someone = Merchant()
    with serve(someone.app()) as url:
        someone.base = url
        yield someone


@pytest.fixture
def merchant(merchant_server: Merchant) -> Merchant:
    merchant_server.begin()
    return merchant_server


@pytest.fixture(scope="session")
def daraja_server(merchant_server: Merchant) -> Iterator[Daraja]:
    clock, settings = ManualClock(), Settings()
    with serve(create_app(settings, clock=clock)) as url:
        yield Daraja(url, clock, settings, merchant_server)


@pytest.fixture
def daraja(daraja_server: Daraja, merchant: Merchant) -> Daraja:
    """The fake with default settings, forgetful between tests; its clock stands still until moved."""
    daraja_server.control("/reset", {})
    daraja_server.token = ""
    return daraja_server
