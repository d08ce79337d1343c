"""See a stage's queues: `python -m tools.queues --stage dev [--queue NAME] [--peek | --send JSON]`.

Prints how many messages wait in each queue, how many are being worked on, and whether the function that reads it does
(`Enabled`). `--peek` shows messages of one queue and leaves them there; `--send` puts one message into it.
"""

import argparse
import json
from collections.abc import Sequence
from typing import Any

import boto3

from tools.base import asking
from tools.base.names import is_of_stage

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


def queues(sqs: Any, stage: str, part: str) -> dict[str, str]:
    """Return the addresses of a stage's queues whose name has a part, by name."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="betsafi-")
    found = {url.rsplit("/", 1)[1]: url for page in pages for url in page.get("QueueUrls", [])}
    return {name: url for name, url in sorted(found.items()) if is_of_stage(name, stage) and part in name}


def readers(stage: str) -> dict[str, str]:
    """Return what a stage's functions read: queues and tables by name, with the state of the reading."""
    pages = boto3.client("lambda").get_paginator("list_event_source_mappings").paginate()
    mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    sources = {mapping["EventSourceArn"].split(":", 5)[5]: mapping["State"] for mapping in mappings}
    names = {name.split("/")[1] if "/" in name else name: state for name, state in sources.items()}
    return {name: state for name, state in names.items() if is_of_stage(name, stage)}


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was asked for; 1 if there is no such queue."""
    parser = argparse.ArgumentParser(prog="python -m tools.queues", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--queue", default="", help="a part of its name, e.g. payment-dev-FollowUpsQueue")
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--peek", action="store_true", help="show up to ten messages, and leave them")
    does.add_argument("--send", type=json.loads, metavar="JSON", help="put a message into the one queue of this name")
    given = parser.parse_args(argv)
    sqs = boto3.client("sqs")
    found = queues(sqs, given.stage, given.queue)
    if not found or ((given.peek or given.send is not None) and len(found) != 1):
        print(f"Not one queue of stage {given.stage} but {len(found)} have '{given.queue}' in their name.", *found)
        return 1
    if given.send is not None:
        sqs.send_message(QueueUrl=next(iter(found.values())), MessageBody=json.dumps(given.send))
        print(f"sent to {next(iter(found))}")
    elif given.peek:
        url = next(iter(found.values()))
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=5)
        for message in answer.get("Messages", []):
            print(message["Body"])
    else:
        state = readers(given.stage)
        for name, url in found.items():
            said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
            waiting, working, delayed = (int(said.get(count, 0)) for count in _COUNTS)
            print(f"{waiting:6} wait {working:6} worked on {delayed:6} delayed  {state.get(name, '-'):9} {name}")
        for name in sorted(state.keys() - found.keys()):
            print(f"{'':41}  {state[name]:9} {name}")
    return 0


if __name__ == "__main__":
    asking.run(main)
