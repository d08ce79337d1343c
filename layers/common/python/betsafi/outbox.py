"""The outbox: a table's stream becomes events on the bus, so that no state change goes untold and none is told falsely.

A service says how one change of an item reads as events (`ToEvents`); this module does the rest. Everything that may
pass raises and is tried again by the stream; only a record that can never become an event is parked, with an alarm.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.aws import client
from betsafi.dynamodb import Item, unmarshal
from betsafi.events import Event
from betsafi.ids import derive_id
from betsafi.settings import read_settings
from betsafi.telemetry import count, logger

ToEvents = Callable[[Item | None, Item], list[Event]]
"""(item before, item after) -> the events that this change means. Removals tell nothing."""

_BATCH = 10


@dataclass(frozen=True)
class Settings:
    """Where events go, and where notes go of records that can never become one."""

    bus_name: str
    parking_url: str


def publisher(to_events: ToEvents) -> Callable[..., int]:
    """Return the handler of a `stream` door that publishes what changes mean; its settings are read now."""
    settings = read_settings(Settings)

    def handler(event: Mapping[str, Any], context: object = None) -> int:
        return publish_changes(event, to_events, settings.bus_name, settings.parking_url)

    return handler


class PublishFailed(Exception):
    """The bus did not take every event; the stream tries the whole batch again (event ids stay the same)."""


def publish_changes(stream_event: Mapping[str, Any], to_events: ToEvents, bus_name: str, parking_url: str) -> int:
    """Publish the events of a batch of stream records; return how many. Raises PublishFailed to be called again."""
    entries: list[dict[str, Any]] = []
    for record in stream_event["Records"]:
        try:
            entries.extend(_entries(record, to_events, bus_name))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            _park(record, error, parking_url)
    for start in range(0, len(entries), _BATCH):
        _put(entries[start : start + _BATCH])
    logger.info("changes published", records=len(stream_event["Records"]), events=len(entries))
    return len(entries)


def to_entry(event: Event, event_id: str, trace: Mapping[str, str], time: str, bus_name: str) -> dict[str, Any]:
    """Return the PutEvents entry of an event."""
    detail = {
        "id": event_id,
        "time": time,
        "version": event.version,
        "correlationId": trace.get("correlation_id", ""),
        "causationId": trace.get("causation_id", ""),
        "data": event.data(),
    }
    return {
        "EventBusName": bus_name,
        "Source": event.source,
        "DetailType": type(event).__name__,
        "Detail": json.dumps(detail, separators=(",", ":")),
    }


def changes_to_events(old: Item | None, new: Item, to_events: ToEvents) -> Iterator[tuple[Event, str]]:
    """Yield the events of one change with their derived ids: the same change always gives the same ids."""
    for event in to_events(old, new):
        name = type(event).__name__
        yield (
            event,
            derive_id(event.source, name, new["pk"], new["sk"], json.dumps(event.data(), sort_keys=True)),
        )


def _entries(record: Mapping[str, Any], to_events: ToEvents, bus_name: str) -> Iterator[dict[str, Any]]:
    images = record["dynamodb"]
    if "NewImage" not in images:
        return
    old = unmarshal(images["OldImage"]) if "OldImage" in images else None
    new = unmarshal(images["NewImage"])
    for event, event_id in changes_to_events(old, new, to_events):
        yield to_entry(event, event_id, new.get("trace") or {}, clock.stamp(), bus_name)


def _put(entries: list[dict[str, Any]]) -> None:
    answer = client("events").put_events(Entries=entries)
    if answer["FailedEntryCount"]:
        codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if entry.get("ErrorCode")})
        raise PublishFailed(f"{answer['FailedEntryCount']} of {len(entries)} events refused: {', '.join(codes)}")


def _park(record: Mapping[str, Any], error: Exception, parking_url: str) -> None:
    """Keep a note of a record that can never become an event, for a human; the rest of the stream goes on.

    The note names the item and not what is in it: items may hold what must not leave their table.
    """
    kind, keys = type(error).__name__, record.get("dynamodb", {}).get("Keys")
    logger.error("stream record parked", event_id=record.get("eventID"), error=kind)
    count("StreamRecordParked")
    body = {"error": kind, "keys": keys, "eventId": record.get("eventID")}
    client("sqs").send_message(QueueUrl=parking_url, MessageBody=json.dumps(body, default=str))
