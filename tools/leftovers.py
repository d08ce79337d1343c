"""See what is in the way of a deployment: `python -m tools.leftovers --stage dev [--delete-empty]`.

A table, a secret, a bucket or a bus under one of the stage's names that no stack of the stage has is what an earlier
deployment or a removed stage left; a new deployment meets it and fails. `--delete-empty` deletes those that hold
nothing and never anything else. Stacks that cannot be deployed to are named with what to do.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import boto3
from botocore.exceptions import ClientError

from tools.base import asking
from tools.base.names import is_of_stage
from tools.purge import KINDS, Kind

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
    """Something that no stack has, and whether it holds anything."""

    kind: Kind
    name: str
    holds: bool


def stacks(stage: str) -> dict[str, str]:
    """Return the status of each of the stage's stacks, by name."""
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    found = {stack["StackName"]: stack["StackStatus"] for page in pages for stack in page["Stacks"]}
    return {name: status for name, status in sorted(found.items()) if is_of_stage(name, stage)}


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


def leftovers(stage: str) -> Iterator[Leftover]:
    """Yield what is under the stage's names and in none of its stacks."""
    kept = owned(list(stacks(stage)))
    arns = [physical for physical in kept if physical.startswith("arn:")]
    for type_, holds in HOLDS.items():
        kind = KINDS[type_]
        for name in kind.find(stage):
            if name not in kept and not any(name in arn for arn in arns):
                yield Leftover(kind, name, holds(name))


def _table_holds(name: str) -> bool:
    return bool(boto3.client("dynamodb").scan(TableName=name, Limit=1)["Items"])


def _secret_holds(name: str) -> bool:
    fields = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    return any(value for field, value in fields.items() if field != "callbackKey")


def _bucket_holds(name: str) -> bool:
    return bool(boto3.client("s3").list_object_versions(Bucket=name, MaxKeys=1).get("Versions"))


def _bus_holds(name: str) -> bool:
    return bool(boto3.client("events").list_rules(EventBusName=name)["Rules"])


HOLDS: dict[str, Callable[[str], bool]] = {
    "AWS::DynamoDB::Table": _table_holds,
    "AWS::SecretsManager::Secret": _secret_holds,
    "AWS::S3::Bucket": _bucket_holds,
    "AWS::Events::EventBus": _bus_holds,
}
"""What stands under a fixed name, and how to see whether it holds anything."""


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
        what = f"{left.kind.what:<6} {left.name}"
        print(f"{what} is in no stack and {state}")
        if given.delete_empty and not left.holds:
            try:
                left.kind.delete(left.name)
                print(f"{what} is deleted")
            except ClientError as error:
                print(f"{what} cannot be deleted: {error.response['Error']['Message']}")
                code = 1
    if not found:
        print(f"nothing is left over on stage {given.stage}")
    return code


if __name__ == "__main__":
    asking.run(main)
