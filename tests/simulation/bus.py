"""Streams, the bus and queues: at least once, late, twice, out of order, and dead letters that a redrive brings back.

Only a stream keeps an order, and only of the changes under one partition key. Nothing here knows a service.
"""

import json
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from zlib import crc32

from betsafi.queue import wait_seconds
from tests.simulation.deployment import QueueSpec, ServiceSpec
from tests.simulation.dynamodb import Change, Wire
from tests.simulation.faults import Faults
from tests.simulation.scheduler import SECOND, Outcome, Scheduler

Invoke = Callable[[str, Wire, Callable[[Outcome], None]], None]
"""(function, event, what to do when it ended)."""

_SHARDS = 3
_LATE_SECONDS = 900
_AT_ONCE = 4
"""How many batches of one queue are worked on at the same time."""


@dataclass(eq=False)
class Message:
    """A message in a queue, equal to itself alone; `received` counts its deliveries."""

    number: int
    body: str
    visible_at: int
    received: int = 0


@dataclass
class Queue:
    """A standard queue with its reader and its dead letters."""

    spec: QueueSpec
    function: str
    scheduler: Scheduler
    faults: Faults
    random: Random
    invoke: Invoke
    flying: int = 0
    dead: list[Message] = field(default_factory=list)
    ever: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _count: int = 0
    _came: int = 0
    _visible: list[tuple[int, Message]] = field(default_factory=list)
    """What may be delivered, by how it came."""
    _later: list[tuple[int, int, Message]] = field(default_factory=list)
    """A heap of what is hidden, by when it shows: most of what waits does so for hours."""

    @property
    def waiting(self) -> list[Message]:
        """Everything that was not delivered, in the order in which it came."""
        hidden = [(came, message) for _, came, message in self._later]
        return [message for _, message in sorted([*self._visible, *hidden])]

    def send(self, body: str, delay_seconds: float = 0, *, may_be_lost: bool = False) -> None:
        """Take a message. `may_be_lost`: the way here has a dead-letter queue of its own, this queue's."""
        self._count += 1
        message = Message(self._count, body, self.scheduler.now + int(delay_seconds * SECOND))
        self.ever.append(body)
        if may_be_lost and self.faults.hits("message lost until redrive", self.spec.name):
            self.dead.append(message)
            return
        if self.faults.hits("message late", self.spec.name):
            message.visible_at += self.random.randrange(_LATE_SECONDS * SECOND)
        self._wait(message)
        if self.faults.hits("message duplicated", self.spec.name):
            self._count += 1
            self._wait(Message(self._count, body, message.visible_at + self.random.randrange(30 * SECOND)))

    def redrive(self) -> int:
        """Bring every dead letter back; return how many."""
        dead, self.dead = self.dead, []
        for message in dead:
            message.received, message.visible_at = 0, self.scheduler.now
            self._wait(message)
        return len(dead)

    def _wait(self, message: Message) -> None:
        self._came += 1
        heappush(self._later, (message.visible_at, self._came, message))
        travel = self.random.randrange(1_000, 60_000)
        self.scheduler.after(max(0, message.visible_at - self.scheduler.now) + travel, self._poll)

    def _poll(self) -> None:
        if self.flying >= _AT_ONCE:
            return
        now, later, visible = self.scheduler.now, self._later, self._visible
        while later and later[0][0] <= now:
            insort(visible, heappop(later)[1:])
        if not visible:
            return
        size = self.random.randint(1, self.spec.batch_size)
        chosen = self.random.sample(visible, min(size, len(visible)))
        for each in chosen:
            visible.remove(each)
        batch = [message for _, message in chosen]
        for message in batch:
            message.received += 1
        self.flying += 1
        records = [
            {
                "messageId": str(message.number),
                "body": message.body,
                "attributes": {"ApproximateReceiveCount": str(message.received)},
            }
            for message in batch
        ]
        self.invoke(self.function, {"Records": records}, lambda outcome: self._ended(batch, outcome))

    def _ended(self, batch: list[Message], outcome: Outcome) -> None:
        self.flying -= 1
        lost = outcome.killed or outcome.error is not None
        if lost:
            failed = {str(message.number) for message in batch}
            self.failures.append(repr(outcome.error) if outcome.error else "killed")
        else:
            failed = {failure["itemIdentifier"] for failure in outcome.value["batchItemFailures"]}
        for message in batch:
            message.visible_at = self.scheduler.now
            if str(message.number) not in failed:
                if self.faults.hits("batch repeated", self.spec.name):
                    self._wait(message)
            elif message.received >= self.spec.max_receive:
                self.dead.append(message)
            else:
                # A failed message says when it comes back; those of a function that died wait for their queue.
                wait = self.spec.visibility_seconds if lost else wait_seconds(message.received)
                message.visible_at += wait * SECOND
                self._wait(message)
        if self._visible or self._later:
            self.scheduler.after(self.random.randrange(1_000, 20_000), self._poll)


