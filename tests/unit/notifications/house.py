"""The notifications service in this process: its own handlers on a table in memory, with carriers that a test scripts.

Only edges are stood in for: AWS's clients, the users service, the clock. Stream and queues are carried by `pump`, each
message as often as it wants to come again; what a queue keeps back waits for `later`.
"""

import importlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from betsafi import aws, clock
from betsafi.dynamodb import marshal, unmarshal
from betsafi.errors import NotFound
from betsafi.service_client import Refused
from tests.simulation import dynamodb
from tests.support.services import load

PHONE, EMAIL = "+254712345678", "asha@example.com"
CHANNELS = ("sms", "push", "email")
QUEUES = {f"http://sqs/{channel}": channel for channel in CHANNELS}
SETTINGS = {
    "TABLE_NAME": "notes",
    "USERS_URL": "http://users",
    "BUS_NAME": "bus",
    "PARKING_URL": "http://sqs/parking",
    "EMAIL_FROM": "news@betsafi.example",
    "PUSH_ANDROID_ARN": "arn:aws:sns:eu-west-1:1:app/GCM/betsafi",
    **{f"{channel.upper()}_QUEUE_URL": url for url, channel in QUEUES.items()},
}
FACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("users", "UserRegistered"): {"registeredAt": "2026-11-01T00:00:00Z"},
    ("users", "UserSuspended"): {"statusVersion": 1, "reason": "typed by support"},
    ("users", "UserReinstated"): {"statusVersion": 2},
    ("users", "UserAppealAnswered"): {"statusVersion": 1, "outcome": "UPHELD"},
    ("users", "UserProtectionChanged"): {
        "protectionVersion": 3,
        "limits": {"deposit_day": 500_000},
        "changed": ["limit.deposit_day"],
    },
    ("users", "UserVerified"): {"state": "VERIFIED", "identityVersion": 2},
    ("users", "UserIdentityRejected"): {"state": "REJECTED", "identityVersion": 2},
    ("users", "UserDeviceAdded"): {"deviceId": "d", "addedAt": "2026-11-27T08:00:00Z"},
    ("users", "UserPhoneChanged"): {"changedAt": "2026-11-27T08:00:00Z"},
    ("users", "UserEmailChanged"): {"changedAt": "2026-11-27T08:00:00Z"},
    ("bet", "BetAccepted"): {"betId": "b", "stakeCents": 10_000, "potentialPayoutCents": 25_000},
    ("bet", "BetRejected"): {"betId": "b", "stakeCents": 10_000, "reason": "ODDS_CHANGED"},
    ("bet", "BetCancelled"): {"betId": "b", "stakeCents": 10_000},
    ("bet", "BetSettled"): {
        "betId": "b",
        "stakeCents": 10_000,
        "resultVersion": 1,
        "payoutCents": 25_000,
        "outcome": "WON",
    },
    ("bet", "BetReopened"): {"betId": "b", "stakeCents": 10_000, "resultVersion": 2},
    ("bet", "BetRepriced"): {
        "betId": "b",
        "stakeCents": 10_000,
        "potentialPayoutCents": 21_000,
        "correctionVersion": 1,
    },
    ("payment", "DepositCompleted"): {
        "depositId": "d",
        "amountCents": 100_000,
        "creditCents": 95_000,
        "exciseCents": 5_000,
    },
    ("payment", "DepositFailed"): {"depositId": "d", "amountCents": 100_000, "reason": "CANCELLED"},
    ("payment", "DepositReversed"): {
        "reversalId": "r",
        "depositId": "d",
        "amountCents": 100_000,
        "creditCents": 95_000,
        "exciseCents": 5_000,
    },
    ("payment", "PaymentProgressed"): {
        "paymentId": "w",
        "kind": "WITHDRAWAL",
        "status": "REVIEW",
        "amountCents": 50_000,
    },
    ("payment", "WithdrawalCompleted"): {
        "withdrawalId": "w",
        "amountCents": 50_000,
        "paidCents": 47_500,
        "withholdingCents": 2_500,
        "remainderCents": 0,
    },
    ("payment", "WithdrawalFailed"): {"withdrawalId": "w", "amountCents": 50_000, "reason": "LIMIT"},
    ("wallet", "DebtRepaid"): {
        "entryKind": "DEPOSIT",
        "reference": "d",
        "creditedCents": 237_500,
        "repaidCents": 200_000,
        "owedCents": 0,
    },
}
"""An example of each event that notifications takes."""

