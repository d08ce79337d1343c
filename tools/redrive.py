"""Give dead letters another chance: `python -m tools.redrive --stage dev [--queue NAME] [--max N]`.

Moves messages from a stage's dead-letter queues back to the queues that they came from. Safe to run twice: every
consumer may see a message any number of times, and a message is deleted only after it stands in its own queue again.
What the outbox parked (StreamFailure queues) is left alone: it came from no queue; see the runbook on dead letters.
"""

import argparse
import json
from collections.abc import Sequence
from typing import Any

import boto3

from tools.base import asking
from tools.base.names import is_of_stage


def sources(sqs: Any, stage: str) -> dict[str, str]:
    """Return the address of each dead-letter queue of a stage, and of the queue that fills it."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="betsafi-")
    urls = {url.rsplit("/", 1)[1]: url for page in pages for url in page.get("QueueUrls", [])}
    found: dict[str, list[str]] = {}
    for name, url in urls.items():
        policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"]).get("Attributes", {})
        if is_of_stage(name, stage) and "RedrivePolicy" in policy:
            dead = json.loads(policy["RedrivePolicy"])["deadLetterTargetArn"].rsplit(":", 1)[1]
            found.setdefault(urls[dead], []).append(url)
    return {dead: origins[0] for dead, origins in found.items() if len(origins) == 1}


def redrive(sqs: Any, dead: str, origin: str, most: int) -> int:
    """Move at most `most` messages back; return how many were moved."""
    moved = 0
    while moved < most:
        batch = sqs.receive_message(
            QueueUrl=dead, MaxNumberOfMessages=min(10, most - moved), WaitTimeSeconds=1, MessageAttributeNames=["All"]
        )
        messages = batch.get("Messages", [])
        if not messages:
            break
        for message in messages:
            attributes = message.get("MessageAttributes", {})
            sqs.send_message(QueueUrl=origin, MessageBody=message["Body"], MessageAttributes=attributes)
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def main(argv: Sequence[str] | None = None) -> int:
    """Redrive a stage's dead letters and say what was moved; 1 if a named queue does not exist."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--queue", help="a part of the dead-letter queue's name, e.g. wallet-dev-Inbound")
    parser.add_argument("--max", type=int, default=1_000_000, help="at most so many messages a queue")
    given = parser.parse_args(argv)
    sqs = boto3.client("sqs")
    found = {dead: origin for dead, origin in sources(sqs, given.stage).items() if (given.queue or "") in dead}
    if not found:
        print(f"There is no dead-letter queue {given.queue or ''} on stage {given.stage}.")
        return 1
    for dead, origin in sorted(found.items()):
        print(f"{redrive(sqs, dead, origin, given.max):6} messages  {dead.rsplit('/', 1)[1]}")
    return 0


if __name__ == "__main__":
    asking.run(main)
