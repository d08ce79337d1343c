"""Read a stage's logs: `python -m tools.logs --stage dev [--service bet] [--minutes 60] [--id CORRELATION_ID]`.

Prints what the functions reported as failures, oldest first; with `--id` everything that one request did.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any

import boto3

from tools.base import asking
from tools.base.names import is_of_stage

_FAILURES = ("ERROR", "CRITICAL", "WARNING", "Task timed out", "Runtime exited")


def groups(logs: Any, stage: str, service: str) -> list[str]:
    """Return the log groups of a stage's functions, of one service or of all (an empty name)."""
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/betsafi-{service}")
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    return [name for name in names if is_of_stage(name.removeprefix("/aws/lambda/"), stage)]


def lines(logs: Any, group: str, terms: Sequence[str], since: float) -> Iterator[tuple[int, str, str]]:
    """Yield (time, group, line) of each line of a group since then that has one of the terms."""
    for term in terms:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, filterPattern=f'"{term}"', startTime=int(since * 1000)
        )
        for page in pages:
            for event in page["events"]:
                yield event["timestamp"], group, event["message"].rstrip()


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was asked for; 1 if the stage has no logs."""
    parser = argparse.ArgumentParser(prog="python -m tools.logs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--service", default="")
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--id", help="a correlation id: it is in every line and event of what one request began")
    given = parser.parse_args(argv)
    logs = boto3.client("logs")
    names = groups(logs, given.stage, given.service)
    if not names:
        print(f"There are no logs of {given.service or 'any service'} on stage {given.stage}.")
        return 1
    since = time.time() - 60 * given.minutes
    terms = [given.id] if given.id else _FAILURES
    found = sorted({line for name in names for line in lines(logs, name, terms, since)})
    for _, name, text in found:
        print(f"{name.rsplit('/', 1)[1]}  {text}")
    print(f"{len(found)} lines of {len(names)} functions in {given.minutes} minutes.")
    return 0


if __name__ == "__main__":
    asking.run(main)