TEMPLATES = [
    "WELCOME",
    "ACCOUNT_SUSPENDED",
    "ACCOUNT_REINSTATED",
    "APPEAL_ANSWERED",
    "LIMIT_SET",
    "IDENTITY_VERIFIED",
    "IDENTITY_REJECTED",
    "NEW_DEVICE",
    "PHONE_CHANGED",
    "EMAIL_CHANGED",
    "BET_ACCEPTED",
    "BET_REJECTED",
    "BET_CANCELLED",
    "BET_WON",
    "BET_REOPENED",
    "BET_REPRICED",
    "DEPOSIT_COMPLETED",
    "DEPOSIT_FAILED",
    "DEPOSIT_REVERSED",
    "WITHDRAWAL_IN_REVIEW",
    "WITHDRAWAL_COMPLETED",
    "WITHDRAWAL_FAILED",
    "DEBT_REPAID",
]
"""What each of these is told by, in their order."""


def refusal(code: str, operation: str = "Publish") -> ClientError:
    """Return an AWS client's error, whose text repeats whom the message is for."""
    return ClientError({"Error": {"Code": code, "Message": f"not to {PHONE} or {EMAIL}"}}, operation)


class Killed(BaseException):
    """The function's process died."""


class House:
    """The service, its table, its queues and its carriers."""

    def __init__(self) -> None:
        self.database = dynamodb.DynamoDB()
        self.database.create_table("notes", "notifications")
        self.now = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
        self.contact: dict[str, Any] = {"userId": "u", "phoneNumber": PHONE, "language": "en", "status": "ACTIVE"}
        self.asked: list[tuple[str, str]] = []
        self.sent: dict[str, list[Any]] = defaultdict(list)
        self.events: list[dict[str, Any]] = []
        self.fails: dict[str, Callable[[], None]] = {}
        """By channel: called before a carrier takes a message."""
        self.before_write: Callable[[dict[str, Any]], None] = lambda request: None
        self.waiting: dict[str, list[dict[str, Any]]] = {channel: [] for channel in CHANNELS}
        self.kept_back: list[tuple[datetime, str, dict[str, Any]]] = []
        self._changes: list[Any] = []
        self.endpoints: dict[str, str] = {}
        load("notifications.handlers.consumer", **SETTINGS)
        before = dict(os.environ)
        os.environ.update({"STAGE": "local", "AWS_REGION": "eu-west-1", **SETTINGS})
        try:
            names = ("consumer", "stream", "graphql", "reports", *CHANNELS)
            self.doors = {name: importlib.import_module(f"notifications.handlers.{name}") for name in names}
        finally:
            os.environ.clear()
            os.environ.update(before)
        self.users_api = importlib.import_module("notifications.users_api")

    # -- the edges

    def client(self, service: str, **_: Any) -> Any:
        """Return an AWS client that ends here."""
        return _Client(self, service)

    def aws(self, service: str, operation: str, request: dict[str, Any]) -> Any:
        """Answer a call of AWS."""
        if service == "dynamodb":
            self.before_write(request)
            answer, changes = self.database.execute(operation, request)
            self._changes += changes
            return answer
        return getattr(self, f"_{service}_{operation}")(request)

    def _sqs_send_message_batch(self, request: dict[str, Any]) -> dict[str, Any]:
        for entry in request["Entries"]:
            channel, body = QUEUES[request["QueueUrl"]], json.loads(entry["MessageBody"])
            if entry["DelaySeconds"]:
                self.kept_back.append((self.now + timedelta(seconds=entry["DelaySeconds"]), channel, body))
            else:
                self.waiting[channel].append({"body": body, "tries": 0})
        return {}

    def _events_put_events(self, request: dict[str, Any]) -> dict[str, Any]:
        self.events += [
            {"type": entry["DetailType"], **json.loads(entry["Detail"])["data"]} for entry in request["Entries"]
        ]
        return {"FailedEntryCount": 0}

    def _take(self, channel: str, message: Any) -> None:
        self.fails.get(channel, lambda: None)()
        self.sent[channel].append(message)

    def _sns_publish(self, request: dict[str, Any]) -> dict[str, Any]:
        if "PhoneNumber" in request:
            self._take("sms", (request["PhoneNumber"], request["Message"]))
        else:
            if self.endpoints.get(request["TargetArn"]) == "disabled":
                raise refusal("EndpointDisabled")
            self._take("push", (request["TargetArn"], json.loads(request["Message"])))
        return {"MessageId": "m"}

    def _sns_create_platform_endpoint(self, request: dict[str, Any]) -> dict[str, Any]:
        self.fails.get("register", lambda: None)()
        arn = f"arn:endpoint/{request['Token']}"
        self.endpoints.setdefault(arn, "enabled")
        return {"EndpointArn": arn}

    def _sns_set_endpoint_attributes(self, request: dict[str, Any]) -> None:
        assert request["Attributes"]["Enabled"] == "true"
        self.endpoints[request["EndpointArn"]] = "enabled"

    def _sns_delete_endpoint(self, request: dict[str, Any]) -> None:
        self.fails.get("forget", lambda: None)()
        self.endpoints.pop(request["EndpointArn"], None)

    def _sesv2_send_email(self, request: dict[str, Any]) -> None:
        simple = request["Content"]["Simple"]
        (to,) = request["Destination"]["ToAddresses"]
        self._take("email", (to, simple["Subject"]["Data"], simple["Body"]["Text"]["Data"]))

    def call_users(self, method: str, path: str) -> dict[str, Any]:
        """Answer for the users service."""
        self.asked.append((method, path))
        if not self.contact:
            raise NotFound("There is no such player.")
        if self.contact.get("erased"):
            raise Refused(410, "ERASED", "This player was erased.", {})
        return self.contact

    def erase_at_users(self) -> None:
        """Let users answer that the player was erased, of which the event has not come yet."""
        self.contact = {"erased": True}

    # -- what happens

    def deliver(self, source: str, name: str, event_id: str = "event-1", **facts: Any) -> int:
        """Hand the consumer one event, and carry what follows; return how many messages the consumer wants again."""
        failed = self.hand_over(source, name, event_id, **facts)
        self.pump()
        return failed

    def hand_over(self, source: str, name: str, event_id: str = "event-1", **facts: Any) -> int:
        """Hand the consumer one event, and carry nothing on; return how many messages it wants again."""
        data = {"userId": "u", **FACTS.get((source, name), {}), **facts}
        detail = {"id": event_id, "time": "2026-11-01T00:00:00Z", "version": 1, "data": data}
        body = {"source": f"betsafi.{source}", "detail-type": name, "detail": detail}
        return self._handle("consumer", body)

    def pump(self, tries: int = 1) -> None:
        """Carry changes and messages until nothing moves; a message that fails comes again up to so often in all."""
        for _ in range(200):
            self.stream()
            ready = [(channel, message) for channel in CHANNELS for message in self.waiting[channel]]
            ready = [(channel, message) for channel, message in ready if message["tries"] < tries]
            if not ready:
                return
            for channel, message in ready:
                self.waiting[channel].remove(message)
                message["tries"] += 1
                if self._handle(channel, message["body"], message["tries"]):
                    self.waiting[channel].append(message)
        raise AssertionError("messages go round in circles")

    def stream(self) -> int:
        """Hand the outbox what changed, as the table's stream does behind its filter; return how many records."""
        changes, self._changes = self._changes, []
        records = [
            {"dynamodb": {"Keys": {"pk": change.new["pk"], "sk": change.new["sk"]}, **_images(change)}}
            for change in changes
            if change.new and change.new.get("delivery", {}).get("S") in ("KEPT", "PENDING", "FAILED")
        ]
        if records:
            self.doors["stream"].handler({"Records": records})
        return len(records)

    def later(self, **wait: float) -> None:
        """Let time pass, and what queues kept back until then come."""
        self.now += timedelta(**wait)
        due = [each for each in self.kept_back if each[0] <= self.now]
        self.kept_back = [each for each in self.kept_back if each[0] > self.now]
        for _, channel, body in due:
            self.waiting[channel].append({"body": body, "tries": 0})
        self.pump()

    def ask(self, kind: str, field: str, user_id: str = "u", **arguments: Any) -> dict[str, Any]:
        """Ask a field of the API as AppSync does."""
        event = {"type": kind, "field": field, "arguments": arguments, "identity": {"sub": user_id}}
        return dict(self.doors["graphql"].handler(event))

    def choose(self, category: str, *channels: str, user_id: str = "u") -> None:
        """Choose a category's channels."""
        chosen = {"categories": [{"category": category, "channels": list(channels)}]}
        answer = self.ask("Mutation", "setMessagePreferences", user_id, input=chosen)
        assert "data" in answer, answer

    def register(self, token: str, user_id: str = "u") -> dict[str, Any]:
        """Register a phone's app."""
        return self.ask("Mutation", "registerPushToken", user_id, token=token, platform="ANDROID")

    def offer(self, user_id: str, version: int = 1) -> None:
        """Notify a player of an offer, as no event does yet: a template that only tests have."""
        templates = importlib.import_module("notifications.templates")
        words = importlib.import_module("notifications.templates.words")
        messages = importlib.import_module("notifications.messages")
        text = words.Words("An offer", "A free bet for you.")
        with patch.dict(templates.TEMPLATES, {"OFFER": words.Template("OFFERS", text, text)}):
            fact = messages.Fact(user_id, "offer", version, "OFFER", turn=version)
            importlib.import_module("notifications.notifying").notify(fact)
            self.stream()

    def protect(self, user_id: str, version: int, stopped: str) -> None:
        """Keep until when a player may not play."""
        importlib.import_module("notifications.stores.players").keep_protection(user_id, version, stopped)

    def quiet(self, hours: str) -> None:
        """Have quiet hours."""
        queues = importlib.import_module("notifications.queues")
        queues.settings = replace(queues.settings, quiet_hours=hours)

    def limit(self, category: str, a_day: int) -> None:
        """Send so many messages of a category to a player on a day."""
        importlib.import_module("notifications.delivering")._LIMITS[category] = a_day

    @staticmethod
    def module(name: str) -> Any:
        """Return a module of the service, as its handlers use it."""
        return importlib.import_module(name)

    def put(self, item: dict[str, Any]) -> None:
        """Write an item as it is."""
        self.database.execute("put_item", {"TableName": "notes", "Item": marshal(item)})

    def _handle(self, door: str, body: Any, tries: int = 1) -> int:
        record = {"messageId": "m", "body": json.dumps(body), "attributes": {"ApproximateReceiveCount": str(tries)}}
        try:
            return len(self.doors[door].handler({"Records": [record]})["batchItemFailures"])
        except Killed:
            return 1

    # -- what is there

    @property
    def items(self) -> list[dict[str, Any]]:
        """Everything in the table."""
        return [unmarshal(item) for item in self.database.items("notes")]

    @property
    def notes(self) -> list[dict[str, Any]]:
        """Every note."""
        return [item for item in self.items if item["sk"].startswith("NOTE#")]

    def items_of(self, subject: str) -> dict[str, Any]:
        """The note about a subject."""
        (note,) = [note for note in self.notes if note["sk"] == f"NOTE#{subject}"]
        return note

    @property
    def note(self) -> dict[str, Any]:
        """The only note."""
        (note,) = self.notes
        return note


class _Client:
    def __init__(self, house: House, service: str) -> None:
        self._house, self._service = house, service

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **request: self._house.aws(self._service, operation, request)


def _images(change: Any) -> dict[str, Any]:
    return {name: image for name, image in (("OldImage", change.old), ("NewImage", change.new)) if image}


@contextmanager
def built() -> Iterator[House]:
    """Yield a house; everything is as it was when the block ends."""
    with dynamodb.installed():
        house = House()
        session = SimpleNamespace(create_client=house.client)
        aws.client.cache_clear()
        with (
            patch.object(aws, "session", lambda: session),
            patch.object(clock, "now", lambda: house.now),
            patch.object(house.users_api._client, "call", house.call_users),
        ):
            yield house
        aws.client.cache_clear()
