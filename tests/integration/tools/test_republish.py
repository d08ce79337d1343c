"""What an outbox lost is published anew, from real tables through the real stream functions, once and twice."""

import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from betsafi import aws as aws_clients
from betsafi import clock
from betsafi.dynamodb import marshal, unmarshal
from tests.support.emulator import aws, create_table
from tests.support.services import load, stores
from tools import republish


class Stage:
    """A service on a stage: its table, queues and stream function, and what comes onto the bus."""

    def __init__(self, emulator: str, monkeypatch: pytest.MonkeyPatch, service: str = "bet") -> None:
        self.name, self.service = f"s{uuid.uuid4().hex[:8]}", service
        self.table = create_table(emulator, f"betsafi-{service}-{self.name}", service, stream=True)
        self.sqs, self.dynamodb = aws("sqs", emulator), aws("dynamodb", emulator)
        self.parking = self.queue(f"betsafi-{service}-{self.name}-StreamFailureQueue-1")
        self.followups = self.queue(f"{self.name}-followup")
        self.stream = load(
            f"{service}.handlers.stream", f"{service}.table", TABLE_NAME=self.table, BUS_NAME="default",
            PARKING_URL=self.parking, SERVICE=service, FOLLOWUP_QUEUE_URL=self.followups, FOLLOWUP_SECONDS="1",
            SETTLEMENT_QUEUE_URL=self.followups,
        )  # fmt: skip
        self.heard: list[tuple[str, str, Any]] = []
        real = aws_clients.client

        class Events:
            """The bus at the edge: remembers what it was told."""

            def put_events(_, Entries: list[dict[str, Any]]) -> dict[str, Any]:
                for entry in Entries:
                    detail = json.loads(entry["Detail"])
                    self.heard.append((entry["DetailType"], detail["id"], detail["data"]))
                return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}] * len(Entries)}

        class Lambda:
            """Runs the stream function in this process."""

            def invoke(_, FunctionName: str, Payload: bytes) -> dict[str, Any]:
                assert FunctionName == f"betsafi-{service}-{self.name}-stream"
                said = self.stream.handler(json.loads(Payload))
                return {"Payload": io.BytesIO(json.dumps(said).encode())}

        def client(service: str) -> Any:
            return Events() if service == "events" else real(service)

        monkeypatch.setattr(self.stream.outbox, "client", client)
        monkeypatch.setattr(
            republish.boto3,
            "client",
            lambda name: Lambda() if name == "lambda" else boto3.session.Session().client(name),
        )

    def queue(self, name: str) -> str:
        url: str = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        return url

    def put(self, **item: Any) -> dict[str, Any]:
        self.dynamodb.put_item(TableName=self.table, Item=marshal(item))
        return item

    def bet(self, status: str, **more: Any) -> dict[str, Any]:
        bet_id, user_id = str(uuid.uuid4()), str(uuid.uuid4())
        return self.put(
            pk=f"USER#{user_id}", sk=f"BET#{bet_id}", bet_id=bet_id, user_id=user_id, status=status, stake_cents=100,
            at="2026-11-20T08:00:00.000000Z", settlement_version=0, revision=1, **{"legs": [], **more},
        )  # fmt: skip

    def run(self, *arguments: str) -> int:
        return republish.main(["--stage", self.name, "--service", self.service, *arguments])

    def waiting(self, url: str) -> int:
        name = "ApproximateNumberOfMessages"
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(answer[name]) + int(answer["ApproximateNumberOfMessagesNotVisible"])


@pytest.fixture
def stage(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(emulator, monkeypatch)


SETTLED = {"settlement_version": 1, "payout_cents": 250, "outcome": "WON", "settled_at": "2026-11-22T18:00:00.000000Z"}
LOST: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("ACCEPTED", {"status": "PENDING"}, {"potential_payout_cents": 250}, "BetAccepted"),
    ("REJECTED", {"status": "PENDING"}, {"reason": "MARKET_CLOSED"}, "BetRejected"),
    ("CANCELLED", {"status": "ACCEPTED"}, {}, "BetCancelled"),
    ("SETTLED", {"status": "ACCEPTED", "settlement_version": 0}, SETTLED, "BetSettled"),
    ("ACCEPTED", {"status": "SETTLED", "settlement_version": 1}, {"settlement_version": 2}, "BetReopened"),
    (
        "ACCEPTED",
        {"correction_version": 0},
        {"correction_version": 1, "corrected_in": 0, "potential_payout_cents": 200},
        "BetRepriced",
    ),
]
WON = [{"market_id": "m", "result": "WON", "result_version": 1}]
OPEN = [{"market_id": "m"}]


