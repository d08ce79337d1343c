"""Restore a service's table beside the one in use, and let the stack take it over: docs/runbooks/restore_a_table.md.

    python -m tools.restore copy --stage dev --service wallet --to betsafi-wallet-dev-2 [--at 2026-11-26T08:00:00Z]
    python -m tools.restore stop --stage dev --service wallet [--function graphql]
    python -m tools.restore adopt --stage dev --service wallet --to betsafi-wallet-dev-2
    python -m tools.restore start --stage dev --service wallet [--function graphql]

`copy` restores to a point in time, gives the new table what AWS leaves out, and fails where they still differ. `stop`
lets nothing of a service run, so that nothing is written and messages wait; `start` lets it run again. `adopt`
points the stack's resources at the new table and imports it into the stack in the old one's place; the old one stays
where it is, untouched. Each may be run again.
"""

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from betsafi import clock
from tools.base import asking
from tools.base.names import table_name

TABLE = "Table"
"""The logical name of a service's table (shared/serverless/defaults.js)."""
RESTORE_SECONDS, STREAM_SECONDS = 24 * 3600, 600
EVERY_SECONDS = 20.0
_TEMPLATE, _KEPT = "restore/template.json", "restore/table.json"
_RETAINING = ("Retain", "RetainExceptOnCreate")
_ALLOW_ALL = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}]}

Json = Any


class Refused(Exception):
    """Nothing further was done; the text says why."""


# -- copy


def restore(source: str, target: str, at: datetime | None) -> None:
    """Restore a table under another name, and wait until it is there. Does nothing if it is already."""
    client = boto3.client("dynamodb")
    when = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
    try:
        client.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, **when)
    except client.exceptions.TableAlreadyExistsException:
        print(f"{target} is there already; it is taken as it is")
    _until(lambda: _described(target)["TableStatus"] == "ACTIVE", f"{target} is not restored", RESTORE_SECONDS)


def complete(source: str, target: str) -> None:
    """Give a restored table what AWS leaves out: stream, restore points, time to live, tags, policy, protection."""
    client, old, new = boto3.client("dynamodb"), _described(source), _described(target)
    if (stream := old.get("StreamSpecification")) and not new.get("StreamSpecification"):
        client.update_table(TableName=target, StreamSpecification=stream)
        _until(lambda: _described(target)["TableStatus"] == "ACTIVE", f"{target} has no stream", STREAM_SECONDS)
    if not new.get("DeletionProtectionEnabled") and old.get("DeletionProtectionEnabled"):
        client.update_table(TableName=target, DeletionProtectionEnabled=True)
        _until(lambda: _described(target)["TableStatus"] == "ACTIVE", f"{target} is busy", STREAM_SECONDS)
    client.update_continuous_backups(
        TableName=target, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    life = _time_to_live(source)
    if life != _time_to_live(target):
        client.update_time_to_live(TableName=target, TimeToLiveSpecification={"Enabled": True, "AttributeName": life})
    # AWS's own tags, which say which stack a table belongs to, are given by the import and by nobody else.
    if tags := [{"Key": key, "Value": value} for key, value in _tags(old["TableArn"]).items()]:
        client.tag_resource(ResourceArn=new["TableArn"], Tags=tags)
    if (policy := _policy(old["TableArn"])) != _policy(new["TableArn"]):
        client.put_resource_policy(ResourceArn=new["TableArn"], Policy=policy.replace(old["TableArn"], new["TableArn"]))


def differences(source: str, target: str) -> list[str]:
    """Return what a restored table lacks of what the first one has."""
    old, new = _settings(source), _settings(target)
    return [f"{name}: {new[name]!r} instead of {old[name]!r}" for name in old if old[name] != new[name]]


def _settings(name: str) -> dict[str, Any]:
    client, about = boto3.client("dynamodb"), _described(name)
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]

    def indexes(kind: str) -> list[Any]:
        found = [(one["IndexName"], one["KeySchema"], one["Projection"]) for one in about.get(kind, [])]
        return sorted(found, key=lambda index: str(index[0]))

    return {
        "keys": about["KeySchema"],
        "local indexes": indexes("LocalSecondaryIndexes"),
        "global indexes": indexes("GlobalSecondaryIndexes"),
        # On demand, so that there is no autoscaling to be restored.
        "billing": about.get("BillingModeSummary", {}).get("BillingMode"),
        "encryption": about.get("SSEDescription", {}).get("KMSMasterKeyArn"),
        "stream": about.get("StreamSpecification"),
        "deletion protection": about.get("DeletionProtectionEnabled", False),
        "restore points": backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus"),
        "time to live": _time_to_live(name),
        "tags": _tags(about["TableArn"]),
        "policy": _policy(about["TableArn"]).replace(about["TableArn"], "its own"),
    }


def _described(name: str) -> dict[str, Any]:
    return dict(boto3.client("dynamodb").describe_table(TableName=name)["Table"])


def _time_to_live(name: str) -> str:
    said = boto3.client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return str(said.get("AttributeName", "")) if said.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") else ""


