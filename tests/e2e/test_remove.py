"""`make remove` takes a whole stage away, the last deployed first; after a purge it can be deployed anew.

The stage is what all other tests have used, with everything that they have left in it: so this comes last of all.
"""

import subprocess
from pathlib import Path

import pytest

from localcloud.base.addresses import REGION, Addresses
from localcloud.cloud.deploying import deploy_environment, deployed
from localcloud.cloud.running import Cloud, aws
from tools import purge
from tools.base.services import ROOT, services

STAGE = "local"


@pytest.fixture
def addresses(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Addresses:
    """Where the stage is; what is run here is told so."""
    for name, value in {**deploy_environment(cloud.addresses), "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    return cloud.addresses


def stacks(addresses: Addresses) -> list[str]:
    """Return the stacks that stand, the oldest first."""
    pages = aws("cloudformation", addresses).get_paginator("list_stacks").paginate()
    found = [one for page in pages for one in page["StackSummaries"] if one["StackStatus"] != "DELETE_COMPLETE"]
    return [one["StackName"] for one in sorted(found, key=lambda one: one["CreationTime"])]


def run(*command: str, folder: Path = ROOT) -> str:
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.late
def test_a_stage_is_removed_purged_and_deployed_again(addresses: Addresses, capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(stacks(addresses)) == sorted(f"betsafi-{name}-{STAGE}" for name in deployed())
    assert purge.main(["--stage", STAGE, "--delete"]) == 1
    assert "Still deployed: betsafi-bet-local" in capsys.readouterr().err

    run("make", "remove", f"STAGE={STAGE}")
    assert stacks(addresses) == []
    assert purge.main(["--stage", STAGE]) == 0
    assert "parameter  /betsafi/local/layers/common/" in capsys.readouterr().out, (
        "layers are retained on the laptop too"
    )
    assert purge.main(["--stage", STAGE, "--delete"]) == 0
    capsys.readouterr()
    assert purge.main(["--stage", STAGE]) == 0
    assert capsys.readouterr().out.startswith("0 to delete")

    for name in ("platform", "layers"):
        run("sls", "deploy", "--stage", STAGE, folder=services()[name])
    run("osls-compose", "wallet:deploy", "--stage", STAGE)  # as `make deploy` does it
    assert stacks(addresses) == [f"betsafi-{name}-{STAGE}" for name in ("platform", "layers", "wallet")]
