"""The stacks of the app and of the documents, deployed into an emulator, and asked as browsers ask CloudFront."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.base.addresses import Addresses
from localcloud.cloud import servers
from tests.support.emulator import CREDENTIALS, aws, running_emulator
from tests.support.waiting import PATIENCE_SECONDS
from tools.base.services import ROOT, services

STAGE = "trial"
PUBLISHED = {
    "frontend-api/graphql/url": "https://abcd1234.appsync-api.eu-west-1.amazonaws.com/graphql",
    "frontend-api/lobby/key": "da2-lobby",
    "platform/staff/pool/id": "eu-west-1_staff",
    "platform/staff/client/id": "client2",
    "users/pool/id": "eu-west-1_players",
    "users/client/id": "client1",
}
SECURE = {"X-Forwarded-Proto": "https"}


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    text: str


class Sites:
    """A checkout with small builds of both sites, and the emulator that it deploys to."""

    def __init__(self, folder: Path, emulator: str) -> None:
        self.folder, self.emulator = folder, emulator
        self.folders = {name: folder / services()[name].relative_to(ROOT) for name in ("web", "docs")}
        for name, place in self.folders.items():
            place.mkdir(parents=True)
            shutil.copy(services()[name] / "serverless.yml", place)
        shutil.copytree(ROOT / "shared", folder / "shared")
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        self.cloudformation = aws("cloudformation", emulator)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files of the builds, by their places below `build`."""
        for place, text in files.items():
            file = self.folder / "build" / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def sls(self, site: str, command: str) -> tuple[int, str]:
        """Run a command of the framework in the folder of a site; return its exit code and what it said."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {
            **kept,
            **CREDENTIALS,
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": self.emulator,
            "SLS_AWS_MONITORING_FREQUENCY": "250",
            "PYTHON_BIN": sys.executable,
            "NODE_NO_WARNINGS": "1",
        }
        ended = subprocess.run(
            [str(ROOT / "node_modules" / ".bin" / "sls"), command, "--stage", STAGE],
            cwd=self.folders[site],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return ended.returncode, " ".join((ended.stdout + ended.stderr).split())

    def done(self, site: str, command: str) -> str:
        code, said = self.sls(site, command)
        assert code == 0, said
        return said

    def resource(self, site: str, name: str) -> str:
        stack = f"betsafi-{site}-{STAGE}"
        found = self.cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=name)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def host(self, site: str) -> str:
        """Return the name of a site's CloudFront."""
        found = aws("cloudfront", self.emulator).get_distribution(Id=self.resource(site, "Site"))
        return str(found["Distribution"]["DomainName"])

    def get(self, site: str, path: str, headers: Mapping[str, str] = SECURE) -> Answer:
        """Ask a site's CloudFront for a path."""
        connection = HTTPConnection(self.emulator.removeprefix("http://"), timeout=PATIENCE_SECONDS)
        connection.request("GET", path, headers={"Host": self.host(site), **headers})
        answer = connection.getresponse()
        got = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, got, answer.read().decode())


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield Sites(tmp_path_factory.mktemp("checkout"), url)


@pytest.fixture(scope="module")
def app(sites: Sites) -> Sites:
    """The app's site as it stands after its first deployment."""
    code, said = sites.sls("web", "deploy")
    assert code != 0
    assert "Deploy first, on this stage: frontend-api, platform, users." in said
    for name, value in PUBLISHED.items():
        aws("ssm", sites.emulator).put_parameter(Name=f"/betsafi/{STAGE}/{name}", Value=value, Type="String")
    code, said = sites.sls("web", "deploy")
    assert code != 0
    assert "There is nothing in" in said
    assert sites.cloudformation.describe_stacks()["Stacks"] == []
    sites.write(
        {
            "web/index.html": "<title>BETSAFI</title>",
            "web/icon.svg": "<svg/>",
            "web/old.svg": "<svg/>",
            "web/assets/index-1a2b.js": "start()",
        }
    )
    sites.done("web", "deploy")
    return sites