@pytest.mark.parametrize(("status", "before", "facts", "event"), LOST, ids=lambda value: str(value)[:20])
def test_a_lost_change_is_published_as_the_stream_would_have(
    stage: Stage, status: str, before: dict[str, Any], facts: dict[str, Any], event: str
) -> None:
    item = {**stage.bet(status), **facts}
    stage.put(**item)
    ((original, original_id),) = stage.stream.outbox.changes_to_events({**item, **before}, item, stage.stream.to_events)
    assert stage.run("--id", item["bet_id"]) == 0
    assert stage.run("--id", item["bet_id"]) == 0
    assert stage.heard == [(event, original_id, original.data())] * 2, "the same, so that it is recognised"


def test_a_leg_whose_result_was_lost_is_published_with_its_bet(stage: Stage) -> None:
    bet = stage.put(**{**stage.bet("ACCEPTED", potential_payout_cents=250), "legs": WON})
    ((original, original_id),) = stage.stream.outbox.changes_to_events(
        {**bet, "legs": OPEN}, bet, stage.stream.to_events
    )
    assert stage.run("--id", bet["bet_id"]) == 0
    assert stage.heard[1:] == [("BetProgressed", original_id, original.data())]
    assert stage.heard[0][0] == "BetAccepted"


def test_a_pending_bet_gets_its_follow_up_again_and_no_event(stage: Stage) -> None:
    bet = stage.bet("PENDING")
    assert stage.run("--id", bet["bet_id"]) == 0
    assert stage.heard == []
    (message,) = stage.sqs.receive_message(QueueUrl=stage.followups, WaitTimeSeconds=20)["Messages"]
    assert json.loads(message["Body"]) == {"userId": bet["user_id"], "betId": bet["bet_id"]}


