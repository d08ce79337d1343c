"""The house in this process: real handlers on the emulator's tables, queues and bus, with no network between them.

Only what lies between the functions is stood in for: API Gateway and AppSync become a call of the handler behind them,
and `pump` carries stream records, events and messages as the packaged templates say, in batches of at most ten; in
quiet traffic (`batch = 1`) each comes alone, but for what a queue gathers for some seconds.
"""

import importlib
import itertools
import json
import os
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from graphql import parse

from betsafi import aws as aws_clients
from betsafi import clock, people
from betsafi.events import Event
from betsafi.events.payment import DepositCompleted
from betsafi.events.users import UserRegistered
from betsafi.outbox import to_entry
from betsafi.people import Staff
from tests.bench import packaged
from tests.bench.meter import Measurement, Meter, check_emulator
from tests.bench.packaged import Queue
from tests.support.emulator import aws
from tests.support.signed import session_of, signed

BATCH = 10
"""How many records or messages a function gets at once, where its queue does not say fewer."""

DOORS = {
    "users": ("api", "consumer"),
    "wallet": ("api", "consumer", "stream", "graphql"),
    "bet": ("graphql", "trading", "followup", "settlement", "stream"),
    "payment": ("graphql",),
    "notifications": ("consumer", "stream", "graphql"),
    "frontend-api": ("consumer", "graphql"),
}
RESOLVED_BY = {"bet": "bet", "wallet": "wallet", "notification": "notifications"}
"""Whose function fills in a part of a PlayerUpdate."""
CHANGED_BY = {"bets": "bet", "wallet": "wallet", "notifications": "notifications"}
"""And a part of PlayerChanges."""

DARAJA_SECRET = "bench-daraja"

OUTBOXES = ("bet", "wallet", "notifications")


@dataclass(frozen=True)
class Invocation:
    """One run of a Lambda. `of_notes`: it happened for the notifications service's messages alone."""

    name: str
    measurement: Measurement
    of_notes: bool
    nested: bool = False


@dataclass
class Traffic:
    """What went over the edges between functions.

    `messages` are those that rules put into queues, by whether they are the notifications service's own business.
    """

    invocations: list[Invocation] = field(default_factory=list)
    messages: Counter[bool] = field(default_factory=Counter)
    appsync: list[tuple[bool, int]] = field(default_factory=list)
    """Each publishing request: whether it tells notes, and how many updates it carries."""
    notes: list[str] = field(default_factory=list)
    """The template of each note that was kept."""

    def named(self, name: str) -> list[Invocation]:
        """Return the invocations of one function, e.g. wallet.consumer."""
        return [invocation for invocation in self.invocations if invocation.name == name]


