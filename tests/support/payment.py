"""The payment service in a test's own process: a real table, a fake M-Pesa behind real HTTP, callbacks as they come."""

import contextlib
import importlib
import itertools
import json
import os
import sys
import threading
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import pytest

from betsafi import clock
from betsafi.errors import Unavailable
from betsafi.service_client import Refused
from localcloud.daraja import create_app
from tests.support.emulator import aws, create_table
from tests.support.people import just_now
from tests.support.services import SECRET, load
from tests.support.serving import serve
from tests.support.waiting import PATIENCE_SECONDS, wait_for

_phones = (f"2547{number:08d}" for number in itertools.count(10_000_000))


class Mailbox:
    """Stands where API Gateway and the queue stand: acknowledges every callback and keeps it as a message."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.validate: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        messages, mailbox = self.messages, self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                _, _, door, payment_id, signature = self.path.split("/")
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                values = {"door": door, "id": payment_id, "hmac": signature, "source": "196.201.214.200", "body": body}
                messages.append({name: quote_plus(value) for name, value in values.items()})
                answer = b'{"ResultCode":0,"ResultDesc":"Accepted"}'
                if door == "v" and mailbox.validate is not None:
                    answer = mailbox.validate(validation_event(payment_id, signature, body))["body"].encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *parts: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def about(self, payment_id: str) -> list[dict[str, str]]:
        return [message for message in self.messages if message["id"] == payment_id]


def validation_event(payment_id: str, signature: str, body: str) -> dict[str, Any]:
    """Return what API Gateway's proxy integration hands to the validation function."""
    return {
        "pathParameters": {"id": payment_id, "hmac": signature},
        "requestContext": {"identity": {"sourceIp": "196.201.214.200"}, "requestId": "r"},
        "body": body,
    }


