"""SnapStart copies the state of `random` into every restored function, which then draw the same numbers."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = (
    "layers/common/python/betsafi", "users/users", "wallet/wallet", "bet/bet", "payment/payment",
    "notifications/notifications", "frontend-api/frontend",
)  # fmt: skip
SAFE = {"SystemRandom"}
"""Asks the system each time."""


def shared_generators(source: str) -> list[str]:
    """Return where code takes numbers from a generator whose state is in memory."""
    return [f"line {node.lineno}: {name}" for node, name in _used(ast.parse(source)) if name not in SAFE]


def _used(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    names = {"random"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname for alias in node.names if alias.name == "random" and alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "random":
            yield from ((node, alias.name) for alias in node.names)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            yield node, node.attr


@pytest.mark.parametrize("package", PACKAGES)
def test_no_lambda_code_draws_from_a_generator_that_is_copied(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    found = [f"{file.relative_to(ROOT)} {place}" for file in files for place in shared_generators(file.read_text())]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "import random\nrandom.uniform(0, 1)",
        "import random\nrandom.Random(1)",
        "import random\nrandom.seed()",
        "import random as chance\nchance.random()",
        "from random import choice",
    ],
)
def test_such_code_is_found(source: str) -> None:
    assert shared_generators(source)


def test_the_system_s_generator_is_allowed() -> None:
    assert shared_generators("import random\nDICE = random.SystemRandom()\nDICE.random()") == []
