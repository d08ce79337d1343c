"""Faults between the deployed functions and the emulator, by microburst, and what is looked at afterwards.

The proxy listens on loopback only and ends with whoever started it, however that ends. A fault is aimed at one player's
calls (by the ids in the request), fires a given number of times, and tells how often it has.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from localcloud.base.addresses import HOST, STAGE
from localcloud.cloud.deploying import wake
from localcloud.cloud.running import Cloud, aws, get_json
from tests.support import emulator
from tests.support.waiting import PATIENCE_SECONDS, eventually
from tools import reconcile

BUS = f"betsafi-{STAGE}"
TABLES = {name: f"betsafi-{name}-{STAGE}" for name in ("bet", "wallet", "payment")}
SDK_ATTEMPTS = 4
"""How often the functions' SDK tries one call; so many faults in a row reach the function's own code."""

LOST_ANSWER = {"response": {"abort_bytes": 0}}
"""The call is carried out and its answer never arrives."""

CONFLICT = {
    "error": {
        "code": "TransactionCanceledException",
        "status": 400,
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "fields": {
            "CancellationReasons": [
                {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"},
                {"Code": "None"},
            ]
        },
    }
}
"""Another transaction is at one of the items: nothing is written, and nothing is said about any condition."""

TABLE_THROTTLE = {"error": {"code": "ProvisionedThroughputExceededException", "status": 400}}
BUS_THROTTLE = {"error": {"code": "ThrottlingException", "status": 400}}

# The proxy reads its own standard input, whose other end only the tests hold: it ends when they do, even if killed. It
# passes the caller's Host on, which is signed: the emulator checks signatures, and each function's own role.
_PROXY = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from microburst import cli, forward
plain = forward.Upstream._outbound_headers
forward.Upstream._outbound_headers = lambda self, call: {**plain(self, call), "host": call.headers["Host"]}
sys.exit(cli.main())
"""


def about(*texts: str) -> str:
    """Return the matcher of requests whose body has all of these texts."""
    return " && ".join(f"contains(to_string(@), '{text}')" for text in texts)


def telling(event: str, text: str) -> str:
    """Return the matcher of PutEvents requests with an event of that name about `text`."""
    return f"Entries[?DetailType == '{event}' && contains(Detail, '{text}')]"


class Fault:
    """One rule in force."""

    def __init__(self, proxy: "Proxy", rule_id: int) -> None:
        self._proxy = proxy
        self.rule_id = rule_id

    @property
    def fired(self) -> int:
        """How many calls it has hit."""
        return len(self._proxy.control("GET", f"fired?limit=2000&rule_id={self.rule_id}"))


class Proxy:
    """A running microburst."""

    def __init__(self, url: str) -> None:
        self.url = url

    def inject(self, operation: str, body: str, effect: dict[str, Any], times: int | None = 1) -> Fault:
        """Put a fault in force for the next `times` DynamoDB calls (None: for all), or PutEvents, that match."""
        service = "events" if operation == "PutEvents" else "dynamodb"
        return self._add({"service": service, "operation": operation, "body": body, "times": times, **effect})

    def inject_at_api(self, hold_id: str, effect: dict[str, Any], times: int) -> Fault:
        """Put a fault in force for the next `times` calls of the wallet's API to place a hold."""
        return self._add({"body": f"holdId == '{hold_id}'", "times": times, **effect})

    def clear(self) -> None:
        """End every fault; what was fired stays counted."""
        self.control("DELETE", "rules", [])

    @property
    def held(self) -> int:
        """How many calls are being delayed now, also those whose caller is gone."""
        requests = self.control("GET", "stats")["requests"]
        answered = sum(count for (_, _, action), count in self.totals().items() if action.startswith("error"))
        return int(requests["total"] - requests["forwarded"] - answered)

    def totals(self) -> Counter[tuple[str, str, str]]:
        """Return how often each (service, operation, effect) was fired."""
        rows = self.control("GET", "fired?limit=2000")
        return Counter((str(row["service"]), str(row["operation"]), str(row["action"])) for row in rows)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the proxy's own API."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_microburst/{path}", content, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def _add(self, rule: dict[str, Any]) -> Fault:
        (added,) = self.control("PATCH", "rules", [rule])
        return Fault(self, added["id"])


@contextmanager
def running_proxy(cloud: Cloud, log: Path) -> Iterator[Proxy]:
    """Run microburst before the emulator, on a free loopback port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        _PROXY,
        "--host",
        HOST,
        "--port",
        str(port),
        "--upstream",
        cloud.addresses.emulator,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output)
        proxy = Proxy(f"http://{HOST}:{port}")
        try:
            eventually(lambda: proxy.control("GET", "health")["status"] == "ok", f"proxy (its log: {log})", OSError)
            # At its first call it reads the names of all that AWS has, for seconds: no function is to wait for that.
            emulator.aws("dynamodb", proxy.url).list_tables()
            yield proxy
        finally:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


@contextmanager
def routed(cloud: Cloud, proxy: Proxy, functions: list[str], settings: dict[str, dict[str, str]]) -> Iterator[None]:
    """Send all calls of some functions ("bet-graphql") to AWS and to each other through the proxy; then as before.

    `settings` are what else is to be in a function's environment meanwhile. What has another environment starts anew,
    so what services call of each other is woken each time, as after a deployment.
    """
    changes = {full_name(function): variables for function, variables in settings.items()}
    client = aws("lambda", cloud.addresses)
    names = [full_name(function) for function in functions]
    before = {name: client.get_function_configuration(FunctionName=name)["Environment"]["Variables"] for name in names}
    through = {
        name: variables
        | {"AWS_ENDPOINT_URL": proxy.url}
        | {
            key: value.replace(cloud.addresses.emulator, proxy.url)
            for key, value in variables.items()
            if "/execute-api/" in value
        }
        | changes.get(name, {})
        for name, variables in before.items()
    }
    try:
        _set_environments(client, through)
        wake(cloud.addresses)
        yield
    finally:
        for function in functions:
            kill_workers(function, os.getpid())  # they are replaced now anyway, and the emulator ends them slowly
        _set_environments(client, before)
        wake(cloud.addresses)


@contextmanager
def paused(cloud: Cloud, function: str) -> Iterator[None]:
    """Take no message from a function's queues while the block runs; they wait there."""
    client = aws("lambda", cloud.addresses)
    sources = client.list_event_source_mappings(FunctionName=full_name(function))["EventSourceMappings"]
    assert sources, f"{function} has no queue"
    try:
        for source in sources:
            client.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
        yield
    finally:
        for source in sources:
            client.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


