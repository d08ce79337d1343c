"""The message inbox against an emulator."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from localcloud import inbox
from tests.support.emulator import aws, running_emulator
from tests.support.serving import serve

PHONE = "+254712345678"


@pytest.fixture(scope="module")
def own_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulator that nobody else sends messages through."""
    with running_emulator(tmp_path_factory.mktemp("inbox")) as url:
        yield url


@pytest.fixture(scope="module")
def box(own_emulator: str) -> Iterator[str]:
    with serve(inbox.create_app(own_emulator)) as url:
        yield url


def read(box: str, **query: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{box}/messages", params=query, timeout=10).json()
    assert answer["faults"] == []
    return list(answer["messages"])


def test_an_sms_published_to_a_number_is_shown_with_its_text_and_time(box: str, own_emulator: str):
    read(box)
    sns = aws("sns", own_emulator, tries=1)
    sns.publish(PhoneNumber=PHONE, Message="first")
    read(box)
    sns.publish(PhoneNumber=PHONE, Message="Umepokea KES 950.00 <b>")
    sns.publish(PhoneNumber="+254711111111", Message="to somebody else")
    found = read(box, to="254712345678", channel="sms")
    assert [m["text"] for m in found] == ["Umepokea KES 950.00 <b>", "first"]
    assert found[0]["at"].endswith("Z")
    page = requests.get(f"{box}/", params={"to": PHONE}, timeout=10).text
    assert "Umepokea KES 950.00 &lt;b&gt;" in page
    assert "to somebody else" not in page


def test_an_email_is_shown_to_each_of_its_receivers(box: str, own_emulator: str):
    ses = aws("ses", own_emulator, tries=1)
    ses.verify_email_identity(EmailAddress="no-reply@betsafi.example")
    for address in ("asha@example.com", "otieno@example.com"):
        ses.verify_email_identity(EmailAddress=address)
    ses.send_email(
        Source="no-reply@betsafi.example",
        Destination={"ToAddresses": ["asha@example.com"], "CcAddresses": ["otieno@example.com"]},
        Message={"Subject": {"Data": "Welcome"}, "Body": {"Text": {"Data": "Karibu"}, "Html": {"Data": "<p>Karibu"}}},
    )
    for address in ("Asha@Example.com", "otieno@example.com"):
        mail = read(box, to=address)[0]
        assert (mail["subject"], mail["text"], mail["html"]) == ("Welcome", "Karibu", "<p>Karibu")


def test_the_code_of_a_sign_up_by_phone_is_written_from_the_pools_template_and_works(box: str, own_emulator: str):
    cognito = aws("cognito-idp", own_emulator, tries=1)
    pool = cognito.create_user_pool(
        PoolName="players",
        UsernameAttributes=["phone_number"],
        AutoVerifiedAttributes=["phone_number"],
        SmsVerificationMessage="BETSAFI code: {####}",
    )["UserPool"]["Id"]
    app = cognito.create_user_pool_client(UserPoolId=pool, ClientName="app")["UserPoolClient"]["ClientId"]
    number = "+254722000111"
    cognito.sign_up(ClientId=app, Username=number, Password="Str0ng#Passw0rd")
    (sms,) = read(box, to=number)
    assert sms["text"] == "BETSAFI code: 123456"
    assert sms["derived"] is True
    cognito.confirm_sign_up(ClientId=app, Username=number, ConfirmationCode=sms["text"][-6:])
    assert [m["id"] for m in read(box, to=number)] == [sms["id"]]


def test_a_message_that_the_emulator_cannot_record_can_be_posted_once(box: str):
    message = {"to": "+254733000111", "text": "Your code is 654321", "source": "Cognito password", "id": "reset-1"}
    statuses = [requests.post(f"{box}/messages", json=message, timeout=10).status_code for _ in range(2)]
    assert statuses == [201, 200]
    assert [m["text"] for m in read(box, to="+254733000111")] == ["Your code is 654321"]


@pytest.mark.parametrize(
    "bad", [[], {"to": "+254733000111"}, {"to": 1, "text": "x"}, {"to": "a", "text": "b", "at": "c"}]
)
def test_a_bad_post_is_refused_with_a_sentence(box: str, bad: Any):
    answer = requests.post(f"{box}/messages", json=bad, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_emulator_that_is_down_is_said_so_and_not_hidden():
    with serve(inbox.create_app("http://127.0.0.1:9")) as url:
        answer = requests.get(f"{url}/messages", timeout=10).json()
        assert answer["messages"] == []
        assert [fault.split(":")[0] for fault in answer["faults"]] == ["SMS", "e-mail", "Cognito"]
        assert "Could not be read" in requests.get(url, timeout=10).text


def test_m_pesas_own_messages_are_shown_beside_ours(own_emulator: str, daraja: Any):
    checkout = daraja.push().json()["CheckoutRequestID"]
    daraja.control(f"/prompts/{checkout}", {"action": "approve", "pin": "1234"})
    with serve(inbox.create_app(own_emulator, daraja_url=daraja.url)) as url:
        told = [m for m in read(url, to=PHONE) if m["source"] == "M-PESA"]
    assert len(told) == 1
    assert "Ksh100.00 sent to BETSAFI for account BET100" in told[0]["text"]
