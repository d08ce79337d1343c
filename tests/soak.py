"""`make soak`: the proof that no test flakes, in slices; `python -m tests.soak [--minutes 30] [--kind quiet|busy]`.

Counts are kept in a ledger under a hash of the tracked files, of documents only the code in them, so they add up over
commits that change no code. A quiet run begins only when nothing else runs; busy ones run side by side, and what only
burns keeps the cores busy that they leave.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LEDGER = ROOT / ".soak" / "ledger.json"
QUIET_SHARE = 0.2
"""At most this share of the cores' time is used by others when a quiet run begins."""
SETTLE_SECONDS = 180
"""So long a quiet run waits for others to end."""
JOURNEY_PORT = "7566"
CODE_BLOCK = re.compile(rb"^[ ]*```.*?^[ ]*```$", re.MULTILINE | re.DOTALL)
_FLOWS, _STORM = "tests/integration/payment/test_flows.py", "tests/integration/payment/test_storm.py"


@dataclass(frozen=True)
class Part:
    """One thing to repeat: `wanted` times with so many busy processes beside it."""

    name: str
    command: tuple[str, ...]
    wanted: int
    burners: int = 0
    load: int = 0
    """It begins once the load of the last minute is above this; 0: at once."""

    @property
    def quiet(self) -> bool:
        """Whether nothing may run beside it."""
        return not self.burners


def parts(cores: int) -> list[Part]:
    """Return all that is to be proven."""
    folders = [(name, ("pytest", f"tests/{name}"), 5) for name in ("integration", "browser", "e2e")]
    alone = [
        ("held callback", ("pytest", _FLOWS, "-k", "test_what_people_must_know_of"), 40),
        ("storm", ("pytest", _STORM), 40),
    ]
    both = [
        Part(f"{name}, {mood}", command, wanted, burners)
        for name, command, wanted in (*alone, *folders)
        for mood, burners in (("quiet", 0), ("busy", cores))
    ]
    journey = ("make", "up", "ONCE=1", "FRESH=1", f"PORT={JOURNEY_PORT}")
    loaded = [
        Part(f"journey at a load above {load}", journey, wanted, load + 2, load) for load, wanted in ((10, 10), (25, 2))
    ]
    return [*both, *loaded]


def code_hash(root: Path = ROOT) -> str:
    """Return a hash of the tracked files as they now are; of documents, which tests run too, of the code blocks."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    total = hashlib.sha256()
    for name in sorted(filter(None, names.split("\0"))):
        if (root / name).is_file():
            content = (root / name).read_bytes()
            code = b"".join(CODE_BLOCK.findall(content)) if name.endswith(".md") else content
            total.update(f"{name}\0".encode() + hashlib.sha256(code).digest())
    return total.hexdigest()[:16]


class Ledger:
    """What was run of one state of the code: by part, how often it passed and the logs of what failed."""

    def __init__(self, file: Path, code: str) -> None:
        self._file, self._code = file, code
        self._all: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}

    def counts(self, part: Part) -> tuple[int, list[str]]:
        """Return (passed, logs of failures)."""
        row = self._all.get(self._code, {}).get(part.name, {})
        return row.get("passed", 0), row.get("failed", [])

    def add(self, part: Part, failed: str | None) -> None:
        """Keep one more run; `failed` is its log."""
        row = self._all.setdefault(self._code, {}).setdefault(part.name, {"passed": 0, "failed": []})
        if failed:
            row["failed"].append(failed)
        else:
            row["passed"] += 1
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps(self._all, indent=1))
        unfinished.replace(self._file)

    def left(self, part: Part) -> int:
        """Return how many runs are still to be made; a failed one was made too."""
        passed, failed = self.counts(part)
        return max(0, part.wanted - passed - len(failed))


def next_part(wanted: list[Part], ledger: Ledger, kind: str | None) -> Part | None:
    """Return what to run next, of that kind ("quiet", "busy", None: any), or None when nothing is left."""
    chosen = [part for part in wanted if kind is None or part.quiet is (kind == "quiet")]
    return next((part for part in chosen if ledger.left(part)), None)


def report(wanted: list[Part], ledger: Ledger) -> str:
    """Return the counts so far, one line a part."""
    lines = []
    for part in wanted:
        passed, failed = ledger.counts(part)
        lines.append(f"{part.name:<28} {passed:>3} passed  {len(failed):>2} failed  {ledger.left(part):>3} left")
        lines += [f"    {log}" for log in failed]
    return "\n".join(lines)


class Burners:
    """Processes that only burn, as many as are wanted at the moment; they end with the block, and with us."""

    def __init__(self) -> None:
        self._burning: list[subprocess.Popen[bytes]] = []

    def keep(self, wanted: int) -> None:
        """Have so many from now on."""
        work = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100_000))"
        while len(self._burning) < wanted:
            self._burning.append(subprocess.Popen([sys.executable, "-c", work]))
        while len(self._burning) > wanted:
            burner = self._burning.pop()
            burner.kill()
            burner.wait()

    def __enter__(self) -> "Burners":
        return self

    def __exit__(self, *_: object) -> None:
        self.keep(0)


def wait_until(wanted: Callable[[], bool], seconds: float) -> bool:
    """Wait until it is as wanted; return whether it came to be."""
    deadline = time.monotonic() + seconds
    while not (fine := wanted()) and time.monotonic() < deadline:
        time.sleep(1)
    return fine


def used_share(seconds: float = 5) -> float:
    """Return which share of the cores' time is used in the next so many seconds.

    The load would do it too, and fade for a minute after each run; it is what is left where there is no /proc/stat.
    """
    if not (counters := Path("/proc/stat")).exists():
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    before = counters.read_text()
    time.sleep(seconds)
    return share_between(before, counters.read_text())


def share_between(before: str, after: str) -> float:
    """Return which share of all cores' time was used between two readings of /proc/stat: not idle, not waiting."""
    first, second = ([int(ticks) for ticks in read.split("\n", 1)[0].split()[1:9]] for read in (before, after))
    passed = [new - old for old, new in zip(first, second, strict=True)]
    return 1 - (passed[3] + passed[4]) / sum(passed)


