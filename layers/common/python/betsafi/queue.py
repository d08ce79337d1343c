"""Batches of queue messages: each handled by itself, the failed ones alone tried again, soon and then less and less.

A failed message comes back after 2 s, 4 s, 8 s … and at last every five minutes. A queue's `maxReceiveCount` of 60 so
lasts for more than four hours, which an outage behind it may take, and a passing failure costs seconds.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from betsafi import clock
from betsafi.aws import client
from betsafi.telemetry import count, logger

LONGEST_WAIT_SECONDS = 300
_STUCK = 7
"""From this try on, two minutes after the first, it is reported to operators (`MessageStuck`)."""
_BATCH = 10
_TRIES = 3


def handle_batch(sqs_event: Mapping[str, Any], handle: Callable[[Any], None]) -> dict[str, Any]:
    """Handle each message's JSON body; return the partial batch failure answer that keeps only the failed ones.

    A message that a schedule sent counts its run when it is handled.
    """
    return handle_tries(sqs_event, lambda body, tries: handle(body))


def handle_tries(sqs_event: Mapping[str, Any], handle: Callable[[Any, int], None]) -> dict[str, Any]:
    """As `handle_batch`; `handle` is also told for the how manieth time the message came, from 1 on."""
    records = sqs_event["Records"]
    return answer(records, [record for record in records if not _handled(record, handle)])


def answer(records: Sequence[Mapping[str, Any]], failed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answer that keeps the failed records of a batch, each of which comes back after its own wait."""
    for record in failed:
        _come_back(record)
    logger.info("messages handled", messages=len(records), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def wait_seconds(received: int) -> int:
    """Return how long a message waits that failed for the `received`-th time."""
    return min(LONGEST_WAIT_SECONDS, 1 << min(received, 30))


class SendFailed(Exception):
    """A queue did not take every message; those that it took may be sent again."""


def send_all(queue_url: str, bodies: Sequence[str], delay_seconds: int = 0) -> None:
    """Send messages, those that the queue refuses alone again. Raises SendFailed after bounded tries."""
    for start in range(0, len(bodies), _BATCH):
        _send(queue_url, bodies[start : start + _BATCH], delay_seconds)


def _send(queue_url: str, bodies: Sequence[str], delay_seconds: int) -> None:
    waiting = dict(enumerate(bodies))
    for attempt in range(_TRIES):
        entries = [{"Id": str(n), "MessageBody": body, "DelaySeconds": delay_seconds} for n, body in waiting.items()]
        said = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        waiting = {int(failed["Id"]): waiting[int(failed["Id"])] for failed in said.get("Failed", [])}
        if not waiting:
            return
        clock.sleep_with_jitter(attempt)
    raise SendFailed(f"{len(waiting)} of {len(bodies)} messages refused")


def _handled(record: Mapping[str, Any], handle: Callable[[Any, int], None]) -> bool:
    try:
        body = json.loads(record["body"])
        handle(body, int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)))
    except Exception:  # noqa: BLE001  every failure is logged, retried by the queue and at last dead-lettered
        logger.exception("message failed", message_id=record["messageId"])
        return False
    if isinstance(body, dict) and "schedule" in body:
        count("ScheduleRan", schedule=body["schedule"])
    return True


def _come_back(record: Mapping[str, Any]) -> None:
    """Let a failed message be seen again after its wait, instead of when its whole batch would have timed out."""
    if "receiptHandle" not in record:
        return  # handed over by a person, and in no queue
    received = int(record["attributes"]["ApproximateReceiveCount"])
    if received >= _STUCK:
        count("MessageStuck")
    _, _, _, _, account, name = record["eventSourceARN"].split(":")
    sqs = client("sqs")
    url = f"{sqs.meta.endpoint_url.rstrip('/')}/{account}/{name}"
    try:
        sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=wait_seconds(received)
        )
    except (BotoCoreError, ClientError):
        # It then comes back when the queue's own time is over, which is later and as right.
        logger.warning("a failed message keeps its queue's wait", message_id=record["messageId"])
