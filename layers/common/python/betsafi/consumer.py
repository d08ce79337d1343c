"""The consumer loop: events from the bus through a service's own queue, each handled at least once, in any order.

A handler raises to have its message tried again; after the queue's `maxReceiveCount` the message is in the dead-letter
queue with an alarm. Nothing is swallowed, and an event of an unknown kind or version goes that way too.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from betsafi.events import Envelope, Event
from betsafi.queue import handle_batch
from betsafi.telemetry import begin

E = TypeVar("E", bound=Event)
Handlers = dict[tuple[str, str], tuple[type[Event], Callable[[Any, Envelope], None]]]


class UnknownEvent(Exception):
    """This service has no handler for that event, or not for that version of it."""


class Consumer:
    """Handlers by event; an instance is the Lambda handler of a service's function `consumer`."""

    def __init__(self) -> None:
        self._handlers: Handlers = {}

    def consumes(self, model: type[E]) -> Callable[[Callable[[E, Envelope], None]], Callable[[E, Envelope], None]]:
        """Register the decorated function for one event: it gets the fact and its envelope."""

        def register(function: Callable[[E, Envelope], None]) -> Callable[[E, Envelope], None]:
            self._handlers[model.source, model.__name__] = (model, function)
            return function

        return register

    @property
    def subscriptions(self) -> set[tuple[str, str]]:
        """Every (source, detail-type) that has a handler."""
        return set(self._handlers)

    def handle(self, bus_event: Mapping[str, Any]) -> None:
        """Handle one EventBridge event. Raises UnknownEvent, pydantic's ValidationError, or what the handler raises."""
        kind = (bus_event["source"], bus_event["detail-type"])
        if kind not in self._handlers:
            raise UnknownEvent(f"no handler for {kind}")
        model, function = self._handlers[kind]
        function(*read_event(model, bus_event))

    def __call__(self, sqs_event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        return handle_batch(sqs_event, lambda body: self.handle(body))


def read_event(model: type[E], bus_event: Mapping[str, Any]) -> tuple[E, Envelope]:
    """Return the fact in an EventBridge event, and its envelope, and carry its trace on.

    Raises UnknownEvent for another event or version, pydantic's ValidationError for a malformed one.
    """
    kind = (bus_event["source"], bus_event["detail-type"])
    envelope = Envelope.model_validate(bus_event["detail"])
    if kind != (model.source, model.__name__) or envelope.version not in model.reads:
        raise UnknownEvent(f"{kind} version {envelope.version} is none of {model.__name__}, {sorted(model.reads)}")
    begin(envelope.correlation_id, envelope.id)
    return model.model_validate(envelope.data), envelope
