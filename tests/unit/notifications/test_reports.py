"""A carrier's report updates its note once; nobody else's does, and none is lost because it came early."""

import json
from types import ModuleType
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest

from notifications import reports
from tests.unit.notifications.house import House

KEY = "report-key-of-the-tests"


class Reports:
    """The function that takes reports, beside the house whose notes they are about."""

    def __init__(self, house: House) -> None:
        self.house, self.door = house, house.doors["reports"]

    def send(self, tries: int = 1, key: str = KEY, body: str | None = None, **form: str) -> bool:
        """Hand over a report as API Gateway queues it; return whether it must come again."""
        message = {
            "carrier": "africastalking",
            "hmac": reports.sign(key, "africastalking"),
            "source": "1.2.3.4",
            "body": urlencode(form) if body is None else body,
        }
        encoded = {name: quote_plus(value) for name, value in message.items()}
        record = {"messageId": "m", "body": json.dumps(encoded), "attributes": {"ApproximateReceiveCount": str(tries)}}
        return bool(self.door.handler({"Records": [record]})["batchItemFailures"])


@pytest.fixture
def sent(house: House, monkeypatch: pytest.MonkeyPatch) -> Reports:
    """A deposit's SMS went out by a carrier that reports, under the id ATXid_1."""
    credentials: ModuleType = house.module("notifications.carriers.credentials")
    given = credentials.Credentials("betsafi", "api-key", KEY)
    monkeypatch.setattr(house.doors["reports"], "credentials", lambda: given)
    monkeypatch.setitem(house.module("notifications.carriers.sms").CARRIERS, "sns", lambda number, text: "ATXid_1")
    house.deliver("payment", "DepositCompleted")
    assert house.note["delivery"] == "SENT"
    return Reports(house)


def test_what_arrived_is_delivered(sent: Reports) -> None:
    assert not sent.send(id="ATXid_1", status="Success", phoneNumber="+254712345678", networkCode="63902")
    assert sent.house.note["delivery"] == "DELIVERED"
    assert "254712345678" not in str(sent.house.items)


@pytest.mark.parametrize("status", ["Sent", "Submitted", "Buffered"])
def test_what_is_on_its_way_changes_nothing(sent: Reports, status: str) -> None:
    assert not sent.send(id="ATXid_1", status=status)
    assert sent.house.note["delivery"] == "SENT"


@pytest.mark.parametrize(("form", "failure"), [({}, "Failed"), ({"failureReason": "UserIsInactive"}, "UserIsInactive")])
def test_what_did_not_arrive_and_has_no_other_channel_has_failed(
    sent: Reports, form: dict[str, str], failure: str
) -> None:
    assert not sent.send(id="ATXid_1", status="Failed", **form)
    assert (sent.house.note["delivery"], sent.house.note["failure"]) == ("FAILED", failure)
    sent.house.pump()
    assert [event["type"] for event in sent.house.events] == ["NotificationSent", "NotificationFailed"]
    assert not sent.send(id="ATXid_1", status="Success")
    assert sent.house.note["delivery"] == "FAILED"


def test_a_report_that_comes_before_its_note_is_marked_comes_again_for_a_minute(sent: Reports) -> None:
    assert sent.send(1, id="ATXid_2", status="Success")
    assert sent.send(4, id="ATXid_2", status="Success")
    assert not sent.send(5, id="ATXid_2", status="Success"), "it is of a code, which has no note"


@pytest.mark.parametrize("key", ["another-key", ""])
def test_a_report_to_an_address_that_we_did_not_give_changes_nothing(
    sent: Reports, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not sent.send(key=key, id="ATXid_1", status="Failed")
    assert sent.house.note["delivery"] == "SENT"
    assert '"ReportForged"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "body", ["", "id=", "id=1", "status=Success", "<xml>", "%", "id=" + "x" * 200 + "&status=Failed"]
)
def test_what_cannot_be_read_changes_nothing_and_does_not_come_again(
    sent: Reports, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not sent.send(body=body)
    assert sent.house.note["delivery"] == "SENT"
    assert '"ReportUnreadable"' in capsys.readouterr().out


def test_any_body_survives_the_queue() -> None:
    body: Any = "id=ATXid_1&status=Failed&failureReason=50%25+%26+more"
    report = reports.read({"carrier": "x", "hmac": "y", "body": quote_plus(body)})
    assert report == reports.Report("ATXid_1", False, "50% & more")
