"""The restore drill: docs/runbooks/restore_a_table.md, followed line by line on a stage with bets in every state.

The emulator restores a table as it is now, whatever the moment, so what is "lost" is done after the copy. It keeps the
bus, the queue and the stack's own functions out; those are stood in for as in test_reconcile_bets.py.
"""

import json
import shlex
import sys
import time
from typing import Any

import boto3
import pytest

from betsafi.dynamodb import marshal
from tests.integration.tools import test_reconcile_bets as bets
from tests.integration.tools.test_runbooks import commands
from tests.support.bet import decide, new_market, new_slip
from tests.support.emulator import aws
from tests.support.services import load, stores
from tools import rehold, republish, restore
from tools.base import names
from tools.reconcile.__main__ import main as reconcile

RUNBOOK = [command for runbook, command in commands() if runbook == "restore_a_table.md"]
FUNCTION = "def handler(event, context): return 1"


def template(stage: str, table: dict[str, Any]) -> dict[str, Any]:
    """Return a service's stack in small: what it does with its table, and where osls puts templates."""
    own, retained = {"Ref": "Table"}, {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    code = {"Handler": "index.handler", "Runtime": "python3.11", "Code": {"ZipFile": FUNCTION}}
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    may = {"Effect": "Allow", "Action": "dynamodb:Query"}
    allowed = [
        {**may, "Resource": {"Fn::GetAtt": ["Table", "Arn"]}},
        {**may, "Resource": {"Fn::Sub": "${Table.Arn}/index/by_time"}},
    ]
    policy = {"PolicyName": "table", "PolicyDocument": {"Statement": allowed}}
    told = {
        "name": own,
        "stream": {"Fn::GetAtt": ["Table", "StreamArn"]},
        "sub": {"Fn::Sub": ["${Table} ${x}", {"x": own}]},
    }
    return {
        "Resources": {
            "ServerlessDeploymentBucket": {"Type": "AWS::S3::Bucket"},
            "Table": {"Type": "AWS::DynamoDB::Table", **retained, "Properties": table},
            "Role": {
                "Type": "AWS::IAM::Role", "DependsOn": ["Table"],
                "Properties": {"AssumeRolePolicyDocument": trust, "Policies": [policy]},
            },
            **{
                f"{function.capitalize()}LambdaFunction": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "FunctionName": f"betsafi-wallet-{stage}-{function}", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                        "Environment": {"Variables": {"TABLE_NAME": own}}, **code, **more,
                    },
                }
                for function, more in {"api": {"ReservedConcurrentExecutions": 7}, "graphql": {}}.items()
            },
            "ApiLambdaVersion1": {
                "Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "ApiLambdaFunction"}},
            },
            "ApiSnapStartLambdaAlias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "FunctionName": {"Ref": "ApiLambdaFunction"}, "Name": "snapstart",
                    "FunctionVersion": {"Fn::GetAtt": ["ApiLambdaVersion1", "Version"]},
                },
            },
            **{
                f"{name.capitalize()}Parameter": {
                    "Type": "AWS::SSM::Parameter",
                    "Properties": {"Name": f"/betsafi/{stage}/drill/{name}", "Type": "String", "Value": value},
                }
                for name, value in told.items()
            },
        }
    }  # fmt: skip


