"""Remove what stands of a stage: `make remove STAGE=dev`. Production never is.

Whatever was deployed last goes first: services that nobody needs any more, side by side, then those that they needed.
What never was deployed there, or is removed already, is left out: the framework would end with an error.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import boto3

from tools.base import asking, stages
from tools.base.services import needs, services

AT_ONCE = 3
"""How many removals run side by side."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Remove the stage's stacks; return 1 with a sentence if it may not be removed, or where a removal failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True)
    stage = parser.parse_args(arguments).stage
    if sentence := stages.why_kept(stage):
        print(sentence, file=sys.stderr)
        return 1
    standing = _standing(stage)
    if not standing:
        print(f"Nothing of stage {stage} stands in this account and region.")
    for together in _rounds(standing):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            codes = pool.map(_remove, together, [stage] * len(together))
            failed = [name for name, code in zip(together, codes, strict=True) if code]
        if failed:
            print(f"Not removed: {', '.join(failed)}. Mend it, then: make remove STAGE={stage}", file=sys.stderr)
            return 1
    return 0


def _standing(stage: str) -> set[str]:
    """Return the services that have a stack on the stage."""
    pages = boto3.client("cloudformation").get_paginator("list_stacks").paginate()
    up = {
        one["StackName"] for page in pages for one in page["StackSummaries"] if one["StackStatus"] != "DELETE_COMPLETE"
    }
    return {name for name in services() if f"betsafi-{name}-{stage}" in up}


def _rounds(left: set[str]) -> Iterator[list[str]]:
    """Yield the services that nobody who is left needs, until none is left."""
    while left:
        needed = set().union(*map(needs, left))
        yield sorted(left - needed)
        left = left & needed


def _remove(name: str, stage: str) -> int:
    print(f"Removing {name}", flush=True)
    return subprocess.run(["sls", "remove", "--stage", stage], cwd=services()[name], check=False).returncode


if __name__ == "__main__":
    asking.run(main)
