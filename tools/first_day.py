"""Ask a real account what only it can settle: `python -m tools.first_day --stage dev`.

Prints yes or no for each question and, below each no, what to do. A question that cannot be asked says so and counts as
no. Exit code 0: everything is yes; 1: something is not. Run it after the first deployment, and until it is all yes;
`--deployed` asks what each later deployment could have changed.

Nothing is changed. The question about content types posts to M-Pesa's callback address as a stranger would: those
messages are thrown away as forged, and the alarm for that (CallbackForged) rings once and falls silent.
"""

import argparse
import contextlib
import importlib
import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from betsafi import clock
from betsafi.errors import DomainError
from payment import callbacks
from tools.base import asking
from tools.base.names import is_of_stage, table_name
from tools.base.services import with_table
from tools.reconcile import reading
from tools.reconcile.__main__ import main as reconcile

TABLES = with_table()
CONCURRENCY = 1_000
"""Executions at once that Lambda lets an account have by default; a new account gets 10 and has to ask."""
PASSWORD_DAYS = 80
"""M-Pesa's initiator password lasts 90."""
CONTENT_TYPES = (
    "application/json",
    "application/json;charset=UTF-8",
    "application/json; charset=utf-8",
    "text/plain",
    "text/plain;charset=UTF-8",
    "text/plain; charset=ISO-8859-1",
    "application/x-www-form-urlencoded",
    "application/xml",
    "text/xml;charset=UTF-8",
    "application/octet-stream",
)
"""What M-Pesa has been seen to send, and what its servers could: an unknown one is answered 415, and lost."""
_FILLED_IN = (
    "consumerKey", "consumerSecret", "shortcode", "passkey", "payoutShortcode", "initiatorName", "securityCredential",
    "callbackKey", "nominatedNumber", "initiatorPasswordSetAt",
)  # fmt: skip
_HTTP_SECONDS = 20
_TAKEN = "taken"


@dataclass(frozen=True)
class Answer:
    """Whether it is so, what was seen, and what to do where it is not."""

    yes: bool
    seen: str
    do: str = ""


Check = Callable[[str], Answer]


def lambda_concurrency(stage: str) -> Answer:
    """Lambda may run enough functions at once."""
    limit = boto3.client("lambda").get_account_settings()["AccountLimit"]
    allowed, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    return Answer(
        allowed >= CONCURRENCY,
        f"{allowed} executions at once, {free} of them not reserved",
        f"Ask for {CONCURRENCY} or more: Service Quotas, AWS Lambda, Concurrent executions (L-B99A9384).",
    )


def sms_sandbox(stage: str) -> Answer:
    """SMS reach every number."""
    inside = boto3.client("sns").get_sms_sandbox_account_status()["IsInSandbox"]
    seen = "in the sandbox: only verified numbers get an SMS" if inside else "out of the sandbox"
    return Answer(not inside, seen, "Ask AWS to leave the SMS sandbox (docs/getting_started.md).")


def sms_spending(stage: str) -> Answer:
    """SMS may cost more than the dollar that a new account starts with."""
    told = boto3.client("sns").get_sms_attributes(attributes=["MonthlySpendLimit"])["attributes"]
    limit = float(told.get("MonthlySpendLimit", 1))
    return Answer(
        limit > 1,
        f"at most USD {limit:.0f} a month",
        "Ask AWS for a higher limit, then set it: aws sns set-sms-attributes (docs/getting_started.md).",
    )


def restore_points(stage: str) -> Answer:
    """Every table can be restored to a second, is protected against deletion, and has a stream."""
    client = boto3.client("dynamodb")
    lacking = [f"{service} ({', '.join(found)})" for service in TABLES if (found := _lacks(client, service, stage))]
    return Answer(
        not lacking,
        f"lacking: {'; '.join(lacking)}" if lacking else f"{len(TABLES)} tables",
        "Deploy the service again; if that changes nothing, somebody changed its table by hand: put it back.",
    )


