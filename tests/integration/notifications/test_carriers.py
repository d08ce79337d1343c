"""Messages as SNS takes them."""

import json
import urllib.request
from types import ModuleType
from typing import Any

import pytest

from tests.support.services import load
from tests.support.waiting import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def carriers(emulator: str) -> ModuleType:
    return load("notifications.carriers", SMS_SENDER_ID="BETSAFI")


def inbox(emulator: str, path: str) -> Any:
    with urllib.request.urlopen(f"{emulator}/_ministack/{path}", timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def test_an_sms_reaches_the_phone(emulator: str, carriers: ModuleType) -> None:
    carriers.send_sms("+254712345678", "BETSAFI: Karibu!")
    (message,) = inbox(emulator, "sns/sms-messages")["sms_messages"]["+254712345678"]
    assert message["Message"] == "BETSAFI: Karibu!"
    assert message["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"
