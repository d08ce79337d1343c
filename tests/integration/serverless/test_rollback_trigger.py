"""A deployment asks CloudFormation whether the alarm that it shall be watched by is there yet."""

import json
import subprocess
import uuid
from typing import Any

import pytest

from tests.support.emulator import aws
from tests.support.waiting import wait_for
from tools.base.services import ROOT

SCRIPT = """
  const Watch = require('./watch');
  const given = JSON.parse(require('fs').readFileSync(0));
  const aws = {
    getStage: () => given.stage,
    naming: {getStackName: () => given.stack},
    getAwsSdkV3Config: async () => ({
      region: 'eu-west-1', endpoint: given.endpoint, credentials: {accessKeyId: 'test', secretAccessKey: 'test'},
    }),
  };
  const service = {
    service: 'betsafi-wallet', provider: {shouldNotDeploy: given.unchanged}, custom: {watch: {rollbackMinutes: 15}},
  };
  const plugin = new Watch({service, getProvider: () => aws});
  plugin.hooks['before:aws:deploy:deploy:updateStack']()
    .then(() => console.log(JSON.stringify(service.provider.rollbackConfiguration || null)))
    .catch((error) => console.log(JSON.stringify({raised: error.name})));
"""


def configured(emulator: str, stack: str, **given: Any) -> Any:
    """Return what the plugin hands to CloudFormation for a deployment of the wallet."""
    asked = json.dumps({"stage": "prod", "stack": stack, "endpoint": emulator, "unchanged": False, **given})
    ran = subprocess.run(
        ["node", "-e", SCRIPT], cwd=ROOT / "shared" / "serverless", input=asked, capture_output=True, text=True,
        timeout=180, check=True,
    )  # fmt: skip
    return json.loads(ran.stdout)


@pytest.fixture
def deploy(emulator: str) -> Any:
    """Return a function that makes a stack of queues with these logical names, and returns its name."""
    cloudformation = aws("cloudformation", emulator)

    def made(*names: str) -> str:
        stack = f"s{uuid.uuid4().hex[:8]}"
        template = {"Resources": {name: {"Type": "AWS::SQS::Queue"} for name in names}}
        cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template))

        def status() -> str:
            return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

        wait_for(lambda: status() == "CREATE_COMPLETE", "the stack", status)
        return stack

    return made


def test_the_trigger_is_the_alarm_of_the_stack_that_has_one(emulator: str, deploy: Any) -> None:
    found = configured(emulator, deploy("Queue", "DeploymentAlarm"))
    assert found["MonitoringTimeInMinutes"] == 15
    (trigger,) = found["RollbackTriggers"]
    assert trigger["Type"] == "AWS::CloudWatch::CompositeAlarm"
    assert trigger["Arn"].startswith("arn:aws:cloudwatch:eu-west-1:")
    assert trigger["Arn"].endswith(":alarm:betsafi-wallet-prod")


def test_a_first_deployment_has_no_trigger(emulator: str, deploy: Any) -> None:
    assert configured(emulator, deploy("Queue")) == {"RollbackTriggers": []}
    assert configured(emulator, "there-is-none") == {"RollbackTriggers": []}


def test_who_may_not_look_does_not_deploy_without_the_trigger(deploy: Any) -> None:
    assert "raised" in configured("http://127.0.0.1:9", "wallet")


def test_the_laptop_and_what_is_not_deployed_are_left_alone(emulator: str, deploy: Any) -> None:
    stack = deploy("DeploymentAlarm")
    assert configured(emulator, stack, stage="local") is None
    assert configured(emulator, stack, unchanged=True) is None
