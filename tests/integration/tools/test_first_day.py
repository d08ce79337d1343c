"""`tools.first_day` on an emulated account: each question is answered yes where it is so, else no with what to do."""

import io
import json
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from betsafi import clock
from betsafi.dynamodb import marshal
from payment import callbacks
from tests.support.emulator import aws, create_table
from tests.support.services import SECRET
from tools import first_day
from wallet.rules import limits

ACCOUNT = {
    "lambda": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000},
    "sandbox": False,
    "spend": "50",
}
"""What an account that has asked for everything is told; the emulator does not know quotas and sandboxes."""


class CallbackAddress:
    """Stands for API Gateway at M-Pesa's callback address: takes what `takes` says, and remembers what came."""

    def __init__(self) -> None:
        self.takes: Callable[[str], tuple[int, str]] = lambda kind: (200, '{"ResultCode":0,"ResultDesc":"Accepted"}')
        self.came: list[str] = []
        address = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                kind = self.headers["Content-Type"]
                address.came.append(f"{self.path} {kind}")
                status, said = address.takes(kind)
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *parts: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class Stage:
    """A stage about which every answer is yes."""

    def __init__(self, emulator: str, address: CallbackAddress) -> None:
        self.name, self.emulator, self.address = f"f{uuid.uuid4().hex[:8]}", emulator, address
        self.account = {**ACCOUNT}
        self.dynamodb, self.ssm, self.cloudwatch = (aws(name, emulator) for name in ("dynamodb", "ssm", "cloudwatch"))
        self.tables()
        self.alarms()
        self.payment()

    def tables(self) -> None:
        for service in first_day.TABLES:
            name = create_table(self.emulator, f"betsafi-{service}-{self.name}", service, stream=True)
            self.dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
            recovery = {"PointInTimeRecoveryEnabled": True}
            self.dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)

    def alarms(self) -> None:
        sns = aws("sns", self.emulator)
        self.topic = sns.create_topic(Name=f"betsafi-alarms-{self.name}")["TopicArn"]
        name = f"/betsafi/{self.name}/platform/alarms/arn"
        self.ssm.put_parameter(Name=name, Type="String", Value=self.topic)
        queue = aws("sqs", self.emulator).create_queue(QueueName=f"on-call-{self.name}")["QueueUrl"]
        arn = f"arn:aws:sqs:eu-west-1:000000000000:{queue.rsplit('/', 1)[1]}"
        self.subscription = sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        self.alarm = f"betsafi-wallet-{self.name}-LedgerAlarm-1"
        self.put_alarm(self.alarm)
        self.cloudwatch.set_alarm_state(AlarmName=self.alarm, StateValue="OK", StateReason="test")

    def put_alarm(self, name: str, **more: Any) -> None:
        self.cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace="Betsafi", MetricName="LedgerProblems", Statistic="Maximum", Period=60,
            EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold", **more,
        )  # fmt: skip

    def payment(self) -> None:
        secret = {**SECRET, "nominatedNumber": "254700000000"}
        secret["initiatorPasswordSetAt"] = clock.now().date().isoformat()
        self.secret = f"betsafi/{self.name}/payment/daraja"
        aws("secretsmanager", self.emulator).create_secret(Name=self.secret, SecretString=json.dumps(secret))
        self.function = f"betsafi-payment-{self.name}-followup"
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("nothing.py", "")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = aws("iam", self.emulator).create_role(RoleName=self.name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        aws("lambda", self.emulator).create_function(
            FunctionName=self.function, Runtime="python3.11", Role=role, Handler="nothing.handler",
            Code={"ZipFile": code.getvalue()}, Environment={"Variables": self.settings()},
        )  # fmt: skip
        aws("apigateway", self.emulator).create_domain_name(domainName="127.0.0.1")
        self.register(self.address.url, SECRET["callbackKey"])

    def settings(self, base: str | None = None) -> dict[str, str]:
        return {
            "TABLE_NAME": f"betsafi-payment-{self.name}", "DARAJA_SECRET_ID": self.secret, "DARAJA_URL": "http://m-pesa",
            "USERS_URL": "http://users", "WALLET_URL": "http://wallet", "FOLLOWUP_QUEUE_URL": "http://queue",
            "ARCHIVE_BUCKET": "archive", "CALLBACK_BASE_URL": self.address.url if base is None else base,
        }  # fmt: skip

    def configure(self, base: str) -> None:
        variables = self.settings(base)
        aws("lambda", self.emulator).update_function_configuration(
            FunctionName=self.function, Environment={"Variables": variables}
        )

    def keep_secret(self, **changes: str) -> None:
        client = aws("secretsmanager", self.emulator)
        kept = json.loads(client.get_secret_value(SecretId=self.secret)["SecretString"])
        client.put_secret_value(SecretId=self.secret, SecretString=json.dumps(kept | changes))

    def register(self, base: str, key: str) -> None:
        shortcode = SECRET["shortcode"]
        addresses = [callbacks.url(base, key, door, shortcode) for door in (callbacks.VALIDATION, callbacks.PAYBILL)]
        item = {"pk": "ADDRESSES", "sk": "DARAJA", "addresses": addresses}
        self.dynamodb.put_item(TableName=f"betsafi-payment-{self.name}", Item=marshal(item))

    def client(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return what makes clients, with the answers that only an account has."""
        account = self.account

        class Lambda:
            def get_account_settings(_) -> dict[str, Any]:
                return {"AccountLimit": account["lambda"]}

            def __getattr__(_, name: str) -> Any:
                return getattr(real("lambda"), name)

        class Sns:
            def get_sms_sandbox_account_status(_) -> dict[str, Any]:
                if account["sandbox"] == "denied":
                    raise ClientError({"Error": {"Code": "AuthorizationError", "Message": "not allowed"}}, "Get")
                return {"IsInSandbox": account["sandbox"]}

            def get_sms_attributes(_, attributes: list[str]) -> dict[str, Any]:
                return {"attributes": {"MonthlySpendLimit": account["spend"]} if account["spend"] else {}}

            def __getattr__(_, name: str) -> Any:
                return getattr(real("sns"), name)

        class ApiGateway:
            def get_domain_name(_, domainName: str) -> dict[str, Any]:
                return {**real("apigateway").get_domain_name(domainName=domainName), "domainNameStatus": "AVAILABLE"}

        ours: dict[str, Callable[[], Any]] = {"lambda": Lambda, "sns": Sns, "apigateway": ApiGateway}
        return lambda name, **more: ours[name]() if name in ours and not more else real(name, **more)


@pytest.fixture
def stage(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    address = CallbackAddress()
    made = Stage(emulator, address)
    monkeypatch.setattr(boto3, "client", made.client(boto3.client))
    for name in made.settings():
        monkeypatch.setenv(name, "")  # what the tool takes over from payment's function ends with the test
    yield made
    aws("apigateway", emulator).delete_domain_name(domainName="127.0.0.1")
    address.server.shutdown()


def no_concurrency(stage: Stage) -> None:
    stage.account["lambda"] = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}


def in_sandbox(stage: Stage) -> None:
    stage.account["sandbox"] = True


def not_allowed_to_ask(stage: Stage) -> None:
    stage.account["sandbox"] = "denied"


def never_asked_for_money(stage: Stage) -> None:
    stage.account["spend"] = ""


def no_recovery(stage: Stage) -> None:
    off = {"PointInTimeRecoveryEnabled": False}
    stage.dynamodb.update_continuous_backups(
        TableName=f"betsafi-bet-{stage.name}", PointInTimeRecoverySpecification=off
    )


def no_protection(stage: Stage) -> None:
    stage.dynamodb.update_table(TableName=f"betsafi-users-{stage.name}", DeletionProtectionEnabled=False)


def nobody_listens(stage: Stage) -> None:
    aws("sns", stage.emulator).unsubscribe(SubscriptionArn=stage.subscription)


def platform_is_missing(stage: Stage) -> None:
    stage.ssm.delete_parameter(Name=f"/betsafi/{stage.name}/platform/alarms/arn")


def an_alarm_rings(stage: Stage) -> None:
    stage.cloudwatch.set_alarm_state(AlarmName=stage.alarm, StateValue="ALARM", StateReason="test")


def an_alarm_is_muted(stage: Stage) -> None:
    stage.put_alarm(stage.alarm, ActionsEnabled=False)


def no_alarms(stage: Stage) -> None:
    stage.cloudwatch.delete_alarms(AlarmNames=[stage.alarm])


def money_from_nowhere(stage: Stage) -> None:
    balances = {"available": 100, "held": 0, "receivable": 0, "version": 1}
    account = {"pk": "USER#u", "sk": "ACCOUNT", "user_id": "u", **balances, **limits.unlimited(clock.now())}
    stage.dynamodb.put_item(TableName=f"betsafi-wallet-{stage.name}", Item=marshal(account))


def no_domain(stage: Stage) -> None:
    stage.configure("")


def a_banned_domain(stage: Stage) -> None:
    stage.configure("https://mpesa.example.com")


def a_domain_of_nobody(stage: Stage) -> None:
    stage.configure("https://pay.example.com")


def a_blank(stage: Stage) -> None:
    stage.keep_secret(passkey="")


def a_password_in_the_clear(stage: Stage) -> None:
    stage.keep_secret(securityCredential="Safari#Com2026%")


def an_old_password(stage: Stage) -> None:
    stage.keep_secret(initiatorPasswordSetAt="2026-01-01")


def never_registered(stage: Stage) -> None:
    key = {"pk": {"S": "ADDRESSES"}, "sk": {"S": "DARAJA"}}
    stage.dynamodb.delete_item(TableName=f"betsafi-payment-{stage.name}", Key=key)


def registered_with_another_key(stage: Stage) -> None:
    stage.register(stage.address.url, "another-key-of-the-callbacks")


def charset_is_not_taken(stage: Stage) -> None:
    stage.address.takes = lambda kind: (415, "") if "charset" in kind else (200, '{"ResultCode":0}')


def somebody_else_answers(stage: Stage) -> None:
    stage.address.takes = lambda kind: (200, "<html>This domain is parked")


NOES: list[tuple[str, Callable[[Stage], None], str]] = [
    ("Lambda's quota", no_concurrency, "10 executions"),
    ("SMS sandbox", in_sandbox, "only verified numbers"),
    ("SMS sandbox", not_allowed_to_ask, "could not be asked: ClientError"),
    ("SMS spending limit", never_asked_for_money, "USD 1 a month"),
    ("restore points", no_recovery, "bet (restore to a point in time)"),
    ("restore points", no_protection, "users (deletion protection)"),
    ("alarms reach people", nobody_listens, "nobody subscribes to betsafi-alarms"),
    ("alarms reach people", platform_is_missing, "is platform deployed"),
    ("alarms are quiet", an_alarm_rings, "ringing: betsafi-wallet"),
    ("alarms are quiet", an_alarm_is_muted, "muted: betsafi-wallet"),
    ("alarms are quiet", no_alarms, "There is no alarm"),
    ("the books balance", money_from_nowhere, "something differs"),
    ("callback domain", no_domain, "there is none"),
    ("callback domain", a_banned_domain, "must not contain 'mpesa'"),
    ("callback domain", a_domain_of_nobody, "could not be asked"),
    ("M-Pesa's secret", a_blank, "passkey"),
    ("M-Pesa's secret", a_password_in_the_clear, "securityCredential"),
    ("M-Pesa's secret", an_old_password, "days old"),
    ("M-Pesa's registration", never_registered, "never given"),
    ("M-Pesa's registration", registered_with_another_key, "other addresses"),
    ("callbacks of any content type", charset_is_not_taken, "application/json;charset=UTF-8: 415"),
    ("callbacks of any content type", somebody_else_answers, "by somebody else"),
]


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what was printed about each question: yes or no, and what was seen."""
    told = [line for line in capsys.readouterr().out.splitlines() if line[:4] in ("yes ", "no  ")]
    return {line[5:].split(": ")[0]: line for line in told}


def test_a_stage_that_is_ready_is_all_yes(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    code = first_day.main(["--stage", stage.name])
    told = lines(capsys)
    assert {name: line[:3] for name, line in told.items()} == dict.fromkeys(first_day.CHECKS, "yes"), told
    assert code == 0
    assert len(stage.address.came) == len(first_day.CONTENT_TYPES)


@pytest.mark.parametrize(("name", "fault", "seen"), NOES, ids=[fault.__name__ for _, fault, _ in NOES])
def test_a_fault_is_a_no_with_what_to_do(stage: Stage, name: str, fault: Callable[[Stage], None], seen: str) -> None:
    assert first_day.ask(first_day.CHECKS[name], stage.name).yes
    fault(stage)
    answer = first_day.ask(first_day.CHECKS[name], stage.name)
    assert not answer.yes
    assert seen in answer.seen
    assert answer.do


def test_one_no_is_told_and_the_rest_is_still_asked(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    not_allowed_to_ask(stage)
    assert first_day.main(["--stage", stage.name]) == 1
    told = lines(capsys)
    assert [name for name, line in told.items() if not line.startswith("yes")] == ["SMS sandbox"]
    assert list(told) == list(first_day.CHECKS)


def test_after_a_deployment_only_what_it_can_change_is_asked(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    not_allowed_to_ask(stage)
    assert first_day.main(["--stage", stage.name, "--deployed"]) == 0
    assert list(lines(capsys)) == [name for name in first_day.CHECKS if name not in first_day.OF_THE_ACCOUNT]
    assert stage.address.came == []


def test_every_question_has_a_fault_that_it_finds() -> None:
    assert {name for name, _, _ in NOES} == set(first_day.CHECKS)


def test_nothing_is_changed(stage: Stage) -> None:
    def tables() -> list[Any]:
        return [
            stage.dynamodb.scan(TableName=f"betsafi-{service}-{stage.name}")["Items"] for service in first_day.TABLES
        ]

    before = tables()
    first_day.main(["--stage", stage.name])
    assert tables() == before
