"""What plain `osls` does in a service's folder: the rule of stages, its refusals, and templates that fit.

Production's templates are made as `osls package` makes them, with nothing but a folder and the environment. The
laptop's are judged as they are deployed (`tests/e2e/test_deploying.py`).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tests.contract import quotas
from tests.contract.template_rules import TEMPLATE_RULES, Template, resources
from tests.contract.test_templates import lint_complaints
from tests.contract.test_watch import in_its_runbook
from tests.contract.watch_rules import WATCH_RULES
from tools.base import stages
from tools.base.services import LIST, ROOT, services

pytestmark = pytest.mark.full

OSLS = ROOT / "node_modules" / ".bin" / "osls"
GIVEN = {
    "CALLBACK_DOMAIN": "pay.example.com",
    "CALLBACK_CERTIFICATE_ARN": "arn:aws:acm:eu-west-1:123456789012:certificate/0",
    "SMS_SENDER_ID": "BETSAFI",
    "EXCLUSION_REGISTER_URL": "https://register.example.com",
    "IDENTITY_REGISTER_URL": "none",
    "TERMS_URL": "https://example.com/terms",
    "PRIVACY_URL": "https://example.com/privacy",
    "WEB_DOMAIN": "app.example.com",
    "DOCS_DOMAIN": "docs.example.com",
    "SITES_CERTIFICATE_ARN": "arn:aws:acm:us-east-1:123456789012:certificate/1",
}
"""What a stage that stays needs from the environment."""
HERE = ("payment", "notifications")
"""The services with settings of their own."""
ASKERS = ("CognitoLambdaFunction", "GraphqlLambdaFunction", "VerificationLambdaFunction")
"""The functions of users that ask registers."""
CARRIER = {"SMS_CARRIER": "africastalking", "REPORT_ADDRESSES": "192.0.2.1,192.0.2.2"}
"""A carrier with an API and a secret of its own; the packages of other tests have none."""


def osls(
    service: str, *words: str, folder: Path | None = None, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run osls in a service's folder as a person would, with none of this machine's cloud settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SLS_", "LAYER_")) and name not in GIVEN
    }
    return subprocess.run(
        [str(OSLS), *words],
        cwd=folder or services()[service],
        env={**kept, "PYTHON_BIN": sys.executable, "AWS_EC2_METADATA_DISABLED": "true", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def refusal(service: str, *words: str, **environment: str) -> str:
    """Return what osls refused a command with. Fails the test if it did not."""
    ended = osls(service, *words, **environment)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0, said
    return " ".join(said.split())


# --- what a stage is called


@pytest.mark.parametrize("stage", ["dev", "staging", "prod", "test2", "a", "s" * 11])
def test_a_stage_may_be_called(stage: str) -> None:
    assert stages.refusal(stage) is None


@pytest.mark.parametrize(
    "stage", ["preprod", "live", "production", "prod2", "s" * 12, "2nd", "Dev", "my-stage", "", "dev\n"]
)
def test_a_stage_may_not_be_called(stage: str) -> None:
    assert stages.refusal(stage)


def test_the_tools_and_the_serverless_files_have_one_rule() -> None:
    names = ["dev", "local", "staging", "prod", "preprod", "live", "production", "s" * 12, "2nd", "my-stage"]
    script = """
      const stages = require('./shared/serverless/stages.js');
      const said = (stage) => [stages.kind(stage), stages.refusal(stage) || null];
      console.log(JSON.stringify(process.argv.slice(1).map(said)));
    """
    printed = subprocess.run(
        ["node", "-e", script, *names], cwd=ROOT, check=True, capture_output=True, timeout=60
    ).stdout
    assert json.loads(printed) == [[stages.kind(name), stages.refusal(name)] for name in names]
    assert [stages.kind(name) for name in names[:4]] == ["temporary", "laptop", "permanent", "production"]


# --- what a stage chooses


@pytest.mark.parametrize(
    ("file", "section"),
    [("shared/serverless/params.yml", "default"), *((f"{name}/stages.yml", "temporary") for name in HERE)],
)
def test_what_a_stage_chooses_is_given_to_something(file: str, section: str) -> None:
    listed = subprocess.run(["git", "ls-files", "*.yml", "*.js"], cwd=ROOT, capture_output=True, text=True, check=True)
    elsewhere = [name for name in listed.stdout.split() if name != file and not name.startswith("tests/")]
    text = "\n".join((ROOT / name).read_text() for name in elsewhere)
    names = yaml.safe_load((ROOT / file).read_text())[section].keys()
    assert {"moneyWorkers", "darajaUrl", "quietHours"} & names
    unused = {name for name in names if not re.search(rf"\b{name}\b", text)}
    assert not unused, f"{file} has settings that no serverless file gives to anything: {unused}"


# --- what plain osls refuses


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ("preprod", "preprod sounds like production and is not listed"),
        ("s" * 17, "A stage is called by 1 to 11 small letters and digits"),
    ],
)
def test_a_wrong_name_is_not_packaged(stage: str, sentence: str) -> None:
    assert sentence in refusal("platform", "package", "--stage", stage, **GIVEN)


REAL = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": "real", "AWS_REGION": "eu-west-1"}


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        ("deploy", {}),
        ("remove", {"AWS_ENDPOINT_URL": "https://cloudformation.eu-west-1.amazonaws.com"}),
        ("info", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}),
    ],
)
def test_the_laptop_s_stage_never_reaches_a_real_account(command: str, environment: dict[str, str]) -> None:
    said = refusal("platform", command, "--stage", "local", **REAL, **environment)
    assert "would reach a real AWS account" in said


@pytest.mark.parametrize(
    ("service", "stage", "lacking"),
    [
        ("payment", "prod", "CALLBACK_DOMAIN and CALLBACK_CERTIFICATE_ARN"),
        ("payment", "staging", "CALLBACK_CERTIFICATE_ARN"),
        ("notifications", "prod", "SMS_SENDER_ID"),
        ("notifications", "staging", "SMS_SENDER_ID"),
        ("users", "prod", "SMS_SENDER_ID"),
        ("users", "prod", "EXCLUSION_REGISTER_URL"),
        ("users", "staging", "IDENTITY_REGISTER_URL"),
        ("bet", "prod", "TERMS_URL and PRIVACY_URL"),
        ("bet", "staging", "PRIVACY_URL"),
        ("web", "prod", "WEB_DOMAIN and SITES_CERTIFICATE_ARN"),
        ("docs", "staging", "DOCS_DOMAIN"),
    ],
)
def test_a_stage_that_stays_is_not_packaged_without(service: str, stage: str, lacking: str) -> None:
    given = {name: value for name, value in GIVEN.items() if name not in lacking.split()}
    assert f"betsafi-{service} lacks {lacking}, which" in refusal(service, "package", "--stage", stage, **given)


def test_production_is_never_removed() -> None:
    assert "never removed" in refusal("wallet", "remove", "--stage", "prod")


def test_plain_osls_package_works_in_a_folder(tmp_path: Path) -> None:
    ended = osls("payment", "package", "--package", str(tmp_path))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    template = json.loads((tmp_path / "cloudformation-template-update-stack.json").read_text())
    assert "{{resolve" not in json.dumps(template)
    assert template["Parameters"]["FromUsersApiUrl"] == {
        "Type": "AWS::SSM::Parameter::Value<String>",
        "Default": "/betsafi/dev/users/api/url",
    }


# --- every template of every stage


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is packaged: packaging writes into a service's folder, where something may be packaged already."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in {path.relative_to(ROOT).parts[0] for path in services().values()} | {"shared", "tools"}:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".serverless", "__pycache__"))
    shutil.copy(LIST, folder)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


def packaged(checkout: Path, stage: str) -> dict[str, Template]:
    """Package every service for a stage, with what a stage that stays needs; return the templates by service."""
    ended = subprocess.run(
        [sys.executable, "-m", "tools.package", stage],
        cwd=checkout,
        env={**os.environ, **GIVEN, **CARRIER, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    made = checkout / "build" / "package" / stage
    return {service: json.loads((made / f"{service}.json").read_text()) for service in services()}


def test_the_libraries_are_waited_for(checkout: Path, tmp_path: Path) -> None:
    """serverless-python-requirements links their zip and does not wait for the link."""
    slow = tmp_path / "slow.js"
    slow.write_text(
        "const fs = require('fs'); const link = fs.symlink;"
        "fs.symlink = (...given) => { setTimeout(() => link(...given), 1000); };"
    )
    layers = checkout / services()["layers"].relative_to(ROOT)
    ended = osls("layers", "package", "--stage", "trial", folder=layers, NODE_OPTIONS=f"--require {slow}")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_template_of_production_fits_and_is_production_s(checkout: Path) -> None:
    made = packaged(checkout, "prod")
    complaints = [f"{name}: {text}" for name, template in made.items() for text in quotas.beyond(template, "prod")]
    assert not complaints, "\n".join(complaints)
    assert lint_complaints(made["notifications"]) == []
    assert [text for rule in (*TEMPLATE_RULES, *WATCH_RULES) for text in rule(made["notifications"])] == []
    alarms = resources(made["notifications"], "AWS::CloudWatch::Alarm")
    assert [name for name, alarm in alarms.items() if not in_its_runbook(name, alarm)] == []
    assert "ReportApiRole" in made["notifications"]["Resources"]
    (listed,) = resources(made["notifications"], "AWS::WAFv2::IPSet").values()
    assert listed["Properties"]["Addresses"] == ["192.0.2.1/32", "192.0.2.2/32"]
    for site, host in (("web", "app.example.com"), ("docs", "docs.example.com")):
        distribution = made[site]["Resources"]["Site"]["Properties"]["DistributionConfig"]
        assert distribution["Aliases"] == [host]
        assert distribution["ViewerCertificate"]["AcmCertificateArn"] == GIVEN["SITES_CERTIFICATE_ARN"]
        assert distribution["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
        assert lint_complaints(made[site]) == []
    payment = made["payment"]
    variables = payment["Resources"]["GraphqlLambdaFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["DARAJA_URL"] == "https://api.safaricom.co.ke"
    assert variables["CALLBACK_BASE_URL"] == "https://pay.example.com"
    said = made["bet"]["Resources"]["GraphqlLambdaFunction"]["Properties"]["Environment"]["Variables"]
    assert (said["TERMS_URL"], said["PRIVACY_URL"]) == (GIVEN["TERMS_URL"], GIVEN["PRIVACY_URL"])
    users = {name: made["users"]["Resources"][name]["Properties"]["Environment"]["Variables"] for name in ASKERS}
    assert users["CognitoLambdaFunction"]["EXCLUSION_REGISTER_URL"] == "https://register.example.com"
    assert {users[name]["IDENTITY_REGISTER_URL"] for name in ASKERS[1:]} == {""}, "none is asked where none was said"
    assert list(resources(payment, "AWS::ApiGateway::DomainName")) == ["CallbackDomain"]
    lock = payment["Resources"]["Archive"]["Properties"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert lock["Mode"] == "COMPLIANCE"
    assert payment["Resources"]["UtilityLowAlarm"]["Properties"]["TreatMissingData"] == "breaching"
    assert {"Fn::Equals": ["production"] * 2} in made["platform"]["Conditions"]["Stays"]["Fn::Or"]
    assert made["platform"]["Resources"]["SoftwareUncheckedAlarm"]["Condition"] == "Stays"
    assert made["platform"]["Conditions"]["LogEvents"] == {"Fn::Not": [{"Fn::Equals": ["production"] * 2}]}
