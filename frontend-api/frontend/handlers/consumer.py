"""From the bus to subscribers: a batch of events becomes one request of publish mutations."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ConnectionError, HTTPClientError

from betsafi.consumer import UnknownEvent, read_event
from betsafi.errors import Misconfigured
from betsafi.events import Event
from betsafi.events.users import UserErased
from betsafi.queue import answer
from betsafi.settings import Url, read_settings
from betsafi.telemetry import logger
from frontend import appsync
from frontend.cursors import cursor_at
from frontend.stores import logs
from frontend.updates import EVENTS, Update, document, joined, update_of


@dataclass(frozen=True)
class Settings:
    """Where AppSync is."""

    graphql_url: Url


settings = read_settings(Settings)


_TAKEN: list[type[Event]] = [*EVENTS, UserErased]
MODELS = {(model.source, model.__name__): model for model in _TAKEN}
"""Every (source, detail-type) that this handler takes."""


RESOLVERS = 30
"""How many a request may run: the API's `resolverCountLimit`."""


@dataclass
class Planned:
    """An update to publish, and the messages that ask for it."""

    update: Update
    messages: list[str] = field(default_factory=list)


def read(record: dict[str, Any]) -> Event:
    """Return the event of one message. Raises UnknownEvent, ValidationError, ValueError."""
    body = json.loads(record["body"])
    kind = (body["source"], body["detail-type"])
    if kind not in MODELS:
        raise UnknownEvent(f"no update for {kind}")
    event, _ = read_event(MODELS[kind], body)
    return event


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Publish a batch's updates, each thing once; the messages that failed alone are tried again by their queue.

    A player's update is noted in their log before it is published; tried again it gets another number.
    """
    failed: set[str] = set()
    planned: list[Planned] = []
    for record in event["Records"]:
        try:
            _take(planned, record)
        except Exception:  # noqa: BLE001  logged, retried by the queue and at last dead-lettered
            logger.exception("message failed", message_id=record["messageId"])
            failed.add(record["messageId"])
    failed |= _number(planned)
    for request in _requests([one for one in planned if not failed & set(one.messages)]):
        failed |= _publish(request)
    logger.info("updates published", messages=len(event["Records"]), updates=len(planned), failed=len(failed))
    return answer(event["Records"], [record for record in event["Records"] if record["messageId"] in failed])


def _take(planned: list[Planned], record: dict[str, Any]) -> None:
    event = read(record)
    if isinstance(event, UserErased):
        logs.forget(event.user_id)
    else:
        _add(planned, update_of(event), record["messageId"])


def _add(planned: list[Planned], update: Update, message: str) -> None:
    """Join what a message asks for with an update that is already planned, or plan one of its own."""
    for one in planned:
        if both := joined(one.update, update):
            one.update = both
            one.messages.append(message)
            return
    planned.append(Planned(update, [message]))


def _number(planned: list[Planned]) -> set[str]:
    """Give players' updates their numbers, with one write a player; return the messages of those that got none.

    What is not worth telling any more leaves the plan.
    """
    failed: set[str] = set()
    by_player: dict[str, list[Planned]] = {}
    for one in planned:
        if one.update.parts:
            by_player.setdefault(one.update.arguments["userId"], []).append(one)
    for user_id, theirs in by_player.items():
        try:
            theirs = _still(user_id, planned, theirs)
            if not theirs:
                continue
            if (log := logs.append(user_id, [one.update.things for one in theirs])) is None:
                for one in theirs:  # whose player was erased
                    planned.remove(one)
                continue
        except Exception:  # noqa: BLE001  logged, retried by the queue and at last dead-lettered
            logger.exception("updates not noted", user_id=user_id)
            failed |= {message for one in theirs for message in one.messages}
            continue
        for number, one in enumerate(theirs, log.last - len(theirs) + 1):
            one.update = one.update.numbered(number, cursor_at(number, user_id, logs.LOG_ID), log)
    return failed


def _still(user_id: str, planned: list[Planned], theirs: list[Planned]) -> list[Planned]:
    """Return those of a player's updates that are to be told still; the others leave the plan."""
    if all(one.update.open_as_of is None for one in theirs):
        return theirs
    log, told = logs.read(user_id), []
    for one in theirs:
        if update := one.update.still(log):
            one.update = update
            told.append(one)
        else:
            planned.remove(one)
    return told


def _requests(planned: list[Planned]) -> Iterator[list[Planned]]:
    """Yield the updates by requests, each within what AppSync takes."""
    request: list[Planned] = []
    for one in planned:
        if sum(each.update.resolvers for each in [*request, one]) > RESOLVERS:
            yield request
            request = []
        request.append(one)
    if request:
        yield request


def _publish(request: list[Planned]) -> set[str]:
    """Publish a request's updates; return the messages whose updates were not published.

    A document that is refused as a whole says nothing of whose fault it is: then each update has a request of its own.
    """
    messages = {message for one in request for message in one.messages}
    try:
        refused = appsync.publish(settings.graphql_url, *document(one.update for one in request))
    except appsync.PublishRefused:
        logger.exception("request refused", updates=len(request))
        if len(request) == 1:
            return messages
        return set().union(*(_publish([one]) for one in request))
    except (appsync.Unavailable, Misconfigured, HTTPClientError, ConnectionError):
        logger.exception("AppSync does not answer", updates=len(request))
        return messages
    return {message for n, one in enumerate(request) if f"m{n}" in refused for message in one.messages}
