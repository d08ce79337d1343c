"""A lost stream record is found by `tools.reconcile`, published anew by `tools.republish`, and then nothing differs.

Bet's table, its stream, its outbox and its settlement worker, and the wallet's consumer and table are real; the bus
between them hands on at once what it is given.
"""

import io
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from betsafi import aws as aws_clients
from betsafi import clock
from betsafi.dynamodb import Item, unmarshal
from tests.support.bet import TRADERS, decide, load_bet, money, new_market, new_slip
from tests.support.emulator import aws, create_table
from tests.support.services import load, stores
from tools import republish
from tools.reconcile.__main__ import main

Lose = Callable[[Item], bool]


def nothing(item: Item) -> bool:
    return False


class Stage:
    """Bet and wallet on a stage, with a bus between them."""

    def __init__(self, emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name, self.monkeypatch = f"b{uuid.uuid4().hex[:8]}", monkeypatch
        self.table = create_table(emulator, f"betsafi-bet-{self.name}", "bet", stream=True)
        create_table(emulator, f"betsafi-payment-{self.name}", "payment")
        wallet_table = create_table(emulator, f"betsafi-wallet-{self.name}", "wallet")
        queue = aws("sqs", emulator).create_queue(QueueName=f"{self.name}-followup")["QueueUrl"]
        outbox = {"BUS_NAME": "bus", "PARKING_URL": queue, "FOLLOWUP_QUEUE_URL": queue, "FOLLOWUP_SECONDS": "1"}
        for name, value in {**outbox, "SETTLEMENT_QUEUE_URL": queue, "SERVICE": "bet"}.items():
            monkeypatch.setenv(name, value)
        self.consumer = load("wallet.handlers.consumer", TABLE_NAME=wallet_table)
        self.wallet = stores("wallet")
        self.bet = load_bet(self.table, self.wallet, monkeypatch, SETTLEMENT_QUEUE_URL=queue)
        from bet.handlers import followup, stream

        self.stream, self.followup, self.followups = stream, followup, queue
        self.worker = load_worker(queue, monkeypatch)
        self.heard: list[str] = []
        self.lost: list[Item] = []
        self.take = self.position(emulator)
        self.stand_in()

    def player(self) -> str:
        """Return a player with KES 950.00."""
        user_id = str(uuid.uuid4())
        self.wallet.open_account(user_id)
        self.wallet.grant_bonus(user_id, f"welcome-{user_id}", 95_000, "welcome")
        return user_id

    def position(self, emulator: str) -> Callable[[], list[Item]]:
        """Return what takes the records that came into the table's stream since it last did."""
        arn = aws("dynamodb", emulator).describe_table(TableName=self.table)["Table"]["LatestStreamArn"]
        streams = boto3.client("dynamodbstreams")
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        first = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        iterators = [first["ShardIterator"]]

        def take() -> list[Item]:
            found: list[Item] = []
            while True:
                page = streams.get_records(ShardIterator=iterators.pop())
                iterators.append(page["NextShardIterator"])
                if not page["Records"]:
                    return found
                found += page["Records"]

        return take

    def stand_in(self) -> None:
        """The bus, and Lambda for bet's outbox."""
        clients, boto = aws_clients.client, boto3.client

        class Events:
            def put_events(_, Entries: list[Item]) -> Item:
                for entry in Entries:
                    self.hear(entry)
                return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}] * len(Entries)}

        class Lambda:
            def invoke(_, FunctionName: str, Payload: bytes) -> Item:
                assert FunctionName == f"betsafi-bet-{self.name}-stream"
                return {"Payload": io.BytesIO(json.dumps(self.stream.handler(json.loads(Payload))).encode())}

        self.monkeypatch.setattr(
            self.stream.outbox, "client", lambda name: Events() if name == "events" else clients(name)
        )
        self.monkeypatch.setattr(
            republish.boto3, "client", lambda name, **more: Lambda() if name == "lambda" else boto(name, **more)
        )

    def hear(self, entry: Item) -> None:
        """Bring one event to those who subscribe to it."""
        name = entry["DetailType"]
        self.heard.append(name)
        message = {"source": entry["Source"], "detail-type": name, "detail": json.loads(entry["Detail"])}
        batch = {"Records": [{"messageId": "m", "body": json.dumps(message)}]}
        if name in ("BetRejected", "BetCancelled", "BetSettled", "BetReopened"):
            assert self.consumer.handler(batch) == {"batchItemFailures": []}
        elif name in ("MarketSettled", "MarketRolledBack"):
            assert self.worker.handler(batch, FOREVER) == {"batchItemFailures": []}

    def deliver(self, lose: Lose = nothing) -> None:
        """Let the stream bring its records to the outbox until no more come; what is to be lost never gets there."""
        while records := self.take():
            kept = []
            for record in records:
                item = unmarshal(record["dynamodb"].get("NewImage", {}))
                (self.lost if item and lose(item) else kept).append(record)
            if kept:
                self.stream.handler({"Records": kept})

    def compare(self, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
        """Run the command as a person does; return what it says to machines."""
        capsys.readouterr()
        code = main(["--stage", self.name, "--json", *more])
        told = json.loads(capsys.readouterr().out)
        assert told["trialBalance"]["problems"] == []
        assert code == (1 if told["differences"] else 0)
        return told

    def an_hour_later(self) -> None:
        moment = clock.now() + timedelta(hours=1)
        self.monkeypatch.setattr(clock, "now", lambda: moment)

    def republish(self, action: str) -> int:
        """Run the command that a difference proposes, as it stands in its line."""
        command = action.split(";")[0].split()
        assert command[:3] == ["python", "-m", "tools.republish"]
        return republish.main(command[3:])


FOREVER = SimpleNamespace(get_remaining_time_in_millis=lambda: 100_000)


def load_worker(queue: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SETTLEMENT_QUEUE_URL", queue)
    from bet.handlers import settlement

    return settlement


@pytest.fixture
def stage(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(emulator, monkeypatch)


HOME = {"1": "WON", "X": "LOST", "2": "LOST"}
AWAY = {"1": "LOST", "X": "LOST", "2": "WON"}


def place(stage: Stage, user: str, market: str, selection: str = "1", odds: str = "2.50") -> str:
    placed = stage.bet.placing.place(user, new_slip(stage.bet, (market, selection, odds)))
    assert placed["status"] == "ACCEPTED"
    return str(placed["bet_id"])


def is_bet(bet_id: str, status: str) -> Lose:
    return lambda item: bool(item.get("bet_id") == bet_id and item.get("status") == status)


def found(told: Any) -> list[tuple[str, str]]:
    return [(difference["code"], difference["id"]) for difference in told["differences"]]


def test_a_settled_bet_whose_record_was_lost_is_found_by_its_id_and_paid_by_publishing_it_anew(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    unlucky, lucky = stage.player(), stage.player()
    market = new_market(stage.bet)
    bet_id, other = place(stage, unlucky, market), place(stage, lucky, market)
    stage.deliver()
    assert found(stage.compare(capsys)) == []
    decide(stage.bet, market, HOME)
    stage.deliver(lose=is_bet(bet_id, "SETTLED"))
    assert len(stage.lost) == 1
    assert stage.bet.bets.get_bet(unlucky, bet_id)["payout_cents"] == 25_000
    assert (money(stage.wallet, unlucky), money(stage.wallet, lucky)) == ((85_000, 10_000), (110_000, 0))
    told = stage.compare(capsys)
    assert found(told) == [], "it may still be on its way"
    assert [(pending["code"], pending["id"]) for pending in told["pending"]] == [("BET_SETTLEMENT_MISSING", bet_id)]
    assert found(stage.compare(capsys, "--grace", "0")) == [("BET_SETTLEMENT_MISSING", bet_id)]
    stage.an_hour_later()
    told = stage.compare(capsys)
    assert found(told) == [("BET_SETTLEMENT_MISSING", bet_id)]
    assert told["differences"][0]["amountsCents"] == {"payout": 25_000, "posted": 0, "held": 10_000}
    assert stage.republish(told["differences"][0]["action"]) == 0
    told = stage.compare(capsys, "--grace", "0")
    assert (found(told), told["pending"], told["seen"]["bets"]) == ([], [], 2)
    assert money(stage.wallet, unlucky) == (110_000, 0)
    for again in (bet_id, other):
        assert republish.main(["--stage", stage.name, "--service", "bet", "--id", again]) == 0
    assert [money(stage.wallet, user) for user in (unlucky, lucky)] == [(110_000, 0)] * 2


@pytest.mark.parametrize("how", ["corrected", "taken back"])
def test_a_lost_correction_is_found_and_posted(stage: Stage, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    user, market = stage.player(), new_market(stage.bet)
    bet_id = place(stage, user, market)
    decide(stage.bet, market, HOME)
    stage.deliver()
    assert money(stage.wallet, user) == (110_000, 0)
    stage.an_hour_later()
    if how == "corrected":
        decide(stage.bet, market, AWAY)
    else:
        stage.bet.deciding.roll_back(market, None, TRADERS[0], "settled for another game")
    stage.deliver(lose=lambda item: bool(item.get("bet_id") == bet_id and item.get("settlement_version") == 2))
    assert money(stage.wallet, user) == (110_000, 0)
    assert found(stage.compare(capsys)) == [], "an old bet's new result may still be on its way"
    stage.an_hour_later()
    (difference,) = stage.compare(capsys)["differences"]
    code = "BET_SETTLEMENT_MISSING" if how == "corrected" else "BET_REOPENING_MISSING"
    assert (difference["code"], difference["id"]) == (code, bet_id)
    assert stage.republish(difference["action"]) == 0
    assert found(stage.compare(capsys)) == []
    assert money(stage.wallet, user) == ((85_000, 0) if how == "corrected" else (85_000, 10_000))


def test_a_lost_cancellation_and_a_bet_that_nobody_decided_are_found_and_their_stakes_come_back(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    user, market = stage.player(), new_market(stage.bet)
    cancelled = place(stage, user, market)
    stage.bet.cancelling.cancel(user, cancelled)
    wanted = new_slip(stage.bet, (market, "1", "2.50"))
    pending = stage.bet.bets.bet_id_of(user, wanted.request_id)
    stage.bet.acceptance.put_pending(user, pending, wanted, 10)
    promised = stage.bet.placing.promise(stage.bet.placing.assess(pending, wanted).accepted())
    stage.bet.wallet_api.hold_stake(user, pending, 10_000, promised)
    stage.deliver(lose=lambda item: True)
    assert money(stage.wallet, user) == (75_000, 20_000)
    assert found(stage.compare(capsys)) == []
    stage.an_hour_later()
    told = stage.compare(capsys)
    expected = [("BET_NOT_DECIDED", pending), ("BET_STAKE_NOT_RELEASED", cancelled)]
    assert sorted(found(told)) == expected
    for difference in told["differences"]:
        assert stage.republish(difference["action"]) == 0
    patient = {"QueueUrl": stage.followups, "WaitTimeSeconds": 20}
    (message,) = aws_clients.client("sqs").receive_message(**patient)["Messages"]
    stage.followup.follow_up(json.loads(message["Body"]))
    stage.deliver()
    assert found(stage.compare(capsys)) == []
    assert money(stage.wallet, user) == (95_000, 0)
    assert stage.bet.bets.get_bet(user, pending)["reason"] == "BET_TIMED_OUT"


def test_a_market_whose_settlement_was_lost_half_way_is_settled_to_the_end_by_publishing_its_result(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    users = [stage.player() for _ in range(5)]
    market, later = new_market(stage.bet), new_market(stage.bet, "m2")
    won, lost = place(stage, users[0], market), place(stage, users[1], market, "2", "2.90")
    done, cancelled = place(stage, users[2], market), place(stage, users[3], market)
    elsewhere = place(stage, users[4], later)
    stage.bet.cancelling.cancel(users[3], cancelled)
    decide(stage.bet, market, HOME)
    stage.bet.worker.settle_one(market, users[2], done)
    stage.deliver(lose=lambda item: item["sk"] == "RESULT")
    assert len(stage.lost) == 1
    assert found(stage.compare(capsys)) == [], "the worker may still be at it"
    stage.an_hour_later()
    (difference,) = stage.compare(capsys)["differences"]
    assert (difference["code"], difference["id"]) == ("MARKET_NOT_SETTLED", market)
    assert difference["amountsCents"] == {"stakes": 20_000}
    others = [(users[2], done), (users[3], cancelled), (users[4], elsewhere)]
    before = [stage.bet.bets.get_bet(*key) for key in others]
    assert [bet["status"] for bet in before] == ["SETTLED", "CANCELLED", "ACCEPTED"]
    assert stage.republish(difference["action"]) == 0
    stage.deliver()
    assert found(stage.compare(capsys, "--grace", "0")) == []
    assert [stage.bet.bets.get_bet(*key) for key in others] == before
    assert stage.bet.bets.get_bet(users[0], won)["outcome"] == "WON"
    assert stage.bet.bets.get_bet(users[1], lost)["outcome"] == "LOST"
    balances = [(110_000, 0), (85_000, 0), (110_000, 0), (95_000, 0), (85_000, 10_000)]
    assert [money(stage.wallet, user) for user in users] == balances
    everything = list(stage.bet.table.scan())
    assert republish.main(["--stage", stage.name, "--service", "bet", "--market", market]) == 0
    assert list(stage.bet.table.scan()) == everything
    assert [money(stage.wallet, user) for user in users] == balances
