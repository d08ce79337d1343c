"""The fake of Africa's Talking, held to what the product's own client reads of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from starlette.applications import Starlette

from betsafi.sms import CarrierMisconfigured, CarrierUnavailable, Undeliverable
from localcloud.inbox.aggregator import API_KEY, STATUSES, Aggregator
from localcloud.inbox.mailbox import Mailbox
from tests.support.services import load
from tests.support.serving import serve
from tests.support.waiting import eventually

PHONE = "+254712345678"


class Fake:
    """The fake, what it took, and our client of it."""

    def __init__(self, url: str, mailbox: Mailbox, client: ModuleType) -> None:
        self.url, self.mailbox, self.client = url, mailbox, client

    def tell(self, **temper: Any) -> int:
        return requests.post(f"{self.url}/africastalking/_fake", json=temper, timeout=10).status_code


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    mailbox = Mailbox()
    with serve(Starlette(routes=Aggregator(mailbox, lambda: datetime.now(UTC)).routes())) as url:
        client = load(
            "notifications.carriers.africastalking", SMS_SENDER_ID="BETSAFI", AFRICASTALKING_URL=f"{url}/africastalking"
        )
        ours = client.credentials.__globals__["Credentials"]("local", API_KEY, "report-key")
        monkeypatch.setattr(client, "credentials", lambda: ours)
        yield Fake(url, mailbox, client)


def test_an_sms_is_in_the_inbox_under_the_id_that_our_client_reads(fake: Fake) -> None:
    carrier_id = fake.client.send(PHONE, "BETSAFI: Karibu & “more”")
    (message,) = fake.mailbox.newest_first(PHONE)
    assert (message.id, message.text, message.sender) == (carrier_id, "BETSAFI: Karibu & “more”", "BETSAFI")
    assert fake.client.send(PHONE, "again") != carrier_id


@pytest.mark.parametrize("code", sorted(STATUSES))
def test_our_client_knows_every_answer(fake: Fake, code: int) -> None:
    assert fake.tell(status_code=code) == 200
    if code < 400:
        assert fake.client.send(PHONE, "hello")
        return
    kinds = {401: CarrierMisconfigured, 402: CarrierMisconfigured, 405: CarrierMisconfigured, 407: CarrierUnavailable}
    wanted = kinds.get(code, CarrierUnavailable if code >= 500 else Undeliverable)
    with pytest.raises(wanted) as raised:
        fake.client.send(PHONE, "hello")
    assert type(raised.value) is wanted
    assert not fake.mailbox.newest_first()


def test_it_is_down_when_it_is_told_so(fake: Fake) -> None:
    fake.tell(down=True)
    with pytest.raises(CarrierUnavailable):
        fake.client.send(PHONE, "hello")
    assert fake.tell() == 200
    assert fake.client.send(PHONE, "hello")


def test_another_key_is_refused(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = fake.client.credentials()
    monkeypatch.setattr(fake.client, "credentials", lambda: type(ours)("local", "another", "report-key"))
    with pytest.raises(CarrierMisconfigured):
        fake.client.send(PHONE, "hello")


def test_a_temper_that_is_none_is_refused(fake: Fake) -> None:
    assert fake.tell(mood="bad") == 400
    assert fake.client.send(PHONE, "hello")


@pytest.mark.parametrize(("ended", "reason"), [("Success", None), ("Failed", ["UserIsInactive"])])
def test_how_a_message_ended_is_posted_as_a_form(fake: Fake, ended: str, reason: list[str] | None) -> None:
    reports: list[dict[str, list[str]]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reports.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        fake.tell(report_url=f"http://127.0.0.1:{server.server_port}/reports/africastalking/x", report=ended)
        carrier_id = fake.client.send(PHONE, "hello")
        eventually(lambda: bool(reports), "a report")
        server.shutdown()
    (report,) = reports
    assert (report["id"], report["status"], report.get("failureReason")) == ([carrier_id], [ended], reason)
