"""Our own rules over every Python file: `python -m tools.lint_house` (a part of `make lint`).

Prints `path:line: rule: sentence` for each place that breaks one of `rules.py` and is not named in `exceptions.py`.
"""

import ast
import gc
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tools.base.services import ROOT
from tools.lint_house.exceptions import EXCEPTIONS, Exempt
from tools.lint_house.rules import RULES, Place, Rule

LIST = Path(__file__).with_name("exceptions.py")


class Finding(NamedTuple):
    """Where a rule is broken, in which function, and what is wrong."""

    path: PurePosixPath
    line: int
    rule: str
    sentence: str
    function: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.sentence}"


def files(root: Path) -> Iterator[Path]:
    """Yield every Python file below a folder that is ours: nothing installed, built or hidden."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in ("node_modules", "build"))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(".py"))


def lint(path: PurePosixPath, text: str, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """Return what is wrong in a file, by line. Raises SyntaxError."""
    by_node: dict[type[ast.AST], list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.holds_in(path) and any(hint in text for hint in rule.hints):
            for kind in rule.nodes:
                by_node[kind].append(rule)
    if not by_node:
        return []
    lines = text.splitlines()
    found = {
        Finding(path, getattr(node, "lineno", 1), rule.name, sentence, function)
        for node, parent, function in _nodes(ast.parse(text, str(path)), frozenset(by_node))
        for rule in by_node[type(node)]
        if (sentence := rule.wrong(Place(node, parent, lines)))
    }
    return sorted(found)


def _nodes(tree: ast.Module, kinds: frozenset[type[ast.AST]]) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """Yield every node of these kinds, the one around it, and the function it stands in, with its class."""
    if ast.Module in kinds:
        yield tree, tree, "<module>"
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        parent, inside = waiting.pop()
        for node in ast.iter_child_nodes(parent):
            function = inside
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                function = f"{inside}.{node.name}".lstrip(".")
            if type(node) in kinds:
                yield node, parent, function or "<module>"
            if node._fields:
                waiting.append((node, function))


def judge(found: Iterable[Finding], exceptions: Sequence[Exempt] = EXCEPTIONS) -> list[str]:
    """Return what is wrong: findings that no exception covers, and exceptions that cover nothing, or too much."""
    problems = []
    covered: dict[tuple[Exempt, str], set[PurePosixPath]] = {
        (exempt, function): set() for exempt in exceptions for function in exempt.functions.split()
    }
    for finding in found:
        keys = [key for key in covered if _covers(*key, finding)]
        for key in keys:
            covered[key].add(finding.path)
        if not keys:
            problems.append(str(finding))
    for (exempt, function), paths in covered.items():
        if not paths:
            problems.append(_about(exempt, function, "nothing is found there any more: take it off"))
        if len(paths) > 1 and function != "*":
            problems.append(_about(exempt, function, f"{len(paths)} files have such a function: say which"))
        if not exempt.reason.strip():
            problems.append(_about(exempt, function, "say why"))
    return problems


def _covers(exempt: Exempt, function: str, finding: Finding) -> bool:
    here = exempt.rule == finding.rule and f"/{exempt.path}/" in f"/{finding.path}/"
    return here and function in (finding.function, "*")


def _about(exempt: Exempt, function: str, sentence: str) -> str:
    lines = LIST.read_text().splitlines()
    line = next((number for number, line in enumerate(lines, 1) if f'"{exempt.path}"' in line), 1)
    return f"{LIST.relative_to(ROOT)}:{line}: {exempt.rule}: {exempt.path}::{function}: {sentence}"


def main() -> int:
    """Lint the checkout; return the exit code."""
    gc.disable()  # trees are many objects without circles: it would take a fifth of the time and free nothing
    paths = list(files(ROOT))
    found = [finding for path in paths for finding in lint(PurePosixPath(path.relative_to(ROOT)), path.read_text())]
    problems = judge(found)
    print("\n".join(problems) or f"Our rules hold in {len(paths)} files.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
