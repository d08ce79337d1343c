"""Metrics leave as CloudWatch's embedded format: one line, read by nobody but CloudWatch."""

import json
from typing import Any

import pytest

from betsafi import outbox, telemetry
from betsafi.dynamodb import marshal
from betsafi.events import Event


def emitted(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]


def test_a_metric_says_its_service_stage_and_unit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SERVICE", "bet")
    monkeypatch.setenv("STAGE", "dev")
    telemetry.count("ScheduleRan", schedule="scan")
    telemetry.measure({"StakesCents": [100, 250], "PayoutsCents": [0]})
    counted, measured = emitted(capsys)
    (directive,) = counted["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["service", "stage", "schedule"]]
    assert directive["Metrics"] == [{"Name": "ScheduleRan", "Unit": "Count"}]
    assert [counted[name] for name in (*directive["Dimensions"][0], "ScheduleRan")] == ["bet", "dev", "scan", [1]]
    (directive,) = measured["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Betsafi"
    assert {metric["Name"]: measured[metric["Name"]] for metric in directive["Metrics"]} == {
        "StakesCents": [100, 250],
        "PayoutsCents": [0],
    }


class Bus:
    """A bus and a parking queue that take everything."""

    def __init__(self) -> None:
        self.parked: list[str] = []
        self.published: list[str] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.published += [entry["DetailType"] for entry in Entries]
        return {"FailedEntryCount": 0}

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        self.parked.append(MessageBody)


class Happened(Event):
    """Something happened."""

    source = "betsafi.bet"


def test_a_batch_is_measured_once_it_is_published_and_what_cannot_be_measured_is_published_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = Bus()
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    items = [{"pk": "a", "sk": "b", "cents": 5}, {"pk": "a", "sk": "c", "cents": 7}, {"pk": "a", "sk": "d"}]
    records = [{"eventID": "1", "dynamodb": {"Keys": {}, "NewImage": marshal(item)}} for item in items]
    outbox.publish_changes(
        {"Records": records},
        lambda old, new: [Happened()],
        "bus",
        "parking",
        figures=lambda new, events: {"Cents": float(new["cents"]) * len(events)},
    )
    assert bus.published == ["Happened"] * 3
    assert [json.loads(note)["error"] for note in bus.parked] == ["KeyError"]
    assert [line["Cents"] for line in emitted(capsys) if "Cents" in line] == [[5.0, 7.0]]
