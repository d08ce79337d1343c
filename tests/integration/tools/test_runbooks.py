"""Every command of every runbook is run, as it is written there, on a stage where what it is about has happened."""

import importlib
import io
import json
import re
import shlex
import time
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest
from graphql import FieldNode, OperationDefinitionNode, parse, validate, value_from_ast_untyped

from betsafi import aws as aws_clients
from betsafi.dynamodb import marshal
from tests.support.emulator import aws, create_table
from tests.support.schema import api_schema
from tests.support.services import load
from tools import queues
from tools.first_day import TABLES

RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
OURS = ".venv/bin/python -m "
ELSEWHERE = {
    "--mpesa": "test_reconcile.py: needs a fake M-Pesa",
    "--statement": "test_reconcile.py: needs a statement's file",
    "tools.restore": "test_restore.py, which follows the whole runbook: needs stacks",
    "tools.rehold": "the same",
    "tools.returns": "wallet/test_returns.py: needs a bucket and a key",
}
"""Commands, or options of them, that other tests run, and why."""
SHELL = ("export ", "stage=")
"""How a shell begins in which runbooks are followed (README.md there); its commands have the stage of that."""
NEW = {"status_version": 0, "registered_at": "2026-11-26T08:30:00.000000Z", "language": "en"}


def fences(kind: str) -> list[tuple[str, str]]:
    """Return every fenced block of a kind, with the name of its runbook."""
    found = []
    for path in sorted(RUNBOOKS.glob("*.md")):
        for indent, text in re.findall(rf"^( *)```{kind}\n(.*?)^ *```", path.read_text(), re.M | re.S):
            found.append((path.name, re.sub(f"^{indent}", "", text, flags=re.M)))
    return found


def commands() -> list[tuple[str, str]]:
    """Return every command of every runbook."""
    lines = [(runbook, line.strip()) for runbook, text in fences("sh") for line in text.splitlines() if line.strip()]
    return [(runbook, line) for runbook, line in lines if not line.startswith(SHELL)]


