"""What an earlier deployment left under a stage's names is found, and deleted only if it holds nothing."""

import json
import uuid

import pytest

from betsafi.dynamodb import marshal
from tests.support.emulator import aws, create_table
from tests.support.waiting import eventually
from tools import leftovers

ARCHIVE = "betsafi-000000000000-eu-west-1-payment-archive"


@pytest.fixture
def stage(emulator: str) -> str:
    """A stage with one stack, and things that no stack has."""
    name = f"l{uuid.uuid4().hex[:8]}"
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": f"betsafi-wallet-{name}",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        },
    }
    stacks, stack = aws("cloudformation", emulator), f"betsafi-wallet-{name}"
    stacks.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"Table": table}}))
    eventually(
        lambda: stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE", "the stack"
    )
    dynamodb = aws("dynamodb", emulator)
    for service in ("users", "bet"):
        create_table(emulator, f"betsafi-{service}-{name}", service)
        dynamodb.update_table(TableName=f"betsafi-{service}-{name}", DeletionProtectionEnabled=True)
    dynamodb.put_item(TableName=f"betsafi-bet-{name}", Item=marshal({"pk": "a", "sk": "b"}))
    manager = aws("secretsmanager", emulator)
    manager.create_secret(Name=f"betsafi/{name}/payment/daraja", SecretString='{"shortcode":"","callbackKey":"k"}')
    manager.create_secret(Name=f"betsafi/{name}/payment/other", SecretString='{"shortcode":"1","callbackKey":"k"}')
    aws("s3", emulator).create_bucket(
        Bucket=f"{ARCHIVE}-{name}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    aws("events", emulator).create_event_bus(Name=f"betsafi-{name}")
    return name


def found(stage: str) -> dict[str, bool]:
    """Return whether each leftover holds something, by its name without the stage."""
    return {left.name.replace(stage, "X"): left.holds for left in leftovers.leftovers(stage)}


def test_only_what_holds_nothing_is_deleted(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    full = {"betsafi-bet-X": True, "betsafi/X/payment/other": True}
    empty = {"betsafi-users-X", "betsafi/X/payment/daraja", f"{ARCHIVE}-X", "betsafi-X"}
    assert found(stage) == full | dict.fromkeys(empty, False)
    assert leftovers.main(["--stage", stage]) == 0
    assert found(stage) == full | dict.fromkeys(empty, False), "looking changes nothing"
    assert leftovers.main(["--stage", stage, "--delete-empty"]) == 0
    assert found(stage) == full
    printed = capsys.readouterr().out
    assert f"table  betsafi-users-{stage} is deleted" in printed
    assert f"betsafi-bet-{stage} is in no stack and holds data" in printed
    assert f"betsafi-wallet-{stage}" not in printed, "a stack has it"


def test_a_stage_with_nothing_left_says_so(emulator: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert leftovers.main(["--stage", "nothing"]) == 0
    assert "nothing is left over on stage nothing" in capsys.readouterr().out
