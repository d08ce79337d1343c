"""Which refusals of SNS and SES are final, and that neither lets a number or an address out."""

import traceback
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.support.services import load

PHONE = "+254712345678"
ADDRESS = "wanjiku@mail.example"


class Carrier:
    """A client of SNS and of SES that records requests, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.requests: list[dict[str, Any]] = []

    def publish(self, **request: Any) -> None:
        self.requests.append(request)
        if self.error:
            raise self.error

    send_email = publish


def refusal(code: str) -> ClientError:
    text = f"Invalid parameter: {PHONE} or {ADDRESS} is not on our list"
    return ClientError({"Error": {"Code": code, "Message": text}}, "Publish")


@pytest.fixture
def carriers() -> ModuleType:
    return load("notifications.carriers", EMAIL_FROM="BETSAFI <no-reply@betsafi.example>", SMS_SENDER_ID="BETSAFI")


@pytest.fixture
def use(carriers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def put(carrier: Carrier) -> Carrier:
        monkeypatch.setattr(carriers.aws, "session", lambda: SimpleNamespace(create_client=lambda name, **_: carrier))
        monkeypatch.setattr(carriers.aws, "client", lambda service: carrier)
        return carrier

    return put


def test_an_sms_is_transactional_and_says_who_sends_it(carriers: ModuleType, use: Any) -> None:
    carrier = use(Carrier())
    carriers.send_sms(PHONE, "BETSAFI: hello")
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


def test_an_email_goes_to_one_address_from_ours(carriers: ModuleType, use: Any) -> None:
    carrier = use(Carrier())
    carriers.send_email(ADDRESS, "You won!", "Kila la heri")
    (request,) = carrier.requests
    assert request["Source"] == "BETSAFI <no-reply@betsafi.example>"
    assert request["Destination"] == {"ToAddresses": [ADDRESS]}
    assert request["Message"]["Subject"]["Data"] == "You won!"
    assert request["Message"]["Body"]["Text"]["Data"] == "Kila la heri"


@pytest.mark.parametrize("code", ["OptedOut", "InvalidParameter", "ParameterValueInvalid"])
def test_a_number_that_the_carrier_refuses_is_final(carriers: ModuleType, use: Any, code: str) -> None:
    use(Carrier(refusal(code)))
    with pytest.raises(carriers.Undeliverable, match=f"^{code}$"):
        carriers.send_sms(PHONE, "hello")


@pytest.mark.parametrize("code", ["MessageRejected", "InvalidParameterValue"])
def test_an_address_that_the_carrier_refuses_is_final(carriers: ModuleType, use: Any, code: str) -> None:
    use(Carrier(refusal(code)))
    with pytest.raises(carriers.Undeliverable, match=f"^{code}$"):
        carriers.send_email(ADDRESS, "Title", "hello")


@pytest.mark.parametrize(
    "error",
    [
        refusal("Throttling"),
        refusal("InternalError"),
        refusal("AuthorizationError"),
        refusal("MailFromDomainNotVerifiedException"),
        EndpointConnectionError(endpoint_url=f"http://127.0.0.1/{PHONE}/{ADDRESS}"),
    ],
)
def test_everything_else_is_tried_again_and_shows_nobody_s_number(
    carriers: ModuleType, use: Any, error: Exception
) -> None:
    use(Carrier(error))
    for send in (lambda: carriers.send_sms(PHONE, "hello"), lambda: carriers.send_email(ADDRESS, "Title", "hello")):
        with pytest.raises(carriers.CarrierUnavailable) as raised:
            send()
        shown = "".join(traceback.format_exception(raised.value))
        assert PHONE not in shown
        assert ADDRESS not in shown


NOT_VERIFIED = ClientError({"Error": {"Code": "MessageRejected", "Message": "Email address is not verified."}}, "Send")
SANDBOX = ClientError({"Error": {"Code": "InvalidParameter", "Message": "Not in your SMS Sandbox"}}, "Publish")


@pytest.mark.parametrize(
    ("error", "is_ours"),
    [
        (refusal("AccessDenied"), True),
        (refusal("AuthorizationError"), True),
        (refusal("MailFromDomainNotVerifiedException"), True),
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
    both = [lambda: carriers.send_sms(PHONE, "hello"), lambda: carriers.send_email(ADDRESS, "Title", "hello")]
    for send in {NOT_VERIFIED: both[1:], SANDBOX: both[:1]}.get(error, both):
        with pytest.raises(carriers.CarrierUnavailable) as raised:
            send()
        assert isinstance(raised.value, carriers.CarrierMisconfigured) is is_ours
        assert ('"ConfigurationRefused"' in capsys.readouterr().out) is is_ours


def test_sms_go_to_the_laptop_s_inbox_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    carrier, asked = Carrier(), []
    local = load("notifications.carriers", EMAIL_FROM="x@y.example", SMS_ENDPOINT_URL="http://127.0.0.1:9")

    def create_client(name: str, *, endpoint_url: str, config: object) -> Carrier:
        asked.append((name, endpoint_url))
        return carrier

    monkeypatch.setattr(local.aws, "session", lambda: SimpleNamespace(create_client=create_client))
    local.send_sms(PHONE, "hello")
    assert (asked, len(carrier.requests)) == ([("sns", "http://127.0.0.1:9")], 1)
