"""Delete what a removed stage has left: `python -m tools.purge --stage dev [--delete]`.

Removing a stage keeps what holds data or keys, under names that a new stage of the same name needs: tables, the archive
of M-Pesa's callbacks, user pools, secrets, layers with their parameters, the bus, log groups, KMS keys. This shows
them, and with `--delete` deletes them for good, so that the stage can be deployed again. KMS keys are gone after seven
days; until then their deletion can be cancelled.

Refused for production, and while a service of the stage is still deployed. Safe to run again after a failure.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.base import asking, stages
from tools.base.names import is_of_stage

KEY_DAYS = 7
"""The shortest time that KMS allows between the order and the deletion of a key."""


class Refused(Exception):
    """Nothing was deleted; the text says why."""


@dataclass(frozen=True)
class Kind:
    """One kind of things that stay: how to find a stage's, by an id, and how to delete one."""

    what: str
    find: Callable[[str], list[str]]
    delete: Callable[[str], None]


def _pages(service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    for page in boto3.client(service).get_paginator(operation).paginate(**arguments):
        yield from page.get(key, [])


def _tables(stage: str) -> list[str]:
    return [name for name in _pages("dynamodb", "list_tables", "TableNames") if is_of_stage(name, stage)]


def _delete_table(name: str) -> None:
    client = boto3.client("dynamodb")
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.get_waiter("table_exists").wait(TableName=name)
    client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName=name)


def _buckets(stage: str) -> list[str]:
    account, client = boto3.client("sts").get_caller_identity()["Account"], boto3.client("s3")
    prefix = f"betsafi-{account}-{client.meta.region_name}-"
    names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    return [name for name in names if name.startswith(prefix) and name.endswith(f"-{stage}")]


def _delete_bucket(name: str) -> None:
    client = boto3.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        if not objects:
            continue
        # The lock of a stage that is no production stage may be lifted by who has s3:BypassGovernanceRetention.
        answer = client.delete_objects(
            Bucket=name, Delete={"Objects": objects, "Quiet": True}, BypassGovernanceRetention=True
        )
        if errors := answer.get("Errors"):
            raise Refused(f"{name} keeps {errors[0]['Key']}: {errors[0].get('Message', errors[0]['Code'])}")
    client.delete_bucket(Bucket=name)


def _user_pools(stage: str) -> list[str]:
    pools = _pages("cognito-idp", "list_user_pools", "UserPools", MaxResults=60)
    return [pool["Id"] for pool in pools if pool["Name"].startswith("betsafi-") and pool["Name"].endswith(f"-{stage}")]


def _delete_user_pool(pool: str) -> None:
    client = boto3.client("cognito-idp")
    client.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    client.delete_user_pool(UserPoolId=pool)


def _secrets(stage: str) -> list[str]:
    secrets = _pages("secretsmanager", "list_secrets", "SecretList")
    return [one["Name"] for one in secrets if one["Name"].startswith(f"betsafi/{stage}/")]


def _delete_secret(name: str) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def _parameters(stage: str) -> list[str]:
    found = _pages("ssm", "get_parameters_by_path", "Parameters", Path=f"/betsafi/{stage}/", Recursive=True)
    return [one["Name"] for one in found]


def _delete_parameter(name: str) -> None:
    boto3.client("ssm").delete_parameter(Name=name)


def _layers(stage: str) -> list[str]:
    layers = [one["LayerName"] for one in _pages("lambda", "list_layers", "Layers")]
    ours = [name for name in layers if name.startswith(f"betsafi-{stage}-")]
    return [
        f"{name}:{version['Version']}"
        for name in ours
        for version in _pages("lambda", "list_layer_versions", "LayerVersions", LayerName=name)
    ]


def _delete_layer(version: str) -> None:
    name, number = version.split(":")
    boto3.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(number))


def _buses(stage: str) -> list[str]:
    buses = boto3.client("events").list_event_buses(NamePrefix=f"betsafi-{stage}")["EventBuses"]
    return [bus["Name"] for bus in buses if bus["Name"] == f"betsafi-{stage}"]