def _lacks(client: Any, service: str, stage: str) -> list[str]:
    name = table_name(stage, service)
    about = client.describe_table(TableName=name)["Table"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    has = {
        "restore to a point in time": _is_on(backups.get("PointInTimeRecoveryDescription", {})),
        "deletion protection": about.get("DeletionProtectionEnabled", False),
        "stream": about.get("StreamSpecification", {}).get("StreamEnabled", False),
    }
    return [what for what, on in has.items() if not on]


def _is_on(recovery: dict[str, Any]) -> bool:
    return bool(recovery.get("PointInTimeRecoveryStatus") == "ENABLED")


def alarms_reach_people(stage: str) -> Answer:
    """Somebody has confirmed a subscription to alarms."""
    sns, lonely = boto3.client("sns"), []
    for topic in _topics(stage):
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        listening = [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]
        if not any(arn.startswith("arn:") for arn in listening):
            lonely.append(topic.rsplit(":", 1)[1])
    return Answer(
        not lonely,
        f"nobody subscribes to {', '.join(lonely)}" if lonely else "somebody subscribes to each",
        "Subscribe whoever is on call to the topic and confirm the e-mail (docs/getting_started.md).",
    )


def _topics(stage: str) -> list[str]:
    names = [f"/betsafi/{stage}/platform/{topic}/arn" for topic in ("alarms", "tickets")]
    found = [one["Value"] for one in boto3.client("ssm").get_parameters(Names=names)["Parameters"]]
    if not found:
        raise reading.Unreadable(f"There is no {names[0]}: is platform deployed on stage {stage}?")
    return found


def alarms_quiet(stage: str) -> Answer:
    """No alarm rings and none is muted."""
    pages = boto3.client("cloudwatch").get_paginator("describe_alarms").paginate(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"], AlarmNamePrefix="betsafi-"
    )  # fmt: skip
    alarms = [one for page in pages for kind in ("MetricAlarms", "CompositeAlarms") for one in page.get(kind, [])]
    ours = [one for one in alarms if is_of_stage(one["AlarmName"], stage)]
    if not ours:
        raise reading.Unreadable(f"There is no alarm of stage {stage}: is it deployed?")
    loud = [one["AlarmName"] for one in ours if one["StateValue"] == "ALARM"]
    muted = [one["AlarmName"] for one in ours if not one.get("ActionsEnabled", True)]
    seen = [f"{what}: {', '.join(names)}" for what, names in (("ringing", loud), ("muted", muted)) if names]
    return Answer(
        not seen,
        "; ".join(seen) or f"{len(ours)} alarms",
        "Read the alarm's description, and its runbook in docs/runbooks.",
    )


def books(stage: str) -> Answer:
    """The ledger balances, and agrees with payments and bets."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as complaint:
        code = reconcile(["--stage", stage])
    seen = {0: "nothing differs", 1: "something differs"}.get(code, complaint.getvalue().strip())
    return Answer(code == 0, seen, f"python -m tools.reconcile --stage {stage} (docs/runbooks/reconciliation.md)")


def callback_domain(stage: str) -> Answer:
    """M-Pesa's callbacks have an address that Daraja takes, on a domain that API Gateway serves."""
    base = _callback_base(stage)
    do = "Set CALLBACK_DOMAIN and CALLBACK_CERTIFICATE_ARN, deploy payment, point the domain (docs/getting_started.md)."
    if not base:
        return Answer(False, "there is none: no money can come or go", do)
    try:
        callbacks.check_url(f"{base}/cb/s/x/x")
    except callbacks.BadCallbackUrl as error:
        return Answer(False, f"{base}: {error}", do)
    host = urlsplit(base).hostname
    domain = boto3.client("apigateway").get_domain_name(domainName=host)
    status = domain.get("domainNameStatus", "unknown")
    return Answer(status == "AVAILABLE", f"{base} is {status}", do)


def _callback_base(stage: str) -> str:
    functions, name = boto3.client("lambda"), f"betsafi-payment-{stage}-followup"
    told = functions.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {})
    return str(told.get("CALLBACK_BASE_URL", ""))


def mpesa_secret(stage: str) -> Answer:
    """M-Pesa's secret is filled in with what can be right, and the initiator's password is not about to end."""
    reading.become_payment(boto3.client("lambda"), stage)
    fits = importlib.import_module("payment.providers.mpesa.credentials").FIELDS
    secret = _secret(stage)
    wrong = [name for name in _FILLED_IN if not (value := secret.get(name)) or not fits[name](value)]
    do = "Fill them in (docs/getting_started.md); the password: python -m tools.security_credential."
    if wrong:
        return Answer(False, f"blank, or cannot be right: {', '.join(wrong)}", do)
    age = (clock.now().astimezone(clock.NAIROBI).date() - date.fromisoformat(secret["initiatorPasswordSetAt"])).days
    return Answer(age < PASSWORD_DAYS, f"all fields; the initiator's password is {age} days old", do)


