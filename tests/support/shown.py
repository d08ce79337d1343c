"""Documents whose numbered rows name the tests that show them, as `file::test` below tests/."""

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


def numbered_through(found: list[tuple[str, ...]]) -> bool:
    """Return whether rows are numbered 1, 2, 3 …, so that none is left out or read twice."""
    return [row[0] for row in found] == [str(number) for number in range(1, len(found) + 1)]
