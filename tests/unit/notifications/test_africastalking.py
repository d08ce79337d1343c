"""Africa's Talking as it documents itself: what each of its answers means, and that none lets a number out."""

import json
import traceback
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from requests.adapters import HTTPAdapter

from betsafi.sms import CarrierMisconfigured, CarrierUnavailable, Undeliverable
from tests.support.services import load
from tests.unit.notifications.house import refusal

PHONE = "+254712345678"
SECRET = {"username": "betsafi", "apiKey": "key-of-ours", "reportKey": "report-key"}


class Carrier:
    """Africa's Talking and Secrets Manager, as a test says what they answer."""

    def __init__(self) -> None:
        self.requests: list[requests.PreparedRequest] = []
        self.status, self.body = 201, self.recipient(101, "Success")
        self.error: Exception | None = None
        self.secret: Any = json.dumps(SECRET)
        self.asked = 0

    @staticmethod
    def recipient(code: int, status: str, message_id: str = "ATXid_1") -> str:
        one = {"statusCode": code, "number": PHONE, "status": status, "cost": "KES 0.8000", "messageId": message_id}
        return json.dumps({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [one]}})

    def send(self, adapter: HTTPAdapter, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self.requests.append(request)
        if self.error:
            raise self.error
        answer = requests.Response()
        answer.status_code, answer._content = self.status, self.body.encode()
        return answer

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.secret, Exception):
            raise self.secret
        return {"SecretString": self.secret}


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Carrier:
    carrier = Carrier()
    monkeypatch.setattr(HTTPAdapter, "send", lambda *given, **options: carrier.send(*given, **options))
    return carrier


@pytest.fixture
def ours(carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load(
        "notifications.carriers.africastalking",
        SMS_SENDER_ID="BETSAFI",
        AFRICASTALKING_URL="http://carrier",
        CARRIER_SECRET_ID="secret",
    )
    monkeypatch.setitem(module.credentials.__globals__, "client", lambda service: carrier)
    return module


def test_an_sms_is_a_form_with_the_account_s_key(ours: ModuleType, carrier: Carrier) -> None:
    assert ours.send(PHONE, "BETSAFI: Karibu & more") == "ATXid_1"
    (request,) = carrier.requests
    assert request.url == "http://carrier/version1/messaging"
    assert (request.headers["apiKey"], request.headers["Accept"]) == ("key-of-ours", "application/json")
    assert parse_qs(str(request.body)) == {
        "username": ["betsafi"],
        "to": [PHONE],
        "message": ["BETSAFI: Karibu & more"],
        "bulkSMSMode": ["1"],
        "from": ["BETSAFI"],
    }


def test_the_secret_is_read_once_for_some_minutes(ours: ModuleType, carrier: Carrier) -> None:
    for _ in range(3):
        ours.send(PHONE, "hello")
    assert carrier.asked == 1


@pytest.mark.parametrize("code", [100, 101, 102])
def test_what_it_takes_is_taken(ours: ModuleType, carrier: Carrier, code: int) -> None:
    carrier.body = carrier.recipient(code, "Sent", "None" if code == 102 else "ATXid_9")
    assert ours.send(PHONE, "hello") == ("" if code == 102 else "ATXid_9")


@pytest.mark.parametrize("code", [403, 404, 406, 409])
def test_a_number_that_it_refuses_is_final(ours: ModuleType, carrier: Carrier, code: int) -> None:
    carrier.body = carrier.recipient(code, "InvalidPhoneNumber", "None")
    with pytest.raises(Undeliverable, match=f"^{code}$"):
        ours.send(PHONE, "hello")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, Carrier.recipient(402, "InvalidSenderId")),
        (201, Carrier.recipient(405, "InsufficientBalance")),
        (201, json.dumps({"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}})),
        (401, "The supplied authentication is invalid"),
    ],
)
def test_a_refusal_of_us_is_reported(
    ours: ModuleType, carrier: Carrier, status: int, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    carrier.status, carrier.body = status, body
    with pytest.raises(CarrierMisconfigured):
        ours.send(PHONE, "hello")
    assert '"ConfigurationRefused"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, Carrier.recipient(407, "CouldNotRoute")),
        (201, Carrier.recipient(500, "InternalServerError")),
        (201, Carrier.recipient(999, "SomethingNew")),
        (201, "<html>"),
        (201, "[]"),
        (201, "{}"),
        (200, json.dumps({"SMSMessageData": {"Recipients": [{}]}})),
        (500, "down"),
        (429, "slow down"),
    ],
)
def test_everything_else_is_tried_again(ours: ModuleType, carrier: Carrier, status: int, body: str) -> None:
    carrier.status, carrier.body = status, body
    with pytest.raises(CarrierUnavailable) as raised:
        ours.send(PHONE, "hello")
    assert not isinstance(raised.value, CarrierMisconfigured)
    assert PHONE not in "".join(traceback.format_exception(raised.value))


def test_no_answer_is_tried_again_and_shows_nobody_s_number(ours: ModuleType, carrier: Carrier) -> None:
    carrier.error = requests.ConnectTimeout(f"to {PHONE}")
    with pytest.raises(CarrierUnavailable) as raised:
        ours.send(PHONE, "hello")
    assert PHONE not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    "secret", ["", "[]", "{}", json.dumps({**SECRET, "apiKey": ""}), json.dumps({**SECRET, "username": "<username>"})]
)
def test_a_secret_that_nobody_filled_in_is_ours_to_mend(ours: ModuleType, carrier: Carrier, secret: str) -> None:
    carrier.secret = secret
    with pytest.raises(CarrierMisconfigured):
        ours.send(PHONE, "hello")
    assert not carrier.requests


@pytest.mark.parametrize(("code", "ours_to_mend"), [("AccessDeniedException", True), ("InternalServiceError", False)])
def test_a_secret_that_cannot_be_read(ours: ModuleType, carrier: Carrier, code: str, ours_to_mend: bool) -> None:
    carrier.secret = refusal(code, "GetSecretValue")
    with pytest.raises(CarrierUnavailable) as raised:
        ours.send(PHONE, "hello")
    assert isinstance(raised.value, CarrierMisconfigured) is ours_to_mend
