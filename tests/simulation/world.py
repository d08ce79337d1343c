"""One run's world: the tables, streams, bus, queues, M-Pesa and clock that the real handlers meet."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import requests
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from tests.simulation import deployment
from tests.simulation.bus import Bus, Queue, Stream
from tests.simulation.carriers import Carriers
from tests.simulation.daraja import SOURCE_ADDRESS, Daraja
from tests.simulation.dynamodb import Change, DynamoDB, Wire
from tests.simulation.faults import CALL_FAULTS, HTTP_FAULTS, Faults, Plan
from tests.simulation.scheduler import SECOND, Killed, Memory, Outcome, Scheduler
from tests.simulation.services import STAGE, Services
from tests.simulation.shields import Shield
from tests.support.services import SECRET
from tests.support.signed import session_of, signed
from tools.republish import record_of

TABLES = {service: service + "-table" for service in deployment.SERVICES}
APPS = deployment.APPS
APPS_TABLE = APPS + "-table"
_WITH_APPS = 0.3
"""How many of the runs have apps that listen."""
_SDK_ATTEMPTS = 4
_SMS_ATTEMPTS = 2
_HTTP_SECONDS = 4
_QUERIES = frozenset(
    {
        "wallet",
        "walletEntries",
        "bet",
        "bets",
        "event",
        "events",
        "payment",
        "payments",
        "paybill",
        "paymentQueue",
        "notifications",
    }
)


@dataclass(frozen=True)
class Player:
    """A person with a wallet and a phone."""

    user_id: str
    phone: str
    language: str = "en"


class Schedule:
    """What happened at the borders, in order, for people who read a failing run; put into words only then."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, tuple[Any, ...]]] = []
        self.digest = 0
        """Two runs with the same digest had the same schedule."""

    def add(self, now: int, parts: tuple[Any, ...]) -> None:
        """Add a line; the first part is a text."""
        self.digest = crc32(f"{now} {parts[0]}".encode(), self.digest)
        self._lines.append((now, parts))

    def lines(self) -> list[str]:
        """Return the schedule as text."""
        return [f"{now / SECOND:12.6f}  {' '.join(map(_short, parts))}" for now, parts in self._lines]


