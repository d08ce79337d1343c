"""The outbox: a table's stream becomes events on the bus, so that every state change is published, and nothing else is.

A service says how one change of an item reads as events (`ToEvents`); this module does the rest. Everything that may
pass raises and is tried again by the stream; only a record that can never become an event is parked, with an alarm.

A record without a picture of before stands for the item as it is now: a new one, or one that an operator hands over
anew (`tools.republish`), whose events then are the ones that were lost, under the same ids.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from betsafi import clock
from betsafi.aws import client
from betsafi.dynamodb import Item, unmarshal
from betsafi.events import Event
from betsafi.ids import derive_id
from betsafi.settings import read_settings
from betsafi.telemetry import count, logger, measure

ToEvents = Callable[[Item | None, Item], list[Event]]
"""(item before, item after) -> the events that this change means. Without an item before: every event that the item as
it stands implies. Removals publish nothing."""

Figures = Callable[[Item, Sequence[Event]], Mapping[str, float]]
"""(item after, the events of its change) -> what the operator's dashboard shows of this change, by metric.

A batch that comes again is counted again: the ledger is what is right.
"""

HEARTBEAT = "HEARTBEAT"
"""Both keys of the item that a schedule writes every few minutes: it must come out of the stream and be counted."""

_BATCH = 10
_BATCH_BYTES = 256_000
"""PutEvents takes 10 entries and 256 KiB together."""
_TRIES = 3
_HOPELESS = frozenset({"MalformedDetail", "InvalidArgument", "ValidationException", "EntryTooLarge"})
"""What the bus will say of an entry for ever. Everything else may pass, or is mended by a deployment."""


@dataclass(frozen=True)
class Settings:
    """Where events go, where notes go of records that can never become one, and whose outbox this is."""

    bus_name: str
    parking_url: str
    service: str = "betsafi"


@dataclass(frozen=True)
class FollowUps:
    """What else follows from changes: `plan` reads one change and does nothing, `carry_out` does a batch's plans.

    `carry_out` may be called again with the same plans.
    """

    plan: Callable[[Item | None, Item], list[Any]]
    carry_out: Callable[[list[Any]], None]


def publisher(
    to_events: ToEvents, follow_ups: FollowUps | None = None, figures: Figures | None = None
) -> Callable[..., Any]:
    """Return the handler of a function `stream`: it begins what follows from a batch, and publishes the batch.

    With `dryRun` in the event nothing is done, and the events are returned that would be published.
    """
    settings = read_settings(Settings)

    def handler(event: Mapping[str, Any], context: object = None) -> Any:
        if event.get("dryRun"):
            return [shown for record in event["Records"] for shown in _shown(record, to_events, settings.bus_name)]
        bus, parking = settings.bus_name, settings.parking_url
        return publish_changes(event, to_events, bus, parking, follow_ups, figures, service=settings.service)

    return handler


class PublishFailed(Exception):
    """The bus did not take every event; the stream tries the whole batch again (event ids stay the same)."""


def publish_changes(
    stream_event: Mapping[str, Any],
    to_events: ToEvents,
    bus_name: str,
    parking_url: str,
    follow_ups: FollowUps | None = None,
    figures: Figures | None = None,
    *,
    service: str = "",
) -> int:
    """Publish the events of a batch of stream records; return how many. Raises PublishFailed to be called again."""
    entries: list[_Entry] = []
    plans: list[Any] = []
    measured: dict[str, list[float]] = {}
    beats = 0
    for record in stream_event["Records"]:
        try:
            if _is_heartbeat(record):
                entries.append(_Entry(record, _heartbeat(record, service, bus_name)))
                beats += 1
                continue
            old, new = _items(record)
            if new is None:
                continue
            events = list(changes_to_events(old, new, to_events))
            planned = follow_ups.plan(old, new) if follow_ups else []
            entries += [_Entry(record, wire) for wire in _wires(new, events, bus_name)]
            plans += planned
            # Last: what cannot be measured is reported (parked), and its events are published all the same.
            for name, value in (figures(new, [event for event, _ in events]) if figures else {}).items():
                measured.setdefault(name, []).append(value)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            park(record, type(error).__name__, parking_url)
    if follow_ups and plans:
        follow_ups.carry_out(plans)
    for batch in _batches(entries):
        _put(batch, parking_url)
    if beats:
        count("OutboxHeartbeat", beats)
    if measured:
        measure(measured)
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


def park(record: Mapping[str, Any], kind: str, parking_url: str) -> None:
    """Keep a note of a record that can never become an event, for a human; the rest of the stream goes on.

    The note names the item and not what is in it: items may hold what must not leave their table.
    """
    keys = record.get("dynamodb", {}).get("Keys")
    logger.error("stream record parked", event_id=record.get("eventID"), error=kind)
    count("StreamRecordParked")
    body = {"error": kind, "keys": keys, "eventId": record.get("eventID")}
    client("sqs").send_message(QueueUrl=parking_url, MessageBody=json.dumps(body, default=str))


@dataclass(frozen=True)
class _Entry:
    """A PutEvents entry and the stream record that it comes from."""

    record: Mapping[str, Any]
    wire: dict[str, Any]

    @property
    def size(self) -> int:
        """Bytes as EventBridge counts them."""
        return sum(len(self.wire[name].encode()) for name in ("Source", "DetailType", "Detail"))


def _wires(new: Item, events: Sequence[tuple[Event, str]], bus_name: str) -> list[dict[str, Any]]:
    """Return the PutEvents entries of an item's events, each with its id."""
    trace, time = new.get("trace") or {}, clock.stamp()
    return [to_entry(event, event_id, trace, time, bus_name) for event, event_id in events]


