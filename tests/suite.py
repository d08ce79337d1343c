"""The test commands: `python -m tests.suite` is `make test`, `python -m tests.suite wallet` is `make test-wallet`.

What mostly waits runs beside what computes. The first of each group shows its output as it comes, the others theirs
when all have ended. At the end `make test` names the slowest tests of all groups; the last lines say which command
repeats only what failed.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tools.base.services import ROOT, packages, services
from tools.base.waiting import eventually

LOGS = ROOT / "build" / "test"
REPEAT = "Repeat: "

ENDS = (signal.SIGINT, signal.SIGTERM)
ENDING_SECONDS = 60
"""So long what is running may take to stop in order."""

SIDE_BY_SIDE = ("-n", "2", "--dist", "worksteal")
ON_EVERY_CORE = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")
OF_EACH_TEMPLATE = "tests/contract/test_templates.py::test_cfn_lint_finds_nothing"
MOST_SLOW = 20
TIMED = f"--durations={MOST_SLOW}"
_TIMED = re.compile(r"^(\d+\.\d\d)s (call|setup|teardown) +(.+)$", re.MULTILINE)
_PHASES = {"call": "", "setup": "before ", "teardown": "after "}


@dataclass(frozen=True)
class Step:
    """Commands that run one after the other, until one fails."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    again: str = ""
    """What repeats it; pytest says so itself."""


def everything() -> list[list[Step]]:
    """Return the groups of `make test`."""
    main = ("tests/unit", "tests/contract", "tests/integration", "tests/simulation", "tests/season")
    return [
        [Step(part, (("make", part),), f"make {part}") for part in ("lint-others", "lint-python", "package")],
        [
            Step("main", (("pytest", *main, *SIDE_BY_SIDE, TIMED),)),
            Step("e2e", (("pytest", "tests/e2e", TIMED),)),
            Step("browser", (("pytest", "tests/browser", TIMED),)),
        ],
    ]


def one_service(service: str) -> list[list[Step]]:
    """Return the groups of `make test-<service>`: its folder's lint and types, and its tests.

    What says little of one service for its time is left to `make test`: what is marked `full`, and cfn-lint on others.
    """
    package = packages()[service]
    tests = (f"tests/unit/{package}", f"tests/integration/{package}")
    others = [f"{OF_EACH_TEMPLATE}[{other}]" for other in services() if other != service]
    less = ("-m", "not full", *(word for other in others for word in ("--deselect", other)))
    checks = (
        ("ruff", "check", service, *tests),
        ("ruff", "format", "--check", service, *tests),
        ("mypy", f"{service}/{package}"),
    )
    return [
        [
            Step("package", (("make", "package"),), "make package"),
            Step("lint", checks, "make lint"),
        ],
        [Step("tests", (("pytest", *tests, "tests/contract", *less, *ON_EVERY_CORE),))],
    ]


def run(group: list[Step], logs: Path = LOGS) -> list[str]:
    """Run these steps at the same time, show their output, and return what repeats those that failed."""
    logs.mkdir(parents=True, exist_ok=True)
    files = [logs / f"{step.name}.log" for step in group]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for step, file in zip(group, files, strict=True):
            running.append(_start(step, file, shown=not running))
        codes = [process.wait() for process in running]
    except BaseException:
        _end(running)
        raise
    for step, file in list(zip(group, files, strict=True))[1:]:
        print(f"\n-- {step.name}\n{file.read_text(errors='replace')}", end="", flush=True)
    ended = zip(group, files, codes, strict=True)
    return [line for step, file, code in ended if code for line in _again(step, file.read_text(errors="replace"))]


def _start(step: Step, log: Path, *, shown: bool) -> "subprocess.Popen[bytes]":
    """Start a step that writes to its log, and to our output too if it is to be shown."""
    script = " && ".join(shlex.join(command) for command in step.commands)
    output = (
        f"{{ {script}; }} 2>&1 | tee {shlex.quote(str(log))}"
        if shown
        else f"{{ {script}; }} > {shlex.quote(str(log))} 2>&1"
    )
    bash = ["bash", "-o", "pipefail", "-c", output]
    # A session of its own, so that all that a step began is ended with it, and by us alone.
    return subprocess.Popen(bash, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)


def _end(running: "list[subprocess.Popen[bytes]]") -> None:
    """End these steps and all that they began: as Ctrl-C does, at which pytest stops what tests run, then at once."""
    for sent in (signal.SIGINT, signal.SIGKILL):
        for process in running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, sent)
        with suppress(TimeoutError):
            eventually(lambda: not any(map(_runs, running)), "end of what was begun", seconds=ENDING_SECONDS)


def _runs(process: "subprocess.Popen[bytes]") -> bool:
    """Return whether anything of a step's is left."""
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def end_in_order() -> None:
    """Have the first Ctrl-C or SIGTERM raise KeyboardInterrupt; those after it, as make passes them on, do nothing."""

    def end(number: int, frame: object) -> NoReturn:
        for name in ENDS:
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    for name in ENDS:
        signal.signal(name, end)


def _again(step: Step, output: str) -> list[str]:
    said = [line for line in output.splitlines() if line.startswith(REPEAT)]
    return said or [REPEAT + (step.again or shlex.join(step.commands[-1]))]


def slowest(outputs: list[str]) -> list[str]:
    """Return a line for each of the slowest tests that these outputs of pytest name, the slowest first.

    What was done before a test or after it, for others too, is a line of its own.
    """
    found = [line for output in outputs for line in _TIMED.findall(output)]
    found.sort(key=lambda line: float(line[0]), reverse=True)
    return [f"{seconds:>7} s  {_PHASES[phase]}{test}" for seconds, phase, test in found[:MOST_SLOW]]


def main(service: str | None = None) -> int:
    """Run all groups in turn; return the exit code. What is not sound or not packaged is not tested."""
    begun, again, outputs = time.monotonic(), [], []
    for number, group in enumerate(one_service(service) if service else everything()):
        again += run(group)
        outputs += [(LOGS / f"{step.name}.log").read_text(errors="replace") for step in group]
        if again and number == 0:
            break
    if slow := slowest(outputs):
        print("\nThe slowest of all tests:", *slow, sep="\n")
    minutes, seconds = divmod(round(time.monotonic() - begun), 60)
    print(f"\n{'✗ Something failed' if again else '✓ Everything passed'} in {minutes} min {seconds} s.", flush=True)
    print("\n".join(again), end="\n" if again else "", flush=True)
    return 1 if again else 0


if __name__ == "__main__":
    end_in_order()
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped, and all that was running with it.")
