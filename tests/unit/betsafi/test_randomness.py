"""SnapStart copies the state of `random` into every restored function, which then draw the same numbers."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tools.base.services import ROOT, packages

PACKAGES = ("layers/common/python/betsafi", *(f"{name}/{package}" for name, package in packages().items()))
SAFE = {"SystemRandom"}
"""Asks the system each time."""
ALLOWED = {"layers/common/python/betsafi/aws.py": ["seed"]}
"""Makes the copies differ, for what draws from them all the same."""


def shared_generators(source: str) -> list[str]:
    """Return what code uses of the generator whose state is in memory."""
    return [name for name in _used(ast.parse(source)) if name not in SAFE]


def _used(tree: ast.AST) -> Iterator[str]:
    names = {"random"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname for alias in node.names if alias.name == "random" and alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "random":
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            yield node.attr


@pytest.mark.parametrize("package", PACKAGES)
def test_no_lambda_code_draws_from_a_generator_that_is_copied(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    found = {str(file.relative_to(ROOT)): shared_generators(file.read_text()) for file in files}
    assert {name: used for name, used in found.items() if used != ALLOWED.get(name, [])} == {}


def test_botocore_s_generator_is_seeded_anew_in_every_copy() -> None:
    """Python takes the same state twice, as two restored copies do; the runtime's hooks run between."""
    script = """
import random, sys, types
hooks = []
sys.modules["snapshot_restore_py"] = types.SimpleNamespace(register_after_restore=hooks.append)
import betsafi.aws
state = random.getstate()
def restored():
    random.setstate(state)
    for hook in hooks:
        hook()
    return random.random()
assert len(hooks) == 1
assert restored() != restored()
"""
    path = str(ROOT / "layers" / "common" / "python")
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONPATH": path}, timeout=60)


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