def _items(record: Mapping[str, Any]) -> tuple[Item | None, Item | None]:
    """Return the item before and after a record's change."""
    images = record["dynamodb"]
    old, new = (unmarshal(images[name]) if name in images else None for name in ("OldImage", "NewImage"))
    return old, new


def _shown(record: Mapping[str, Any], to_events: ToEvents, bus_name: str) -> Iterator[dict[str, Any]]:
    old, new = _items(record)
    if new is None:
        return
    for entry in _wires(new, list(changes_to_events(old, new, to_events)), bus_name):
        detail = json.loads(entry["Detail"])
        yield {"type": entry["DetailType"], "id": detail["id"], "data": detail["data"]}


def _is_heartbeat(record: Mapping[str, Any]) -> bool:
    return bool(record["dynamodb"].get("Keys", {}).get("sk") == {"S": HEARTBEAT})


def _heartbeat(record: Mapping[str, Any], service: str, bus_name: str) -> dict[str, Any]:
    """Return the entry by which a heartbeat reaches the bus; nobody subscribes to it."""
    beat = unmarshal(record["dynamodb"]["NewImage"])["beat"]
    detail = {"id": derive_id(service, HEARTBEAT, beat), "time": clock.stamp(), "version": 1, "data": {"beat": beat}}
    wire = {"Source": f"betsafi.{service}", "DetailType": "OutboxHeartbeat", "Detail": json.dumps(detail)}
    return {"EventBusName": bus_name, **wire}


def _batches(entries: list[_Entry]) -> Iterator[list[_Entry]]:
    batch: list[_Entry] = []
    for entry in entries:
        if batch and (len(batch) == _BATCH or sum(e.size for e in batch) + entry.size > _BATCH_BYTES):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _put(entries: list[_Entry], parking_url: str) -> None:
    """Put entries on the bus: the refused ones alone again, and those that it will never take are parked alone."""
    for attempt in range(_TRIES):
        refused = _refused(entries)
        for entry, code in refused:
            if code in _HOPELESS:
                park(entry.record, code, parking_url)
        entries = [entry for entry, code in refused if code not in _HOPELESS]
        if not entries:
            return
        clock.sleep_with_jitter(attempt)
    codes = sorted({code for _, code in refused if code not in _HOPELESS})
    raise PublishFailed(f"{len(entries)} events refused: {', '.join(codes)}")


def _refused(entries: list[_Entry]) -> list[tuple[_Entry, str]]:
    """Put entries on the bus once; return those that it did not take, each with its reason.

    A request that is refused as a whole for what is in it is put entry by entry. Raises ClientError for any other.
    """
    try:
        answer = client("events").put_events(Entries=[entry.wire for entry in entries])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in _HOPELESS:
            raise
        if len(entries) == 1:
            return [(entries[0], code)]
        return [refused for entry in entries for refused in _refused([entry])]
    if not answer["FailedEntryCount"]:
        return []
    told = zip(entries, answer["Entries"], strict=True)
    return [(entry, said["ErrorCode"]) for entry, said in told if said.get("ErrorCode")]