class Stage:
    """A stage with every table, the queues that runbooks name, and bet's and payment's outboxes."""

    def __init__(self, emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name = f"s{uuid.uuid4().hex[:8]}"
        self.sqs, self.dynamodb = aws("sqs", emulator), aws("dynamodb", emulator)
        for service in TABLES:
            create_table(emulator, f"betsafi-{service}-{self.name}", service, stream=service == "bet")
        self.parking = self.queue("bet", "StreamFailureQueue")
        self.queue("payment", "CallbacksQueue")
        self.followups = self.queue("payment", "FollowUpsQueue")
        self.inbound, self.dead = self.queue("wallet", "InboundQueue"), self.queue("wallet", "InboundDeadLetterQueue")
        self.dead_letters()
        self.rings(aws("cloudwatch", emulator))
        self.fails(aws("logs", emulator))
        self.heard: list[str] = []
        streams = {"bet": self.bet_stream, "payment": self.payment_stream, "users": self.users_stream}
        self.streams = {service: stream(monkeypatch) for service, stream in streams.items()}
        real = boto3.client

        class Lambda:
            """Runs the stream functions in this process; everything else is the emulator's."""

            def invoke(_, FunctionName: str, Payload: bytes) -> dict[str, Any]:
                service = FunctionName.split("-")[1]
                assert FunctionName == f"betsafi-{service}-{self.name}-stream"
                said = self.streams[service].handler(json.loads(Payload))
                return {"Payload": io.BytesIO(json.dumps(said).encode())}

            def get_paginator(_, name: str) -> Any:
                return real("lambda").get_paginator(name)

        monkeypatch.setattr(boto3, "client", lambda name: Lambda() if name == "lambda" else real(name))
        self.bet_happened()
        self.payment_happened()
        self.put("users", pk="USER#u", sk="PROFILE", user_id="u", status="ACTIVE", **NEW)

    def queue(self, service: str, name: str) -> str:
        url: str = self.sqs.create_queue(QueueName=f"betsafi-{service}-{self.name}-{name}-1")["QueueUrl"]
        return url

    def rings(self, cloudwatch: Any) -> None:
        """Two alarms, as CloudFormation names them and the plugin `watch` describes them; one of them rings."""
        for alarm, topic in [("LedgerAlarm", "alarms"), ("TableThrottlesAlarm", "tickets")]:
            cloudwatch.put_metric_alarm(
                AlarmName=f"betsafi-wallet-{self.name}-{alarm}-1", AlarmDescription=f"{alarm}. See docs/runbooks/x.md",
                AlarmActions=[f"arn:aws:sns:eu-west-1:000000000000:betsafi-{topic}-{self.name}"],
                Namespace="Betsafi", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
            )  # fmt: skip
        cloudwatch.set_alarm_state(
            AlarmName=f"betsafi-wallet-{self.name}-LedgerAlarm-1", StateValue="ALARM", StateReason="for the test"
        )

    def fails(self, logs: Any) -> None:
        """A bet's function failed, and the wallet's had nothing to report about the same request."""
        now = int(time.time() * 1000)
        for service, level in [("bet", "ERROR"), ("wallet", "INFO"), ("payment", "INFO"), ("users", "INFO")]:
            group = f"/aws/lambda/betsafi-{service}-{self.name}-graphql"
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName="s")
            line = json.dumps({"level": level, "service": service, "correlation_id": "CORRELATION"})
            logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": now, "message": line}])

    def dead_letters(self) -> None:
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 60})
        self.sqs.set_queue_attributes(QueueUrl=self.inbound, Attributes={"RedrivePolicy": policy})
        self.sqs.send_message(QueueUrl=self.dead, MessageBody='{"source":"betsafi.bet","detail-type":"BetSettled"}')

    def bet_stream(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        module = load(
            "bet.handlers.stream", TABLE_NAME=f"betsafi-bet-{self.name}", PARKING_URL=self.parking, SERVICE="bet",
            BUS_NAME="default", FOLLOWUP_QUEUE_URL=self.followups, FOLLOWUP_SECONDS="1",
            SETTLEMENT_QUEUE_URL=self.followups,
        )  # fmt: skip
        return self.listen(module, monkeypatch)

    def payment_stream(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        module = load(
            "payment.handlers.stream", TABLE_NAME=f"betsafi-payment-{self.name}", PARKING_URL=self.parking,
            SERVICE="payment", BUS_NAME="default", FOLLOWUP_QUEUE_URL=self.followups, FOLLOWUP_DELAYS="1,2,3",
            DARAJA_SECRET_ID="s", DARAJA_URL="http://m-pesa", USERS_URL="http://users", WALLET_URL="http://wallet",
            CALLBACK_BASE_URL="http://here", ARCHIVE_BUCKET="a",
        )  # fmt: skip
        return self.listen(module, monkeypatch)

    def users_stream(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        about = {"PARKING_URL": self.parking, "SERVICE": "users", "BUS_NAME": "default"}
        return self.listen(load("users.handlers.stream", **about), monkeypatch)

    def listen(self, module: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Remember what an outbox puts on the bus."""
        real = aws_clients.client

        class Events:
            def put_events(_, Entries: list[dict[str, Any]]) -> dict[str, Any]:
                self.heard += [entry["DetailType"] for entry in Entries]
                return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}] * len(Entries)}

        monkeypatch.setattr(module.outbox, "client", lambda name: Events() if name == "events" else real(name))
        return module

    def put(self, service: str, **item: Any) -> None:
        self.dynamodb.put_item(TableName=f"betsafi-{service}-{self.name}", Item=marshal(item))

    def bet_happened(self) -> None:
        bet = {"bet_id": "BET", "user_id": "u", "status": "CANCELLED", "stake_cents": 100, "settlement_version": 0}
        bet |= {"revision": 1, "legs": []}
        self.put("bet", pk="USER#u", sk="BET#BET", at="2026-11-26T08:30:00.000000Z", **bet)
        about = {"market_id": "MARKET", "fixture_id": "f"}
        prices = {"version": 1, "status": "CLOSED", "odds": {"1": "2.00"}, "guard": 0, "guards": 1}
        prices |= {"fixture_status": "SCHEDULED", "fixture_version": 1}
        self.put("bet", pk="GUARD#MARKET#0", sk="GUARD", **prices, **about)
        self.put("bet", pk="RESULT#MARKET", sk="RESULT", result_version=1, results={"1": "WON"}, dead_heats={}, **about)
        note = {"error": "KeyError", "keys": marshal({"pk": "USER#u", "sk": "BET#BET"}), "eventId": "1"}
        self.sqs.send_message(QueueUrl=self.parking, MessageBody=json.dumps(note))

    def payment_happened(self) -> None:
        at = "2026-11-26T08:30:00.000000Z"
        withdrawal = {"kind": "WITHDRAWAL", "status": "UNKNOWN", "version": 4, "amount_cents": 50_000, "user_id": "u"}
        split = {"paid_cents": 40_000, "withholding_cents": 10_000, "remainder_cents": 0}
        self.put(
            "payment",
            **split,
            pk="PAYMENT#PAYMENT",
            sk="PAYMENT",
            payment_id="PAYMENT",
            at=at,
            updated_at=at,
            **withdrawal,
        )

    def run(self, command: str) -> int:
        """Run one of our commands in this process."""
        words = shlex.split(command.replace("$stage", self.name), comments=True)
        name = words[2]
        package = name if name != "tools.reconcile" else "tools.reconcile.__main__"
        module = importlib.import_module(package)
        code: int = module.main(words[3:])
        return code


@pytest.fixture
def stage(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(emulator, monkeypatch)


OUR_COMMANDS = sorted({command for _, command in commands() if command.startswith(OURS)})


def elsewhere(command: str) -> bool:
    return any(option in command for option in ELSEWHERE)


def test_every_command_is_one_of_ours_and_is_run() -> None:
    strange = [(runbook, command) for runbook, command in commands() if not command.startswith(OURS)]
    assert strange == []
    assert len(OUR_COMMANDS) >= 15
    assert [command for command in OUR_COMMANDS if "--stage $stage" not in command] == [], "for the stage that rings"
    text = "\n".join(path.read_text() for path in RUNBOOKS.glob("*.md"))
    assert not re.findall(r"`aws \S+", text), "a command in a sentence is run by nobody"


@pytest.mark.parametrize("command", [command for command in OUR_COMMANDS if not elsewhere(command)])
def test_a_command_does_what_it_says(stage: Stage, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = stage.run(command)
    printed = capsys.readouterr().out
    if "tools.reconcile" in command:
        assert code in (0, 1), printed
        assert "players:receivable" in printed or "sum" in printed.lower()
        return
    if "tools.alarms" in command:
        assert code == 1
        assert "page    LedgerAlarm. See docs/runbooks/" in printed
        assert "TableThrottles" not in printed
        return
    assert code == 0, printed
    if "tools.logs" in command:
        assert ('"service": "wallet"' in printed) == ("--id" in command)
        assert ('"level": "ERROR"' in printed) == ("--id" in command or "bet" in command or "--service" not in command)
    if "tools.republish" in command and "--dry-run" not in command:
        assert stage.heard
    if "--dry-run" in command:
        assert stage.heard == []
        assert "PAYMENT#PAYMENT" in printed or "BetCancelled" in printed
    if "--send" in command:
        (message,) = stage.sqs.receive_message(QueueUrl=stage.followups)["Messages"]
        assert message["Body"] == json.dumps(json.loads(shlex.split(command, comments=True)[-1]))
    if "--peek" in command:
        assert "BetSettled" in printed
    if "tools.redrive" in command:
        assert stage.sqs.receive_message(QueueUrl=stage.inbound)["Messages"]


def test_a_stage_that_is_called_like_a_part_of_a_service_has_none_of_another_s_queues(stage: Stage) -> None:
    stage.queue("frontend-api", "InboundQueue")
    assert [name for name in queues.queues(stage.sqs, "api", "") if stage.name in name] == []
    assert [name for name in queues.queues(stage.sqs, stage.name, "") if "frontend-api" in name]


def test_charges_transfers_and_taxes_are_booked_as_the_runbook_says(stage: Stage) -> None:
    """By two administrators, who both send what stands there."""
    table = f"betsafi-wallet-{stage.name}"
    door = load("wallet.handlers.graphql", TABLE_NAME=table)
    for text in [text for runbook, text in fences("graphql") if runbook == "reconciliation.md"]:
        (operation,) = [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]
        (field,) = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
        given = {argument.name.value: value_from_ast_untyped(argument.value) for argument in field.arguments}
        for admin, status in (("admin-1", "PROPOSED"), ("admin-2", "DONE")):
            identity = {"sub": admin, "groups": ["admin"]}
            event = {"type": "Mutation", "field": field.name.value, "arguments": given, "identity": identity}
            answer = door.handler(event)
            assert answer["data"]["status"] == status, answer
    found = [item for item in stage.dynamodb.scan(TableName=table)["Items"] if "postings" in item]
    kinds = {item["entry_kind"]["S"]: item["entry_id"]["S"] for item in found}
    assert kinds.pop("FEES").startswith("fees-2026-11-20-")
    assert kinds == {"FLOAT_TRANSFER": "TKK1234567", "TAX_REMITTANCE": "TKK7654321"}


def test_every_mutation_of_a_runbook_fits_the_schema() -> None:
    schema = api_schema()
    blocks = fences("graphql")
    assert blocks
    for runbook, text in blocks:
        assert validate(schema, parse(text)) == [], runbook