class House:
    """Services, tables, queues and bus. Make one a process: services read their settings once.

    `batch` is how many records or messages a function gets at once, at most.
    """

    def __init__(self, url: str) -> None:
        self.meter = Meter(aws_clients.session())
        self.batch = BATCH
        self.traffic = Traffic()
        self._of_notes = False
        self._queues = [queue for service in DOORS for queue in packaged.queues(service)]
        self.tables = {service: _create_table(url, service) for service in DOORS}
        self._modules = _load_all(self.tables, _create_queues(url, self._queues))
        aws("events", url).create_event_bus(Name="bench")
        self._streams = {service: Stream(url, self.tables[service]) for service in OUTBOXES}
        self._connect()
        check_emulator(self.meter, aws_clients.client("dynamodb"), self.tables["wallet"])

    def module(self, name: str) -> ModuleType:
        """Return a service's module, e.g. wallet.stores.holds, as its handlers use it."""
        return importlib.import_module(name)

    def new_player(self) -> str:
        """Register somebody with a phone and KES 95,000 to bet with; return the id."""
        user_id = str(uuid.uuid4())
        phone = f"+2547{uuid.UUID(user_id).int % 10**8:08d}"
        self.module("users.stores.people").register(phone, user_id, "1990-01-01")
        self.tell("wallet", UserRegistered(user_id=user_id, registered_at=clock.stamp()))
        self.tell("wallet", new_deposit(user_id, 10_000_000))
        return user_id

    def ask(
        self, field_name: str, user_id: str, arguments: dict[str, Any], *, kind: str, groups: tuple[str, ...] = ()
    ) -> Any:
        """Call a field of the bet service as AppSync does; return its data. Raises RuntimeError for a refusal."""
        event = {
            "type": kind,
            "field": field_name,
            "arguments": arguments,
            "identity": {"sub": user_id, "groups": list(groups), "claims": {}},
            "requestId": str(uuid.uuid4()),
        }
        trading = (kind, field_name) in self._modules["bet", "trading"].handler.names
        return self._asked("bet", "trading" if trading else "graphql", event)

    def deposit(self, user_id: str, sign_in_id: str) -> Any:
        """Have a player's phone asked for money as AppSync does; return the payment. Raises RuntimeError if refused."""
        asked = {"clientRequestId": str(uuid.uuid4()), "amount": {"currency": "KES", "amount": "100"}}
        event = {
            "type": "Mutation",
            "field": "deposit",
            "arguments": asked,
            "identity": {"sub": user_id, "claims": {"sub": sign_in_id}},
            "requestId": str(uuid.uuid4()),
        }
        return self._asked("payment", "graphql", event)

    def _asked(self, service: str, door: str, event: dict[str, Any]) -> Any:
        answer = self._invoke(service, door, event)
        if "error" in answer:
            raise RuntimeError(f"{event['field']} was refused: {answer['error']}")
        return answer["data"]

    def changes(self, user_id: str, cursor: str | None = None) -> dict[str, Any]:
        """Ask what changed for a player, as AppSync does; return the answer. Raises RuntimeError for a refusal."""
        about: dict[str, Any] = {"identity": {"sub": user_id, "claims": {}}, "requestId": str(uuid.uuid4())}
        asked = {"type": "Query", "field": "changesSince", "arguments": {"cursor": cursor}, **about}
        found = self._invoke("frontend-api", "graphql", asked)
        if "error" in found:
            raise RuntimeError(f"changesSince was refused: {found['error']}")
        answer: dict[str, Any] = found["data"]
        for name, service in CHANGED_BY.items():
            if things := answer[name]:
                asked = {"type": "PlayerChanges", "field": name, "arguments": {"asked": things}, **about}
                answer[name] = self._invoke(service, "graphql", asked)["data"]
        return answer

    def command(self, service: str, method: str, path: str, body: dict[str, Any], caller: str = "bet") -> Any:
        """Call a service's API as another one, `caller`, does; return the answer. Raises RuntimeError for a refusal."""
        headers = {"X-Correlation-Id": str(uuid.uuid4()), "X-Causation-Id": str(uuid.uuid4())}
        status, content = self._through_api(service, caller, method, path, headers, json.dumps(body))
        if status != 200:
            raise RuntimeError(f"{method} {path} was refused: {content!r}")
        return json.loads(content)

    def tell(self, service: str, event: Event) -> None:
        """Hand a service's consumer one event from the bus. Raises RuntimeError if that fails."""
        trace = {"correlation_id": str(uuid.uuid4()), "causation_id": str(uuid.uuid4())}
        entry = to_entry(event, str(uuid.uuid4()), trace, clock.stamp(), "bench")
        body = {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
        self._hand_over(service, "consumer", [body], of_notes=False)

    def forget_changes(self) -> None:
        """Let everything that the tables' streams hold so far go untold."""
        for stream in self._streams.values():
            stream.take()

    def pump(self, players: set[str], rounds: int | None = None) -> None:
        """Carry changes, events and messages of these players, and of markets, until nothing moves any more.

        A round takes the changes that are there and delivers what they mean; `rounds` stops after so many, and what
        the last of them changed is the next call's.
        """
        waiting: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for _ in range(rounds or 100):
            moved = [self._tell_changes(service, players, waiting) for service in OUTBOXES]
            if not any(moved) and not any(waiting.values()):
                return
            for queue in self._queues:
                while messages := waiting.pop((queue.service, queue.name), []):
                    size = queue.batch if queue.window else min(self.batch, queue.batch)
                    for batch in _batches(messages, size):
                        waiting[queue.service, queue.name] += self._deliver(queue, batch)
        if rounds is None:
            raise RuntimeError("messages go round in circles")

    def _tell_changes(
        self, service: str, players: set[str], waiting: dict[tuple[str, str], list[dict[str, Any]]]
    ) -> bool:
        filters = packaged.stream_filters(service)
        records = [
            record
            for record in self._streams[service].take()
            if _concerns(record, players)
            and (not filters or any(packaged.matches(pattern, record) for pattern in filters))
        ]
        for batch in _batches(records, self.batch):
            with self.meter.measuring() as taken:
                self._invoke(service, "stream", {"Records": batch}, of_notes=service == "notifications")
            for call in taken.of("events", "PutEvents"):
                for entry in call.params["Entries"]:
                    self._route(entry, waiting)
            for call in taken.of("sqs", "SendMessageBatch"):
                of_settlement = call.params["QueueUrl"].endswith("settlement")
                waiting[service, "SettlementQueue" if of_settlement else "FollowupQueue"] += [
                    json.loads(entry["MessageBody"]) for entry in call.params["Entries"]
                ]
        return bool(records)

    def _route(self, entry: dict[str, str], waiting: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
        event = {
            "source": entry["Source"],
            "detail-type": entry["DetailType"],
            "detail": json.loads(entry["Detail"]),
        }
        if event["detail-type"] == "NotificationSent":
            self.traffic.notes.append(event["detail"]["data"]["template"])
        for queue in self._queues:
            if queue.takes(event["source"], event["detail-type"]):
                waiting[queue.service, queue.name].append(event)
                self.traffic.messages[queue.service == "notifications" or _is_note(event)] += 1

    def _deliver(self, queue: Queue, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Deliver a batch, and return the messages that its reader sends to itself."""
        of_notes = queue.service == "notifications" or all(map(_is_note, bodies))
        with self.meter.measuring() as taken:
            self._hand_over(queue.service, queue.door, bodies, of_notes=of_notes)
        return [json.loads(call.params["MessageBody"]) for call in taken.of("sqs", "SendMessage")]

    def _hand_over(self, service: str, door: str, bodies: list[dict[str, Any]], *, of_notes: bool) -> None:
        records = [{"messageId": str(uuid.uuid4()), "body": json.dumps(body)} for body in bodies]
        failed = self._invoke(service, door, {"Records": records}, of_notes=of_notes)["batchItemFailures"]
        if failed:
            raise RuntimeError(f"{service}.{door} failed {len(failed)} of {len(bodies)} messages; its log says why")

    def _invoke(
        self, service: str, door: str, event: dict[str, Any], *, of_notes: bool = False, nested: bool = False
    ) -> Any:
        outer, self._of_notes = self._of_notes, of_notes or self._of_notes
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: 600_000)
        try:
            with self.meter.measuring() as taken:
                answer = self._modules[service, door].handler(event, context)
            self.traffic.invocations.append(Invocation(f"{service}.{door}", taken, self._of_notes, nested))
        finally:
            self._of_notes = outer
        return answer

    def _connect(self) -> None:
        """Put a call of the handler where the services' HTTP clients would go out; who trades here is not asked."""
        self.module("bet.wallet_api")._client._http = Wire(self, self._api("wallet", "bet"))
        self.module("payment.users_api")._client._http = Wire(self, self._api("users", "payment"))
        self.module("payment.wallet_api")._quick._http = Wire(self, self._api("wallet", "payment"))
        self.module("notifications.users_api")._client._http = Wire(self, self._api("users", "notifications"))
        self.module("frontend.appsync").__dict__["_http"] = Wire(self, self._publish)
        people.__dict__["find_staff"] = lambda staff_id: Staff(staff_id, groups=frozenset({"trader"}))

    def _api(self, service: str, caller: str) -> "Door":
        def call(request: Any) -> tuple[int, bytes]:
            body = request.body.decode() if isinstance(request.body, bytes) else request.body
            path, headers = urlsplit(request.url).path, dict(request.headers)
            return self._through_api(service, caller, request.method, path, headers, body, nested=True)

        return call

    def _through_api(
        self,
        service: str,
        caller: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: str | None,
        *,
        nested: bool = False,
    ) -> tuple[int, bytes]:
        """Make of a request what API Gateway makes of it, and of the handler's answer a status and a body."""
        resources = sorted({resource for _, resource in self._modules[service, "api"].handler.operations})
        event = signed(session_of(caller, packaged.STAGE), method, path, resources, body, headers)
        if event is None:
            raise RuntimeError(f"{service} has no {method} {path}")
        answer = self._invoke(service, "api", event, nested=nested)
        return answer["statusCode"], answer["body"].encode()

    def _publish(self, request: Any) -> tuple[int, bytes]:
        """Do what AppSync does with publish mutations: ask the services for what each selects."""
        body = json.loads(request.body)
        (operation,) = parse(body["query"]).definitions
        roots = operation.selection_set.selections  # type: ignore[attr-defined]
        self.traffic.appsync.append((self._of_notes, len(roots)))
        for root in roots:
            arguments = {given.name.value: body["variables"][given.value.name.value] for given in root.arguments}
            if root.name.value == "publishMarket":
                self._resolve("bet", "Mutation", root.name.value, arguments)
                continue
            for part in root.selection_set.selections:
                if part.selection_set:
                    self._resolve(RESOLVED_BY[part.name.value], "PlayerUpdate", part.name.value, arguments)
        return 200, b'{"data": {}}'

    def _resolve(self, service: str, kind: str, name: str, arguments: dict[str, Any]) -> None:
        event = {"type": kind, "field": name, "arguments": arguments, "identity": {"role": "consumer"}}
        answer = self._invoke(service, "graphql", event, nested=True)
        if "error" in answer:
            raise RuntimeError(f"{name} was refused: {answer['error']}")


Door = Callable[[Any], tuple[int, bytes]]


class Wire:
    """Stands in for an HTTP session: a request, signed and ready, goes straight to the door."""

    def __init__(self, house: House, door: Door) -> None:
        self._house, self._door = house, door

    def send(self, request: Any) -> SimpleNamespace:
        """Answer one request."""
        self._house.meter.count_http(urlsplit(request.url).hostname or "")
        status, content = self._door(request)
        return SimpleNamespace(status_code=status, content=content)


class Stream:
    """A table's stream, from its beginning on."""

    def __init__(self, url: str, table: str) -> None:
        self._client = aws("dynamodbstreams", url)
        arn = aws("dynamodb", url).describe_table(TableName=table)["Table"]["LatestStreamArn"]
        shards = self._client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self._iterators = [
            self._client.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
                "ShardIterator"
            ]
            for shard in shards
        ]

    def take(self) -> list[dict[str, Any]]:
        """Return the records since the last time."""
        records: list[dict[str, Any]] = []
        for n, iterator in enumerate(self._iterators):
            while True:
                answer = self._client.get_records(ShardIterator=iterator, Limit=1000)
                records += answer["Records"]
                iterator = self._iterators[n] = answer["NextShardIterator"]
                if not answer["Records"]:
                    break
        return records


def new_deposit(user_id: str, cents: int) -> DepositCompleted:
    """Return the event of a deposit of whole shillings, 5 % of which is excise."""
    excise = cents // 20
    return DepositCompleted(
        deposit_id=str(uuid.uuid4()),
        user_id=user_id,
        amount_cents=cents,
        credit_cents=cents - excise,
        excise_cents=excise,
    )


def _load_all(tables: dict[str, str], urls: dict[str, str]) -> dict[tuple[str, str], ModuleType]:
    """Import every handler under the settings of its service's functions, with this emulator's tables and queues."""
    functions = packaged.functions()
    modules = {}
    for service, doors in DOORS.items():
        mine = [function for function in functions if function.service == service]
        settings = dict(itertools.chain.from_iterable(function.environment.items() for function in mine))
        mpesa = {"DARAJA_SECRET_ID": DARAJA_SECRET, "CALLBACK_BASE_URL": "https://callbacks.internal"}
        ours = {"BUS_NAME": "bench", "TABLE_NAME": tables[service], **urls, **mpesa}
        with patch.dict(os.environ, {**settings, **{name: ours[name] for name in settings if name in ours}}):
            for function in mine:
                if function.door in doors:
                    modules[service, function.door] = importlib.import_module(function.module)
    return modules


def _create_table(url: str, service: str) -> str:
    name = f"bench-{service}"
    aws("dynamodb", url).create_table(TableName=name, **packaged.table(service))
    return name


def _create_queues(url: str, queues: list[Queue]) -> dict[str, str]:
    """Create what functions send messages to; return the URLs by the name of their setting."""
    client = aws("sqs", url)
    names = {"PARKING_URL": "parking", "FOLLOWUP_QUEUE_URL": "followup", "SETTLEMENT_QUEUE_URL": "settlement"}
    return {setting: client.create_queue(QueueName=f"bench-{name}")["QueueUrl"] for setting, name in names.items()}


def _concerns(record: dict[str, Any], players: set[str]) -> bool:
    owner = record["dynamodb"]["Keys"]["pk"]["S"]
    return not owner.startswith("USER#") or owner.removeprefix("USER#") in players


def _is_note(event: dict[str, Any]) -> bool:
    return bool(event.get("source") == "betsafi.notifications")


def _batches(things: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
