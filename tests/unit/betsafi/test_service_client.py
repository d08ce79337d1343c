"""Calls to another service: a refusal is told, a lost answer is asked for again, a silence is said to be one."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from betsafi import aws, clock
from betsafi.errors import Misconfigured, Unavailable
from betsafi.service_client import Refused, ServiceClient
from betsafi.telemetry import begin


class Wallet(HTTPServer):
    """Answers from a script, and remembers what it was asked."""

    script: list[tuple[int, bytes]]
    asked: list[tuple[str, bytes, dict[str, str]]]


class _Handler(BaseHTTPRequestHandler):
    server: Wallet

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, body, dict(self.headers)))
        status, content = self.server.script.pop(0)
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def wallet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wallet]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "eu-west-1")
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda *_, **__: None)
    aws.session.cache_clear()
    server = Wallet(("127.0.0.1", 0), _Handler)
    server.script, server.asked = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    aws.session.cache_clear()


def call(wallet: Wallet) -> Any:
    return ServiceClient(f"http://127.0.0.1:{wallet.server_port}/dev").call("POST", "/holds", {"holdId": "h1"})


def test_an_answer_is_json_and_the_request_is_signed_and_traced(wallet: Wallet) -> None:
    begin("request-1")
    wallet.script = [(200, b'{"status": "HELD"}')]
    assert call(wallet) == {"status": "HELD"}
    path, body, headers = wallet.asked[0]
    assert (path, json.loads(body)) == ("/dev/holds", {"holdId": "h1"})
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256")
    assert headers["X-Correlation-Id"] == "request-1"


def test_a_lost_answer_and_an_outage_are_asked_again_with_the_same_body(wallet: Wallet) -> None:
    wallet.script = [(0, b""), (502, b"<html>"), (200, b"{}")]
    assert call(wallet) == {}
    assert len({body for _, body, _ in wallet.asked}) == 1


def test_a_refusal_keeps_its_code_and_is_not_asked_again(wallet: Wallet) -> None:
    wallet.script = [(409, b'{"error": "INSUFFICIENT_FUNDS", "message": "Too low.", "info": {"a": 1}}')]
    with pytest.raises(Refused) as refusal:
        call(wallet)
    assert (refusal.value.code, refusal.value.status, refusal.value.info) == ("INSUFFICIENT_FUNDS", 409, {"a": 1})


@pytest.mark.parametrize("script", [[(500, b"")] * 3, [(0, b"")] * 3, [(403, b"<html>no</html>")]])
def test_silence_and_nonsense_are_unavailable_never_a_refusal(wallet: Wallet, script: list[tuple[int, bytes]]) -> None:
    wallet.script = script
    with pytest.raises(Unavailable):
        call(wallet)


def test_a_service_that_nobody_reaches_is_unavailable(wallet: Wallet) -> None:
    wallet.server_close()
    with pytest.raises(Unavailable):
        call(wallet)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_api_gateway_s_refusal_of_us_is_configuration_counted_and_not_asked_again(
    wallet: Wallet, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    wallet.script = [(status, b'{"message": "User is not authorized to access this resource"}')]
    with pytest.raises(Misconfigured):
        call(wallet)
    assert '"ConfigurationRefused"' in capsys.readouterr().out


@pytest.mark.parametrize("answer", [(503, b""), (400, b"<html>no</html>")])
def test_an_outage_is_not_configuration(wallet: Wallet, answer: tuple[int, bytes]) -> None:
    wallet.script = [answer] * 3
    with pytest.raises(Unavailable) as raised:
        call(wallet)
    assert raised.value.code == "UNAVAILABLE"
