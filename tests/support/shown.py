"""Documents whose numbered rows name the tests that show them, as `file::test` below tests/."""

import ast
import re

from tools.base.services import ROOT


def rows(text: str) -> list[tuple[str, ...]]:
    """Return the cells of every numbered row."""
    lines = re.findall(r"^\| (\d+ \|.*)\|$", text, re.MULTILINE)
    return [tuple(cell.strip() for cell in line.split(" |")) for line in lines]


def named_tests(cell: str) -> list[tuple[str, str]]:
    """Return (file below tests/, function) of every test that a cell names."""
    return re.findall(r"`([\w/]+\.py)::(\w+)`", cell)


def missing_test(cell: str) -> str:
    """Return the first test of a cell that is not there, or nothing."""
    for path, test in named_tests(cell):
        file = ROOT / "tests" / path
        if not file.exists() or f"def {test}(" not in file.read_text():
            return f"there is no {path}::{test}"
    return ""


def unshown_number(behaviour: str, cell: str) -> str:
    """Return the first number of a sentence, 10 or more, that none of its tests has, or nothing.

    What stands as code, and after ISO, is no number.
    """
    files = {path: ROOT / "tests" / path for path, _ in named_tests(cell)}
    trees = {path: ast.parse(file.read_text()) for path, file in files.items()}
    wanted = {name for _, name in named_tests(cell)}
    tests = [node for tree in trees.values() for node in tree.body if getattr(node, "name", "") in wanted]
    said = "".join(ast.unparse(test) for test in tests).replace("_", "")
    numbers = re.findall(r"(?<!ISO )\b\d+(?:,\d{3})+|(?<!ISO )\b\d{2,}", re.sub(r"`[^`]*`", "", behaviour))
    return next((number for number in numbers if number.replace(",", "") not in said), "")


def numbered_through(found: list[tuple[str, ...]]) -> bool:
    """Return whether rows are numbered 1, 2, 3 …, so that none is left out or read twice."""
    return [row[0] for row in found] == [str(number) for number in range(1, len(found) + 1)]
