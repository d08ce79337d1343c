"""The test commands: what belongs to a service, and what is said when something fails."""

from pathlib import Path

import pytest

from tests.conftest import repeat
from tests.suite import Step, one_service, run
from tools.services import ROOT, packages


@pytest.mark.parametrize("service", packages())
def test_what_belongs_to_a_service_exists(service: str) -> None:
    commands = [command for group in one_service(service) for step in group for command in step.commands]
    assert [word for command in commands for word in command if "/" in word and not (ROOT / word).exists()] == []
    (tests,) = [command for command in commands if command[0] == "pytest"]
    package = packages()[service]
    assert tests[1:4] == (f"tests/unit/{package}", f"tests/integration/{package}", "tests/contract")


def test_each_failed_step_says_what_repeats_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    group = [
        Step("shown", (("echo", "seen at once"), ("false",)), "make lint"),
        Step("later", (("echo", "Repeat: .venv/bin/pytest a.py::b"), ("false",), ("echo", "never"))),
        Step("fine", (("echo", "all is well"),)),
    ]
    assert run(group, tmp_path) == ["Repeat: make lint", "Repeat: .venv/bin/pytest a.py::b"]
    shown = capfd.readouterr().out
    assert [text in shown for text in ("seen at once", "-- later", "all is well", "never")] == [True, True, True, False]


def test_failed_tests_are_named_and_of_many_their_files() -> None:
    assert repeat([]) == ""
    assert repeat(["a.py::b", "a.py::c[x y]", "a.py::b"]) == "Repeat: .venv/bin/pytest a.py::b 'a.py::c[x y]'"
    assert repeat([f"a.py::t{n}" for n in range(20)]) == "Repeat: .venv/bin/pytest a.py"
