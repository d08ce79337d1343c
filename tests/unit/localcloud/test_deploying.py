"""Deploying the services into the laptop's cloud."""

from pathlib import Path

import pytest

from localcloud.base.addresses import Addresses
from localcloud.cloud import deploying
from localcloud.cloud.starting import CannotStart

FAILS = """#!/bin/sh
echo run >> runs
echo "wallet › the reason of it"
echo "wallet › error (3s)"
exit 1
"""


def test_a_deployment_that_fails_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    framework = tmp_path / "node_modules" / ".bin" / "osls-compose"
    framework.parent.mkdir(parents=True)
    framework.write_text(FAILS)
    framework.chmod(0o755)
    monkeypatch.setattr(deploying, "ROOT", tmp_path)
    reported: list[str] = []

    with pytest.raises(CannotStart, match=r"Deploying wallet failed(.|\n)*the reason of it"):
        deploying.deploy(Addresses(15_000), tmp_path, reported.append)

    assert (tmp_path / "runs").read_text() == "run\n"
    assert [line.split(" (")[0] for line in reported] == ["wallet: error"]
    assert (tmp_path / "deploy.log").read_text().count("the reason of it") == 1
