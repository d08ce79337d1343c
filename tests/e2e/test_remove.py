"""`make remove` takes a whole stage away, the last deployed first; after a purge it can be deployed anew."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from localcloud.base.addresses import REGION, Addresses
from localcloud.cloud.deploying import deploy, deploy_environment
from localcloud.cloud.running import aws
from tests.support.emulator import running_emulator
from tools import purge
from tools.base.services import ROOT

STAGE = "local"


@pytest.fixture
def addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Addresses]:
    """An emulator of this test's own, for it ends empty; none of our own servers is needed to deploy."""
    with running_emulator(tmp_path) as url:
        port = urlsplit(url).port
        assert port
        found = Addresses(port)
        for name, value in {**deploy_environment(found), "AWS_DEFAULT_REGION": REGION}.items():
            monkeypatch.setenv(name, value)
        yield found


def stacks(addresses: Addresses) -> list[str]:
    """Return the stacks that stand, the oldest first."""
    pages = aws("cloudformation", addresses).get_paginator("list_stacks").paginate()
    found = [one for page in pages for one in page["StackSummaries"] if one["StackStatus"] != "DELETE_COMPLETE"]
    return [one["StackName"] for one in sorted(found, key=lambda one: one["CreationTime"])]


def run(*command: str, folder: Path = ROOT, environment: Mapping[str, str] = os.environ) -> str:
    ended = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_stage_is_removed_purged_and_deployed_again(
    addresses: Addresses, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(addresses, tmp_path, print)
    standing = stacks(addresses)
    assert len(standing) == 8
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

    for folder in ("platform", "layers/common", "wallet"):
        run("sls", "deploy", "--stage", STAGE, folder=ROOT / folder)
    assert stacks(addresses) == [f"betsafi-{name}-{STAGE}" for name in ("platform", "layers", "wallet")]