def run(part: Part, log: Path) -> bool:
    """Run a part once, everything that it says into the log; return whether it passed."""
    with log.open("wb") as output:
        done = subprocess.run(
            part.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    return done.returncode == 0


class Slice:
    """Some minutes of runs. Begins nothing new when they are over, or when the code was changed meanwhile."""

    def __init__(self, minutes: float) -> None:
        self.cores, self.code = os.cpu_count() or 1, code_hash()
        self.wanted, self.ledger = parts(self.cores), Ledger(LEDGER, self.code)
        self._end = time.monotonic() + minutes * 60
        self._changed = False
        self._lock = threading.Lock()

    def next(self, kind: str | None) -> Part | None:
        """Return what to run next, None when it is over."""
        return None if self.over else next_part(self.wanted, self.ledger, kind)

    @property
    def over(self) -> bool:
        """Whether nothing new is to begin."""
        return self._changed or time.monotonic() > self._end

    def once(self, part: Part) -> None:
        """Run a part and count it, unless the code was changed meanwhile."""
        log = LEDGER.parent / f"{self.code}-{part.name.replace(' ', '-').replace(',', '')}-{int(time.time())}.log"
        log.parent.mkdir(exist_ok=True)
        passed = run(part, log)
        with self._lock:
            if code_hash() != self.code:
                print("The code was changed meanwhile; this run counts for nothing.")
                self._changed = True
                return
            self.ledger.add(part, None if passed else str(log.relative_to(ROOT)))
        print(f"{'✓' if passed else '✗'} {part.name}{'' if passed else f': {log.relative_to(ROOT)}'}", flush=True)
        if passed:
            log.unlink()

    def side_by_side(self, busy: list[Part]) -> None:
        """Run these until none is left, each beside the others; no part runs twice at the same time."""
        running: list[Part] = []
        lock, lanes = threading.Lock(), self.cores + 1
        with Burners() as burners, ThreadPoolExecutor(lanes) as pool:

            def lane() -> None:
                while not self.over:
                    with lock:
                        part = next((part for part in busy if self.ledger.left(part) and part not in running), None)
                        if part is None:
                            return
                        running.append(part)
                        burners.keep(lanes - len(running))
                    try:
                        self.once(part)
                    finally:
                        with lock:
                            running.remove(part)
                            burners.keep(lanes - len(running) if running else 0)

            for ended in [pool.submit(lane) for _ in range(lanes)]:
                ended.result()

    def overloaded(self, part: Part) -> None:
        """Run a part at a load above its own."""
        with Burners() as burners:
            burners.keep(part.burners)
            if not wait_until(lambda: os.getloadavg()[0] > part.load, 600):
                load = os.getloadavg()[0]
                raise RuntimeError(f"{part.burners} busy processes make no load above {part.load}: {load:.1f}")
            self.once(part)


def slice_(minutes: float, kind: str | None) -> int:
    """Run parts until the time is up or nothing is left; return the exit code."""
    this = Slice(minutes)
    while part := this.next(kind):
        if part.load:
            this.overloaded(part)
        elif not part.quiet:
            this.side_by_side([other for other in this.wanted if other.burners == part.burners])
        elif wait_until(lambda: used_share() <= QUIET_SHARE, SETTLE_SECONDS):
            this.once(part)
        else:
            print(f"Something else is running ({used_share():.0%} of the cores): a quiet run would prove nothing.")
            break
    print(f"\nCode {this.code}\n{report(this.wanted, this.ledger)}")
    return 1 if any(this.ledger.counts(part)[1] for part in this.wanted) else 0


def main() -> int:
    """Run a slice; return 1 if anything has failed so far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="begin nothing new after so many")
    parser.add_argument("--kind", choices=("quiet", "busy"), help="only runs of this kind")
    given = parser.parse_args()
    return slice_(given.minutes, given.kind)


if __name__ == "__main__":
    sys.exit(main())
