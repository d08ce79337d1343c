"""From the bus to subscribers: a batch of events becomes one request of publish mutations."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import HTTPClientError

from betsafi.consumer import UnknownEvent, read_event
from betsafi.queue import answer
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
    """Publish a batch's updates, many in one request; the messages that failed alone are tried again by their queue."""
    records = {record["messageId"]: record for record in event["Records"]}
    failed: set[str] = set()
    updates: dict[str, Update] = {}
    for message, record in records.items():
        try:
            updates[message] = read(record)
        except Exception:  # noqa: BLE001  logged, retried by the queue and at last dead-lettered
            logger.exception("message failed", message_id=message)
            failed.add(message)
    fresh = newest(list(updates.values()))
    told = {message: update for message, update in updates.items() if update in fresh}
    for start in range(0, len(told), MUTATIONS):
        failed |= publish(dict(list(told.items())[start : start + MUTATIONS]))
    logger.info("updates published", updates=len(told))
    return answer(list(records.values()), [record for message, record in records.items() if message in failed])


def publish(updates: dict[str, Update]) -> set[str]:
    """Publish updates (by message) in one request; return the messages whose update was not taken.

    A document that is refused as a whole says nothing of whose fault it is: then each update has a request of its own.
    """
    messages = list(updates)
    try:
        refused = appsync.publish(settings.graphql_url, *document(list(updates.values())))
    except appsync.PublishRefused:
        logger.exception("request refused", updates=len(updates))
        if len(updates) == 1:
            return set(messages)
        return {message for each in messages for message in publish({each: updates[each]})}
    except (appsync.Unavailable, HTTPClientError):
        logger.exception("AppSync does not answer", updates=len(updates))
        return set(messages)
    return {message for n, message in enumerate(messages) if f"m{n}" in refused}
