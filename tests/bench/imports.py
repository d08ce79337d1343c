"""How long a hot handler takes to start, beside what every AWS function of this kind pays: boto3 and a DynamoDB client.

A handler without SnapStart imports at its start. One with SnapStart begins from a snapshot of what it imported: what it
still has to do is the restored start, its first client.

Each import is a fresh interpreter with the settings that its Lambda has, on a path of the service's folder, the layer
and site-packages. Rounds of all subjects in turn with the reference between them; a first run of each fills the
bytecode caches and is thrown away. What counts is processor time, the interpreter's own start with it: an import waits
for nothing (files are cached), and other work on the machine mostly adds to the waiting.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.bench import LAYER, ROOT
from tests.bench.packaged import Function, hot_functions
from tests.bench.rows import Row, Unmeasurable, missing
from tests.support.emulator import CREDENTIALS

ROUNDS, FEWEST = 9, 7
PATIENCE_SECONDS = 75
"""On a machine that is busy with other things the last rounds are left out, down to the fewest."""
GROUP = 3
"""After so many subjects the reference runs again: a load that comes and goes weighs on both sides of a ratio."""
REFERENCE = 'import boto3; boto3.client("dynamodb")'
BOTOCORE = 'import botocore.session; botocore.session.get_session().create_client("dynamodb")'
READY = 'from betsafi.aws import client; client("dynamodb")'
"""What a handler's first invocation still has to do after its import."""
RESTORED = f"import time; begun = time.process_time(); {READY}; print(time.process_time() - begun)"
"""The same alone, as it is after a snapshot was restored."""
PLACING = ("bet.graphql", "wallet.api")


@dataclass(frozen=True)
class Subject:
    """A program to run in a fresh interpreter; with `restored` it prints what of its time counts."""

    program: str
    folder: str = ""
    settings: Mapping[str, str] | None = None
    restored: bool = False

    def environment(self) -> dict[str, str]:
        """Return the environment of its Lambda."""
        path = os.pathsep.join(part for part in (self.folder and str(ROOT / self.folder), str(LAYER)) if part)
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": path,
            "AWS_REGION": "eu-west-1",
            **CREDENTIALS,
            **(self.settings or {}),
        }


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return a row for each hot handler and the rows that put them into proportion."""
    doors = {function.name: function for function in hot_functions()}
    subjects = {name: _subject(function) for name, function in doors.items()}
    subjects |= {f"{name} ready": _subject(doors[name], READY) for name in PLACING if name in doors}
    snapped = [name for name, function in doors.items() if function.snap_start]
    subjects |= {f"{name} restored": _subject(doors[name], RESTORED, restored=True) for name in snapped}
    subjects["botocore"] = Subject(BOTOCORE)
    broken = _warm_up(subjects)
    ratios: dict[str, list[float]] = {name: [] for name in subjects if name not in broken}
    begun = time.monotonic()
    for turn in range(ROUNDS):
        if turn >= FEWEST and time.monotonic() - begun > PATIENCE_SECONDS:
            break
        say(f"imports: round {turn + 1} of {ROUNDS}")
        for name, ratio in _round({name: subjects[name] for name in ratios}).items():
            ratios[name].append(ratio)
    return _rows(doors, {name: statistics.median(taken) for name, taken in ratios.items()}, broken)


def _round(subjects: Mapping[str, Subject]) -> dict[str, float]:
    """Run each subject once; return its time beside the mean of the references that ran before and after its group."""
    names, reference = list(subjects), Subject(REFERENCE)
    ratios: dict[str, float] = {}
    before = _run(reference)
    for start in range(0, len(names), GROUP):
        taken = {name: _run(subjects[name]) for name in names[start : start + GROUP]}
        after = _run(reference)
        ratios |= {name: seconds / ((before + after) / 2) for name, seconds in taken.items()}
        before = after
    return ratios


def _rows(doors: Mapping[str, Function], ratios: Mapping[str, float], broken: Mapping[str, str]) -> list[Row]:
    unit, limit = "x boto3 client", ratios["botocore"]
    aims = {name: None if function.snap_start else 1.0 for name, function in doors.items()}
    rows = [
        Row(f"import.{name}", f"import {name}", ratios[name], unit, aims[name], limit)
        if name in ratios
        else missing(f"import.{name}", f"import {name}", unit, broken[name], aims[name])
        for name in sorted(doors)
    ]
    imported = [ratios[name] for name in doors if name in ratios and aims[name]]
    rows.append(Row("import.worst", "worst hot handler without SnapStart", max(imported), unit, 1.0, limit))
    rows += [
        Row(f"restored.{name}", f"restored start of {name}", ratios[f"{name} restored"], unit, 1.0)
        for name in sorted(doors)
        if f"{name} restored" in ratios
    ]
    rows += [
        Row(f"import.{name}_ready", f"import {name} and make its client", ratios[f"{name} ready"], unit)
        for name in PLACING
        if f"{name} ready" in ratios
    ]
    rows.append(Row("import.botocore", "botocore alone with its client", ratios["botocore"], unit))
    return rows


def _subject(function: Function, then: str = "", *, restored: bool = False) -> Subject:
    program = f"import {function.module}" + (f"; {then}" if then else "")
    return Subject(program, function.service, function.environment, restored)


def _warm_up(subjects: Mapping[str, Subject]) -> dict[str, str]:
    """Run each subject once; return those that do not run at all, with the reason. The references must."""
    _run(Subject(REFERENCE))
    broken = {}
    for name, subject in subjects.items():
        try:
            _run(subject)
        except Unmeasurable as failure:
            if subject.program == BOTOCORE:
                raise
            broken[name] = str(failure)
    return broken


def _run(subject: Subject) -> float:
    """Return the processor seconds of one run. Raises Unmeasurable if it fails."""
    before = _children_seconds()
    ended = subprocess.run(
        [sys.executable, "-P", "-c", subject.program],
        env=subject.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise Unmeasurable(f"`{subject.program}` fails: {ended.stderr.strip().splitlines()[-1]}")
    return float(ended.stdout.split()[-1]) if subject.restored else _children_seconds() - before


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
