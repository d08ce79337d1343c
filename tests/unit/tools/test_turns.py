"""What is made of a checkout is made by one command at a time, and can be read meanwhile."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE_SECONDS, wait_for
from tools import package
from tools.base.services import ROOT, services

MAKER = """
import pathlib, sys
from tools.base.turns import turn
with turn(pathlib.Path("made")):
    print("makes", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("killed", [False, True], ids=["that ends", "that is killed"])
def test_who_comes_while_another_makes_it_says_so_and_waits(tmp_path: Path, *, killed: bool) -> None:
    def begun(name: str) -> "subprocess.Popen[bytes]":
        with (tmp_path / name).open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-c", MAKER],
                cwd=tmp_path,
                env={"PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
            )

    def said(name: str) -> str:
        return (tmp_path / name).read_text()

    with begun("first") as first:
        wait_for(lambda: said("first"), "the first to make it")
        with begun("second") as second:
            wait_for(lambda: said("second"), "the second to say something")
            assert said("second") == "Another command makes made: this one waits until it has ended.\n"
            if killed:
                first.kill()
            else:
                first.communicate()
            wait_for(lambda: said("second").endswith("makes\n"), "the second's turn")
            second.communicate(timeout=PATIENCE_SECONDS)
            assert second.returncode == 0


def test_what_was_packaged_before_can_be_read_until_all_is_packaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "dev"
    read: list[str] = []

    def packaged(service: str, folder: Path, stage: str, into: Path) -> package.Outcome:
        if target.exists():
            read.append((target / f"{service}.json").read_text())
        (into / f"{service}.json").write_text(f"{len(read)} were read")
        return package.Outcome(service, 1.0)

    monkeypatch.setattr(package, "package", packaged)
    package.package_all("dev", target)
    package.package_all("dev", target)
    assert read == ["0 were read"] * len(services())
    assert "0 were read" not in {file.read_text() for file in target.glob("*.json")}
    assert [folder.name for folder in tmp_path.iterdir()] == ["dev"]
