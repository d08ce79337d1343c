"""Which refusals of SNS are final, and that none lets a number out."""

import traceback
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from betsafi import aws
from betsafi.sms import CarrierMisconfigured, CarrierUnavailable, Undeliverable
from tests.support.services import load

PHONE = "+254712345678"


class Carrier:
    """A client of SNS that records requests, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.requests: list[dict[str, Any]] = []

    def publish(self, **request: Any) -> None:
        self.requests.append(request)
        if self.error:
            raise self.error


def refusal(code: str) -> ClientError:
    text = f"Invalid parameter: {PHONE} is not on our list"
    return ClientError({"Error": {"Code": code, "Message": text}}, "Publish")


@pytest.fixture
def carriers() -> ModuleType:
    return load("notifications.carriers.sns_sms", SMS_SENDER_ID="BETSAFI")


@pytest.fixture
def use(carriers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def put(carrier: Carrier) -> Carrier:
        monkeypatch.setattr(aws, "session", lambda: SimpleNamespace(create_client=lambda name, **_: carrier))
        return carrier

    return put


def test_an_sms_is_transactional_and_says_who_sends_it(carriers: ModuleType, use: Any) -> None:
    carrier = use(Carrier())
    carriers.send(PHONE, "BETSAFI: hello")
    assert carrier.requests == [
        {
            "PhoneNumber": PHONE,
            "Message": "BETSAFI: hello",
            "MessageAttributes": {
                "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
                "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "BETSAFI"},
            },
        }
    ]


@pytest.mark.parametrize("code", ["OptedOut", "InvalidParameter", "ParameterValueInvalid"])
def test_a_number_that_the_carrier_refuses_is_final(carriers: ModuleType, use: Any, code: str) -> None:
    use(Carrier(refusal(code)))
    with pytest.raises(Undeliverable, match=f"^{code}$"):
        carriers.send(PHONE, "hello")


@pytest.mark.parametrize(
    "error",
    [
        refusal("Throttling"),
        refusal("InternalError"),
        refusal("AuthorizationError"),
        refusal("KMSDisabled"),
        EndpointConnectionError(endpoint_url=f"http://127.0.0.1/{PHONE}"),
    ],
)
def test_everything_else_is_tried_again_and_shows_nobody_s_number(
    carriers: ModuleType, use: Any, error: Exception
) -> None:
    use(Carrier(error))
    with pytest.raises(CarrierUnavailable) as raised:
        carriers.send(PHONE, "hello")
    assert PHONE not in "".join(traceback.format_exception(raised.value))


NOT_VERIFIED = ClientError({"Error": {"Code": "UserError", "Message": "The phone number is not verified."}}, "Publish")
SANDBOX = ClientError({"Error": {"Code": "InvalidParameter", "Message": "Not in your SMS Sandbox"}}, "Publish")


@pytest.mark.parametrize(
    ("error", "is_ours"),
    [
        (refusal("AccessDenied"), True),
        (refusal("AuthorizationError"), True),
        (refusal("KMSDisabled"), True),
        (NOT_VERIFIED, True),
        (SANDBOX, True),
        (refusal("Throttling"), False),
        (refusal("InternalError"), False),
    ],
)
def test_a_carrier_that_refuses_us_is_told_from_an_outage_and_from_a_recipient(
    carriers: ModuleType, use: Any, error: Exception, is_ours: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    use(Carrier(error))
    with pytest.raises(CarrierUnavailable) as raised:
        carriers.send(PHONE, "hello")
    assert isinstance(raised.value, CarrierMisconfigured) is is_ours
    assert ('"ConfigurationRefused"' in capsys.readouterr().out) is is_ours


def test_sms_go_to_the_laptop_s_inbox_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    carrier, asked = Carrier(), []
    local = load("notifications.carriers.sns_sms", SMS_ENDPOINT_URL="http://127.0.0.1:9")

    def create_client(name: str, *, endpoint_url: str, config: object) -> Carrier:
        asked.append((name, endpoint_url))
        return carrier

    monkeypatch.setattr(aws, "session", lambda: SimpleNamespace(create_client=create_client))
    local.send(PHONE, "hello")
    assert (asked, len(carrier.requests)) == ([("sns", "http://127.0.0.1:9")], 1)