def _delete_bus(name: str) -> None:
    boto3.client("events").delete_event_bus(Name=name)


def _log_groups(stage: str) -> list[str]:
    names = [one["logGroupName"] for one in _pages("logs", "describe_log_groups", "logGroups")]

    def is_ours(name: str) -> bool:
        if name == f"/aws/events/betsafi-{stage}" or name.startswith(f"/betsafi/{stage}/"):
            return True
        return is_of_stage(name.removeprefix("/aws/lambda/"), stage)

    return [name for name in names if is_ours(name)]


def _delete_log_group(name: str) -> None:
    boto3.client("logs").delete_log_group(logGroupName=name)


def _keys(stage: str) -> list[str]:
    """The stage's keys that are not about to be deleted, by the tags that every stack gives what it has."""
    client, ours = boto3.client("kms"), []
    for key in [one["KeyId"] for one in _pages("kms", "list_keys", "Keys")]:
        about = client.describe_key(KeyId=key)["KeyMetadata"]
        if about.get("KeyManager") == "AWS" or about["KeyState"] == "PendingDeletion":
            continue
        tags = {one["TagKey"]: one["TagValue"] for one in client.list_resource_tags(KeyId=key)["Tags"]}
        if tags.get("project") == "betsafi" and tags.get("stage") == stage:
            ours.append(key)
    return ours


def _delete_key(key: str) -> None:
    boto3.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=KEY_DAYS)


KINDS = {
    "AWS::DynamoDB::Table": Kind("table", _tables, _delete_table),
    "AWS::S3::Bucket": Kind("bucket", _buckets, _delete_bucket),
    "AWS::Cognito::UserPool": Kind("user pool", _user_pools, _delete_user_pool),
    "AWS::SecretsManager::Secret": Kind("secret", _secrets, _delete_secret),
    "AWS::SSM::Parameter": Kind("parameter", _parameters, _delete_parameter),
    "AWS::Lambda::LayerVersion": Kind("layer", _layers, _delete_layer),
    "AWS::Events::EventBus": Kind("bus", _buses, _delete_bus),
    "AWS::Logs::LogGroup": Kind("log group", _log_groups, _delete_log_group),
    # Last, for the others may be encrypted under them.
    "AWS::KMS::Key": Kind("key", _keys, _delete_key),
}
LEFT = {
    "AWS::IAM::Role": "the role with which API Gateway writes logs is the whole account's, and its name is not ours"
}
"""What stays after a removal and is left alone, and why."""


def check(stage: str) -> None:
    """Raise Refused for production, and for a stage that is still deployed."""
    if sentence := stages.why_kept(stage):
        raise Refused(sentence)
    stacks = _pages("cloudformation", "list_stacks", "StackSummaries")
    up = [one["StackName"] for one in stacks if one["StackStatus"] != "DELETE_COMPLETE"]
    if standing := sorted(name for name in up if is_of_stage(name, stage)):
        raise Refused(f"Still deployed: {', '.join(standing)}. Remove them first: make remove STAGE={stage}")


def purge(stage: str, *, delete: bool) -> int:
    """Show what a removed stage has left, and delete it if so asked; return how much it was. Raises Refused."""
    check(stage)
    count = 0
    for kind in KINDS.values():
        for name in kind.find(stage):
            print(f"{kind.what:<10} {name}", flush=True)
            if delete:
                kind.delete(name)
            count += 1
    return count


def main(argv: Sequence[str] | None = None) -> int:
    """Show or delete; return 0, or 1 with a sentence if it was refused or failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.purge", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--delete", action="store_true", help="delete all of it, for good")
    given = parser.parse_args(argv)
    try:
        count = purge(given.stage, delete=given.delete)
    except (Refused, BotoCoreError, ClientError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{count} {'deleted' if given.delete else 'to delete: again with --delete, if all of it may go'}")
    return 0


if __name__ == "__main__":
    asking.run(main)