def _secret(stage: str) -> dict[str, str]:
    text = boto3.client("secretsmanager").get_secret_value(SecretId=f"betsafi/{stage}/payment/daraja")["SecretString"]
    return dict(json.loads(text))


def mpesa_registration(stage: str) -> Answer:
    """M-Pesa has our addresses for questions and confirmations of paybill payments; so it took our keys, too."""
    secret, base = _secret(stage), _callback_base(stage)
    item = reading.item(boto3.client("dynamodb"), table_name(stage, "payment"), "ADDRESSES", "DARAJA")
    known = (item or {}).get("addresses", [])
    do = "An administrator calls `mutation { registerPaybill }`; other addresses are first deleted on M-Pesa's portal."
    if not known:
        return Answer(False, "M-Pesa was never given our addresses", do)
    kinds = (callbacks.VALIDATION, callbacks.PAYBILL)
    ours = [
        f"{base}/cb/{kind}/{secret['shortcode']}/{callbacks.sign(secret['callbackKey'], kind, secret['shortcode'])}"
        for kind in kinds
    ]
    return Answer(known == ours, "registered" if known == ours else "M-Pesa has other addresses than ours now", do)


def callback_content_types(stage: str) -> Answer:
    """M-Pesa's callback address takes a message of any content type."""
    ssm, name = boto3.client("ssm"), f"/betsafi/{stage}/payment/callbacks/url"
    base = _callback_base(stage) or ssm.get_parameter(Name=name)["Parameter"]["Value"]
    said = {kind: _post(f"{base}/cb/s/first-day/0", kind) for kind in CONTENT_TYPES}
    refused = [f"{kind}: {answer}" for kind, answer in said.items() if answer != _TAKEN]
    return Answer(
        not refused,
        "; ".join(refused) or f"{len(said)} content types",
        "415: add the type to shared/serverless/gate.js; 403: the domain points elsewhere, or only M-Pesa may come in.",
    )


def _post(url: str, content_type: str) -> str:
    """Return the status that an empty callback is answered with, and what was said if it is not our own answer."""
    request = urllib.request.Request(url, b"{}", {"Content-Type": content_type}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_HTTP_SECONDS) as answer:
            said = answer.read(200).decode(errors="replace")
            return _TAKEN if '"ResultCode":0' in said else f"{answer.status} by somebody else: {said[:40]!r}"
    except urllib.error.HTTPError as refusal:
        return str(refusal.code)


CHECKS: dict[str, Check] = {
    "Lambda's quota": lambda_concurrency,
    "SMS sandbox": sms_sandbox,
    "SMS spending limit": sms_spending,
    "restore points": restore_points,
    "alarms reach people": alarms_reach_people,
    "alarms are quiet": alarms_quiet,
    "the books balance": books,
    "callback domain": callback_domain,
    "M-Pesa's secret": mpesa_secret,
    "M-Pesa's registration": mpesa_registration,
    # Last, for its messages ring an alarm.
    "callbacks of any content type": callback_content_types,
}
OF_THE_ACCOUNT = ("Lambda's quota", "SMS sandbox", "SMS spending limit", "callbacks of any content type")
"""What no deployment of ours changes, so that a pipeline need not ask it each time."""


def ask(check: Check, stage: str) -> Answer:
    """Return a check's answer; no where it cannot be made."""
    try:
        return check(stage)
    except (BotoCoreError, ClientError, OSError, DomainError, reading.Unreadable, KeyError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        return Answer(
            False,
            f"could not be asked: {what}",
            "Mend what it says (credentials? region? permissions?), then ask again.",
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Ask everything, print the answers; return 0 if all are yes."""
    parser = argparse.ArgumentParser(prog="python -m tools.first_day", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--deployed", action="store_true", help="only what a deployment can have changed")
    given = parser.parse_args(argv)
    stage, noes = given.stage, 0
    asked = {name: check for name, check in CHECKS.items() if not (given.deployed and name in OF_THE_ACCOUNT)}
    for name, check in asked.items():
        answer = ask(check, stage)
        print(f"{'yes' if answer.yes else 'no':<4} {name}: {answer.seen}", flush=True)
        if not answer.yes:
            noes += 1
            print(f"       {answer.do}")
    print(f"{len(asked) - noes} of {len(asked)} are yes")
    return 1 if noes else 0


if __name__ == "__main__":
    asking.run(main)
