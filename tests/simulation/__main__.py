"""The command: `python -m tests.simulation --seeds 200`, `--seed N` to replay one, `--teeth` to hunt defects."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

from tests.simulation.defects import DEFECTS
from tests.simulation.faults import KINDS, Plan
from tests.simulation.run import Result, run
from tests.simulation.services import Services, installed
from tests.simulation.shrink import shrink

_SHOWN = 60
"""How many lines of a schedule are printed; --all prints every one."""

_here: list[Services] = []


def _start() -> None:
    """Load the services once in a worker process; they stay until it ends."""
    if not _here:
        stack = ExitStack()
        _here.append(stack.enter_context(installed()))
        _kept.append(stack)


_kept: list[ExitStack] = []


def one(plan: Plan, defect: str | None = None) -> Result:
    """Run one plan in this process."""
    _start()
    return run(plan, _here[0], defect)


def _each(plans: Iterable[Plan], jobs: int, defect: str | None) -> Iterator[Result]:
    if jobs == 1:
        yield from map(partial(one, defect=defect), plans)
        return
    with ProcessPoolExecutor(jobs, initializer=_start) as pool:
        yield from pool.map(partial(one, defect=defect), plans)


def _explain(failed: Result, defect: str | None, everything: bool, tries: int) -> None:
    print(f"\nseed {failed.plan.seed} breaks a law: {failed.message}", flush=True)
    best = shrink(failed, partial(one, defect=defect), tries) if tries else failed
    plan = best.plan
    print(f"shortest schedule found: {plan.steps - len(plan.skipped_steps)} steps, {sum(best.faults.values())} faults")
    for kind, times in best.faults.most_common():
        print(f"  {times:4} x {kind}")
    lines = best.schedule if everything else [line for line in best.schedule if _tells(line)]
    if not everything and len(lines) > _SHOWN:
        print(f"  … {len(lines) - _SHOWN} lines before; --all shows them")
        lines = lines[-_SHOWN:]
    print("\n".join(lines))
    print(best.message)
    planted = f" --defect {defect}" if defect else ""
    print(f"replay: python -m tests.simulation --seed {plan.seed} --steps {failed.plan.steps}{planted}")
    print(f"the shortest: python -m tests.simulation{planted} --plan '{plan.text()}'")


def _tells(line: str) -> bool:
    """Return whether a line of a schedule says more than that a handler was called."""
    return ".stream " not in line and not line.endswith(('ends {"batchItemFailures": []}', "ends null"))


def _summary(results: list[Result], seconds: float) -> None:
    steps, calls = sum(result.steps for result in results), Counter[str]()
    faults, outcomes, known = Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        faults.update(result.faults)
        calls.update(result.calls)
        outcomes.update(result.outcomes)
        known.update(result.known)
    broken = [result for result in results if result.law]
    print(f"\n{len(results)} seeds, {len(broken)} broke a law, {seconds:.1f} s, {steps:,} scheduler steps")
    if len(results) == 1:
        print(f"digest {results[0].digest:08x}")
    print(f"{steps / seconds:,.0f} steps a second; {calls.total():,} AWS calls; {faults.total():,} faults:")
    for kind in KINDS:
        print(f"  {faults[kind]:8,}  {kind}")
    print("outcomes: " + ", ".join(f"{name} {times:,}" for name, times in sorted(outcomes.items())))
    for name, times in known.items():
        print(f"known issue met in {times} seeds: {name}")


def _teeth(options: Any) -> int:
    """Find, for every defect, the first seeds that catch it."""
    missed = 0
    for name in [options.defect] if options.defect else DEFECTS:
        caught: list[int] = []
        laws: Counter[str] = Counter()
        for start in range(options.first, options.first + options.seeds, options.jobs):
            plans = [Plan(seed, options.steps) for seed in range(start, start + options.jobs)]
            for result in _pool_map(plans, options.jobs, name):
                if result.law:
                    caught.append(result.plan.seed)
                    laws[result.law] += 1
            if len(caught) >= 2:
                break
        missed += not caught
        print(f'    "{name}": {tuple(caught[:2])},  # {", ".join(laws) or "NOT CAUGHT"}', flush=True)
    return 1 if missed else 0


_pools: dict[int, ProcessPoolExecutor] = {}


def _pool_map(plans: list[Plan], jobs: int, defect: str) -> list[Result]:
    if jobs == 1:
        return [one(plan, defect) for plan in plans]
    if jobs not in _pools:
        _pools[jobs] = ProcessPoolExecutor(jobs, initializer=_start)
    return list(_pools[jobs].map(partial(one, defect=defect), plans))


def main() -> int:
    """Run what the command line says; the exit code is 1 if a law was broken (or a defect was not noticed)."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="replay this one seed")
    parser.add_argument("--plan", type=Plan.parse, help="replay a plan that the shrinker printed")
    parser.add_argument("--steps", type=int, default=300, help="how many things people do in a run")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--defect", choices=sorted(DEFECTS), help="plant this defect")
    parser.add_argument("--teeth", action="store_true", help="find the seeds that catch each planted defect")
    parser.add_argument("--shrink", type=int, default=120, metavar="TRIES", help="runs spent on shortening a failure")
    parser.add_argument("--all", action="store_true", help="print whole schedules")
    options = parser.parse_args()
    if options.teeth:
        return _teeth(options)
    seeds = range(options.first, options.first + options.seeds) if options.seed is None else [options.seed]
    plans = [options.plan] if options.plan else [Plan(seed, options.steps) for seed in seeds]
    results: list[Result] = []
    begin = time.perf_counter()
    for result in _each(plans, options.jobs if len(plans) > 1 else 1, options.defect):
        results.append(result)
        if result.law:
            print(f"seed {result.plan.seed}: {result.message}", flush=True)
        elif len(results) % 25 == 0:
            print(f"{len(results)} seeds, {sum(bool(r.law) for r in results)} broke a law", flush=True)
    seconds = time.perf_counter() - begin
    broken = [result for result in results if result.law]
    for result in broken[:1]:
        _explain(result, options.defect, options.all, 0 if options.plan else options.shrink)
    _summary(results, seconds)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