def test_the_app_is_told_where_everything_is_on_its_stage(app: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = app.get("web", "/config.json")
    assert json.loads(answer.text) == {
        "stage": STAGE,
        "region": "eu-west-1",
        "graphql": PUBLISHED["frontend-api/graphql/url"],
        "lobbyKey": "da2-lobby",
        "userPoolId": "eu-west-1_players",
        "clientId": "client1",
        "staff": {"userPoolId": "eu-west-1_staff", "clientId": "client2"},
    }
    assert answer.headers["cache-control"] == "no-store"
    monkeypatch.setattr(servers, "parameter", lambda addresses, name: name)
    assert json.loads(answer.text).keys() == servers.app_config(Addresses()).keys() - {"cognito", "laptop"}


@pytest.mark.parametrize("path", ["/", "/bets/some-bet", "/fixture/gor-afc"])
def test_every_address_that_names_no_file_is_a_page_of_the_app(app: Sites, path: str) -> None:
    answer = app.get("web", path)
    assert (answer.status, answer.text) == (200, "<title>BETSAFI</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert policy["connect-src"].split() == [
        "'self'",
        "https://cognito-idp.eu-west-1.amazonaws.com",
        "https://abcd1234.appsync-api.eu-west-1.amazonaws.com",
        "wss://abcd1234.appsync-realtime-api.eu-west-1.amazonaws.com",
    ]


def test_what_has_its_content_in_its_name_is_kept_for_ever_and_nothing_else_is(app: Sites) -> None:
    answer = app.get("web", "/assets/index-1a2b.js")
    assert (answer.text, answer.headers["cache-control"]) == ("start()", "public, max-age=31536000, immutable")
    assert app.get("web", "/icon.svg").headers["cache-control"] == "no-cache"
    assert app.get("web", "/assets/index-0000.js").status == 404


def test_nobody_comes_past_cloudfront_or_without_tls(app: Sites) -> None:
    answer = app.get("web", "/", {})
    assert (answer.status, answer.headers["location"][:8]) == (301, "https://")
    bucket = app.resource("web", "SiteFiles")
    unsigned = Config(signature_version=UNSIGNED)
    anybody = boto3.client("s3", endpoint_url=app.emulator, region_name="eu-west-1", config=unsigned)
    with pytest.raises(ClientError, match="AccessDenied"):
        anybody.get_object(Bucket=bucket, Key="index.html")


def test_a_deployment_brings_the_new_build_and_leaves_open_apps_their_files(app: Sites) -> None:
    (app.folder / "build" / "web" / "assets" / "index-1a2b.js").unlink()
    (app.folder / "build" / "web" / "old.svg").unlink()
    app.write({"web/index.html": "<title>New</title>", "web/assets/index-3c4d.js": "start(again)"})
    app.done("web", "deploy")
    assert app.get("web", "/").text == "<title>New</title>"
    assert app.get("web", "/assets/index-3c4d.js").text == "start(again)"
    assert app.get("web", "/assets/index-1a2b.js").text == "start()"
    assert app.get("web", "/old.svg").status == 404


def test_the_documents_are_pages_of_folders(sites: Sites) -> None:
    sites.write(
        {
            "docs/site/index.html": "<title>Documents</title>",
            "docs/site/404.html": "<title>Nothing</title>",
            "docs/site/docs/app/index.html": "<title>App</title>",
            "docs/site/assets/bundle.0123abcd.min.js": "search()",
            "docs/site/search.json": "{}",
        }
    )
    assert "5 files are at https://" in sites.done("docs", "deploy")
    assert sites.get("docs", "/").text == "<title>Documents</title>"
    assert sites.get("docs", "/docs/app/").text == "<title>App</title>"
    moved = sites.get("docs", "//docs.example/app")
    assert moved.status == 301
    assert moved.headers["location"] == f"https://{sites.host('docs')}//docs.example/app/", "nobody else's address"
    assert (sites.get("docs", "/nowhere/").status, sites.get("docs", "/nowhere/").text) == (
        404,
        "<title>Nothing</title>",
    )
    assert "immutable" in sites.get("docs", "/assets/bundle.0123abcd.min.js").headers["cache-control"]
    assert sites.get("docs", "/search.json").headers["cache-control"] == "no-cache"


def test_a_removed_site_leaves_nothing(app: Sites) -> None:
    app.done("web", "remove")
    app.done("docs", "remove")
    left = [
        one for one in app.cloudformation.list_stacks()["StackSummaries"] if one["StackStatus"] != "DELETE_COMPLETE"
    ]
    assert left == []
    assert aws("s3", app.emulator).list_buckets()["Buckets"] == []
    assert aws("cloudfront", app.emulator).list_distributions()["DistributionList"].get("Items", []) == []
    app.done("web", "remove")