class Drill(bets.Stage):
    """Bet and wallet with a bus between them, the wallet's table in a stack, and a queue that repeats what failed."""

    def __init__(self, emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.emulator = emulator
        self.cloudformation, self.dynamodb = aws("cloudformation", emulator), aws("dynamodb", emulator)
        self.ssm, self.functions = aws("ssm", emulator), aws("lambda", emulator)
        super().__init__(emulator, monkeypatch)
        self.failed: list[dict[str, Any]] = []
        self.first, self.second = f"betsafi-wallet-{self.name}", f"betsafi-wallet-{self.name}-2"
        self.let_functions_be_stopped()
        self.furnish()
        self.template = template(self.name, self.properties(self.first))
        self.deploy_stacks()
        monkeypatch.setattr(restore, "EVERY_SECONDS", 0.1)

    def let_functions_be_stopped(self) -> None:
        """Bet's outbox still runs in this process; everything else about functions is the emulator's."""
        clients, functions = boto3.client, self.functions

        class Lambda:
            invoke = staticmethod(clients("lambda").invoke)

            def __getattr__(_, name: str) -> Any:
                return getattr(functions, name)

        self.monkeypatch.setattr(
            boto3, "client", lambda name, **more: Lambda() if name == "lambda" else clients(name, **more)
        )

    def furnish(self) -> None:
        """Give the table in use what AWS does not restore."""
        stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        self.dynamodb.update_table(TableName=self.first, StreamSpecification=stream)
        self.dynamodb.update_table(TableName=self.first, DeletionProtectionEnabled=True)
        recovery = {"PointInTimeRecoveryEnabled": True}
        self.dynamodb.update_continuous_backups(TableName=self.first, PointInTimeRecoverySpecification=recovery)
        life = {"Enabled": True, "AttributeName": "forget_at"}
        self.dynamodb.update_time_to_live(TableName=self.first, TimeToLiveSpecification=life)
        arn = self.dynamodb.describe_table(TableName=self.first)["Table"]["TableArn"]
        self.dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "project", "Value": "betsafi"}])

    def properties(self, name: str) -> dict[str, Any]:
        about = self.dynamodb.describe_table(TableName=self.first)["Table"]
        (index,) = about["LocalSecondaryIndexes"]
        by_time = {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
        return {
            "TableName": name, "BillingMode": "PAY_PER_REQUEST", "DeletionProtectionEnabled": True,
            "KeySchema": about["KeySchema"], "AttributeDefinitions": about["AttributeDefinitions"],
            "LocalSecondaryIndexes": [by_time], "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        }  # fmt: skip

    def deploy_stacks(self) -> None:
        """The wallet's stack, which takes the table that there is; and two that have but a function to be stopped."""
        without = restore.pinned(self.template, self.dynamodb.describe_table(TableName=self.first)["Table"])
        self.create(f"betsafi-wallet-{self.name}", without)
        sqs, name = aws("sqs", self.emulator), f"betsafi-wallet-{self.name}-InboundQueue"
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        function = f"betsafi-wallet-{self.name}-api"
        self.mapping = self.functions.create_event_source_mapping(EventSourceArn=queue, FunctionName=function)["UUID"]
        stack, own = restore.Stack(self.name, "wallet"), {"Table": self.template["Resources"]["Table"]}
        stack.take({**without, "Resources": {**without["Resources"], **own}}, self.first)
        stack.update(self.template)
        for service in ("bet", "payment"):
            function = json.loads(json.dumps(without["Resources"]["GraphqlLambdaFunction"]))
            function["Properties"]["FunctionName"] = f"betsafi-{service}-{self.name}-graphql"
            role = without["Resources"]["Role"]
            self.create(
                f"betsafi-{service}-{self.name}", {"Resources": {"Role": role, "GraphqlLambdaFunction": function}}
            )

    def create(self, name: str, template: dict[str, Any]) -> None:
        self.cloudformation.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        self.cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})

    def hear(self, entry: dict[str, Any]) -> None:
        """As the bus and the wallet's queue: what failed comes again with whatever comes next."""
        again, self.failed = [*self.failed, entry], []
        for one in again:
            try:
                super().hear(one)
            except AssertionError:
                self.failed.append(one)

    def run(self, command: str) -> int:
        """Run a line of the runbook as it is written there, on this stage."""
        text = command.replace("betsafi-wallet-$stage-2", self.second).replace("$stage", self.name)
        module, *arguments = shlex.split(text, comments=True)[2:]
        mains = {"tools.restore": restore, "tools.rehold": rehold, "tools.republish": republish}
        return reconcile(arguments) if module == "tools.reconcile" else mains[module].main(arguments)

    def concurrency(self, service: str, function: str) -> int | None:
        name = f"betsafi-{service}-{self.name}-{function}"
        found: int | None = self.functions.get_function_concurrency(FunctionName=name).get(
            "ReservedConcurrentExecutions"
        )
        return found

    def reads(self) -> str:
        return str(self.functions.get_event_source_mapping(UUID=self.mapping)["State"])

    def rename(self, folder: Any) -> None:
        """What is written into tables.json; the functions start anew on the table that their stack names."""
        renamed = folder / "tables.json"
        renamed.write_text(json.dumps({self.name: {"wallet": self.second}}))
        self.monkeypatch.setattr(names, "RENAMED", renamed)
        self.consumer = load("wallet.handlers.consumer", TABLE_NAME=self.second)
        self.wallet = stores("wallet")
        self.monkeypatch.setattr(
            self.bet.wallet_api,
            "hold_stake",
            lambda user, bet_id, cents: self.wallet.place_hold(user, bet_id, "BET", cents),
        )


