"""What a removed stage leaves is what `tools.purge` deletes: with what is retained in the packages, on an emulator."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tests.contract.template_rules import Template
from tests.support.emulator import CREDENTIALS, aws, create_table, running_emulator
from tools import purge

pytestmark = pytest.mark.full

Capsys = pytest.CaptureFixture[str]

STAGE = "dev"
NEIGHBOURS = ("dev2", "de")
RETAINING = ("Retain", "RetainExceptOnCreate")
TAGS = [{"Key": "project", "Value": "betsafi"}, {"Key": "stage", "Value": STAGE}]


def retained(template: Template) -> dict[str, Any]:
    """Return the resources of a template that stay when its stack is deleted."""
    return {name: one for name, one in template["Resources"].items() if one.get("DeletionPolicy") in RETAINING}


def without_strangers(value: Any, known: set[str]) -> Any:
    """Return a template's value without what refers to resources that are not there."""
    if isinstance(value, list):
        return [without_strangers(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: without_strangers(one, known) for key, one in value.items() if not _strange(one, known)}


def _strange(value: Any, known: set[str]) -> bool:
    if not isinstance(value, dict):
        return False
    name = value.get("Ref") or (value.get("Fn::GetAtt") or [""])[0]
    return bool(name) and name not in known and not name.startswith("AWS::")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An account of this file's own, since its stage has a real name."""
    with running_emulator(tmp_path_factory.mktemp("purge")) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1"}.items():
            patch.setenv(name, value)
        yield url


class Stage:
    """The stacks of a stage, reduced to what is retained of them, and the log group of a function."""

    def __init__(self, url: str, templates: dict[str, Template]) -> None:
        self.cloudformation, s3 = aws("cloudformation", url), aws("s3", url)
        s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="code", Key="code.zip", Body=b"PK\x05\x06" + bytes(18))
        self.stacks = {f"betsafi-{name}-{STAGE}": reduced(one) for name, one in templates.items() if retained(one)}
        aws("logs", url).create_log_group(logGroupName=f"/aws/lambda/betsafi-wallet-{STAGE}-api")

    def deploy(self) -> list[str]:
        """Create the stacks; return those that could not be created."""
        for name, body in self.stacks.items():
            self.cloudformation.create_stack(
                StackName=name, TemplateBody=body, Tags=TAGS, OnFailure="DELETE", Capabilities=["CAPABILITY_IAM"]
            )
        return [name for name in self.stacks if not self.is_created(name)]

    def is_created(self, name: str) -> bool:
        try:
            waiter = self.cloudformation.get_waiter("stack_create_complete")
            waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 180})
        except WaiterError:
            return False
        return True

    def remove(self) -> None:
        for name in self.stacks:
            self.cloudformation.delete_stack(StackName=name)
            self.cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def reduced(template: Template) -> str:
    """Return a template of what is retained, without what needs the rest of it."""
    kept = copy.deepcopy(retained(template))
    for one in kept.values():
        if one["Type"] == "AWS::Lambda::LayerVersion":
            one["Properties"]["Content"] = {"S3Bucket": "code", "S3Key": "code.zip"}
        for name in ("DependsOn", "Condition"):
            one.pop(name, None)
    return json.dumps({"Resources": without_strangers(kept, set(kept))})


@pytest.fixture(scope="module")
def stage(emulator: str, templates: dict[str, Template]) -> Stage:
    return Stage(emulator, templates)


def test_every_kind_that_is_retained_is_purged(templates: dict[str, Template]) -> None:
    types = {one["Type"] for template in templates.values() for one in retained(template).values()}
    assert types
    assert types - purge.KINDS.keys() - purge.LEFT.keys() == set()


def test_a_removed_stage_is_deployed_again_after_a_purge(stage: Stage, emulator: str, capsys: Capsys) -> None:
    assert stage.deploy() == []
    keep_something(emulator)
    assert purge.main(["--stage", STAGE, "--delete"]) == 1
    assert "make remove STAGE=dev" in capsys.readouterr().err
    stage.remove()
    assert stage.deploy() != [], "nothing was in the way, so there is nothing to prove"
    stage.remove()

    assert purge.main(["--stage", STAGE]) == 0
    shown = capsys.readouterr().out
    assert {line.split("  ")[0].strip() for line in shown.splitlines()[:-1]} == {
        one.what for one in purge.KINDS.values()
    }
    assert purge.main(["--stage", STAGE]) == 0
    assert capsys.readouterr().out == shown, "looking deletes nothing"

    assert purge.main(["--stage", STAGE, "--delete"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == shown.splitlines()[:-1]
    assert purge.main(["--stage", STAGE, "--delete"]) == 0
    assert capsys.readouterr().out == "0 deleted\n"
    assert_neighbours_stand(emulator)
    assert stage.deploy() == []
    assert aws("dynamodb", emulator).scan(TableName=f"betsafi-wallet-{STAGE}")["Items"] == []


def keep_something(url: str) -> None:
    """Put data into what is retained, and make a neighbour of almost the same name."""
    key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    aws("dynamodb", url).put_item(TableName=f"betsafi-wallet-{STAGE}", Item=key)
    bucket = f"betsafi-000000000000-eu-west-1-payment-archive-{STAGE}"
    if not purge.KINDS["AWS::Events::EventBus"].find(STAGE):
        aws("events", url).create_event_bus(Name=f"betsafi-{STAGE}")
    for text in (b"one", b"two"):
        aws("s3", url).put_object(Bucket=bucket, Key="callbacks/1", Body=text)
    for other in NEIGHBOURS:
        create_table(url, f"betsafi-wallet-{other}", "wallet")
        aws("logs", url).create_log_group(logGroupName=f"/aws/lambda/betsafi-wallet-{other}-api")
        aws("ssm", url).put_parameter(Name=f"/betsafi/{other}/wallet/api/url", Type="String", Value="x")
        aws("secretsmanager", url).create_secret(Name=f"betsafi/{other}/payment/daraja", SecretString="x")
        aws("cognito-idp", url).create_user_pool(PoolName=f"betsafi-{other}")
        aws("events", url).create_event_bus(Name=f"betsafi-{other}")
        aws("kms", url).create_key(
            Tags=[{"TagKey": "project", "TagValue": "betsafi"}, {"TagKey": "stage", "TagValue": other}]
        )


def assert_neighbours_stand(url: str) -> None:
    pools = aws("cognito-idp", url).list_user_pools(MaxResults=60)["UserPools"]
    assert sorted(pool["Name"] for pool in pools) == sorted(f"betsafi-{other}" for other in NEIGHBOURS)
    for other in NEIGHBOURS:
        left = [kind.what for kind in purge.KINDS.values() if kind.find(other)]
        assert left == ["table", "user pool", "secret", "parameter", "bus", "log group", "key"]


@pytest.mark.parametrize("stage_name", ["prod", "preprod", "live"])
def test_production_is_never_purged(emulator: str, stage_name: str, capsys: Capsys) -> None:
    create_table(emulator, f"betsafi-wallet-{stage_name}", "wallet")
    assert purge.main(["--stage", stage_name, "--delete"]) == 1
    assert "production" in capsys.readouterr().err
    assert purge.KINDS["AWS::DynamoDB::Table"].find(stage_name)
