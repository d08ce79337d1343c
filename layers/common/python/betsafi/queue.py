"""The loop over a batch of queue messages: each handled by itself, the failed ones alone tried again."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from betsafi.telemetry import logger


def handle_batch(sqs_event: Mapping[str, Any], handle: Callable[[Any], None]) -> dict[str, Any]:
    """Handle each message's JSON body; return the partial batch failure answer that keeps only the failed ones."""
    failures = []
    for record in sqs_event["Records"]:
        try:
            handle(json.loads(record["body"]))
        except Exception:  # noqa: BLE001  every failure is logged, retried by the queue and at last dead-lettered
            logger.exception("message failed", message_id=record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    logger.info("messages handled", messages=len(sqs_event["Records"]), failed=len(failures))
    return {"batchItemFailures": failures}
