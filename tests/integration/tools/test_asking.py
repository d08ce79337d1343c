"""A command of a stage says where it asks, in the region of the deployments, and in a sentence why it could not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import yaml  # type: ignore[import-untyped]
from botocore.exceptions import ClientError

from tools.base import asking
from tools.base.services import ROOT


def ended(monkeypatch: pytest.MonkeyPatch, *words: str, command: object = lambda: 0) -> object:
    monkeypatch.setattr(sys, "argv", ["tools.x", *words])
    with pytest.raises(SystemExit) as end:
        asking.run(command)  # type: ignore[arg-type]
    return end.value.code


@pytest.mark.parametrize(("said", "region"), [("eu-central-1", "eu-central-1"), ("", "eu-west-1")])
def test_it_asks_where_deployments_go_and_says_so(
    emulator: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str, region: str
) -> None:
    monkeypatch.setenv("AWS_REGION", said)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")  # as a profile may have it
    asked = []

    def command() -> int:
        asked.append(boto3.client("sqs").meta.region_name)
        return 3

    assert ended(monkeypatch, "--stage", "dev", command=command) == 3
    assert asked == [region]
    assert re.fullmatch(rf"Stage dev in account \d{{12}}, region {region}\.\n", capsys.readouterr().err)
    provider = yaml.safe_load((ROOT / "shared" / "serverless" / "provider.yml").read_text())
    assert provider["region"] == "${opt:region, env:AWS_REGION, 'eu-west-1'}"


@pytest.mark.parametrize("words", [("--stage",), ("--stage", ""), ("--stage", "--queue", "x")])
def test_without_a_stage_it_asks_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert ended(monkeypatch, *words) == 2
    assert capsys.readouterr().err.startswith("Which stage?")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ExpiredToken", "AWS does not know who asks"),
        ("AccessDeniedException", "AWS does not let you"),
        ("ThrottlingException", "AWS did not answer as it should"),
    ],
)
def test_what_aws_refuses_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str, sentence: str
) -> None:
    def command() -> int:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeAlarms")

    assert ended(monkeypatch, command=command) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_who_is_not_signed_in_reads_one_sentence(tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ran = subprocess.run(
        [sys.executable, "-m", "tools.alarms", "--stage", "dev"],
        cwd=ROOT,
        env={**bare, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert re.fullmatch(r"AWS does not know who asks \(.*\)\. Sign in, .*\n", ran.stderr)


def test_every_command_of_a_stage_asks_so() -> None:
    files = [*(ROOT / "tools").glob("*.py"), *(ROOT / "tools").glob("*/__main__.py")]
    asks = {file for file in files if 'add_argument("--stage"' in file.read_text()}
    assert len(asks) > 15
    assert {file.name for file in asks if not file.read_text().endswith("    asking.run(main)\n")} == set()
