"""From the bus to subscribers: a batch of events becomes one request of publish mutations."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ConnectionError, HTTPClientError

from betsafi.consumer import UnknownEvent, read_event
from betsafi.errors import Misconfigured
from betsafi.queue import answer
from betsafi.settings import Url, read_settings
from betsafi.telemetry import logger
from frontend import appsync
from frontend.updates import EVENTS, Update, document, joined, update_of


@dataclass(frozen=True)
class Settings:
    """Where AppSync is."""

    graphql_url: Url


settings = read_settings(Settings)


MODELS = {(model.source, model.__name__): model for model in EVENTS}
"""Every (source, detail-type) that this door handles."""


RESOLVERS = 30
"""How many a request may run: the API's `resolverCountLimit`."""


@dataclass
class Telling:
    """An update, and the messages that it tells."""

    update: Update
    messages: list[str] = field(default_factory=list)


def read(record: dict[str, Any]) -> Update:
    """Return the update of one message. Raises UnknownEvent, ValidationError, ValueError."""
    body = json.loads(record["body"])
    kind = (body["source"], body["detail-type"])
    if kind not in MODELS:
        raise UnknownEvent(f"no update for {kind}")
    event, _ = read_event(MODELS[kind], body)
    return update_of(event)


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Publish a batch's updates, each thing once; the messages that failed alone are tried again by their queue."""
    failed: set[str] = set()
    tellings: list[Telling] = []
    for record in event["Records"]:
        try:
            _add(tellings, read(record), record["messageId"])
        except Exception:  # noqa: BLE001  logged, retried by the queue and at last dead-lettered
            logger.exception("message failed", message_id=record["messageId"])
            failed.add(record["messageId"])
    for request in _requests(tellings):
        failed |= _publish(request)
    logger.info("updates published", messages=len(event["Records"]), updates=len(tellings), failed=len(failed))
    return answer(event["Records"], [record for record in event["Records"] if record["messageId"] in failed])


def _add(tellings: list[Telling], update: Update, message: str) -> None:
    """Let an update that is told already tell this message too, or tell it by one of its own."""
    for telling in tellings:
        if both := joined(telling.update, update):
            telling.update = both
            telling.messages.append(message)
            return
    tellings.append(Telling(update, [message]))


def _requests(tellings: list[Telling]) -> Iterator[list[Telling]]:
    """Yield the updates by requests, each within what AppSync takes."""
    request: list[Telling] = []
    for telling in tellings:
        if sum(each.update.resolvers for each in [*request, telling]) > RESOLVERS:
            yield request
            request = []
        request.append(telling)
    if request:
        yield request


def _publish(request: list[Telling]) -> set[str]:
    """Publish a request's updates; return the messages that were not told.

    A document that is refused as a whole says nothing of whose fault it is: then each update has a request of its own.
    """
    messages = {message for telling in request for message in telling.messages}
    try:
        refused = appsync.publish(settings.graphql_url, *document(telling.update for telling in request))
    except appsync.PublishRefused:
        logger.exception("request refused", updates=len(request))
        if len(request) == 1:
            return messages
        return set().union(*(_publish([telling]) for telling in request))
    except (appsync.Unavailable, Misconfigured, HTTPClientError, ConnectionError):
        logger.exception("AppSync does not answer", updates=len(request))
        return messages
    return {message for n, telling in enumerate(request) if f"m{n}" in refused for message in telling.messages}
