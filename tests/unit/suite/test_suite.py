"""The test commands: what belongs to a service, what was slow, and what is said when something fails."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import repeat
from tests.suite import MOST_SLOW, OF_EACH_TEMPLATE, TIMED, Step, everything, one_service, run, slowest
from tests.support.waiting import PATIENCE_SECONDS, wait_for
from tools.base.services import ROOT, packages


@pytest.mark.parametrize("service", packages())
def test_what_belongs_to_a_service_exists(service: str) -> None:
    commands = [command for group in one_service(service) for step in group for command in step.commands]
    paths = [word.split("::")[0] for command in commands for word in command if "/" in word]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    (tests,) = [command for command in commands if command[0] == "pytest"]
    package = packages()[service]
    assert tests[1:4] == (f"tests/unit/{package}", f"tests/integration/{package}", "tests/contract")


def test_one_services_run_has_all_its_kinds_of_tests_and_leaves_to_make_test_what_tells_little_of_it() -> None:
    (step,) = one_service("payment")[-1]
    (command,) = step.commands
    ran = subprocess.run([*command, "--collect-only"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = [line for line in ran.stdout.splitlines() if "::" in line]
    of_each_template = f"{OF_EACH_TEMPLATE}[{{}}]".format
    assert of_each_template("payment") in found
    assert of_each_template("wallet") not in found
    assert {line.split("/")[1] for line in found} == {"unit", "integration", "contract"}
    files = {line.split("::")[0] for line in found}
    assert "tests/integration/payment/test_stores.py" in files
    assert not files & {"tests/contract/test_site.py", "tests/integration/payment/test_storm.py"}
    assert [line for line in found if "[moto" in line] == []


@pytest.mark.parametrize(
    ("exit_code", "named", "taken"),
    [(0, (), "python3.13"), (0, ("PYTHON=/my/python3",), "/my/python3"), (1, (), "python3"), (None, (), "python3")],
    ids=["installed", "another is named", "a shim that refuses", "not installed"],
)
def test_the_python_that_lambda_runs_is_taken_where_it_works_unless_another_is_named(
    tmp_path: Path, exit_code: int | None, named: tuple[str, ...], taken: str
) -> None:
    """What it is asked for is what `python -m venv` needs."""
    for tool in ("bash", "sed"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    if exit_code is not None:
        (tmp_path / "python3.13").write_text(
            f'#!{shutil.which("bash")}\n[ "$2" = "import ensurepip, venv" ] && exit {exit_code}\n'
        )
        (tmp_path / "python3.13").chmod(0o755)
    command = [str(shutil.which("make")), "--no-print-directory", "--eval", "show: ; @echo '$(PYTHON)'", "show", *named]
    ran = subprocess.run(command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == taken


def test_all_tests_are_run_once_and_side_by_side() -> None:
    checks, tests = everything()
    (lint,) = re.findall(r"^lint: (.+?) ##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = [command for step in checks for command in step.commands]
    assert sorted(commands) == sorted(("make", part) for part in (*lint.split(), "package"))
    folders = [word for step in tests for command in step.commands for word in command if word.startswith("tests/")]
    assert sorted(folders) == sorted(
        {f"tests/{path.relative_to(ROOT).parts[1]}" for path in ROOT.glob("tests/*/**/test_*.py")}
    )


def test_each_failed_step_says_what_repeats_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    group = [
        Step("shown", (("echo", "seen at once"), ("false",)), "make lint"),
        Step("later", (("echo", "Repeat: .venv/bin/pytest a.py::b"), ("false",), ("echo", "never"))),
        Step("fine", (("echo", "all is well"),)),
    ]
    assert run(group, tmp_path) == ["Repeat: make lint", "Repeat: .venv/bin/pytest a.py::b"]
    shown = capfd.readouterr().out
    assert [text in shown for text in ("seen at once", "-- later", "all is well", "never")] == [True, True, True, False]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_the_suite_ends_all_that_it_began_and_tests_stop_in_order(
    tmp_path: Path, sent: signal.Signals
) -> None:
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(text)

    def runs(name: str) -> bool:
        with (tmp_path / f"{name}.lock").open("a") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        return True

    begun = ("orderly", "child", "deaf")
    suite = subprocess.Popen([sys.executable, "suite.py"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    wait_for(lambda: all(map(runs, begun)), "all that is to be ended")
    for _ in range(2):  # as make passes it on
        suite.send_signal(sent)
    assert suite.wait(PATIENCE_SECONDS)
    wait_for(lambda: not any(map(runs, begun)), "end of what was begun", lambda: [*filter(runs, begun)], seconds=5)
    assert (tmp_path / "ended in order").exists()


RUNS = """
import fcntl, pathlib, signal, subprocess, sys, time
lock = open(f"{sys.argv[1]}.lock", "a")
fcntl.flock(lock, fcntl.LOCK_EX)
"""
PROGRAMS = {
    "suite.py": """
import pathlib, sys
from tests import suite
suite.ROOT, suite.ENDING_SECONDS = pathlib.Path(), 1
suite.end_in_order()
group = [suite.Step(name, ((sys.executable, f"{name}.py", name),)) for name in ("orderly", "deaf")]
suite.run(group, pathlib.Path("logs"))
""",
    "orderly.py": f"""{RUNS}
try:
    subprocess.run([sys.executable, "child.py", "child"])
finally:
    pathlib.Path("ended in order").touch()
""",
    "child.py": f"{RUNS}time.sleep(600)",
    "deaf.py": f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{RUNS}time.sleep(600)",
}


def test_failed_tests_are_named_and_of_many_their_files() -> None:
    assert repeat([]) == ""
    assert repeat(["a.py::b", "a.py::c[x y]", "a.py::b"]) == "Repeat: .venv/bin/pytest a.py::b 'a.py::c[x y]'"
    assert repeat([f"a.py::t{n}" for n in range(20)]) == "Repeat: .venv/bin/pytest a.py"


def test_the_slowest_of_all_tests_are_named_in_one_list() -> None:
    main = "=== slowest 20 durations ===\n41.20s call     a.py::t[x y]\n3.07s setup    a.py::u\n\n2 passed in 0.50s"
    e2e = "9.00s teardown b.py::v\n12.50s call     b.py::w\n\nRepeat: .venv/bin/pytest b.py::w"
    assert slowest([main, "", e2e]) == [
        "  41.20 s  a.py::t[x y]",
        "  12.50 s  b.py::w",
        "   9.00 s  after b.py::v",
        "   3.07 s  before a.py::u",
    ]
    many = "\n".join(f"{n}.00s call     a.py::t{n}" for n in range(MOST_SLOW + 1))
    assert [line.split("::")[1] for line in slowest([many])] == [f"t{n}" for n in range(MOST_SLOW, 0, -1)]


def test_every_test_of_all_is_timed_and_the_times_are_read_as_pytest_writes_them(tmp_path: Path) -> None:
    commands = [command for group in everything() for step in group for command in step.commands]
    assert [command for command in commands if command[0] == "pytest" and TIMED not in command] == []
    (tmp_path / "test_one.py").write_text("def test_here(): ...")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", TIMED, "--durations-min=0", "test_one.py"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # plugins take seconds to load
    ran = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=True)
    assert sorted(line.split(" s  ")[1] for line in slowest([ran.stdout])) == [
        "after test_one.py::test_here",
        "before test_one.py::test_here",
        "test_one.py::test_here",
    ]
