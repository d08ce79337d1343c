"""The documents beside `make up`: built where they are not as they should be, and never waited for."""

import os
from pathlib import Path

import pytest

from localcloud.cloud import documents as building
from tests.support.waiting import eventually
from tools.site import pages

MAKEFILE = """docs:
	@echo building
	@touch begun
	@while [ ! -e goes-on ]; do sleep 0.05; done
	@touch done
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one document, whose build goes on when a file says so."""
    (tmp_path / "Makefile").write_text(MAKEFILE)
    (tmp_path / "README.md").write_text("# Here\n")
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(pages, "MADE", tmp_path / "build" / "made")
    monkeypatch.setattr(building, "ROOT", tmp_path)
    return tmp_path


def made_at(seconds: float) -> None:
    pages.MADE.parent.mkdir(exist_ok=True)
    pages.MADE.touch()
    os.utime(pages.MADE, (seconds, seconds))


def test_they_are_built_beside_what_runs(checkout: Path) -> None:
    with building.documents(checkout):
        eventually((checkout / "begun").exists, "build")
        assert not (checkout / "done").exists(), "nobody waits for it"
        (checkout / "goes-on").touch()
        eventually((checkout / "done").exists, "end of the build")
    assert (checkout / building.LOG).read_text() == "building\n"


def test_a_build_is_stopped_with_what_it_runs_beside(checkout: Path) -> None:
    with building.documents(checkout):
        eventually((checkout / "begun").exists, "build")
    (checkout / "goes-on").touch()
    assert not (checkout / "done").exists()


def test_documents_that_are_current_are_not_built_again(checkout: Path) -> None:
    changed = (checkout / "README.md").stat().st_mtime
    made_at(changed)
    with building.documents(checkout):
        assert not (checkout / building.LOG).exists()
    made_at(changed - 1)
    (checkout / "goes-on").touch()
    with building.documents(checkout):
        eventually((checkout / "done").exists, "end of the build")


def test_what_is_no_source_makes_no_document_old(checkout: Path) -> None:
    made_at((checkout / "README.md").stat().st_mtime)
    for place in (
        "node_modules/a.js",
        ".localcloud/4566/state.json",
        "build/docs/pages/README.md",
        "clients/generated.ts",
    ):
        (checkout / place).parent.mkdir(parents=True, exist_ok=True)
        (checkout / place).write_text("new")
    assert pages.is_current()
    (checkout / "rules.py").write_text("")
    assert not pages.is_current()