def test_a_dry_run_shows_and_does_nothing(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    bet = stage.bet("CANCELLED")
    assert stage.run("--id", bet["bet_id"], "--dry-run") == 0
    assert "BetCancelled" in capsys.readouterr().out
    assert (stage.heard, stage.waiting(stage.followups)) == ([], 0)


def test_nothing_found_is_told(stage: Stage) -> None:
    assert stage.run("--id", "nobody") == 1


def test_a_market_s_settlement_begins_again_and_its_bets_are_published(stage: Stage) -> None:
    bet = {**stage.bet("SETTLED"), **SETTLED}
    stage.put(**bet)
    about = {"market_id": "m", "fixture_id": "f"}
    results = {"results": {"1": "WON", "3": "WON"}, "dead_heats": {"1": "1/2", "3": "1/2"}}
    stage.put(pk="RESULT#m", sk="RESULT", result_version=2, **results, **about)
    game = {"fixture_status": "SCHEDULED", "fixture_version": 1}
    prices = {"version": 1, "status": "CLOSED", "odds": {"1": "2.00"}, **game}
    stage.put(pk="GUARD#m#0", sk="GUARD", guard=0, guards=1, **prices, **about)
    stage.put(pk="LEGS#m#0", sk=bet["bet_id"], user_id=bet["user_id"], bet_id=bet["bet_id"])
    assert stage.run("--market", "m") == 0
    assert [name for name, _, _ in stage.heard] == ["OddsChanged", "MarketSettled", "BetSettled"]
    assert stage.heard[1][2]["resultVersion"] == 2
    assert stage.heard[1][2]["deadHeats"] == {"1": "1/2", "3": "1/2"}


def test_a_fixture_is_published_by_its_id_and_its_markets_follow_it(stage: Stage) -> None:
    game = {"starts_at": "2099-01-01T12:00:00.000000Z", "status": "POSTPONED", "version": 2}
    stage.put(pk="FIXTURE#f", sk="FIXTURE", fixture_id="f", **game)
    stage.put(pk="LINES#f", sk="f/1", market_id="f/1", group="MAIN")
    guard = {"market_id": "f/1", "guard": 0, "guards": 1, "version": 1, "status": "OPEN", "odds": {"1": "2.00"}}
    known = {"starts_at": "2099-01-01T10:00:00.000000Z", "fixture_status": "SCHEDULED", "fixture_version": 1}
    stage.put(pk="GUARD#f/1#0", sk="GUARD", fixture_id="f", **guard, **known)
    assert stage.run("--id", "f") == 0
    assert [(name, data["status"]) for name, _, data in stage.heard] == [("FixtureChanged", "POSTPONED")]
    key = marshal({"pk": "GUARD#f/1#0", "sk": "GUARD"})
    after = unmarshal(stage.dynamodb.get_item(TableName=stage.table, Key=key)["Item"])
    assert {name: after[name] for name in known} == {
        "starts_at": game["starts_at"],
        "fixture_status": "POSTPONED",
        "fixture_version": 2,
    }


def test_what_is_decided_of_a_fixture_is_brought_to_its_markets_again(stage: Stage) -> None:
    game = {"starts_at": "2099-01-01T12:00:00.000000Z", "status": "ENDED", "version": 2}
    stage.put(pk="FIXTURE#f", sk="FIXTURE", fixture_id="f", **game)
    stage.put(pk="FIXTURE#f", sk="GAME", fixture_id="f", game_version=3)
    assert stage.run("--id", "f") == 0
    (message,) = stage.sqs.receive_message(QueueUrl=stage.followups)["Messages"]
    assert json.loads(message["Body"]) == {"game": "f", "version": 3}


def test_what_changed_in_a_time_is_published_and_nothing_that_surely_did_not(stage: Stage) -> None:
    inside = {**stage.bet("SETTLED"), **SETTLED}
    stage.put(**inside)
    stage.put(**{**stage.bet("SETTLED"), **SETTLED, "settled_at": "2026-11-24T18:00:00.000000Z"})
    reopened = {**stage.bet("ACCEPTED"), "settlement_version": 2, "updated_at": "2026-11-22T19:00:00.000000Z"}
    stage.put(**reopened)
    assert stage.run("--from", "2026-11-22T00:00:00Z", "--to", "2026-11-23T00:00:00Z") == 0
    told = {data["betId"] for _, _, data in stage.heard}
    assert told == {inside["bet_id"], reopened["bet_id"]}


@pytest.fixture
def wallet(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The wallet on a stage."""
    return Stage(emulator, monkeypatch, "wallet")


ONE, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.mark.parametrize("how", ["--id", "--from", "--parked"])
def test_an_account_published_anew_says_which_bet_it_ended_whatever_came_after_it(wallet: Stage, how: str) -> None:
    store, user = stores("wallet"), str(uuid.uuid4())
    begun = clock.stamp()
    store.deposit(user, "paid-in", 1_000_00, 950_00, 50_00)
    for bet in (ONE, OTHER):
        store.place_hold(user, bet, "BET", 100_00)
    store.settle(user, ONE, 1, 250_00)
    first = store.get_account(user)
    store.settle(user, OTHER, 1, 0)
    store.place_hold(user, str(uuid.uuid4()), "BET", 100_00)
    if how == "--parked":
        keys = {"pk": {"S": f"USER#{user}"}, "sk": {"S": f"HOLD#{ONE}#0001"}}
        note = {"error": "KeyError", "keys": keys, "eventId": "1"}
        wallet.sqs.send_message(QueueUrl=wallet.parking, MessageBody=json.dumps(note))
    assert wallet.run(*{"--id": ("--id", ONE), "--from": ("--from", begun), "--parked": ("--parked",)}[how]) == 0
    ended = [data for name, _, data in wallet.heard if name == "BalanceChanged" and data.get("causeId") == ONE]
    assert [(each["causeKind"], each["causeVersion"]) for each in ended] == [("BET", 1)]
    assert ended[0]["accountVersion"] > first["version"], "with the balance as it is now"


def test_an_account_that_has_not_changed_since_is_told_as_it_was(wallet: Stage) -> None:
    store, user = stores("wallet"), str(uuid.uuid4())
    store.deposit(user, "paid-in", 1_000_00, 950_00, 50_00)
    store.place_hold(user, ONE, "BET", 100_00)
    before = store.get_account(user)
    store.settle(user, ONE, 1, 250_00)
    changes = wallet.stream.outbox.changes_to_events(before, store.get_account(user), wallet.stream.to_events)
    ((original, original_id),) = changes
    assert wallet.run("--id", ONE) == 0
    assert ("BalanceChanged", original_id, original.data()) in wallet.heard, "the same, so that it is recognised"


def batch_note(stage: Stage, change: Callable[[dict[str, Any]], None] = lambda batch: None) -> None:
    """Put what Lambda puts into the queue when it gives a batch up."""
    streams = boto3.client("dynamodbstreams")
    arn = stage.dynamodb.describe_table(TableName=stage.table)["Table"]["LatestStreamArn"]
    (shard, *_) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    numbers = [
        record["dynamodb"]["SequenceNumber"]
        for record in streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    ]
    batch = {
        "streamArn": arn,
        "shardId": shard["ShardId"],
        "startSequenceNumber": numbers[0],
        "endSequenceNumber": numbers[-1],
        "approximateArrivalOfFirstRecord": "2026-11-20T08:00:00Z",
        "approximateArrivalOfLastRecord": "2026-11-20T08:00:00Z",
    }
    change(batch)
    stage.sqs.send_message(QueueUrl=stage.parking, MessageBody=json.dumps({"DDBStreamBatchInfo": batch}))


def test_a_parked_record_is_published_and_its_note_is_gone(stage: Stage) -> None:
    bet = stage.bet("CANCELLED")
    keys = {"pk": {"S": bet["pk"]}, "sk": {"S": bet["sk"]}}
    note = {"error": "KeyError", "keys": keys, "eventId": "1"}
    stage.sqs.send_message(QueueUrl=stage.parking, MessageBody=json.dumps(note))
    assert stage.run("--parked", "--dry-run") == 0
    assert stage.heard == []
    assert stage.run("--parked") == 0, "what was shown is there, at once"
    assert [name for name, _, _ in stage.heard] == ["BetCancelled"]
    assert stage.waiting(stage.parking) == 0


def test_a_record_that_is_parked_again_is_looked_at_once(stage: Stage) -> None:
    broken = stage.bet("ACCEPTED")
    del broken["legs"]
    stage.dynamodb.put_item(TableName=stage.table, Item=marshal(broken))
    note = {"error": "KeyError", "keys": marshal({name: broken[name] for name in ("pk", "sk")}), "eventId": "1"}
    stage.sqs.send_message(QueueUrl=stage.parking, MessageBody=json.dumps(note))
    stage.run("--parked")
    assert stage.heard == []
    assert stage.waiting(stage.parking) == 1, "the new note, for who mends it"


def test_a_batch_that_lambda_gave_up_is_read_from_the_stream(stage: Stage) -> None:
    stage.bet("CANCELLED")
    batch_note(stage)
    assert stage.run("--parked") == 0
    assert [name for name, _, _ in stage.heard] == ["BetCancelled"]
    assert stage.waiting(stage.parking) == 0


def test_a_batch_that_the_stream_forgot_is_made_from_the_items_of_its_time(stage: Stage) -> None:
    stage.bet("CANCELLED")
    batch_note(stage, lambda batch: batch.update(shardId="shardId-00000000000000000000-forgotten"))
    assert stage.run("--parked") == 0
    assert [name for name, _, _ in stage.heard] == ["BetCancelled"]


def test_an_item_written_by_the_service_itself_reads_as_it_was_written(stage: Stage) -> None:
    """The wire form is handed over as it stands, whatever is in it."""
    bet = stage.bet("CANCELLED", legs=[{"market_id": "m", "odds": "2.00"}])
    record = republish.record_of(marshal(bet))
    assert unmarshal(record["dynamodb"]["NewImage"]) == bet
