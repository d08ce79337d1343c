"""See what rings on a stage: `python -m tools.alarms --stage dev [--all]`.

Prints each alarm that rings: since when, whether it woke somebody (page) or waits for a working day (ticket), what it
says, and its runbook. `--all` also prints those that do not ring.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import boto3

from tools.base import asking
from tools.base.names import is_of_stage


def alarms(cloudwatch: Any, stage: str) -> list[dict[str, Any]]:
    """Return the alarms of a stage, in the order in which they began to be as they are."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix="betsafi-", AlarmTypes=["MetricAlarm"])
    found = [alarm for page in pages for alarm in page["MetricAlarms"]]
    ours = [alarm for alarm in found if is_of_stage(alarm["AlarmName"], stage)]
    return sorted(ours, key=lambda alarm: (alarm["StateUpdatedTimestamp"], alarm["AlarmName"]))


def line(alarm: dict[str, Any]) -> str:
    """Return an alarm as a line for a person."""
    severity = "ticket" if any(":betsafi-tickets-" in action for action in alarm["AlarmActions"]) else "page"
    since = alarm["StateUpdatedTimestamp"].strftime("%Y-%m-%d %H:%M")
    return f"{alarm['StateValue']:<17} {since}  {severity:<6}  {alarm['AlarmDescription']}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print what rings; 1 if anything does, 2 if the stage has no alarms."""
    parser = argparse.ArgumentParser(prog="python -m tools.alarms", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--all", action="store_true", help="also those that do not ring")
    given = parser.parse_args(argv)
    found = alarms(boto3.client("cloudwatch"), given.stage)
    if not found:
        print(f"There is no alarm of stage {given.stage}: is it deployed in this account and region?")
        return 2
    ringing = [alarm for alarm in found if alarm["StateValue"] == "ALARM"]
    for alarm in found if given.all else ringing:
        print(line(alarm))
    print(f"{len(ringing)} of {len(found)} alarms of stage {given.stage} ring.")
    return 1 if ringing else 0


if __name__ == "__main__":
    asking.run(main)