class Mpesa:
    """The fake Daraja over its own controls."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, method: str, path: str, body: Any = None) -> Any:
        content = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + "/_fake" + path, content, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def script(self, kind: str, phone: str, script: dict[str, Any], times: int | None = 1) -> None:
        rule = {"match": {"kind": kind, "phone": phone}, "script": script, **({"times": times} if times else {})}
        self.control("POST", "/scripts", rule)

    def answer(self, phone: str, action: str, pin: str = "1234") -> None:
        (prompt,) = wait_for(lambda: self.control("GET", f"/prompts?phone={phone}")["prompts"], f"prompt on {phone}")
        self.control("POST", f"/prompts/{prompt['checkoutRequestID']}", {"action": action, "pin": pin})

    def agenda(self) -> list[dict[str, Any]]:
        """What M-Pesa will still do by itself."""
        found: list[dict[str, Any]] = self.control("GET", "/agenda")["agenda"]
        return found

    def held(self) -> list[dict[str, Any]]:
        """The callbacks that wait for their release."""
        found: list[dict[str, Any]] = self.control("GET", "/deliveries?state=held")["deliveries"]
        return found

    def release(self, payment_id: str) -> None:
        """Send a payment's held callback, when M-Pesa has come to hold one: it concludes in its own time."""

        def held() -> list[str]:
            return [delivery["id"] for delivery in self.held() if f"/{payment_id}/" in delivery["url"]]

        ids = wait_for(held, f"held callback of {payment_id}", self.agenda)
        self.control("POST", "/deliveries/release", {"ids": ids})

    def pushes(self, phone: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", f"/pushes?phone={phone}")["pushes"]
        return found

    def pay_bill(self, phone: str, amount: int, account: str) -> str:
        """Pay the paybill by hand; return the receipt."""
        receipt: str = self.control("POST", "/c2b", {"phone": phone, "amount": amount, "account": account})["receipt"]
        return receipt

    def outcome(self, receipt: str) -> str:
        """How a payment to the paybill ended: completed, rejected C2B00012 …"""
        return next((p["outcome"] for p in self.control("GET", "/payments")["payments"] if p["receipt"] == receipt), "")

    def paid(self, phone: str) -> list[str]:
        rows = self.control("GET", f"/transactions?phone={phone}&kind=b2c")["transactions"]
        return [row["amount"] for row in rows]


class Wallet:
    """The wallet's holds, and what it should do next instead of answering."""

    def __init__(self) -> None:
        self.holds: dict[str, int] = {}
        self.faults: list[Exception] = []
        self.voided: set[str] = set()
        self.statuses: dict[str, str] = {}
        self.unasked: Exception | None = None
        """What a question about an account gets instead of an answer."""
        self.available: dict[str, int] = {}
        """Only for reversals: what a player still has; the deposit's credit unless said."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        if method == "GET":
            if self.unasked:
                raise self.unasked
            user_id = path.split("/")[2]
            if user_id not in self.statuses:
                raise Refused(404, "NOT_FOUND", "There is no such wallet.", {})
            return {"userId": user_id, "status": self.statuses[user_id], "withdrawalCaps": []}
        assert body is not None
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Refused):
            raise fault
        if path.endswith("/release"):
            self.voided.add(path.split("/")[2])
            if fault:
                raise fault  # voided, and the answer is lost
            return {"status": "VOIDED"}
        assert (method, path) == ("POST", "/holds")
        assert body["kind"] in ("WITHDRAWAL", "REVERSAL")
        if body["kind"] == "REVERSAL" and self.available.get(body["userId"], body["amountCents"]) < body["amountCents"]:
            raise Refused(409, "INSUFFICIENT_FUNDS", "There is not enough money.", {})
        assert self.holds.setdefault(body["holdId"], body["amountCents"]) == body["amountCents"]
        if fault:
            raise fault  # held, and the answer is lost
        return {"holdId": body["holdId"], "status": "HELD"}


CODE = "123456"


class Users:
    """The users service's contacts; each player was sent CODE, once."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.down = False
        self.used: dict[str, str] = {}
        self.asked: list[str] = []

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        if self.down:
            raise Unavailable("The service is not answering.")
        if path.endswith("/confirmations"):
            return self._confirm(path.split("/")[2], **(body or {}))
        self.asked.append(path.split("/")[2])
        if path.split("/")[2] not in self.people:
            raise Refused(404, "NOT_FOUND", "There is no such player.", {})
        return self.people[path.split("/")[2]]

    def _confirm(self, user_id: str, code: str, usedFor: str) -> dict[str, Any]:
        if code != CODE or self.used.setdefault(user_id, usedFor) != usedFor:
            raise Refused(403, "WRONG_CODE", "This code is wrong.", {})
        return {"userId": user_id}


def _room(name: str) -> SimpleNamespace:
    """Return the modules of one of payment's rooms, as they are loaded now, by their names."""
    prefix = f"payment.{name}."
    ours = [key for key in sys.modules if key.startswith(prefix)]
    return SimpleNamespace(**{key.removeprefix(prefix): sys.modules[key] for key in ours})


class World:
    """The payment service in this process, with everything around it."""

    def __init__(self, emulator: str, mpesa_url: str, mailbox: Mailbox, **settings: str) -> None:
        name = f"payment-{uuid.uuid4().hex[:8]}"
        create_table(emulator, name, "payment")
        aws("s3", emulator).create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}, ObjectLockEnabledForBucket=True
        )
        aws("secretsmanager", emulator).create_secret(Name=name, SecretString=json.dumps(SECRET))
        sqs = aws("sqs", emulator)
        self.queue_url = sqs.create_queue(QueueName=name)["QueueUrl"]
        self.parking_url = sqs.create_queue(QueueName=name + "-parked")["QueueUrl"]
        self.sqs = sqs
        environment = {
            "TABLE_NAME": name, "DARAJA_SECRET_ID": name, "DARAJA_URL": mpesa_url, "USERS_URL": "http://users",
            "WALLET_URL": "http://wallet", "FOLLOWUP_QUEUE_URL": self.queue_url, "CALLBACK_BASE_URL": mailbox.url,
            "FOLLOWUP_DELAYS": "1,2,3", "QUERY_GRACE_SECONDS": "90", "BUS_NAME": "default",
            "PARKING_URL": self.parking_url, "ARCHIVE_BUCKET": name, "REVIEW_FIRST_WITHDRAWAL": "false",
            "PULL_PAUSE_SECONDS": "0", "PROMPT_PAUSE_SECONDS": "0", **settings,
        }  # fmt: skip
        self.graphql = load("payment.handlers.graphql", **environment)
        # The others join the package that is loaded already, under the same settings.
        with pytest.MonkeyPatch.context() as patch:
            for key, value in environment.items():
                patch.setitem(os.environ, key, value)
            self.callback = importlib.import_module("payment.handlers.callback")
            self.followup = importlib.import_module("payment.handlers.followup")
            self.validation = importlib.import_module("payment.handlers.validation")
            self.stream = importlib.import_module("payment.handlers.stream")
            self.daraja = importlib.import_module("payment.providers.mpesa.client")
        self.daraja_channel = self.daraja.channel
        self.flows, self.stores = _room("flows"), _room("stores")
        self.table = sys.modules["payment.table"].table
        self.mailbox, self.mpesa = mailbox, Mpesa(mpesa_url)
        self.wallet, self.users = Wallet(), Users()
        wallet_api, self.flows.deposits.users_api._client = self.flows.deposits.wallet_api, self.users
        wallet_api._client = wallet_api._quick = self.wallet
        self.archive_bucket = name
        self.claims: dict[str, Any] = {}
        self.language = "en"
        self.emulator = emulator
        mailbox.validate = self.validation.handler

    def player(self, status: str = "ACTIVE") -> SimpleNamespace:
        user_id, phone = str(uuid.uuid4()), next(_phones)
        self.users.people[user_id] = {
            "userId": user_id, "phoneNumber": f"+{phone}", "language": "en", "status": status,
        }  # fmt: skip
        self.wallet.statuses[user_id] = status
        return SimpleNamespace(id=user_id, phone=phone)

    @contextlib.contextmanager
    def speaking(self, language: str) -> Iterator[None]:
        """Have everybody ask in another language meanwhile."""
        self.language = language
        yield
        self.language = "en"

    def admin(self, field: str, /, by: str = "admin-1", **arguments: Any) -> dict[str, Any]:
        """Run a mutation, or the query of a queue, as an administrator, for a reason where one is asked for."""
        if field in ("approveWithdrawal", "assignPayment"):
            arguments = {"reason": "seen in the documents", **arguments}
        kind = "Query" if field == "paymentQueue" else "Mutation"
        return self.ask(by, kind, field, groups=("admin",), **arguments)

    def ask(
        self, user_id: str, type_name: str, field: str, /, groups: tuple[str, ...] = (), **arguments: Any
    ) -> dict[str, Any]:
        event = {
            "type": type_name,
            "field": field,
            "arguments": arguments,
            "identity": {"sub": user_id, "groups": list(groups), "claims": self.claims or just_now()},
            "requestId": "r",
            "language": self.language,
        }
        answer: dict[str, Any] = self.graphql.handler(event)
        return answer

    def pushed(self, user_id: str, payment_id: str) -> dict[str, Any]:
        """Return a payment as the player's subscribers get it, once the wallet has what it did."""
        given = {"userId": user_id, "payment": payment_id, "paymentPosted": True}
        event = {"type": "PlayerUpdate", "field": "payment", "arguments": given, "identity": {"role": "consumer"}}
        shown: dict[str, Any] = self.graphql.handler(event)["data"]
        return shown

    def pay_in(self, user_id: str, amount: str = "1000", request_id: str | None = None) -> dict[str, Any]:
        request_id = request_id or uuid.uuid4().hex
        money = {"currency": "KES", "amount": amount}
        return self.ask(user_id, "Mutation", "deposit", clientRequestId=request_id, amount=money)

    def pay_out(self, user_id: str, amount: str = "500", request_id: str | None = None) -> dict[str, Any]:
        request_id = request_id or uuid.uuid4().hex
        money = {"currency": "KES", "amount": amount}
        return self.ask(user_id, "Mutation", "withdraw", clientRequestId=request_id, amount=money)

    def item(self, payment_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.stores.payments.find(payment_id)
        return found

    def deliver(self, *messages: dict[str, str]) -> None:
        records = [{"messageId": str(n), "body": json.dumps(message)} for n, message in enumerate(messages)]
        assert self.callback.handler({"Records": records}) == {"batchItemFailures": []}

    def confirmation(self, receipt: str) -> dict[str, str]:
        """Return the C2B confirmation of a receipt, when it has come."""

        def found() -> list[dict[str, str]]:
            return [m for m in self.mailbox.messages if m["door"] == "c" and receipt in m["body"]]

        message: dict[str, str] = wait_for(found, f"confirmation of {receipt}", self.under_way)[-1]
        return message

    def from_elsewhere(self, message: dict[str, str]) -> dict[str, str]:
        """Return a callback as if it came from an address that is not M-Pesa's."""
        return {**message, "source": "203.0.113.9"}

    def send(self, message: dict[str, Any]) -> None:
        """Hand a message to the follow-up function."""
        records = [{"messageId": "1", "body": json.dumps(message)}]
        assert self.followup.handler({"Records": records}) == {"batchItemFailures": []}

    def pull(self, first: dict[str, Any] | None = None) -> None:
        """Pull from M-Pesa until there is no more; without `first`, only what was asked for already."""
        if first:
            self.send(first)
        while received := self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                if "pull" in (body := json.loads(message["Body"])):
                    self.send(body)

    def events(self, payment_id: str, since: str | None) -> list[Any]:
        """Return what the outbox tells of a payment that was in a state before (None: it was not there)."""
        item = self.item(payment_id)
        told: list[Any] = self.stream.to_events({**item, "status": since} if since else None, item)
        return told

    def forget_pulls(self) -> None:
        """Let M-Pesa's list of payments never have been read."""
        key = {"pk": {"S": "PULLED"}, "sk": {"S": "DARAJA"}}
        aws("dynamodb", self.emulator).delete_item(TableName=self.table.name, Key=key)

    def callback_for(self, payment_id: str, door: str = "s") -> dict[str, str]:
        return self.callbacks_for(payment_id, door, 1)[-1]

    def callbacks_for(self, payment_id: str, door: str, count: int) -> list[dict[str, str]]:
        """Return a payment's callbacks in the order of their arrival, when so many have come."""

        def come() -> list[dict[str, str]]:
            found = [message for message in self.mailbox.about(payment_id) if message["door"] == door]
            return found if len(found) >= count else []

        return wait_for(come, f"{count} callbacks ({door}) about {payment_id}", self.under_way)

    def under_way(self) -> dict[str, Any]:
        """What M-Pesa will do by itself, what it holds, and what came last: for when a wait ends in vain."""
        return {
            "agenda": self.mpesa.agenda(),
            "held": [delivery["url"] for delivery in self.mpesa.held()],
            "last came": self.mailbox.messages[-5:],
        }

    def follow_up(self, payment_id: str) -> dict[str, Any]:
        version = self.item(payment_id)["version"]
        message = {"paymentId": payment_id, "version": version, "step": 0, "due": 0}
        records = [{"messageId": "1", "body": json.dumps(message)}]
        assert self.followup.handler({"Records": records}) == {"batchItemFailures": []}
        if self.item(payment_id)["kind"] == "PAYBILL":
            self.pull()
        return self.item(payment_id)

    def quarantined(self, payment_id: str) -> list[str]:
        now = clock.now()
        days = [clock.stamp(moment)[:10] for moment in (now - timedelta(days=1), now)]  # it may just have been midnight
        rows = [row for day in days for row in self.table.query_all(f"QUARANTINE#{day}")]
        return [row["reason"] for row in rows if row["payment_id"] == payment_id]


@contextlib.contextmanager
def payment_world(emulator: str, **settings: str) -> Iterator[World]:
    """Run a payment service of one's own and its M-Pesa until the block ends."""
    mailbox = Mailbox()
    with serve(create_app(b2c_delay_s=0.05, async_delay_s=0.05, approve_delay_s=0.05)) as url:
        yield World(emulator, url, mailbox, **settings)
    mailbox.server.shutdown()


def altered(message: dict[str, str], **changes: Any) -> dict[str, str]:
    """Return the callback with other items in its STK metadata."""
    body = json.loads(unquote_plus(message["body"]))
    for item in body["Body"]["stkCallback"]["CallbackMetadata"]["Item"]:
        item["Value"] = changes.get(item["Name"], item.get("Value"))
    return {**message, "body": quote_plus(json.dumps(body))}