@pytest.fixture
def drill(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Drill:
    return Drill(emulator, monkeypatch)


def bet(drill: Drill, user: str, market: str, stake: str) -> str:
    placed = drill.bet.placing.place(user, new_slip(drill.bet, (market, "1", "2.50"), stake=stake))
    assert placed["status"] == "ACCEPTED"
    return str(placed["bet_id"])


def step(*words: str) -> list[str]:
    """Return the runbook's lines that have all these words, in their order."""
    return [command for command in RUNBOOK if all(word in command for word in words)]


def balances(wallet: Any, users: list[str]) -> list[tuple[int, int]]:
    return [(account["available"], account["held"]) for account in map(wallet.get_account, users)]


def test_a_wallet_is_restored_as_the_runbook_says(
    drill: Drill, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    users = [drill.player() for _ in range(3)]
    chained, single, _ = users
    before, won, lost, still_open = (new_market(drill.bet, f"drill-{n}") for n in range(4))
    bet(drill, chained, before, "100")
    drill.deliver()
    (copy,) = step("restore copy")
    assert drill.run(copy) == 0, capsys.readouterr().err

    # What is lost: a bet of nearly all the money, which wins; one that only its payout could pay for; one that loses.
    bet(drill, chained, won, "800")
    drill.deliver()
    decide(drill.bet, won, bets.HOME)
    drill.deliver()
    bet(drill, chained, still_open, "1500")
    bet(drill, single, lost, "300")
    decide(drill.bet, lost, bets.AWAY)
    decide(drill.bet, before, bets.HOME)
    drill.deliver()
    right = balances(drill.wallet, users)
    assert right == [(80_000, 150_000), (65_000, 0), (95_000, 0)]

    stops = step("restore stop")
    assert [drill.run(command) for command in stops] == [0, 0, 0]
    stopped = {(s, f): drill.concurrency(s, f) for s, f in FUNCTIONS}
    assert stopped == dict.fromkeys(FUNCTIONS, 0)
    assert drill.reads() == "Disabled"

    (adopt,) = step("restore adopt")
    assert drill.run(adopt) == 0, capsys.readouterr().err
    assert_adopted(drill)
    drill.rename(tmp_path)
    assert balances(drill.wallet, users) == [(85_000, 10_000), (95_000, 0), (95_000, 0)]
    assert reconcile(["--stage", drill.name, "--grace", "0"]) == 1
    told = capsys.readouterr().out
    assert "BET_STAKE_MISSING" in told
    assert "BET_SETTLEMENT_MISSING" in told

    starts = step("restore start")
    assert [drill.run(command) for command in starts] == [0, 0, 0]
    assert {(s, f): drill.concurrency(s, f) for s, f in FUNCTIONS} == {**dict.fromkeys(FUNCTIONS), ("wallet", "api"): 7}
    assert drill.reads() == "Enabled"

    (again, _) = step("rehold")
    (publish,) = step("republish", "--service bet")
    assert drill.run(f"{again} --dry-run") == 0
    assert "3 missing" in capsys.readouterr().out
    assert drill.run(again) == 1, "the second bet waits for the payout of the first"
    assert f"of player {chained}: INSUFFICIENT_FUNDS" in capsys.readouterr().out
    assert drill.run(publish) == 0
    assert drill.run(again) == 0
    assert drill.run(publish) == 0
    assert drill.failed == []
    assert drill.run(again) == 0
    assert balances(drill.wallet, users) == right
    (check,) = step("reconcile")
    assert drill.run(check) == 0, capsys.readouterr().out


FUNCTIONS = [("bet", "graphql"), ("payment", "graphql"), ("wallet", "api"), ("wallet", "graphql")]


def assert_adopted(drill: Drill) -> None:
    """The stack runs on the second table and owns it; the first is untouched; a plain deployment changes neither."""
    new = drill.dynamodb.describe_table(TableName=drill.second)["Table"]

    def look() -> None:
        stack = f"betsafi-wallet-{drill.name}"
        owned = drill.cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId="Table")
        assert owned["StackResourceDetail"]["PhysicalResourceId"] == drill.second
        said = {
            name: drill.ssm.get_parameter(Name=f"/betsafi/{drill.name}/drill/{name}")
            for name in ("name", "stream", "sub")
        }
        assert {name: one["Parameter"]["Value"] for name, one in said.items()} == {
            "name": drill.second,
            "stream": new["LatestStreamArn"],
            "sub": f"{drill.second} {drill.second}",
        }
        api = f"betsafi-wallet-{drill.name}-api"
        for which in ({}, {"Qualifier": "snapstart"}):
            function = drill.functions.get_function_configuration(FunctionName=api, **which)
            assert function["Environment"]["Variables"] == {"TABLE_NAME": drill.second}, which

    look()
    items = drill.dynamodb.scan(TableName=drill.second)["Items"]
    assert len(drill.dynamodb.scan(TableName=drill.first)["Items"]) > len(items)
    deployed = template(drill.name, drill.properties(drill.second))
    restore.Stack(drill.name, "wallet").update(deployed)
    look()
    assert drill.dynamodb.scan(TableName=drill.second)["Items"] == items


def test_what_aws_leaves_out_is_set_and_a_difference_is_refused(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    drill.dynamodb.restore_table_to_point_in_time(
        SourceTableName=drill.first, TargetTableName=drill.second, UseLatestRestorableTime=True
    )
    bare = restore.differences(drill.first, drill.second)
    lacking = [line.split(":")[0] for line in bare]
    assert {"stream", "deletion protection", "restore points", "time to live", "tags"} <= set(lacking)
    (adopt,) = step("restore adopt")
    assert drill.run(adopt) == 1
    assert "is not like the table in use" in capsys.readouterr().err
    (copy,) = step("restore copy")
    assert [drill.run(copy), drill.run(copy)] == [0, 0], "it can be run again"
    assert restore.differences(drill.first, drill.second) == []


def test_a_stack_without_its_table_or_that_would_delete_it_is_left_alone(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy,), (adopt,) = step("restore copy"), step("restore adopt")
    assert drill.run(copy) == 0
    careless = json.loads(json.dumps(drill.template))
    careless["Resources"]["Table"]["DeletionPolicy"] = "Delete"
    restore.Stack(drill.name, "wallet").update(careless)
    assert drill.run(adopt) == 1
    assert "would delete its table" in capsys.readouterr().err
    assert drill.dynamodb.describe_table(TableName=drill.first)["Table"]["TableStatus"] == "ACTIVE"


def test_an_adoption_that_stopped_halfway_goes_on(drill: Drill, capsys: pytest.CaptureFixture[str]) -> None:
    (copy,), (adopt,) = step("restore copy"), step("restore adopt")
    assert drill.run(copy) == 0

    def crash(*_: object) -> None:
        raise restore.Refused("the network went away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restore.Stack, "take", crash)
        assert drill.run(adopt) == 1
    assert "the network went away" in capsys.readouterr().err
    assert "Table" not in restore.Stack(drill.name, "wallet").template()["Resources"]
    function = drill.functions.get_function_configuration(FunctionName=f"betsafi-wallet-{drill.name}-api")
    assert function["Environment"]["Variables"] == {"TABLE_NAME": drill.second}, "it runs on the new table already"
    assert drill.run(adopt) == 0, capsys.readouterr().err
    owned = restore.Stack(drill.name, "wallet").template()["Resources"]["Table"]["Properties"]
    assert owned == {**drill.template["Resources"]["Table"]["Properties"], "TableName": drill.second}


def test_an_adoption_that_stopped_at_its_change_set_goes_on_in_the_same_second(
    drill: Drill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy,), (adopt,) = step("restore copy"), step("restore adopt")
    assert drill.run(copy) == 0
    take, now = restore.Stack.take, time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    def stop(stack: restore.Stack, *given: Any) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stack._client, "execute_change_set", lambda **_: sys.exit("the network went away"))
            take(stack, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restore.Stack, "take", stop)
        with pytest.raises(SystemExit, match="the network went away"):
            drill.run(adopt)
    assert drill.run(adopt) == 0, capsys.readouterr().err
    owned = restore.Stack(drill.name, "wallet").template()["Resources"]["Table"]["Properties"]
    assert owned["TableName"] == drill.second


def withdrawal(payment_id: str, user: str, status: str, minute: int) -> dict[str, Any]:
    """Return a withdrawal of KES 100.00 as payment keeps it."""
    at = f"2026-11-26T08:{minute:02}:00.000000Z"
    parts = {"paid_cents": 9_500, "withholding_cents": 500, "remainder_cents": 0}
    about = {"payment_id": payment_id, "user_id": user, "kind": "WITHDRAWAL", "status": status, "amount_cents": 10_000}
    return {"pk": f"PAYMENT#{payment_id}", "sk": "PAYMENT", "at": at, "updated_at": at, **about, **parts}


def test_holds_of_withdrawals_come_back_unless_they_failed_or_were_never_held(
    drill: Drill, capsys: pytest.CaptureFixture[str]
) -> None:
    user, poor = drill.player(), drill.player()
    drill.wallet.place_hold(user, "known", "WITHDRAWAL", 10_000)
    drill.wallet.place_hold(poor, "all", "WITHDRAWAL", 95_000)
    states = ["HELD", "UNKNOWN", "COMPLETED", "FAILED", "REFUSED", "REQUESTED"]
    items = [withdrawal(status.lower(), user, status, n) for n, status in enumerate(states)]
    items += [withdrawal("known", user, "SUBMITTED", 7), withdrawal("too-much", poor, "HELD", 8)]
    for item in items:
        drill.dynamodb.put_item(TableName=f"betsafi-payment-{drill.name}", Item=marshal(item))
    assert rehold.main(["--stage", drill.name, "--dry-run"]) == 0
    assert "4 missing" in capsys.readouterr().out
    assert balances(drill.wallet, [user, poor]) == [(85_000, 10_000), (0, 95_000)], "a dry run holds nothing"
    for _ in range(2):
        assert rehold.main(["--stage", drill.name]) == 1
        assert f"too-much of player {poor}: INSUFFICIENT_FUNDS" in capsys.readouterr().out
        assert balances(drill.wallet, [user, poor]) == [(55_000, 40_000), (0, 95_000)]
    drill.wallet.pay_out(user, "completed", 9_500, 500, 0)
    drill.wallet.release(poor, "all", "not wanted")
    assert rehold.main(["--stage", drill.name]) == 0
    assert balances(drill.wallet, [user, poor]) == [(55_000, 30_000), (85_000, 10_000)]


def test_a_name_that_was_never_written_down_is_the_first_one() -> None:
    assert names.table_name("dev", "wallet") == "betsafi-wallet-dev"