class Stream:
    """A table's stream and the function that reads it, shard by shard, again and again until it does not raise."""

    def __init__(self, service: ServiceSpec, scheduler: Scheduler, faults: Faults, random: Random, invoke: Invoke):
        self._service, self._scheduler, self._faults = service, scheduler, faults
        self._random, self._invoke = random, invoke
        self.shards = [_Shard() for _ in range(_SHARDS)]
        self.lost: dict[tuple[str, str], None] = {}
        """The keys of items whose change the outbox never saw."""
        self.ever_lost: set[tuple[str, str]] = set()

    def append(self, change: Change) -> None:
        """Show a change to the reader, unless the event source's filter leaves it out."""
        if not self._service.streams(change.sk, change.new or {}):
            return
        if self._faults.hits("stream record lost", f"{change.pk} {change.sk}"):
            self.lost[change.pk, change.sk] = None
            self.ever_lost.add((change.pk, change.sk))
            return
        shard = self.shards[crc32(change.pk.encode()) % _SHARDS]
        shard.records.append(_record(change, len(shard.records)))
        self._wake(shard, self._random.randrange(1_000, 300_000))

    def replay(self) -> None:
        """Show everything once more from the beginning."""
        for shard in self.shards:
            shard.position = 0
            self._wake(shard, 0)

    @property
    def behind(self) -> int:
        """How many records are not worked off."""
        return sum(len(shard.records) - shard.position for shard in self.shards)

    def _wake(self, shard: "_Shard", delay: int) -> None:
        if not shard.busy:
            shard.busy = True
            self._scheduler.after(delay, lambda: self._read(shard))

    def _read(self, shard: "_Shard") -> None:
        batch = shard.records[shard.position : shard.position + self._random.randint(1, shard.largest)]
        if not batch:
            shard.busy = False
            return

        def ended(outcome: Outcome) -> None:
            delay = self._random.randrange(1_000, 50_000)
            if outcome.killed or outcome.error is not None:
                shard.largest = max(1, shard.largest // 2)
                delay += self._random.randrange(2 * SECOND)
                shard.failures.append(repr(outcome.error) if outcome.error else "killed")
            elif not self._faults.hits("batch repeated", f"{self._service.name} stream"):
                shard.position += len(batch)
                shard.largest = 12
            self._scheduler.after(delay, lambda: self._read(shard))

        self._invoke(f"{self._service.name}.stream", {"Records": batch}, ended)


@dataclass
class _Shard:
    records: list[Wire] = field(default_factory=list)
    position: int = 0
    busy: bool = False
    largest: int = 12
    failures: list[str] = field(default_factory=list)


def _record(change: Change, number: int) -> Wire:
    images: Wire = {"Keys": {"pk": {"S": change.pk}, "sk": {"S": change.sk}}}
    if change.old is not None:
        images["OldImage"] = change.old
    if change.new is not None:
        images["NewImage"] = change.new
    name = "REMOVE" if change.new is None else "INSERT" if change.old is None else "MODIFY"
    return {"eventID": f"{change.table}-{number}", "eventName": name, "dynamodb": images}


class Bus:
    """The event bus: an accepted entry goes to every queue whose rule fits."""

    def __init__(self, rules: dict[tuple[str, str], list[Queue]], scheduler: Scheduler, faults: Faults) -> None:
        self._rules, self._scheduler, self._faults = rules, scheduler, faults
        self.events = 0
        self.apps: dict[tuple[str, str], list[Queue]] = {}
        """The rules of who publishes to apps, in a run where somebody does."""
        self.untaken: list[Wire] = []
        """Events that go to no other queue: apps hear them."""

    def put(self, entries: list[Wire]) -> Wire:
        """Return PutEvents' answer: some entries may be refused while others are taken."""
        answers: list[Wire] = []
        for entry in entries:
            if self._faults.hits("entry refused", "bus"):
                answers.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"})
                continue
            self.events += 1
            answers.append({"EventId": str(self.events)})
            event = {
                "id": str(self.events),
                "source": entry["Source"],
                "detail-type": entry["DetailType"],
                "time": self._scheduler.moment().isoformat(),
                "detail": json.loads(entry["Detail"]),
            }
            queues = self._rules.get((entry["Source"], entry["DetailType"]), ())
            if not queues:
                self.untaken.append(event)
            for queue in [*queues, *self.apps.get((entry["Source"], entry["DetailType"]), ())]:
                queue.send(json.dumps(event), may_be_lost=True)
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}
