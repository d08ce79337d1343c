"""Deploying the services into the laptop's cloud."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.base.addresses import Addresses
from localcloud.cloud import deploying
from localcloud.cloud.starting import CannotStart
from tests.support.waiting import PATIENCE_SECONDS, wait_for
from tools.base.services import ROOT, needs

FRAMEWORK = """#!/bin/sh
service=$(basename "$(dirname "$PWD/.")" | sed s/common/layers/)
echo "begun $service $*" >> {runs}
if [ $service = {fails} ]; then echo "the reason of it"; exit 1; fi
if [ $service = {same} ]; then echo "No changes to deploy. Deployment skipped."; fi
echo "ended $service $*" >> {runs}
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a framework that deploys nothing writes what it was asked for; it fails where the test says so."""
    monkeypatch.setattr(deploying, "ROOT", tmp_path)
    return tmp_path / "runs"


def framework(runs: Path, fails: str = "nothing", same: str = "nothing") -> None:
    file = runs.parent / "node_modules" / ".bin" / "sls"
    file.parent.mkdir(parents=True)
    file.write_text(FRAMEWORK.format(runs=runs, fails=fails, same=same))
    file.chmod(0o755)


def test_every_service_is_deployed_once_and_after_what_it_needs(runs: Path, tmp_path: Path) -> None:
    framework(runs, same="wallet")
    reported: list[str] = []

    deploying.deploy(Addresses(15_000), tmp_path, reported.append)

    done = runs.read_text().splitlines()
    assert sorted(done) == sorted(
        f"{word} {name} deploy --stage local --verbose" for word in ("begun", "ended") for name in deploying.deployed()
    )
    at = {" ".join(line.split()[:2]): number for number, line in enumerate(done)}
    late = [
        (name, need)
        for name in deploying.deployed()
        for need in needs(name)
        if at[f"begun {name}"] < at[f"ended {need}"]
    ]
    assert not late
    said = dict(line.split(" (")[0].split(": ") for line in reported)
    assert said == {name: "no changes" if name == "wallet" else "deployed" for name in deploying.deployed()}


def test_a_deployment_that_fails_is_not_tried_again_nor_is_what_needs_it(runs: Path, tmp_path: Path) -> None:
    framework(runs, fails="wallet")
    reported: list[str] = []

    with pytest.raises(CannotStart, match=r"Deploying wallet failed(.|\n)*wallet: the reason of it"):
        deploying.deploy(Addresses(15_000), tmp_path, reported.append)

    begun = sorted(line.split()[1] for line in runs.read_text().splitlines() if line.startswith("begun"))
    assert begun == ["layers", "platform", "wallet"]
    assert sorted(line.split(":")[0] for line in reported) == ["layers", "platform"]
    assert (tmp_path / "deploy.log").read_text().count("wallet › the reason of it") == 1


def test_who_ends_while_services_are_deployed_waits_for_none(runs: Path, tmp_path: Path) -> None:
    framework(runs)
    slow = runs.parent / "node_modules" / ".bin" / "sls"
    slow.write_text(f"#!/bin/sh\necho $$ >> {runs}\nexec sleep 600\n")
    program = f"""
import pathlib, signal
from localcloud.base.addresses import Addresses
from localcloud.cloud import deploying
deploying.ROOT = folder = pathlib.Path({str(tmp_path)!r})
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background is deaf to it otherwise
deploying.deploy(Addresses(15_000), folder, print)
"""
    us = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.DEVNULL)
    wait_for(lambda: runs.exists() and runs.read_text().endswith("\n"), "a deployment")
    us.send_signal(signal.SIGINT)
    assert us.wait(PATIENCE_SECONDS)
    for line in runs.read_text().splitlines():
        with pytest.raises(ProcessLookupError):
            os.kill(int(line), 0)
