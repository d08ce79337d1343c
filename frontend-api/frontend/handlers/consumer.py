"""From the bus to subscribers: a batch of events becomes one request of publish mutations."""

import json
from dataclasses import dataclass
from typing import Any

from betsafi.consumer import UnknownEvent, read_event
from betsafi.settings import Url, read_settings
from betsafi.telemetry import logger
from frontend import appsync
from frontend.updates import EVENTS, Update, document, newest, update_of


@dataclass(frozen=True)
class Settings:
    """Where AppSync is."""

    graphql_url: Url


settings = read_settings(Settings)


MODELS = {(model.source, model.__name__): model for model in EVENTS}
"""Every (source, detail-type) that this door handles."""


MUTATIONS = 25
"""How many go in one request: below the API's `resolverCountLimit`."""


def read(record: dict[str, Any]) -> Update:
    """Return the update of one message. Raises UnknownEvent, ValidationError, ValueError."""
    body = json.loads(record["body"])
    kind = (body["source"], body["detail-type"])
    if kind not in MODELS:
        raise UnknownEvent(f"no update for {kind}")
    event, _ = read_event(MODELS[kind], body)
    return update_of(event)


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Publish a batch's updates in one request; messages that failed are tried again by their queue."""
    failed: set[str] = set()
    updates: dict[str, Update] = {}
    for record in event["Records"]:
        try:
            updates[record["messageId"]] = read(record)
        except Exception:  # noqa: BLE001  logged, retried by the queue and at last dead-lettered
            logger.exception("message failed", message_id=record["messageId"])
            failed.add(record["messageId"])
    fresh = newest(list(updates.values()))
    told = [message for message, update in updates.items() if update in fresh]
    for start in range(0, len(told), MUTATIONS):
        part = told[start : start + MUTATIONS]
        refused = appsync.publish(settings.graphql_url, *document([updates[message] for message in part]))
        failed |= {message for n, message in enumerate(part) if f"m{n}" in refused}
    logger.info("updates published", messages=len(event["Records"]), updates=len(told), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in sorted(failed)]}
