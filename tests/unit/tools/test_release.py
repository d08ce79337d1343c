"""A release is made whole or not at all: in repositories of the tests' own."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from betsafi import clock
from tools import release
from tools.base.services import ROOT

SCHEMA = """type Query { sports: [Sport!]! @aws_api_key games: [ID!]! @deprecated(reason: "in sports") @aws_api_key }
type Mutation { follow(sport: ID!): Sport! @aws_api_key }
type Subscription { onSport(id: ID!): Sport @aws_subscribe(mutations: ["follow"]) }
type Sport @aws_api_key { id: ID! name: String! }
"""
CHANGES = """# Changes

## 0.2.0 (not released yet)

### Sports
- There are sports.

## 0.1.0 (2026-11-01)
- The first.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a schema, one that was published, and two versions in its CHANGELOG, none of them tagged."""
    (tmp_path / "frontend-api" / "schema").mkdir(parents=True)
    (tmp_path / "frontend-api" / "schema" / "all.graphql").write_text(SCHEMA)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "api_schema.js", tmp_path / "tools")
    (tmp_path / "shared" / "schema").mkdir(parents=True)
    shutil.copy(ROOT / "shared" / "schema" / "appsync.graphql", tmp_path / "shared" / "schema")
    (tmp_path / "shared" / "schema" / "schema.graphql").write_text("type Query { games: [ID!]! }\n")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / ".gitignore").write_text("node_modules\nbuild/\n")
    (tmp_path / "Makefile").write_text("docs:\n\tmkdir -p build/docs/site\n")
    (tmp_path / release.CHANGES).write_text(CHANGES)
    for name, value in (("AUTHOR", "Asha"), ("COMMITTER", "Asha")):
        monkeypatch.setenv(f"GIT_{name}_NAME", value)
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "asha@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    monkeypatch.setattr(release, "ROOT", tmp_path)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "Begin")
    return tmp_path


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, what: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", what)


def edit(folder: Path, place: str, before: str, after: str, what: str = "Change") -> None:
    """Commit a change of a file."""
    file = folder / place
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))
    commit(folder, what)


def state(folder: Path) -> tuple[str, str, str]:
    return git(folder, "rev-parse", "HEAD"), git(folder, "tag"), git(folder, "status", "--porcelain")


def refused(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return why there was no release. Fails if there was one, or if anything changed."""
    before = state(folder)
    assert release.main(words) == 1
    assert state(folder) == before
    return capsys.readouterr().err


def come(folder: Path, version: str) -> None:
    """Commit that a version comes."""
    edit(folder, release.CHANGES, "# Changes\n", f"# Changes\n\n## {version} (not released yet)\n- More.\n")


def test_a_release_is_a_commit_and_a_tag_with_schema_and_changes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main([]) == 0
    assert "git push origin main v0.2.0" in capsys.readouterr().out
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "log", "-1", "--format=%s") == "Release 0.2.0"
    assert git(folder, "rev-parse", "v0.2.0^{commit}") == git(folder, "rev-parse", "HEAD")
    assert git(folder, "cat-file", "-t", "v0.2.0") == "tag"
    assert git(folder, "tag", "--list", "--format=%(contents)", "v0.2.0") == "0.2.0\n\n### Sports\n- There are sports."
    assert "## 0.2.0 (2026-12-01)\n" in git(folder, "show", f"v0.2.0:{release.CHANGES}")
    published = git(folder, "show", "v0.2.0:shared/schema/schema.graphql")
    assert "sports: [Sport!]!" in published
    assert (
        json.loads(git(folder, "show", "v0.2.0:shared/schema/schema.json"))["__schema"]["queryType"]["name"] == "Query"
    )
    assert (folder / "build" / "docs" / "site").is_dir()


def test_what_breaks_apps_is_released_only_after_a_release_in_which_it_was_deprecated(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main([]) == 0
    come(folder, "0.3.0")
    edit(folder, "frontend-api/schema/all.graphql", "name: String!", 'name: String @deprecated(reason: "title")')
    assert "Sport.name changed type" in refused(folder, capsys)
    edit(folder, "frontend-api/schema/all.graphql", "name: String @", "name: String! @")
    assert release.main([]) == 0

    edit(folder, "frontend-api/schema/all.graphql", ' name: String! @deprecated(reason: "title")', "")
    come(folder, "0.3.1")
    said = refused(folder, capsys)
    assert "0.3.1 takes away what 0.3.0 had" in said
    assert "Sport.name was removed." in said
    edit(folder, release.CHANGES, "## 0.3.1", "## 0.4.0")
    assert release.main([]) == 0


def test_what_was_published_is_not_lost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A schema would be compared with itself, and break whom it likes."""
    check = ["node", "tools/api_schema.js", "--check"]
    (folder / "shared" / "schema" / "schema.graphql").unlink()
    commit(folder, "Lose it")
    assert "shared/schema/schema.graphql is missing" in refused(folder, capsys)
    assert "is missing" in subprocess.run(check, cwd=folder, capture_output=True, text=True, check=False).stderr
    edit(folder, release.CHANGES, "## 0.1.0 (2026-11-01)", "## 0.1.0, which nobody has")
    assert release.main([]) == 0, "the first one publishes what there is"


def test_nobody_publishes_a_schema_between_releases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main([]) == 0
    come(folder, "0.3.0")
    edit(folder, "frontend-api/schema/all.graphql", " name: String!", "")
    edit(folder, "shared/schema/schema.graphql", "  name: String!\n", "")
    assert "is not what 0.2.0 published: git checkout v0.2.0 -- shared/schema" in refused(folder, capsys)


def test_changes_that_are_not_committed_are_no_release(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "new.py").write_text("")
    assert "not committed:\n?? new.py" in refused(folder, capsys)


@pytest.mark.parametrize(
    ("version", "reason"),
    [("0.3.0", "CHANGELOG.md says 0.2.0"), ("0.1.9", "CHANGELOG.md says 0.2.0"), ("v0.2.0", "is no version")],
)
def test_the_version_is_the_one_that_comes(
    version: str, reason: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reason in refused(folder, capsys, version)


def test_versions_only_go_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(folder, "tag", "v0.10.0")
    git(folder, "tag", "v0.9.0")
    assert "0.2.0 does not come after 0.10.0" in refused(folder, capsys)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("(not released yet)", "(2026-11-30)", "must begin with what comes"),
        ("\n### Sports\n- There are sports.\n", "", "says nothing of 0.2.0"),
    ],
)
def test_a_release_says_what_it_is(
    before: str, after: str, reason: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder, release.CHANGES, before, after)
    assert reason in refused(folder, capsys)


def test_documents_that_cannot_be_built_are_no_release(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, "Makefile", "mkdir -p build/docs/site", "@echo nowhere leads to nothing; false")
    assert "nowhere leads to nothing" in refused(folder, capsys)
    assert "sports" not in (folder / "shared" / "schema" / "schema.graphql").read_text()
