"""See what is in the way of a deployment: `python -m tools.leftovers --stage dev [--delete-empty]`.

A table, a secret, a bucket or a bus under one of the stage's names that no stack of the stage has is what an earlier
deployment or a removed stage left; a new deployment meets it and fails. `--delete-empty` deletes those that hold
nothing and never anything else. Stacks that cannot be deployed to are named with what to do.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import boto3
from botocore.exceptions import ClientError

ADVICE = {
    "REVIEW_IN_PROGRESS": "it was never made: delete the stack, then deploy again",
    "ROLLBACK_COMPLETE": "its creation failed: delete the stack, then deploy again",
    "ROLLBACK_FAILED": "its creation failed, and so did taking it back: delete the stack, then look here again",
    "DELETE_FAILED": "its removal stopped: delete the stack again and keep what it cannot delete, then look here again",
    "UPDATE_ROLLBACK_FAILED": "continue its update rollback, skipping what cannot be taken back, then deploy again",
}
"""What to do about a stack that takes no deployment, by its status."""


@dataclass(frozen=True)
class Leftover:
    """Something that no stack has: what it is, whether it holds anything, and how to delete it."""

    kind: str
    name: str
    holds: bool
    delete: Callable[[], object]


def stacks(stage: str) -> dict[str, str]:
    """Return the status of each of the stage's stacks, by name."""
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    found = {stack["StackName"]: stack["StackStatus"] for page in pages for stack in page["Stacks"]}
    return {name: status for name, status in sorted(found.items()) if _is_of(name, stage)}


def owned(names: Sequence[str]) -> set[str]:
    """Return the physical ids of what these stacks have."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
    return {
        resource.get("PhysicalResourceId", "")
        for name in names
        for page in pages.paginate(StackName=name)
        for resource in page["StackResourceSummaries"]
        if not resource["ResourceStatus"].startswith("DELETE_")
    }


def _is_of(name: str, stage: str) -> bool:
    return name.startswith("betsafi-") and name.endswith(f"-{stage}")


def leftovers(stage: str) -> Iterator[Leftover]:
    """Yield what is under the stage's names and in none of its stacks."""
    kept = owned(list(stacks(stage)))
    for found in (*_tables(stage), *_secrets(stage), *_buckets(stage), *_buses(stage)):
        if found.name not in kept and not any(
            found.name in physical for physical in kept if physical.startswith("arn:")
        ):
            yield found


def _tables(stage: str) -> Iterator[Leftover]:
    dynamodb = boto3.client("dynamodb")

    def delete(name: str) -> None:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=name)

    for page in dynamodb.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if _is_of(name, stage):
                holds = bool(dynamodb.scan(TableName=name, Limit=1)["Items"])
                yield Leftover("table", name, holds, partial(delete, name))


def _secrets(stage: str) -> Iterator[Leftover]:
    manager = boto3.client("secretsmanager")
    for page in manager.get_paginator("list_secrets").paginate():
        for name in (secret["Name"] for secret in page["SecretList"]):
            if name.startswith(f"betsafi/{stage}/"):
                fields = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
                holds = any(value for field, value in fields.items() if field != "callbackKey")
                delete = partial(manager.delete_secret, SecretId=name, ForceDeleteWithoutRecovery=True)
                yield Leftover("secret", name, holds, delete)


def _buckets(stage: str) -> Iterator[Leftover]:
    s3 = boto3.client("s3")
    for name in (bucket["Name"] for bucket in s3.list_buckets()["Buckets"]):
        if _is_of(name, stage):
            holds = bool(s3.list_object_versions(Bucket=name, MaxKeys=1).get("Versions"))
            yield Leftover("bucket", name, holds, partial(s3.delete_bucket, Bucket=name))


def _buses(stage: str) -> Iterator[Leftover]:
    events = boto3.client("events")
    for name in (bus["Name"] for bus in events.list_event_buses(NamePrefix=f"betsafi-{stage}")["EventBuses"]):
        if name == f"betsafi-{stage}":
            holds = bool(events.list_rules(EventBusName=name)["Rules"])
            yield Leftover("bus", name, holds, partial(events.delete_event_bus, Name=name))


def main(argv: Sequence[str] | None = None) -> int:
    """Print what is in the way, and delete what holds nothing if asked to; 1 if something could not be deleted."""
    parser = argparse.ArgumentParser(prog="python -m tools.leftovers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--delete-empty", action="store_true", help="delete what holds nothing")
    given = parser.parse_args(argv)
    code = 0
    for name, status in stacks(given.stage).items():
        if status in ADVICE:
            print(f"stack  {name} is {status}: {ADVICE[status]}")
    found = list(leftovers(given.stage))
    for left in found:
        state = "holds data, which only people may give up" if left.holds else "holds nothing"
        print(f"{left.kind:<6} {left.name} is in no stack and {state}")
        if given.delete_empty and not left.holds:
            try:
                left.delete()
                print(f"{left.kind:<6} {left.name} is deleted")
            except ClientError as error:
                print(f"{left.kind:<6} {left.name} cannot be deleted: {error.response['Error']['Message']}")
                code = 1
    if not found:
        print(f"nothing is left over on stage {given.stage}")
    return code


if __name__ == "__main__":
    sys.exit(main())
