"""Every dependency that is declared is used, and every import is declared.

deptry holds Python's to it, in `make lint`: here, that it finds what it is there for, and that what it is told to let
pass is really used, by name. Packages of npm are few, so their check stands here.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support import guide
from tools.base.services import ROOT

pytestmark = pytest.mark.full

DEPTRY: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["deptry"]
BY_NAME = {
    "deptry": ("Makefile", "\tdeptry "),
    "httptools": ("localcloud/cloud/emulator_process.py", 'http="httptools"'),
    "import-linter": ("Makefile", " lint-imports\n"),
    "microburst": ("tests/e2e/faults.py", "from microburst import"),
    "mypy": ("Makefile", "\tmypy "),
    "pytest-xdist": ("tests/suite.py", '"--dist"'),
    "ruff": ("Makefile", "\truff "),
    "types-requests": ("layers/common/requirements.in", "requests\n"),
    "wsproto": ("localcloud/appsync/websocket.py", "uvicorn.protocols.websockets.wsproto_impl"),
    "zensical": ("tools/site/__main__.py", '["zensical", "build"'),
    "zizmor": ("Makefile", "\tzizmor "),
}
"""Packages that no code of ours imports: where they are used, and the words that do."""

PEERS = {"rxjs": "@apollo/client"}
"""Packages of npm that another one wants beside it."""
OF_APPSYNC = {"@aws-appsync/utils"}
"""What AppSync has where its resolvers run."""
OURS = {".js", ".json", ".mjs", ".py", ".ts", ".tsx", ".yml", ""}
IMPORTING = {".js", ".mjs", ".ts", ".tsx"}
IMPORT = re.compile(
    r"""(?:require\(|\bimport\(|^(?:import|export) .*from |^} from |^import )['"]([^'"./][^'"]*)['"]""", re.MULTILINE
)
APP = Path("clients/web")
"""It has packages of its own, in the one lock."""


def texts() -> dict[Path, str]:
    """Return our own files by their paths, less what declares packages."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [Path(line) for line in listed.splitlines() if Path(line).suffix in OURS]
    declaring = {Path("package-lock.json"), Path(__file__).relative_to(ROOT)}
    found = {path: (ROOT / path).read_text() for path in paths if path not in declaring and (ROOT / path).is_file()}
    ours = {path: _scripts(text) if path.name == "package.json" else text for path, text in found.items()}
    return ours | {Path("docs/app.md") / name: code for name, code in guide.files().items()}


def _scripts(package: str) -> str:
    """Return what a package.json runs, which is not what it declares."""
    return "\n".join(json.loads(package).get("scripts", {}).values())


def of_root(files: dict[Path, str]) -> dict[Path, str]:
    return {path: text for path, text in files.items() if not path.is_relative_to(APP)}


def of_app(files: dict[Path, str]) -> dict[Path, str]:
    return {path: text for path, text in files.items() if path.is_relative_to(APP)}


def npm_flaws(files: dict[Path, str], package: dict[str, Any], lock: dict[str, Any]) -> list[str]:
    """Return which packages of npm are declared and unused, and which are imported and not declared."""
    declared, found = {**package.get("dependencies", {}), **package["devDependencies"]}, []
    for name in declared:
        if name.removeprefix("@types/") != name and name.removeprefix("@types/") in declared:
            continue
        about = lock["packages"][f"node_modules/{name}"]
        wanted = PEERS.get(name, "")
        if wanted in declared and name in lock["packages"][f"node_modules/{wanted}"]["peerDependencies"]:
            continue
        words = [re.escape(word) for word in (name, *about.get("bin", {}))]
        named = re.compile(rf"(?<![\w/@-])(?:{'|'.join(words)})(?![\w-])")
        if not any(named.search(text) for path, text in files.items()):
            found.append(f"{name} is declared and not used")
    for path, text in files.items():
        for module in IMPORT.findall(text) if path.suffix in IMPORTING else ():
            name = "/".join(module.split("/")[: 2 if module[0] == "@" else 1])
            if name not in declared and name not in OF_APPSYNC and not is_of_node(name):
                found.append(f"{path} imports {name}, which is not declared")
    return found


def is_of_node(name: str) -> bool:
    return name.startswith("node:") or name in ("crypto", "fs", "path")


PACKAGE, LOCK, OF_APP = (
    json.loads((ROOT / name).read_text()) for name in ("package.json", "package-lock.json", APP / "package.json")
)


def test_every_package_of_npm_is_used_and_declared() -> None:
    assert npm_flaws(of_root(texts()), PACKAGE, LOCK) == []
    assert npm_flaws(of_app(texts()), OF_APP, LOCK) == []


def test_both_have_the_same_version_of_what_both_declare() -> None:
    root, app = PACKAGE["devDependencies"], {**OF_APP["dependencies"], **OF_APP["devDependencies"]}
    assert {name: root[name] for name in root.keys() & app.keys()} == {name: app[name] for name in root.keys() & app}


def test_the_lock_names_no_registry() -> None:
    named = {about.get("resolved") for about in LOCK["packages"].values()} - {None}
    assert named == {str(APP)}


@pytest.mark.parametrize("text", ["import {\n  a,\n} from 'semver';", "const a = await import('semver');"])
def test_an_import_of_the_app_that_is_not_declared_is_found(text: str) -> None:
    flaws = npm_flaws({**of_app(texts()), APP / "src/x.tsx": text}, OF_APP, LOCK)
    assert flaws == ["clients/web/src/x.tsx imports semver, which is not declared"]


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("const { parse } = require('semver');", "x.js imports semver, which is not declared"),
        ("import { a } from '@aws-sdk/client-ecr/dist';", "x.js imports @aws-sdk/client-ecr, which is not declared"),
        ("import 'semver';", "x.js imports semver, which is not declared"),
        ("require('./semver'); require('node:fs'); require('path'); require('graphql');", ""),
    ],
)
def test_an_import_of_a_package_that_is_not_declared_is_found(text: str, flaw: str) -> None:
    assert npm_flaws({**of_root(texts()), Path("x.js"): text}, PACKAGE, LOCK) == ([flaw] if flaw else [])


def test_a_package_of_npm_that_nothing_uses_is_found() -> None:
    lock = {"packages": {**LOCK["packages"], "node_modules/left-pad": {}}}
    package = {"devDependencies": {**PACKAGE["devDependencies"], "left-pad": "1.3.0"}}
    assert npm_flaws(of_root(texts()), package, lock) == ["left-pad is declared and not used"]


def test_what_deptry_lets_pass_is_used_by_name() -> None:
    assert sorted(BY_NAME) == DEPTRY["per_rule_ignores"]["DEP002"]
    for package, (file, words) in BY_NAME.items():
        assert words in (ROOT / file).read_text(), package


@pytest.mark.parametrize(
    ("code", "listed", "complaint"),
    [
        ("import requests", "requests", ""),
        ("import requests", "", "DEP003 'requests' imported but it is a transitive dependency"),
        ("import nowhere_to_be_found", "", "DEP001 'nowhere_to_be_found' imported but missing"),
        ("import json", "requests", "DEP002 'requests' defined as a dependency but not used"),
    ],
)
def test_deptry_finds_what_is_not_declared_and_what_is_not_used(
    tmp_path: Path, code: str, listed: str, complaint: str
) -> None:
    (tmp_path / "a.py").write_text(code)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "requirements.txt").write_text(listed)
    command = [str(Path(sys.executable).parent / "deptry"), "--no-ansi", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, complaint in done.stdout + done.stderr) == (1 if complaint else 0, True), done