def _tags(arn: str) -> dict[str, str]:
    pages = boto3.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def _policy(arn: str) -> str:
    client = boto3.client("dynamodb")
    try:
        return str(client.get_resource_policy(ResourceArn=arn)["Policy"])
    except client.exceptions.PolicyNotFoundException:
        return ""


# -- stop and start


def functions(stage: str, service: str, only: str | None) -> dict[str, int | None]:
    """Return the service's functions by name, with the concurrency that its stack reserves for each. Raises Refused."""
    stack = Stack(stage, service)
    resources = stack.template()["Resources"].values()
    found = {
        one["Properties"]["FunctionName"]: one["Properties"].get("ReservedConcurrentExecutions")
        for one in resources
        if one["Type"] == "AWS::Lambda::Function"
    }
    chosen = {name: reserved for name, reserved in found.items() if only is None or name == f"{stack.name}-{only}"}
    if not chosen:
        raise Refused(f"{stack.name} has no function {only}.")
    return chosen


def stop(names: Sequence[str]) -> None:
    """Let nothing of these functions run; what comes to them meanwhile waits in queues and streams, or is refused."""
    _read(names, on=False)  # a message that is only throttled counts as received, and is dead after sixty times
    for name in names:
        boto3.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        print(f"stopped  {name}")


def start(reserved: dict[str, int | None]) -> None:
    """Let these functions run again, as their stack says."""
    client = boto3.client("lambda")
    for name, count in reserved.items():
        if count is None:
            client.delete_function_concurrency(FunctionName=name)
        else:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)
        print(f"started  {name}")
    _read(list(reserved), on=True)


def _read(names: Sequence[str], *, on: bool) -> None:
    """Let these functions read their queues and streams, or let what is there wait."""
    client = boto3.client("lambda")
    for page in client.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            if mapping["FunctionArn"].split(":")[6] in names:
                client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


# -- adopt


