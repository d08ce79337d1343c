"""The follow-up queue: the only file that knows it."""

import json
from collections.abc import Iterable
from typing import Any

from betsafi import clock
from betsafi.aws import client
from payment.schedule import FollowUp, delay_seconds
from payment.settings import settings

DELAYS = settings.followup_delays


def send(followups: Iterable[FollowUp]) -> None:
    """Send follow-ups, each delayed until it is due or as long as SQS can. Sent twice, a follow-up does no harm."""
    now = clock.now().timestamp()
    for followup in followups:
        client("sqs").send_message(
            QueueUrl=settings.followup_queue_url,
            MessageBody=json.dumps(followup.message()),
            DelaySeconds=delay_seconds(followup, now),
        )


def send_message(message: dict[str, Any]) -> None:
    """Send a message that is due at once."""
    client("sqs").send_message(QueueUrl=settings.followup_queue_url, MessageBody=json.dumps(message))
