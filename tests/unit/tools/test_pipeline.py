"""The example of a pipeline: what a change deploys, in which order, and that its linter finds what would be wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests import suite
from tests.support import pictures
from tools import changed
from tools.base.services import ROOT, needs, services

PIPELINE = ROOT / "docs" / "pipeline"
OWN = ROOT / ".github" / "workflows" / "test.yml"
"""What a change to this repository must pass."""
MAKEFILE = (ROOT / "Makefile").read_text()
ALL = list(services())


def workflow(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PIPELINE / name).read_text())
    return loaded


@pytest.mark.parametrize(
    ("paths", "concerned"),
    [
        (["wallet/wallet/rules/ledger.py"], ["wallet", "docs"]),
        (["frontend-api/schema/bet.graphql", "bet/bet/table.py"], ["bet", "frontend-api", "web", "docs"]),
        (["clients/web/src/main.tsx"], ["web", "docs"]),
        (["layers/common/python/betsafi/clock.py"], ALL),
        (["shared/serverless/defaults.js"], ALL),
        (["package-lock.json"], ALL),
        (["README.md", "tests/unit/tools/test_pipeline.py", "docs/wallet/x.md", "walletx/a.py"], ["docs"]),
        ([], []),
    ],
)
def test_a_change_concerns_the_services_whose_folders_it_touches(paths: list[str], concerned: list[str]) -> None:
    assert changed.concerned(paths) == concerned


def test_every_service_has_its_place_in_the_order() -> None:
    for service in ALL:
        assert all(ALL.index(need) < ALL.index(service) for need in needs(service))


def test_the_list_is_read_as_its_own_tool_reads_it() -> None:
    listed = yaml.safe_load((ROOT / "serverless-compose.yml").read_text())["services"]
    assert {name: str(folder.relative_to(ROOT)) for name, folder in services().items()} == {
        name: about["path"] for name, about in listed.items()
    }
    assert list(listed) == ALL
    for name, about in listed.items():
        nearest = set(about.get("dependsOn", []))
        assert needs(name) == nearest.union(*map(needs, nearest))


def test_a_pipeline_asks_what_a_change_concerns_before_anything_is_installed() -> None:
    command = [sys.executable, "-S", "-m", "tools.changed", "unknown", "unknown"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert (ran.stderr, ran.returncode) == ("", 0)
    assert json.loads(ran.stdout) == ALL


def test_a_change_whose_beginning_is_unknown_concerns_every_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert changed.main(["0" * 40, "HEAD"]) == 0
    assert json.loads(capsys.readouterr().out) == ALL
    assert changed.main(["HEAD", "HEAD"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert changed.main(["--output=harm", "HEAD"]) == 0
    assert json.loads(capsys.readouterr().out) == ALL
    assert not Path("harm").exists()


def test_production_comes_after_staging_was_looked_at_and_somebody_approved() -> None:
    jobs = workflow("service.yml")["jobs"]
    assert (jobs["staging"]["needs"], jobs["production"]["needs"]) == ("test", "staging")
    for name, stage in (("staging", "staging"), ("production", "prod")):
        job = jobs[name]
        assert (job["environment"], job["env"]["STAGE"]) == (name, stage)
        runs = [step.get("run", step.get("uses", "")) for step in job["steps"]]
        wanted = ["make package", "aws-actions/configure-aws-credentials", 'make "deploy-', "tools.first_day"]
        places = [next(n for n, run in enumerate(runs) if want in run) for want in wanted]
        assert places == sorted(places)
    assert "id-token" not in jobs["test"]["permissions"], "what runs the tests of a change cannot reach AWS"


NOT_SAID = {
    "PYTHON_BIN": "the Makefile and tools.package say it",
    "SMS_ENDPOINT_URL": "an SNS of one's own, as on the laptop",
    "AFRICASTALKING_URL": "has an address by itself",
}
"""What a deployment may read from the environment and nobody has to say, and why."""


def read_from_the_environment() -> set[str]:
    """Return the variables that the serverless files read on AWS: all but those of the laptop's own sections."""
    listed = subprocess.run(["git", "ls-files", "*.yml"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found: set[str] = set()
    for name in listed.split():
        if not name.startswith(("docs/pipeline/", "tests/")):
            text = re.sub(r"^(?:local|laptop):\n(?: .*\n|\n)*", "", (ROOT / name).read_text(), flags=re.MULTILINE)
            found |= set(re.findall(r"\$\{(?:[^{}]*, ?)?env:([A-Z_]+)", text))
    return found


def test_what_a_deployment_reads_is_written_down_and_given_by_the_pipeline() -> None:
    """A deployment takes away what it is not told: a domain, a sender's name, the register of excluded players."""
    read = read_from_the_environment() - NOT_SAID.keys()
    assert {"CALLBACK_DOMAIN", "EXCLUSION_REGISTER_URL", "AWS_REGION", "PUSH_IOS_ARN"} <= read
    assert "APPSYNC_URL" not in read, "the laptop's alone"
    text = (ROOT / "docs" / "getting_started.md").read_text()
    told = re.search(r"^### What the environment says\n(.*?)^###? ", text, re.MULTILINE | re.DOTALL)
    assert told is not None
    rows = [set(re.findall(r"`([A-Z_]+)`", line.split("|")[1])) for line in told[1].splitlines() if line[:3] == "| `"]
    assert set().union(*rows) == read
    jobs = workflow("service.yml")["jobs"]
    for job in (jobs["staging"], jobs["production"]):
        given = {name for name, value in job["env"].items() if re.match(rf"\${{{{ vars\.{name}\b", value)}
        assert given == read


def test_every_make_target_of_the_pipeline_exists() -> None:
    text = (PIPELINE / "service.yml").read_text()
    assert "make e2e" in text
    targets = re.findall(r"^([a-z0-9 %-]+|\$\(SERVICES[^:]*\)): ", MAKEFILE, re.MULTILINE)
    known = " ".join(targets).split()
    for run in re.findall(r"\bmake ([a-z0-9 ]+)", text):
        assert set(run.split()) <= set(known), run


def test_every_action_is_pinned_to_a_commit() -> None:
    text = "".join(path.read_text() for path in (*PIPELINE.glob("*.yml"), OWN))
    uses = re.findall(r"uses: (\S+)(.*)", text)
    foreign = [(name, rest) for name, rest in uses if not name.startswith("./")]
    assert len(foreign) >= 4
    for name, rest in foreign:
        assert re.search(r"@[0-9a-f]{40}$", name), name
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", rest), name


def test_a_change_to_this_repository_must_pass_what_ci_runs() -> None:
    (job,) = yaml.safe_load(OWN.read_text())["jobs"].values()
    run, kept = job["steps"][-2:]
    assert run["run"] == ".ci/run"
    assert (kept["if"], kept["uses"].partition("@")[0]) == ("failure()", "actions/upload-artifact")
    assert all(folder.is_relative_to(ROOT / kept["with"]["path"]) for folder in (suite.LOGS, pictures.FOLDER))
    assert job["permissions"] == {"contents": "read"}
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "set -euo pipefail" in lines
    assert [line for line in lines if line.startswith("make ")] == ["make test", "make audit"]


def test_what_runs_is_compared_twice_a_day_on_every_stage_that_stays() -> None:
    text = (PIPELINE / "identity.yml").read_text()
    loaded = yaml.load(text, yaml.BaseLoader)
    ((_, hours, *days),) = [one["cron"].split() for one in loaded["on"]["schedule"]]
    assert (len(hours.split(",")), days) == (2, ["*", "*", "*"])
    (job,) = loaded["jobs"].values()
    assert [one["stage"] for one in job["strategy"]["matrix"]["include"]] == ["staging", "prod"]
    assert "environment" not in job, "nobody approves it"
    assert job["steps"][0]["with"]["fetch-depth"] == "0", "what runs may be an earlier version"
    assert job["steps"][-1]["run"] == '.venv/bin/python -m tools.identity --stage "$STAGE" --publish'
    runs = [step.get("run", step.get("uses", "")) for step in job["steps"]]
    assert runs.index("make setup") < next(n for n, run in enumerate(runs) if "credentials" in run)


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    (command,) = re.findall(r"^\t(zizmor .*) docs/pipeline", MAKEFILE, re.MULTILINE)
    files = sorted(str(path) for path in folder.glob("*.yml"))
    program = str(ROOT / ".venv" / "bin" / "zizmor")
    words = [program, *command.split()[1:], *files]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        ("        with:\n          persist-credentials: false\n", "", "artipacked"),
        ('make "deploy-$SERVICE"', "make deploy-${{ inputs.service }}", "template-injection"),
        ("@93cb6efe18208431cddfb8368fd83d5badbf9bfd # v5.0.1", "@v5", "unpinned-uses"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
    ],
)
def test_the_linter_finds_what_would_be_wrong(before: str, after: str, finding: str, tmp_path: Path) -> None:
    text = (PIPELINE / "service.yml").read_text()
    assert before in text
    (tmp_path / "service.yml").write_text(text)
    assert lint(tmp_path).returncode == 0
    (tmp_path / "service.yml").write_text(text.replace(before, after))
    found = lint(tmp_path)
    assert found.returncode != 0
    assert finding in found.stdout + found.stderr
