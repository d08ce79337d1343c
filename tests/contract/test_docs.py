"""What the documents name must exist: files behind links, headings behind anchors, make targets, Python modules, tests.

No row of a table stands outside of one.
"""

import importlib.util
import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from localcloud.base.addresses import Addresses
from localcloud.demo import staff
from localcloud.demo.seed import PASSWORD, PEOPLE
from tools.base.services import ROOT, packages, services

ELSEWHERE = {
    "node_modules",
    ".venv",
    ".audit",
    "build",
    ".localcloud",
    ".git",
    ".pytest_cache",
    ".cache",
    ".serverless",
}
"""Folders whose documents are not ours."""

DOCUMENTS = sorted(
    file.relative_to(ROOT) for file in ROOT.rglob("*.md") if not ELSEWHERE & set(file.relative_to(ROOT).parts)
)

_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_MAKE = re.compile(r"(?:^|[`;&|] ?|\$ )make((?: +(?:[A-Z]+=\S+|[a-z][a-z0-9-]*(?:<\w+>)?))+)", re.MULTILINE)
_ROWS = re.compile(r"(?:^ *\|.*\n?)+", re.MULTILINE)
_TABLE = re.compile(r".+\n *\|[ :|-]+(\n|$)")
_MODULE = re.compile(r"\bpython3? -m ([\w.]+)")
_COMMAND = re.compile(r"\bpython3? -m ([\w.]+)([^`\n]*)")
_OPTION = re.compile(r"(?<=[ \[])--[a-z][a-z-]*")
_TEST = re.compile(r"`(tests/[\w./-]+?)/?`")


