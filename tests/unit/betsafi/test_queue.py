"""Failed messages come back alone, soon, and then less and less often; what a schedule sent counts its run."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from betsafi import clock, queue


class Sqs:
    """Stands at the edge: remembers waits and messages, and refuses the bodies in `refuses` so many times."""

    def __init__(self, **refuses: int) -> None:
        self.meta = SimpleNamespace(endpoint_url="https://sqs.eu-west-1.amazonaws.com")
        self.waits: dict[str, tuple[str, int]] = {}
        self.sent: list[str] = []
        self.refuses = refuses
        self.broken = False

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        if self.broken:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "ChangeMessageVisibility")
        self.waits[ReceiptHandle] = (QueueUrl, VisibilityTimeout)

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        failed = []
        for entry in Entries:
            if self.refuses.get(entry["MessageBody"], 0) > 0:
                self.refuses[entry["MessageBody"]] -= 1
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            else:
                self.sent.append(entry["MessageBody"])
        return {"Failed": failed} if failed else {}


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    fake = Sqs()
    monkeypatch.setattr(queue, "client", lambda service: fake)
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda attempt: None)
    return fake


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(queue, "count", lambda name, value=1, **dimensions: found.append((name, dimensions)))
    return found


def message(body: Any, received: int = 1) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "messageId": f"m-{text}",
        "receiptHandle": f"r-{text}",
        "body": text,
        "attributes": {"ApproximateReceiveCount": str(received)},
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:betsafi-wallet-dev-InboundQueue-1",
    }


def fails_if_bad(body: Any) -> None:
    if body != {"good": 1}:
        raise ValueError(body)


def test_only_the_failed_message_waits_and_only_for_seconds(sqs: Sqs, counted: list[Any]) -> None:
    records = [message({"good": 1}), message({"bad": 1}), message("{not json")]
    answer = queue.handle_batch({"Records": records}, fails_if_bad)
    assert answer == {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in records[1:]]}
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/betsafi-wallet-dev-InboundQueue-1"
    assert sqs.waits == {'r-{"bad": 1}': (url, 2), "r-{not json": (url, 2)}
    assert counted == []


def test_a_handler_may_know_for_the_how_manieth_time_a_message_comes(sqs: Sqs, counted: list[Any]) -> None:
    seen: list[int] = []
    by_hand = {"messageId": "m", "body": "{}"}
    answer = queue.handle_tries({"Records": [message({"good": 1}, 3), by_hand]}, lambda body, tries: seen.append(tries))
    assert (answer, seen) == ({"batchItemFailures": []}, [3, 1])


def test_waits_grow_and_sixty_tries_outlast_an_outage_of_four_hours() -> None:
    waits = [queue.wait_seconds(received) for received in range(1, 60)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits == sorted(waits)
    assert max(waits) <= 300, "when the outage is over, nobody waits for more than five minutes"
    assert sum(waits) >= 4 * 3600


def test_people_hear_of_what_goes_on_failing_long_before_it_is_dead(sqs: Sqs, counted: list[Any]) -> None:
    heard = []
    for received in range(1, 12):
        queue.handle_batch({"Records": [message("bad", received)]}, fails_if_bad)
        heard.append(len(counted))
    first = next(n for n, total in enumerate(heard) if total)
    assert 30 <= sum(queue.wait_seconds(n) for n in range(1, first + 1)) <= 300
    assert counted[0] == ("MessageStuck", {})


def test_a_wait_that_cannot_be_set_loses_nothing(sqs: Sqs) -> None:
    sqs.broken = True
    answer = queue.handle_batch({"Records": [message("bad"), message({"good": 1})]}, fails_if_bad)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-bad"}]}


def test_what_a_schedule_sent_counts_its_run_when_it_was_handled(sqs: Sqs, counted: list[Any]) -> None:
    queue.handle_batch({"Records": [message({"scan": True, "schedule": "scan"})]}, lambda body: None)
    assert counted == [("ScheduleRan", {"schedule": "scan"})]
    queue.handle_batch({"Records": [message({"scan": True, "schedule": "scan"})]}, fails_if_bad)
    queue.handle_batch({"Records": [message({"scan": True})]}, lambda body: None)
    assert len(counted) == 1


def test_refused_messages_alone_are_sent_again(sqs: Sqs) -> None:
    sqs.refuses = {"b": 1}
    queue.send_all("url", ["a", "b", "c"])
    assert sqs.sent == ["a", "c", "b"]


def test_messages_that_a_queue_never_takes_raise(sqs: Sqs) -> None:
    sqs.refuses = {"b": 99}
    with pytest.raises(queue.SendFailed):
        queue.send_all("url", ["a", "b"])
    assert sqs.sent == ["a"]