class Stack:
    """A service's stack on a stage."""

    def __init__(self, stage: str, service: str) -> None:
        self.name = f"betsafi-{service}-{stage}"
        self._client = boto3.client("cloudformation")

    def template(self) -> dict[str, Any]:
        """Return the template that was deployed last."""
        body = self._client.get_template(StackName=self.name)["TemplateBody"]
        return dict(json.loads(body) if isinstance(body, str) else body)

    def update(self, template: Json) -> None:
        """Update the stack to a template, whatever its policy protects, and wait."""
        self._client.update_stack(StackPolicyDuringUpdateBody=json.dumps(_ALLOW_ALL), **self._arguments(template))
        self._wait("stack_update_complete")

    def take(self, template: Json, name: str) -> None:
        """Import a table under the logical name of the service's own, and wait."""
        resource = {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": TABLE,
            "ResourceIdentifier": {"TableName": name},
        }
        change = f"adopt-{uuid4()}"
        self._client.create_change_set(
            ChangeSetName=change,
            ClientToken=change,  # a call whose answer was lost is made again by the SDK
            ChangeSetType="IMPORT",
            ResourcesToImport=[resource],
            **self._arguments(template),
        )
        waiter = self._client.get_waiter("change_set_create_complete")
        waiter.wait(ChangeSetName=change, StackName=self.name, WaiterConfig={"Delay": 2, "MaxAttempts": 300})
        self._client.execute_change_set(ChangeSetName=change, StackName=self.name)
        self._wait("stack_import_complete")

    def _wait(self, what: str) -> None:
        config = {"Delay": 2, "MaxAttempts": 1800}
        self._client.get_waiter(what).wait(StackName=self.name, WaiterConfig=config)

    def _arguments(self, template: Json) -> dict[str, Any]:
        known = self._client.describe_stacks(StackName=self.name)["Stacks"][0]
        parameters = [
            {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True} for one in known.get("Parameters", [])
        ]
        return {
            "StackName": self.name,
            "TemplateURL": self._upload(template),
            "Parameters": parameters,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        }

    def keep(self, own: Json) -> None:
        """Keep the table's resource, which is in no template between the two halves of an adoption."""
        boto3.client("s3").put_object(Bucket=self._bucket(), Key=_KEPT, Body=json.dumps(own).encode())

    def kept(self) -> Json:
        """Return the table's resource that was kept, or None."""
        s3 = boto3.client("s3")
        try:
            return json.loads(s3.get_object(Bucket=self._bucket(), Key=_KEPT)["Body"].read())
        except s3.exceptions.NoSuchKey:
            return None

    def _upload(self, template: Json) -> str:
        """Put a template where CloudFormation reads it, which takes no more than 51,200 bytes directly."""
        bucket, s3 = self._bucket(), boto3.client("s3")
        s3.put_object(Bucket=bucket, Key=_TEMPLATE, Body=json.dumps(template).encode())
        address: str = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": _TEMPLATE})
        return address.split("?")[0]

    def _bucket(self) -> str:
        found = self._client.describe_stack_resource(
            StackName=self.name, LogicalResourceId="ServerlessDeploymentBucket"
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


def pinned(template: Json, about: dict[str, Any]) -> dict[str, Any]:
    """Return a template without the service's table, in which its name and ARNs stand for it as plain text."""
    names = {"": about["TableName"], "Arn": about["TableArn"], "StreamArn": about.get("LatestStreamArn", "")}

    def text(value: str) -> str:
        return re.sub(rf"\$\{{{TABLE}(?:\.(\w+))?\}}", lambda found: str(names[found[1] or ""]), value)

    def walk(value: Json) -> Json:
        if isinstance(value, list):
            return [walk(one) for one in value]
        if not isinstance(value, dict):
            return value
        if value == {"Ref": TABLE}:
            return names[""]
        if value.get("Fn::GetAtt", [None])[0] == TABLE:
            return names[value["Fn::GetAtt"][1]]
        if isinstance(sub := value.get("Fn::Sub"), str):
            return {"Fn::Sub": text(sub)}
        if isinstance(sub, list):
            return {"Fn::Sub": [text(sub[0]), walk(sub[1])]}
        return {key: walk(one) for key, one in value.items()}

    resources = {name: one for name, one in template["Resources"].items() if name != TABLE}
    named = walk({**template, "Resources": {name: _independent(one) for name, one in resources.items()}})
    return _published_anew(template["Resources"], named, names[""])


def _published_anew(before: Json, template: Json, table: str) -> dict[str, Any]:
    """Return a template with another version, by name, of each function that changed.

    SnapStart's alias stays on a version, which keeps its environment. Lambda publishes none of a function that is the
    same, so the description says the table: the plain deployment that follows takes it out and publishes again.
    """
    resources, versions = dict(template["Resources"]), []
    for name, one in template["Resources"].items():
        if one["Type"] != "AWS::Lambda::Version":
            continue
        function = one["Properties"]["FunctionName"]["Ref"]
        properties = resources[function]["Properties"]
        if properties != before[function]["Properties"]:
            said = f"{properties.get('Description', function)} ({table})"
            resources[function] = {**resources[function], "Properties": {**properties, "Description": said}}
            versions.append(name)
    text, mark = json.dumps({**template, "Resources": resources}), hashlib.sha256(table.encode()).hexdigest()[:8]
    for name in versions:
        text = text.replace(f'"{name}"', f'"{name}{mark}"')
    return dict(json.loads(text))


def _independent(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource that does not say that it needs the table."""
    needs = resource.get("DependsOn", [])
    left = [name for name in ([needs] if isinstance(needs, str) else needs) if name != TABLE]
    rest = {key: value for key, value in resource.items() if key != "DependsOn"}
    return {**rest, "DependsOn": left} if left else rest


def adopt(stage: str, service: str, target: str) -> None:
    """Let a service's stack run on another table, and have it as its own. Raises Refused."""
    if lacking := differences(table_name(stage, service), target):
        raise Refused(f"{target} is not like the table in use: {'; '.join(lacking)}")
    stack = Stack(stage, service)
    whole = stack.template()
    own = whole["Resources"].get(TABLE) or stack.kept()
    if own is None:
        raise Refused(f"{stack.name} has no table of its own.")
    if own.get("DeletionPolicy") not in _RETAINING:
        raise Refused(f"{stack.name} would delete its table: it is not retained.")
    without = pinned(whole, _described(target))
    if TABLE in whole["Resources"]:
        print(f"{stack.name}: its resources are pointed at {target} …", flush=True)
        stack.keep(own)
        stack.update(without)
    print(f"{stack.name}: takes {target} over …", flush=True)
    named = {**own, "Properties": {**own["Properties"], "TableName": target}}
    stack.take({**without, "Resources": {**without["Resources"], TABLE: named}}, target)


# -- the command


def _until(is_so: Callable[[], bool], otherwise: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise Refused(f"{otherwise} after {seconds:.0f} seconds; look at it, then run this again.")
        time.sleep(EVERY_SECONDS)


def copy(stage: str, service: str, target: str, at: datetime | None) -> None:
    """Restore a service's table under another name, complete it, and compare the two. Raises Refused."""
    source = table_name(stage, service)
    restore(source, target, at)
    complete(source, target)
    if lacking := differences(source, target):
        raise Refused(f"{target} differs from {source}: {'; '.join(lacking)}")
    print(f"{target} is like {source} in everything but what is in it")


def main(argv: Sequence[str] | None = None) -> int:
    """Do one step; return 0, or 1 with a sentence if it was refused or failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.restore", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=["copy", "stop", "adopt", "start"])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--service", required=True)
    parser.add_argument("--to", help="the restored table's name")
    parser.add_argument("--at", type=clock.parse_stamp, help="the moment: 2026-11-26T08:00:00Z (the latest there is)")
    parser.add_argument("--function", help="stop or start only this one, e.g. graphql")
    given = parser.parse_args(argv)
    if given.step in ("copy", "adopt") and not given.to:
        parser.error("--to says which table")
    try:
        if given.step == "copy":
            copy(given.stage, given.service, given.to, given.at)
        elif given.step == "adopt":
            adopt(given.stage, given.service, given.to)
        else:
            chosen = functions(given.stage, given.service, given.function)
            start(chosen) if given.step == "start" else stop(list(chosen))
    except (Refused, BotoCoreError, ClientError, WaiterError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    asking.run(main)
