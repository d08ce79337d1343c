"""What runs is compared file by file with what was released."""

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

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
    assert identity.main(["--stage", "dev"]) == bool(fault)
    printed = capsys.readouterr().out
    assert "3 packages" in printed, "two functions and the layer, of this stage alone"
    assert ("wallet/rules/ledger.py differs" in printed) == (fault == "function")
    assert ("python/betsafi/evil.py was not released" in printed) == (fault == "layer")


def test_a_stage_without_functions_is_not_called_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_functions", lambda stage: iter(()))
    assert identity.main(["--stage", "nowhere"]) == 1


def test_what_is_released_of_a_service_is_its_code_and_its_data() -> None:
    found = identity.released(services()["bet"], "bet")
    assert {"bet/handlers/trading.py", "bet/markets/definitions.json"} <= found.keys()
    assert all(Path(name).suffix in (".py", ".json") for name in found)
