"""Messages as SNS takes them."""

import json
import urllib.request
import uuid
from types import ModuleType
from typing import Any

import pytest

from tests.support.emulator import aws
from tests.support.services import load
from tests.support.waiting import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def carriers(emulator: str) -> ModuleType:
    return load("notifications.carriers.sns_sms", SMS_SENDER_ID="BETSAFI")


def inbox(emulator: str, path: str) -> Any:
    with urllib.request.urlopen(f"{emulator}/_ministack/{path}", timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def test_an_sms_reaches_the_phone(emulator: str, carriers: ModuleType) -> None:
    carriers.send("+254712345678", "BETSAFI: Karibu!")
    (message,) = inbox(emulator, "sns/sms-messages")["sms_messages"]["+254712345678"]
    assert message["Message"] == "BETSAFI: Karibu!"
    assert message["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"


def test_an_app_s_endpoint_takes_messages_until_it_is_forgotten(emulator: str) -> None:
    application = aws("sns", emulator).create_platform_application(
        Name=f"betsafi-{uuid.uuid4().hex[:8]}", Platform="GCM", Attributes={"PlatformCredential": "key"}
    )["PlatformApplicationArn"]
    push = load(
        "notifications.carriers.push", TABLE_NAME="notes", USERS_URL="http://users", PUSH_ANDROID_ARN=application
    )
    endpoint = push.endpoint("token-of-a-phone", "ANDROID")
    assert push.endpoint("token-of-a-phone", "ANDROID") == endpoint
    note = {"note_id": "bet:b.1", "template": "BET_WON", "title": "You won!", "text": "Your bet has won."}
    assert push._sent(endpoint, note) is None
    push.forget(endpoint)
    push.forget(endpoint)
    assert isinstance(push._sent(endpoint, note), push.Undeliverable)


def test_an_e_mail_reaches_the_address(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ses = load("notifications.carriers.ses", USERS_URL="http://users", EMAIL_FROM="news@betsafi.example")
    aws("ses", emulator).verify_email_identity(EmailAddress="news@betsafi.example")
    contact = {"phoneNumber": "+254712345678", "language": "en", "email": f"{uuid.uuid4()}@example.com"}
    monkeypatch.setattr(ses.users_api._client, "call", lambda *_: contact)
    ses.send({"user_id": "u", "title": "Deposit received", "text": "KES 100.00 received."})
    sent = [message for messages in inbox(emulator, "ses/messages")["messages"].values() for message in messages]
    (message,) = [message for message in sent if contact["email"] in message["To"]]
    assert (message["Subject"], message["BodyText"]) == ("Deposit received", "KES 100.00 received.")
