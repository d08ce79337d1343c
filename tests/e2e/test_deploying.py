"""Deployments to a stage as on AWS (SnapStart, retained and protected tables), into an emulator with nothing in it.

A checkout of its own is deployed, so that layers can change and be reverted; nothing of what is deployed is run. The
laptop's own stage is what all other tests use.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.base.addresses import STAGE as LAPTOP
from localcloud.cloud import running
from localcloud.cloud.deploying import deployed
from localcloud.cloud.running import Cloud
from tests.contract import quotas
from tests.support.emulator import CREDENTIALS, aws, running_emulator
from tests.support.waiting import PATIENCE_SECONDS, wait_for
from tools.base.services import ROOT

STAGE = "trial"
COPIED = ("layers", "shared", "users")


PAUSING = """
const fs = require('fs');
const write = fs.writeFileSync;
fs.writeFileSync = (file, ...given) => {{
  write(file, ...given);
  if (!`${{file}}`.endsWith('.serverless/serverless-state.json')) return;
  write({paused}, '');
  while (!fs.existsSync({goes_on})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}};
"""
"""Has sls pause between what it packages and what it deploys of that."""


class Checkout:
    """A copy of the serverless files that may be changed, and the emulator that it deploys to."""

    def __init__(self, folder: Path, emulator: str) -> None:
        self.folder, self.emulator = folder, emulator
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".serverless", "__pycache__"))
        # What people watch by is left out: the emulator knows neither firewalls nor composite alarms, saved queries nor
        # alarms that count one metric less another.
        file = folder / "users" / "serverless.yml"
        file.write_text(file.read_text().replace(", watch]", "]").replace("refusals: {cognito: SignUpRefused}", ""))
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        self.ssm, self.dynamodb = aws("ssm", emulator), aws("dynamodb", emulator)

    def begin(
        self, service: str, command: str, *, stage: str = STAGE, log: Path, **environment: str
    ) -> "subprocess.Popen[bytes]":
        """Begin a plain command of sls in the service's folder."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAYER_"))}
        given = {
            **kept,
            **CREDENTIALS,
            "AWS_REGION": CREDENTIALS["AWS_DEFAULT_REGION"],
            "AWS_ENDPOINT_URL": self.emulator,
            "SLS_AWS_MONITORING_FREQUENCY": "250",
            "PYTHON_BIN": sys.executable,
            "NODE_NO_WARNINGS": "1",
            **environment,
        }
        with log.open("wb") as output:
            return subprocess.Popen(
                [str(ROOT / "node_modules" / ".bin" / "sls"), command, "--stage", stage],
                cwd=self.folder / ("layers/common" if service == "layers" else service),
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def deploy(self, service: str) -> tuple[int, str]:
        """Run plain `sls deploy` in the service's folder; return its exit code and what it said."""
        log = self.folder / f"{service}.log"
        code = self.begin(service, "deploy", log=log).wait(600)
        return code, " ".join(log.read_text().split())

    def deployed(self, service: str) -> str:
        code, said = self.deploy(service)
        assert code == 0, said
        return said

    def publish(self, name: str, value: str) -> None:
        self.ssm.put_parameter(Name=f"/betsafi/{STAGE}/{name}", Value=value, Type="String", Overwrite=True)

    def layers(self) -> list[str]:
        """Return the ARNs of the versions of the layer `common`."""
        versions = aws("lambda", self.emulator).list_layer_versions(LayerName=f"betsafi-{STAGE}-common")
        return [version["LayerVersionArn"] for version in versions["LayerVersions"]]

    def function(self, name: str, **qualified: str) -> Any:
        return aws("lambda", self.emulator).get_function_configuration(
            FunctionName=f"betsafi-users-{STAGE}-{name}", **qualified
        )

    def table(self) -> Any:
        return self.dynamodb.describe_table(TableName=f"betsafi-users-{STAGE}")["Table"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield Checkout(tmp_path_factory.mktemp("checkout"), url)


def library(checkout: Checkout) -> Path:
    return checkout.folder / "layers" / "common" / "python" / "betsafi" / "__init__.py"


def test_a_deployment_without_what_it_needs_is_refused_before_anything_changes(checkout: Checkout) -> None:
    code, said = checkout.deploy("users")
    assert code != 0
    assert "Deploy first, on this stage: layers, platform, wallet." in said
    assert aws("cloudformation", checkout.emulator).describe_stacks()["Stacks"] == []


def test_a_reverted_layer_is_deployed_like_any_other_change(checkout: Checkout) -> None:
    before = library(checkout).read_text()
    checkout.deployed("layers")
    (first,) = checkout.layers()
    library(checkout).write_text(before + "CHANGED = True\n")
    checkout.deployed("layers")
    assert len(checkout.layers()) == 2
    library(checkout).write_text(before)
    checkout.deployed("layers")
    assert first in checkout.layers()
    library(checkout).write_text(before + "CHANGED = 'again'\n")
    checkout.deployed("layers")
    assert len(checkout.layers()) == 3, "each content was published once"
    library(checkout).write_text(before)
    checkout.deployed("layers")
    assert len(checkout.layers()) == 3
    names = checkout.ssm.get_parameters_by_path(Path=f"/betsafi/{STAGE}/layers/common", Recursive=True)["Parameters"]
    assert sorted(parameter["Value"] for parameter in names) == sorted(checkout.layers())


def test_a_layer_that_was_deleted_is_told_of(checkout: Checkout) -> None:
    before = library(checkout).read_text()
    checkout.deployed("layers")
    others = checkout.layers()
    library(checkout).write_text(before + "DELETED = True\n")
    checkout.deployed("layers")
    (gone,) = set(checkout.layers()) - set(others)
    library(checkout).write_text(before)
    checkout.deployed("layers")
    name, version = f"betsafi-{STAGE}-common", int(gone.rpartition(":")[2])
    aws("lambda", checkout.emulator).delete_layer_version(LayerName=name, VersionNumber=version)
    library(checkout).write_text(before + "DELETED = True\n")
    code, said = checkout.deploy("layers")
    library(checkout).write_text(before)
    assert code != 0
    assert "which was deleted: delete that parameter, then deploy the layers again" in said


def what_users_needs_stands(checkout: Checkout) -> None:
    checkout.deployed("layers")
    checkout.publish("platform/bus/name", "default")
    checkout.publish("platform/bus/arn", "arn:aws:events:eu-west-1:000000000000:event-bus/default")
    checkout.publish("wallet/api/url", "https://wallet.example/first")
    checkout.publish("wallet/api/id", "wallet1")
    checkout.publish("platform/staff/pool/id", "eu-west-1_staff")


def test_a_first_deployment_that_failed_can_be_done_again(checkout: Checkout) -> None:
    what_users_needs_stands(checkout)
    checkout.publish("users/client/id", "something of the same name is in the way")
    code, said = checkout.deploy("users")
    assert code != 0, said
    assert "Deploy first" not in said
    with pytest.raises(checkout.dynamodb.exceptions.ResourceNotFoundException):
        checkout.table()
    checkout.ssm.delete_parameter(Name=f"/betsafi/{STAGE}/users/client/id")
    checkout.deployed("users")
    assert checkout.table()["DeletionProtectionEnabled"] is True
    policy = aws("cloudformation", checkout.emulator).get_stack_policy(StackName=f"betsafi-users-{STAGE}")
    assert "AWS::DynamoDB::Table" in policy["StackPolicyBody"]


def test_what_another_stack_publishes_reaches_running_functions_at_the_next_deployment(checkout: Checkout) -> None:
    def running() -> tuple[set[str], str]:
        """Return what functions take for the wallet's address, and the version that players are answered by."""
        alias = checkout.function("graphql", Qualifier="snapstart")
        configurations = [alias, checkout.function("graphql"), checkout.function("stream")]
        return {configuration["Environment"]["Variables"]["WALLET_URL"] for configuration in configurations}, alias[
            "Version"
        ]

    what_users_needs_stands(checkout)
    checkout.deployed("users")
    addresses, first = running()
    assert addresses == {"https://wallet.example/first"}
    checkout.publish("wallet/api/url", "https://wallet.example/second")
    checkout.deployed("users")
    addresses, second = running()
    assert addresses == {"https://wallet.example/second"}
    assert second != first
    checkout.deployed("users")
    assert running() == (addresses, second), "nothing changed, so nothing is published anew"


@pytest.mark.parametrize("killed", [False, True], ids=["that goes on", "that is killed"])
def test_another_command_in_the_folder_waits_for_a_deployment(
    checkout: Checkout, tmp_path: Path, *, killed: bool
) -> None:
    """It would put another stage's template where the deployment reads its own."""
    pause, goes_on = tmp_path / "paused", tmp_path / "goes-on"
    (tmp_path / "pausing.js").write_text(
        PAUSING.format(paused=json.dumps(str(pause)), goes_on=json.dumps(str(goes_on)))
    )
    preload = f"--require {tmp_path / 'pausing.js'}"
    what_users_needs_stands(checkout)
    checkout.deployed("users")
    checkout.publish("wallet/api/url", "https://wallet.example/elsewhere")
    deployment = checkout.begin("users", "deploy", log=tmp_path / "deploy.log", NODE_OPTIONS=preload)
    packaging, said = None, tmp_path / "package.log"
    try:
        wait_for(pause.exists, "pause of the deployment")
        packaging = checkout.begin("users", "package", stage="other", log=said)
        wait_for(lambda: packaging.poll() is not None or "waits until it has ended" in said.read_text(), "package")
        assert packaging.poll() is None, said.read_text()
        if killed:
            deployment.kill()
        else:
            goes_on.touch()
            assert deployment.wait(PATIENCE_SECONDS) == 0, (tmp_path / "deploy.log").read_text()
        assert packaging.wait(PATIENCE_SECONDS) == 0, said.read_text()
    finally:
        for process in filter(None, (deployment, packaging)):
            process.kill()
            process.wait()
    assert checkout.table()["TableName"] == f"betsafi-users-{STAGE}"
    packaged = json.loads((checkout.folder / "users" / ".serverless" / "serverless-state.json").read_text())
    assert packaged["service"]["provider"]["stage"] == "other"


def test_every_template_of_the_laptop_fits(cloud: Cloud) -> None:
    """The other kinds of stages are in `tests/contract`, where nothing is deployed."""
    cloudformation = running.aws("cloudformation", cloud.addresses)
    complaints = []
    for service in deployed():
        body = cloudformation.get_template(StackName=f"betsafi-{service}-{LAPTOP}")["TemplateBody"]
        template = json.loads(body) if isinstance(body, str) else body
        assert template["Resources"], service
        complaints += [f"{service}: {text}" for text in quotas.beyond(template, LAPTOP)]
    assert not complaints, "\n".join(complaints)