def full_name(function: str) -> str:
    """Return the deployed name of "bet-graphql"."""
    service, door = function.split("-")
    return f"betsafi-{service}-{STAGE}-{door}"


def _set_environments(client: Any, environments: dict[str, dict[str, str]]) -> None:
    def change(name: str) -> None:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": environments[name]})

    with ThreadPoolExecutor(len(environments)) as pool:
        list(pool.map(change, environments))


def kill_workers(function: str, owner: int) -> int:
    """Kill -9 what runs a function in the emulator that `owner` started, at work or idle; return how many."""
    rows = subprocess.run(["ps", "-axwwo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    processes = [line.split(None, 2) for line in rows.splitlines()]
    parents = {pid: parent for pid, parent, *_ in processes}
    folder = f"ministack-lambda-{full_name(function)}-"
    ours = [pid for pid, parent, *args in processes if folder in "".join(args) and parents.get(parent) == str(owner)]
    for pid in ours:
        os.kill(int(pid), signal.SIGKILL)
    return len(ours)


class Tap:
    """What the bus has carried since the tap was opened."""

    def __init__(self, sqs: Any, queue_url: str) -> None:
        self._sqs, self._queue_url = sqs, queue_url
        self._seen: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def about(self, text: str) -> Counter[str]:
        """Return how many different events (by their id) of each name spoke of `text` so far."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                event = json.loads(message["Body"])
                self._seen[event["detail"]["id"]] = event["detail-type"]
                self._texts[event["detail"]["id"]] = json.dumps(event["detail"]["data"])
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return Counter(name for event_id, name in self._seen.items() if text in self._texts[event_id])


@contextmanager
def tapped_bus(cloud: Cloud) -> Iterator[Tap]:
    """Listen to every event of the three services with money while the block runs."""
    sqs, events = aws("sqs", cloud.addresses), aws("events", cloud.addresses)
    name = f"tap-{uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    pattern = {"source": [f"betsafi.{service}" for service in TABLES]}
    events.put_rule(Name=name, EventBusName=BUS, EventPattern=json.dumps(pattern))
    try:
        events.put_targets(Rule=name, EventBusName=BUS, Targets=[{"Id": name, "Arn": arn}])
        yield Tap(sqs, url)
    finally:
        events.remove_targets(Rule=name, EventBusName=BUS, Ids=[name])
        events.delete_rule(Name=name, EventBusName=BUS)
        sqs.delete_queue(QueueUrl=url)


_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_DELAYED = "ApproximateNumberOfMessagesDelayed"


def waiting_messages(cloud: Cloud, *, delayed: bool = False) -> dict[str, dict[str, str]]:
    """Return the platform's queues that are not empty, dead-letter and parking queues too; `delayed`: nor to come.

    Sign-ups are looked at a quarter of an hour later, and move no money.
    """
    sqs = aws("sqs", cloud.addresses)
    names = [*_WAITING, _DELAYED] if delayed else [*_WAITING]
    found = {}
    for url in sqs.list_queues(QueueNamePrefix="betsafi-").get("QueueUrls", []):
        if "-UnprovenQueue-" in url:
            continue
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if any(counts[name] != "0" for name in names):
            found[urlsplit(url).path.rsplit("/", 1)[-1]] = counts
    return found


def assert_books(cloud: Cloud) -> Counter[str]:
    """The whole trial balance has no problem and sums to zero; return the totals (cents by account)."""
    client, table = aws("dynamodb", cloud.addresses), TABLES["wallet"]
    report = reconcile.audit(reconcile.scan(client, table), lambda pk: reconcile.reread(client, table, pk))
    assert report.problems == []
    assert sum(report.totals.values()) == 0
    return report.totals


@dataclass(frozen=True)
class Mpesa:
    """What M-Pesa's own books say of one phone: shillings taken and paid, each with its number of movements."""

    taken: Decimal
    takings: int
    paid: Decimal
    payments: int


def mpesa(cloud: Cloud, phone: str) -> Mpesa:
    """Return what M-Pesa moved for a phone; its books as a whole sum to zero."""
    daraja, number = cloud.addresses.daraja, phone.lstrip("+")
    assert get_json(f"{daraja}/_fake/books")["sum"] == "0.00"
    moved = {
        kind: [
            Decimal(row["amount"])
            for row in get_json(f"{daraja}/_fake/transactions?phone={number}&kind={kind}")["transactions"]
        ]
        for kind in ("stk", "b2c")
    }
    return Mpesa(sum(moved["stk"], Decimal(0)), len(moved["stk"]), sum(moved["b2c"], Decimal(0)), len(moved["b2c"]))
