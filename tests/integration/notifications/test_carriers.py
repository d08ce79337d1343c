"""Messages as SNS and SES take them."""

import json
import urllib.request
from types import ModuleType
from typing import Any

import pytest

from tests.support.emulator import aws
from tests.support.services import load
from tests.support.waiting import PATIENCE_SECONDS

SENDER = "no-reply@betsafi.example"


@pytest.fixture(scope="module")
def carriers(emulator: str) -> ModuleType:
    aws("ses", emulator).verify_email_identity(EmailAddress=SENDER)
    return load("notifications.carriers", EMAIL_FROM=f"BETSAFI <{SENDER}>", SMS_SENDER_ID="BETSAFI")


def inbox(emulator: str, path: str) -> Any:
    with urllib.request.urlopen(f"{emulator}/_ministack/{path}", timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def test_an_sms_reaches_the_phone(emulator: str, carriers: ModuleType) -> None:
    carriers.send_sms("+254712345678", "BETSAFI: Karibu!")
    (message,) = inbox(emulator, "sns/sms-messages")["sms_messages"]["+254712345678"]
    assert message["Message"] == "BETSAFI: Karibu!"
    assert message["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"


def test_an_email_reaches_the_mailbox(emulator: str, carriers: ModuleType) -> None:
    carriers.send_email("wanjiku@mail.example", "Umeshinda!", "Kila la heri")
    text = json.dumps(inbox(emulator, "ses/messages"))
    assert all(part in text for part in ("wanjiku@mail.example", SENDER, "Umeshinda!", "Kila la heri"))
