"""What runs is compared file by file with what was released."""

import io
import subprocess
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.cloudwatch import MISSING, rings
from tests.support.serverless import in_node
from tools import identity
from tools.base.services import services


def zipped(files: dict[str, str]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return body.getvalue()


def package(service: str, name: str) -> dict[str, str]:
    """What a service's package holds, from this checkout."""
    folder = services()[service]
    paths = (path for path in (folder / name).rglob("*") if path.suffix in (".py", ".json", ".typed"))
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


def test_added_missing_and_changed_files_are_named() -> None:
    deployed, released = {"a.py": "1", "b.py": "2", "evil.py": "3"}, {"a.py": "1", "b.py": "9", "c.py": "4"}
    assert identity.differences(deployed, released) == [
        "evil.py was not released", "c.py is not deployed", "b.py differs",
    ]  # fmt: skip
    assert identity.differences(released, released) == []


@pytest.mark.parametrize("fault", ["", "function", "layer"])
def test_a_stage_is_what_was_released_or_its_difference_is_named(
    fault: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, layer = package("wallet", "wallet"), package("layers", "python")
    if fault == "function":
        code["wallet/rules/ledger.py"] += "\n"
    if fault == "layer":
        layer["python/betsafi/evil.py"] = "x"
    arns = [{"Arn": f"arn:aws:lambda:eu-west-1:1:layer:betsafi-dev-{name}:3"} for name in ("common", "libraries")]
    names = ("betsafi-wallet-dev-api", "betsafi-wallet-dev2-api", "other-dev-api", "betsafi-wallet-dev-graphql")
    functions = [{"FunctionName": name, "Layers": arns} for name in names]
    pages = SimpleNamespace(paginate=lambda: [{"Functions": functions}])
    client: Any = SimpleNamespace(
        get_paginator=lambda operation: pages,
        get_function=lambda FunctionName: {"Code": {"Location": "code"}},
        get_layer_version_by_arn=lambda Arn: {"Content": {"Location": "layer"}},
    )
    monkeypatch.setattr(identity.boto3, "client", lambda service: client)
    monkeypatch.setattr(identity, "_download", lambda where: zipped(code if where == "code" else layer))
    monkeypatch.setattr(identity, "released_before", lambda folder, package: iter(()))
    published: list[tuple[str, int]] = []
    monkeypatch.setattr(identity, "_publish", lambda *given: published.append(given))
    assert identity.main(["--stage", "dev", "--publish"]) == bool(fault)
    assert published == [("dev", {"": 0, "function": 2, "layer": 1}[fault])]
    printed = capsys.readouterr().out
    assert "3 packages" in printed, "two functions and the layer, of this stage alone"
    assert ("wallet/rules/ledger.py differs" in printed) == (fault == "function")
    assert ("python/betsafi/evil.py was not released" in printed) == (fault == "layer")


def test_a_stage_without_functions_is_not_called_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_functions", lambda stage: iter(()))
    monkeypatch.setattr(
        identity.boto3, "client", lambda service: pytest.fail("nothing was looked at, so nothing counts")
    )
    assert identity.main(["--stage", "nowhere", "--publish"]) == 1


def test_a_check_is_counted_for_the_alarms_of_its_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[dict[str, Any]] = []
    client = SimpleNamespace(put_metric_data=lambda **given: put.append(given))
    monkeypatch.setattr(identity.boto3, "client", lambda service: client)
    identity._publish("prod", 2)
    (datum,) = put[0]["MetricData"]
    made = "require('../../platform/identity.js')({resolveVariable: () => 'prod'})"
    alarms = in_node(f"{made}.then((found) => console.log(JSON.stringify(found)))")
    differs = alarms["Resources"]["SoftwareDiffersAlarm"]["Properties"]
    counted = {one["Name"]: one["Value"] for one in datum["Dimensions"]}
    assert {one["Name"]: one["Value"] for one in differs["Dimensions"]} == counted
    assert (put[0]["Namespace"], datum["MetricName"]) == (differs["Namespace"], differs["MetricName"])
    assert [rings(differs, value=value) for value in (0, 1, MISSING)] == [False, True, False]
    unchecked = alarms["Resources"]["SoftwareUncheckedAlarm"]["Properties"]
    asked = [({"beats": 144, "checks": 1}, False), ({"beats": 144, "checks": MISSING}, True)]
    asked += [({"beats": MISSING, "checks": MISSING}, False)]
    assert [rings(unchecked, **given) for given, _ in asked] == [rung for _, rung in asked]
    periods = {one["MetricStat"]["Period"] for one in unchecked["Metrics"] if "MetricStat" in one}
    assert {period * unchecked["EvaluationPeriods"] for period in periods} == {24 * 3600}


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A repository whose service was released twice, and then changed beside its package."""

    def git(*words: str) -> None:
        named = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *named, *words], cwd=tmp_path, check=True, capture_output=True, timeout=60)

    git("init", "--quiet")
    for number, (path, text) in enumerate([("shop/till.py", "1"), ("shop/till.py", "2"), ("README.md", "x")]):
        file = tmp_path / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "--message", str(number))
    return tmp_path / "shop"


def hashed(files: dict[str, str]) -> dict[str, str]:
    return identity.unpacked(zipped(files))


def test_what_was_released_once_is_known_and_what_never_was_is_not(history: Path) -> None:
    (history / "shop" / "till.py").write_text("3")
    for text in ("1", "2", "3"):
        assert identity.unknown(hashed({"shop/till.py": text}), history, "shop") == []
    assert identity.unknown(hashed({"shop/till.py": "4"}), history, "shop") == ["shop/till.py differs"]
    mixed = hashed({"shop/till.py": "1", "shop/evil.py": "x"})
    assert "shop/evil.py was not released" in identity.unknown(mixed, history, "shop")


def test_what_is_released_of_a_service_is_its_code_and_its_data() -> None:
    found = identity.released(services()["bet"], "bet")
    assert {"bet/handlers/trading.py", "bet/markets/definitions.json"} <= found.keys()
    assert all(Path(name).suffix in (".py", ".json") for name in found)