def anchor(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@cache
def make_targets() -> set[str]:
    """Return every target that the Makefile has, the deployment and the tests of each service among them."""
    text = (ROOT / "Makefile").read_text()
    rules = re.findall(r"^([a-z][a-z0-9 ./_-]*):(?!=)", text, re.MULTILINE)
    patterns = [f"deploy-{service}" for service in (*services(), "<service>")]
    patterns += [f"test-{service}" for service in (*packages(), "<service>")]
    return {target for rule in rules for target in rule.split()} | set(patterns)


def broken_links(text: str, folder: Path) -> list[str]:
    """Return the relative links in a document of that folder that lead nowhere."""
    broken = []
    for link in _LINK.findall(_FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = unquote(link).partition("#")
        target = (folder / path).resolve() if path else None
        if target is not None and not target.exists():
            broken.append(f"{link}: there is no such file")
        elif fragment:
            named = target.read_text() if target is not None else text
            if fragment not in {anchor(heading) for heading in _HEADING.findall(_FENCE.sub("", named))}:
                broken.append(f"{link}: there is no such heading")
    return broken


def unknown_targets(text: str, folder: Path) -> list[str]:
    """Return the make targets in the document's code that the Makefile does not have."""
    code = "\n".join(_CODE.findall(text))
    words = [word for words in _MAKE.findall(code) for word in words.split()]
    return [f"make {word}: there is no such target" for word in words if "=" not in word and word not in make_targets()]


def unknown_modules(text: str, folder: Path) -> list[str]:
    """Return the modules after `python -m` that cannot be found."""
    return [f"python -m {name}: there is no such module" for name in _MODULE.findall(text) if not _found(name)]


def _found(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def unknown_options(text: str, folder: Path) -> list[str]:
    """Return the options of our own modules that nothing in them names."""
    return [
        f"python -m {name} takes no {option}"
        for name, rest in _COMMAND.findall(text)
        for option in _OPTION.findall(rest.partition("#")[0])
        if _found(name) and f'"{option}"' not in _source(name)
    ]


@cache
def _source(module: str) -> str:
    """Return the text of a module or package of ours, and of what every command stands on."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin)
    files = [
        *(file.parent.rglob("*.py") if file.name == "__init__.py" else [file]),
        *(ROOT / "tools/base").glob("*.py"),
    ]
    return "\n".join(each.read_text() for each in files)


def loose_rows(text: str, folder: Path) -> list[str]:
    """Return the first of each group of rows that is no table, as below a blank line in the middle of one."""
    groups = _ROWS.findall(_FENCE.sub("", text))
    return [f"{rows.splitlines()[0]} is in no table" for rows in groups if not _TABLE.match(rows)]


def counted_steps(text: str, folder: Path) -> list[str]:
    """Return the steps of another document that are named by a number, which nobody counts again when one is added."""
    plain = " ".join(_FENCE.sub("", text).split())
    return [f"{said}: link to the step" for said in re.findall(r"\]\([^)#]*\.md[^)]*\),? \(?(step \d+)", plain)]


def unknown_tests(text: str, folder: Path) -> list[str]:
    """Return the tests that are named as a proof and are not there."""
    return [f"{name}: there is no such test" for name in _TEST.findall(text) if not (ROOT / name).exists()]


CHECKS = [broken_links, unknown_targets, unknown_modules, unknown_options, unknown_tests, counted_steps, loose_rows]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_document_names_what_exists(document: Path, check: Callable[[str, Path], list[str]]) -> None:
    file = ROOT / document
    assert check(file.read_text(), file.parent) == []


@pytest.mark.parametrize(
    ("check", "text", "complaint"),
    [
        (broken_links, "[a](docs/nothing.md)", "docs/nothing.md: there is no such file"),
        (broken_links, "[a](README.md#nowhere)", "README.md#nowhere: there is no such heading"),
        (broken_links, "# Here\n[a](#there)", "#there: there is no such heading"),
        (unknown_targets, "`make tset`", "make tset: there is no such target"),
        (unknown_targets, "```sh\nmake deploy-walet STAGE=dev\n```", "make deploy-walet: there is no such target"),
        (unknown_targets, "`make PORT=1 upp`", "make upp: there is no such target"),
        (unknown_modules, "`python -m tools.nothing`", "python -m tools.nothing: there is no such module"),
        (unknown_modules, "`.venv/bin/python -m nothing.at.all`", "python -m nothing.at.all: there is no such module"),
        (unknown_options, "`python -m tools.alarms --stage dev --loud`", "python -m tools.alarms takes no --loud"),
        (counted_steps, "[how](../docs/getting_started.md#aws),\nstep 9.", "step 9: link to the step"),
        (
            unknown_tests,
            "| an attack | `tests/e2e/test_nothing.py` |",
            "tests/e2e/test_nothing.py: there is no such test",
        ),
        (loose_rows, "| a | b |\n|---|---|\n| 1 | 2 |\n\n| 3 | 4 |\n| 5 | 6 |", "| 3 | 4 | is in no table"),
        (loose_rows, "| a | b |\n| 1 | 2 |", "| a | b | is in no table"),
    ],
)
def test_a_fault_is_found(check: Callable[[str, Path], list[str]], text: str, complaint: str) -> None:
    assert check(text, ROOT) == [complaint]


def test_what_exists_is_no_fault() -> None:
    text = "# `code`, and more\n[a](#code-and-more) [b](README.md#two-commands) [c](https://example.com/x.md) make sure"
    text += "\n`make up PORT=5566` `make e2e` `make deploy-<service>` `make deploy-layers STAGE=dev`"
    text += "\n`tests/unit/<package>` `tests/bench/` `tests/contract/test_docs.py`"
    text += "\n`python -m tools.package` `python -m tools.alarms --stage dev [--all] # a --comment`"
    text += "\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n```sh\n| sort\n```\n"
    assert [problem for check in CHECKS for problem in check(text, ROOT)] == []


_OTHER_WORDS = re.compile(r"\b(?:doors?|old news|house rules|custom\.house)\b", re.IGNORECASE)
"""Names that we gave up for one each (CONTRIBUTING.md, Words)."""

STORED = {
    "payment/callbacks.js",
    "payment/payment/callbacks.py",
    "payment/payment/stores/archive.py",
    "payment/payment/stores/quarantine.py",
}
"""Where a callback's kind has the name under which it is stored (decision 98)."""


def other_words(text: str) -> set[str]:
    return {word.lower() for word in _OTHER_WORDS.findall(_LINK.sub("]", text))}


def test_a_thing_has_one_word_where_people_read_it() -> None:
    """Decisions keep the words of their day, references those of who wrote them."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    ours = {
        name
        for name in listed
        if name.endswith((".md", ".py", ".js", ".yml", ".graphql"))
        and not name.startswith(("tests/", "docs/decisions.md", "docs/reference/"))
    }
    found = {name for name in ours if other_words((ROOT / name).read_text())}
    assert found == STORED
    assert other_words("An old news, by the Doors of custom.house") == {"old news", "doors", "custom.house"}


def test_the_documents_are_found() -> None:
    assert {"README.md", "docs/architecture.md", "payment/README.md"} <= {str(document) for document in DOCUMENTS}


def test_every_command_of_tools_has_its_row() -> None:
    text = (ROOT / "tools" / "README.md").read_text()
    files = [*(ROOT / "tools").glob("*.py"), *(ROOT / "tools").glob("*/__main__.py")]
    runs = [file for file in files if '__name__ == "__main__"' in file.read_text()]
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__") for file in runs}
    assert len(names) > 20
    assert {name for name in names if f"python -m {name}" not in text} == set()


def test_the_readme_says_where_the_laptops_parts_are_and_who_works_there() -> None:
    text = (ROOT / "README.md").read_text()
    at = Addresses()
    ports = {f":{port}" for port in at.ports.values()}
    assert ports == set(re.findall(r"<https?://127\.0\.0\.1(:\d+)", text))
    for said in (
        staff.PASSWORD,
        PASSWORD,
        *(member.email for member in staff.MEMBERS),
        *(person.phone for person in PEOPLE),
    ):
        assert said in text
