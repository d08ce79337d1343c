"""Package every service as it would go to AWS, with no credentials and nothing deployed.

`python -m tools.package [stage]` (default: dev) leaves `build/package/<stage>/<service>.json`, the CloudFormation
template of each, and `build/package/<stage>/sizes.json`, the zips that go to Lambda. Two run at a time; what was there
before can be read until all is made.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.base.services import ROOT, services
from tools.base.stages import refusal
from tools.base.turns import turn

SERVERLESS = ROOT / "node_modules" / ".bin" / "serverless"
WORKERS = 2

# What says which cloud, which account and which laptop: a package must not depend on any of it.
_HIDDEN = ("AWS_", "LAYER_", "SLS_")


@dataclass(frozen=True)
class Outcome:
    """How packaging one service ended; `error` is why it failed."""

    service: str
    seconds: float
    error: str | None = None


def package(service: str, folder: Path, stage: str, target: Path) -> Outcome:
    """Package one service; keep its template and its zips' sizes, and its log when it fails."""
    begun = time.monotonic()
    work = target / "work" / service
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    environment["PYTHON_BIN"] = sys.executable
    with (target / f"{service}.log").open("wb") as output:
        command = [str(SERVERLESS), "package", "--stage", stage, "--package", str(work)]
        code = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        ).returncode
    seconds = time.monotonic() - begun
    template = work / "cloudformation-template-update-stack.json"
    if code or not template.exists():
        return Outcome(service, seconds, f"packaging {service} failed with exit code {code}")
    shutil.copyfile(template, target / f"{service}.json")
    return Outcome(service, seconds)


def sizes(work: Path) -> dict[str, dict[str, int]]:
    """Return what each zip of a packaged service weighs, as it travels and unpacked."""
    return {
        archive.stem: {
            "zipBytes": archive.stat().st_size,
            "unzippedBytes": sum(entry.file_size for entry in zipfile.ZipFile(archive).infolist()),
        }
        for archive in sorted(work.glob("*.zip"))
    }


def package_all(stage: str, target: Path) -> list[Outcome]:
    """Package every service into `target`, printing how it goes; return the outcomes."""
    new, old = (target.with_name(f"{target.name}.{state}") for state in ("new", "old"))
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    new.mkdir()
    outcomes = []
    with ThreadPoolExecutor(WORKERS) as pool:
        runs = [pool.submit(package, service, folder, stage, new) for service, folder in services().items()]
        for run in runs:
            outcome = run.result()
            outcomes.append(outcome)
            state = "failed" if outcome.error else "packaged"
            print(f"{outcome.service:<14} {state} in {outcome.seconds:.1f} s", flush=True)
    weights = {outcome.service: sizes(new / "work" / outcome.service) for outcome in outcomes}
    (new / "sizes.json").write_text(json.dumps(weights, indent=2) + "\n")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return outcomes


def _stage(text: str) -> str:
    if sentence := refusal(text):
        raise argparse.ArgumentTypeError(sentence)
    return text


def main() -> int:
    """Package everything; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.package", description="Package every service, offline.")
    parser.add_argument("stage", nargs="?", default="dev", type=_stage)
    stage = parser.parse_args().stage
    if not SERVERLESS.exists():
        print("The Serverless Framework is not installed here: run `npm ci` first.", file=sys.stderr)
        return 1
    target = ROOT / "build" / "package" / stage
    with turn(target):
        failures = [outcome for outcome in package_all(stage, target) if outcome.error]
    for failure in failures:
        print(f"{failure.error}; its log: {target / failure.service}.log", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
