"""One update that AppSync does not take costs its neighbours nothing."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, HTTPClientError

from betsafi import queue
from tests.support.services import load

consumer = load("frontend.handlers.consumer", GRAPHQL_URL="http://appsync.invalid", AWS_DEFAULT_REGION="eu-west-1")
appsync = consumer.appsync


class AppSync:
    """Stands at the edge: refuses a whole document for one bad update, or one mutation, or is away."""

    def __init__(self, poison: str = "", refused: str = "", away: Exception | None = None) -> None:
        self.poison, self.refused, self.away = poison, refused, away
        self.requests: list[list[str]] = []
        self.taken: list[str] = []

    def publish(self, url: str, document: str, variables: dict[str, Any]) -> set[str]:
        users = [value for name, value in variables.items() if name.startswith("userId")]
        self.requests.append(users)
        if self.away:
            raise self.away
        if self.poison in users:
            raise appsync.PublishRefused("Variable 'v1' has an invalid value.")
        self.taken += [user for user in users if user != self.refused]
        return {f"m{n}" for n, user in enumerate(users) if user == self.refused}


def batch(users: int) -> dict[str, Any]:
    records = []
    for n in range(users):
        facts = {"userId": f"u{n}", "availableCents": 1, "heldCents": 0, "accountVersion": 1}
        detail = {"id": f"e{n}", "time": "2026-11-26T00:00:00Z", "version": 1, "data": facts}
        body = {"source": "betsafi.wallet", "detail-type": "BalanceChanged", "detail": detail}
        records.append({"messageId": f"m{n}", "body": json.dumps(body)})
    return {"Records": records}


def failed(fake: AppSync, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(appsync, "publish", fake.publish)
    return [failure["itemIdentifier"] for failure in consumer.handler(event)["batchItemFailures"]]


def test_an_update_that_spoils_the_whole_document_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = AppSync(poison="u3")
    assert failed(fake, batch(10), monkeypatch) == ["m3"]
    assert sorted(fake.taken) == sorted(f"u{n}" for n in range(10) if n != 3)


def test_a_refused_mutation_fails_alone_and_in_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = AppSync(refused="u3")
    assert failed(fake, batch(10), monkeypatch) == ["m3"]
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    "away", [HTTPClientError(error="no answer"), EndpointConnectionError(endpoint_url="https://x")]
)
def test_while_appsync_is_away_all_wait_and_it_is_not_asked_for_each(
    away: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = AppSync(away=away)
    assert failed(fake, batch(10), monkeypatch) == [f"m{n}" for n in range(10)]
    assert len(fake.requests) == 1


def test_a_later_document_is_sent_though_an_earlier_one_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = AppSync(poison="u3")
    assert failed(fake, batch(40), monkeypatch) == ["m3"]
    assert len(fake.taken) == 39


def test_a_message_that_cannot_be_read_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    event = batch(3)
    event["Records"][1]["body"] = "{not json"
    assert failed(AppSync(), event, monkeypatch) == ["m1"]


def test_a_failed_update_comes_back_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(queue, "_come_back", lambda record: seen.append(record["messageId"]))
    failed(AppSync(poison="u1"), batch(3), monkeypatch)
    assert seen == ["m1"]


def test_where_appsync_does_not_know_us_all_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> set[str]:
        raise consumer.Misconfigured

    fake = AppSync()
    monkeypatch.setattr(fake, "publish", refuse)
    assert failed(fake, batch(3), monkeypatch) == ["m0", "m1", "m2"]