class World:
    """Everything outside the handlers. `watch` is called with the changes of every write that was made."""

    def __init__(self, plan: Plan, services: Services, watch: Callable[[list[Change]], None]) -> None:
        self.plan, self.services, self._watch = plan, services, watch
        self.scheduler = Scheduler()
        self.faults = Faults(plan)
        self.schedule = Schedule()
        self.metrics: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.parked: list[str] = []
        self.sent_at = 0
        """When the request was sent that is being carried out: what is repeated on its way stays as it was then."""
        self.players: dict[str, Player] = {}
        self.shields: dict[str, Shield] = defaultdict(Shield)
        self.fixtures_told: dict[str, int] = {}
        """Under which version traders were told that a game stands, on all its markets."""
        self.archive: dict[str, bytes] = {}
        self._random = plan.random("world")
        self._timing = plan.random("timing")
        self._idle: dict[str, list[Memory]] = {}
        self._told = self._asked = 0
        self.database = DynamoDB()
        self.streams: dict[str, Stream] = {}
        self.queues: dict[str, Queue] = {}
        self.schedules: list[tuple[str, str]] = []
        self.has_apps = plan.steps > 0 and plan.random("apps").random() < _WITH_APPS
        rules: dict[tuple[str, str], list[Queue]] = {}
        for service in deployment.SERVICES:
            self._deploy(deployment.read(service), rules)
        self.bus = Bus(rules, self.scheduler, self.faults)
        self.carriers = Carriers(self.scheduler, self.faults)
        self.mpesa = Daraja(
            self.scheduler, self.faults, plan.random("m-pesa"), plan.seed, self._callback_came, self._validation_asked
        )
        self.publishing: Callable[[str, Wire], set[str]] | None = None
        """What AppSync does, in a run with apps."""
        if self.has_apps:
            self._deploy_apps()
        self._configure()
        services.current = self

    def _configure(self) -> None:
        """Give the deployment of this run its settings: some runs have what others have not."""
        random = self.plan.random("settings")
        self.reviews_first = random.random() < 0.5
        guards, room = self._random.choice((1, 1, 2, 3)), self._random.choice((0, 0, 1, 4))
        given: dict[str, dict[str, Any]] = {
            "bet.markets.limits": {"standard_guards": guards, "standard_limit_cents": 6_000_000 * (guards + room)},
            "payment.flows.withdrawals": {"review_first_withdrawal": self.reviews_first},
            "payment.flows.paybill": {"source_addresses": random.choice(([SOURCE_ADDRESS], [SOURCE_ADDRESS], []))},
            "payment.stores.channel": {"requests_per_second": random.choice((0, 0, 3))},
        }
        if self.has_apps:
            # By days that pass in the end most would be forgotten; in some runs it is.
            log, kept = self.services.modules["frontend.log"], self.plan.random("log").choice((14, 10_000, 10_000))
            vars(log).update(KEPT=kept, MOST=max(200, kept))
        for name, changes in given.items():
            module = self.services.modules[name]
            module.settings = replace(module.settings, **changes)  # type: ignore[attr-defined]

    def _deploy(self, spec: deployment.ServiceSpec, rules: dict[tuple[str, str], list[Queue]]) -> None:
        self.database.create_table(TABLES[spec.name], spec.name)
        random = self.plan.random("deliveries", spec.name)
        self.streams[TABLES[spec.name]] = Stream(spec, self.scheduler, self.faults, random, self.invoke)
        self._subscribe(spec, rules, random)
        self.schedules += [(f"{spec.name}/{name}", message) for name, message in spec.schedules]

    def _deploy_apps(self) -> None:
        """Deploy frontend-api, which has no stream, and to which events are beside what all others get."""
        spec = deployment.read(APPS)
        self.database.create_table(APPS_TABLE, APPS)
        self._subscribe(spec, self.bus.apps, self.plan.random("deliveries", APPS))

    def _subscribe(
        self, spec: deployment.ServiceSpec, rules: dict[tuple[str, str], list[Queue]], random: Random
    ) -> None:
        for name, queue in spec.queues.items():
            function = f"{spec.name}.{queue.function}"
            self.queues[f"{spec.name}/{name}"] = Queue(
                queue, function, self.scheduler, self.faults, random, self.invoke
            )
        for kind, name in spec.subscriptions.items():
            rules.setdefault(kind, []).append(self.queues[f"{spec.name}/{name}"])

    # -- functions

    def invoke(self, function: str, event: Wire, on_end: Callable[[Outcome], None], *, delay: int = 0) -> None:
        """Run a function's handler in a process of its service that is free, or in a new one."""
        service, door = function.split(".")
        timeout = deployment.read(service).timeouts[door] * SECOND
        slots = self.services.memory[service]
        idle = self._idle.setdefault(function, [])
        if idle and self._timing.random() < 0.9:
            memory = idle.pop(self._timing.randrange(len(idle)))
        else:
            memory = Memory(slots, self.services.fresh_memory(service))
        handler = self.services.handlers[function]
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: 0)

        def work() -> Any:
            self.note(f"{function} begins", event)
            return handler(event, context)

        def ended(outcome: Outcome) -> None:
            if not outcome.killed:
                idle.append(memory)
            self.note(f"{function} ends", "killed" if outcome.killed else outcome.error or outcome.value)
            on_end(outcome)

        task = self.scheduler.spawn(function, work, ended, delay=delay, limit=timeout, memory=memory)
        context.get_remaining_time_in_millis = lambda: max(0, (task.ends_at - self.scheduler.now) // 1000)

    def ask(
        self, service: str, user_id: str, field: str, arguments: Wire, on_end: Callable[[Outcome], None], *groups: str
    ) -> None:
        """Ask a field of the frontend API, as AppSync does."""
        self._asked += 1
        event = {
            "type": "Query" if field in _QUERIES else "Mutation",
            "field": field,
            "arguments": arguments,
            "identity": {"sub": user_id, "groups": list(groups), "claims": {"auth_time": self.now().timestamp()}},
            "requestId": f"request-{self._asked}",
        }
        trading = ("Mutation", field) in self.services.handlers["bet.trading"].names  # type: ignore[attr-defined]
        self.invoke("bet.trading" if trading else f"{service}.graphql", event, on_end)

    # -- the borders (see services.Outside)

    def aws(self, service: str, operation: str, request: Wire) -> Any:
        """Answer an AWS call with the SDK's retries: it tries again after a throttle, a fault or a lost answer."""
        name = f"{service}.{operation}"
        self.calls[name] += 1
        task = self.scheduler.current
        where = f"{task.name}: {name}"
        fault = self.faults.one_of(CALL_FAULTS, where)
        sent_at = self.scheduler.now
        latency = self._timing.randrange(1_000, 25_000)
        if self._timing.random() < 0.04:
            latency += self._timing.randrange(1_500_000)
        if fault == "slow":
            latency += self._timing.randrange(12 * SECOND)
        self.scheduler.sleep(latency)
        if fault == "killed before":
            self.note(f"{where} {fault}")
            raise Killed
        if fault is not None:
            self.note(f"{where} {fault}")
        token = {"ClientRequestToken": f"sim-{len(self.faults.happened)}"}
        if operation == "transact_write_items" and fault in _LOST:
            request = {**request, **token}
        answer: Any = None
        error: Exception | None = None
        for attempt in range(_SMS_ATTEMPTS if service == "sns" else _SDK_ATTEMPTS):
            if attempt:
                self.scheduler.sleep(self._timing.randrange(20_000, (40_000 << attempt) + 100_000))
            if fault == "refused to the end" or (fault == "refused" and attempt == 0):
                error = _throttled(operation, self._timing.random() < 0.5)
                continue
            if fault == "transaction conflict" and (conflict := _conflict(operation, request)) is not None:
                raise conflict
            self.sent_at = sent_at
            answer, error = self._execute(service, operation, request)
            if fault == "answers lost to the end" or (fault == "answer lost" and attempt == 0):
                error = ReadTimeoutError(endpoint_url=service)
                continue
            break
        if fault == "killed after":
            raise Killed
        if error is not None:
            raise error
        return answer

    def _execute(self, service: str, operation: str, request: Wire) -> tuple[Any, Exception | None]:
        """Carry a request out; a refusal by its rules is an answer too."""
        try:
            if service != "dynamodb":
                return self._SIMPLE[service, operation](self, request), None
            answer, changes = self.database.execute(operation, request)
        except ClientError as error:
            return None, error
        if changes:
            self._written(changes)
        return answer, None

    def _written(self, changes: list[Change]) -> None:
        for change in changes:
            self.note(f"   write {change.pk} {change.sk}", change)
        self._watch(changes)
        for change in changes:
            if change.table in self.streams:
                self.streams[change.table].append(change)

    def _put_events(self, request: Wire) -> Wire:
        return self.bus.put(request["Entries"])

    def _send_message(self, request: Wire) -> Wire:
        if request["QueueUrl"].endswith("/parking"):
            self.parked.append(request["MessageBody"])
        else:
            self.queues[request["QueueUrl"]].send(request["MessageBody"], request.get("DelaySeconds", 0))
        return {"MessageId": "sent"}

    def _send_message_batch(self, request: Wire) -> Wire:
        sent, failed = [], []
        for entry in request["Entries"]:
            if self.faults.hits("entry refused", "queue"):
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            else:
                self._send_message({"QueueUrl": request["QueueUrl"], **entry})
                sent.append({"Id": entry["Id"], "MessageId": "sent"})
        return {"Successful": sent, "Failed": failed} if failed else {"Successful": sent}

    def _get_secret_value(self, request: Wire) -> Wire:
        return {"SecretString": json.dumps(SECRET)}

    def _put_object(self, request: Wire) -> Wire:
        """Keep an object; `IfNoneMatch` refuses a key that is taken."""
        assert request["IfNoneMatch"] == "*"
        if request["Key"] in self.archive:
            error = {"Code": "PreconditionFailed", "Message": "At least one of the pre-conditions did not hold"}
            raise ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": 412}}, "PutObject")
        self.archive[request["Key"]] = request["Body"]
        return {"ETag": "kept"}

    def _publish(self, request: Wire) -> Wire:
        return self.carriers.sms(request)

    _SIMPLE: dict[tuple[str, str], Callable[["World", Wire], Any]] = {
        ("events", "put_events"): _put_events,
        ("sqs", "send_message"): _send_message,
        ("sqs", "send_message_batch"): _send_message_batch,
        ("secretsmanager", "get_secret_value"): _get_secret_value,
        ("s3", "put_object"): _put_object,
        ("sns", "publish"): _publish,
    }

    def http(self, base: str, method: str, path: str, body: str, headers: dict[str, str]) -> Any:
        """Answer a call between services; the callee is a task of its own, which a caller's patience does not end."""
        task = self.scheduler.current
        where = f"{task.name}: {method} {path}"
        fault = self.faults.one_of(HTTP_FAULTS, where)
        if fault is not None:
            self.note(f"{where}: {fault}")
        self.scheduler.sleep(self._timing.randrange(2_000, 30_000))
        if fault == "request lost":
            self.scheduler.sleep(SECOND)
            raise ConnectTimeoutError(endpoint_url=base)
        if fault == "gateway refuses":
            return SimpleNamespace(status_code=self._timing.choice((429, 502, 503)), content=b'{"message":null}')
        if base == "http://users":
            return self._contact(path.split("/")[2])
        event = self._to("wallet", task.name.split(".")[0], method, path, body, headers)

        def ended(outcome: Outcome) -> None:
            if fault != "answer lost on the way":
                self.scheduler.unpark(task, outcome, self._timing.randrange(1_000, 10_000))

        self.invoke("wallet.api", event, ended)
        outcome = self.scheduler.park(_HTTP_SECONDS * SECOND)
        if outcome is None:
            raise ReadTimeoutError(endpoint_url=base)
        if outcome.killed or outcome.error is not None:
            return SimpleNamespace(status_code=502, content=b'{"message": "Internal server error"}')
        return SimpleNamespace(status_code=outcome.value["statusCode"], content=outcome.value["body"].encode())

    def call(self, service: str, method: str, path: str, body: Wire, on_end: Callable[[Outcome], None]) -> None:
        """Call another service's API as the users service does."""
        self.invoke(f"{service}.api", self._to(service, "users", method, path, json.dumps(body), {}), on_end)

    def tell(self, detail_type: str, fact: Wire) -> None:
        """Put a fact of the users service on the bus, as its outbox does: until it is taken."""
        number = self._told = self._told + 1
        detail = {"id": f"users-{number}", "time": "2026-11-22T09:00:00Z", "version": 1, "data": fact}
        entry = {"Source": "betsafi.users", "DetailType": detail_type, "Detail": json.dumps(detail)}
        while self.bus.put([entry])["FailedEntryCount"]:
            continue

    def _to(self, service: str, caller: str, method: str, path: str, body: str, headers: dict[str, str]) -> Wire:
        operations = self.services.handlers[f"{service}.api"].operations  # type: ignore[attr-defined]
        resources = sorted({resource for _, resource in operations})
        event = signed(session_of(caller, STAGE), method, path, resources, body, headers)
        if event is None:
            raise LookupError(f"{service} has no {method} {path}")
        return event

    def _contact(self, user_id: str) -> Any:
        player = self.players[user_id]
        answer = {
            "userId": user_id,
            "phoneNumber": "+" + player.phone,
            "language": player.language,
            "status": self.shields[user_id].statuses[-1],
        }
        return SimpleNamespace(status_code=200, content=json.dumps(answer).encode())

    def publish(self, document: str, variables: Wire) -> set[str]:
        """Answer a request of publish mutations."""
        assert self.publishing, "nobody publishes where there are no apps"
        return self.publishing(document, variables)

    def daraja(self, request: requests.PreparedRequest, timeout: tuple[float, float]) -> requests.Response:
        """Answer an HTTP request to M-Pesa."""
        self.note(f"{self.scheduler.current.name}: {request.method} {request.path_url.split('?')[0]}")
        return self.mpesa.send(request, timeout)

    def _callback_came(self, message: dict[str, str]) -> None:
        self.note(f"callback {message['door']} for {message['id']}")
        self.queues["payment/callbacks"].send(json.dumps(message))

    def _validation_asked(self, event: Wire, on_end: Callable[[Outcome], None]) -> None:
        self.note("a paybill payment is to be validated")
        self.invoke("payment.validation", event, on_end)

    def by_the_clock(self) -> None:
        """Let everything come that comes by the clock."""
        for queue, message in self.schedules:
            self.queues[queue].send(message)

    def republish(self) -> int:
        """Hand over what the outboxes lost, as it now stands, as an operator does; return how many items."""
        found = 0
        for table, stream in self.streams.items():
            lost, stream.lost = stream.lost, {}
            for key in lost:
                item = self.database.item(table, *key)
                assert item is not None
                service = table.removesuffix("-table")
                self.note(f"{service}: republished", *key)
                self.invoke(f"{service}.stream", {"Records": [record_of(item)]}, lambda outcome: None)
                found += 1
        return found

    def now(self) -> datetime:
        """Return the present moment."""
        return self.scheduler.moment()

    def sleep(self, seconds: float) -> None:
        """Let the present task wait."""
        self.scheduler.sleep(int(seconds * SECOND))

    def jitter(self, low: float, high: float) -> float:
        """Return a random number between two."""
        return self._timing.uniform(low, high)

    def counted(self, name: str) -> None:
        """Take notice of a metric."""
        self.metrics[name] += 1

    def note(self, *parts: Any) -> None:
        """Write a line of the schedule."""
        self.schedule.add(self.scheduler.now, parts)

    def close(self) -> None:
        """End what still runs."""
        self.scheduler.close()
        self.services.current = None


_LOST = ("answer lost", "answers lost to the end")


def _short(part: Any) -> str:
    if isinstance(part, Change):
        new = part.new or {}
        shown = ("status", "version", "available", "held", "settlement_version", "payout_cents")
        return " ".join(f"{name}={next(iter(new[name].values()))}" for name in shown if name in new)
    text = (
        part if isinstance(part, str) else repr(part) if isinstance(part, Exception) else json.dumps(part, default=str)
    )
    return text if len(text) <= 300 else text[:300] + "…"


def _throttled(operation: str, throttled: bool) -> ClientError:
    code, status = ("ThrottlingException", 400) if throttled else ("InternalServerError", 500)
    answer = {"Error": {"Code": code, "Message": "try later"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


def _conflict(operation: str, request: Wire) -> ClientError | None:
    """Return the answer to a write that met another transaction at one of its items; reads do not."""
    if operation == "transact_write_items":
        count = len(request["TransactItems"])
        reasons = [{"Code": "TransactionConflict", "Message": "busy"}] + [{"Code": "None"}] * (count - 1)
        error = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"}
        return ClientError({"Error": error, "CancellationReasons": reasons}, operation)
    if operation in ("put_item", "update_item"):
        return ClientError({"Error": {"Code": "TransactionConflictException", "Message": "busy"}}, operation)
    return None
