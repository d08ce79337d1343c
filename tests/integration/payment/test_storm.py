"""Five hundred deposits at once with M-Pesa at its worst: in the end every shilling that it took is credited once.

The payment service and the wallet's consumer run in this process on real tables; M-Pesa is the fake behind real HTTP.
"""

import json
import random
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from betsafi import clock
from payment.states import OPEN
from tests.support.emulator import create_table
from tests.support.payment import World, altered, payment_world
from tests.support.services import load, stores
from tests.support.waiting import wait_for
from wallet.rules.audit import audit

DEPOSITS = 500
PLAYERS = 250
APPROVE = {"outcome": "approve"}
WORST: dict[str, dict[str, Any]] = {
    "as it should be": APPROVE,
    "callback lost": {**APPROVE, "callback": {"lost": True}},
    "callback late": {**APPROVE, "callback": {"delay_s": 2}},
    "callback three times": {**APPROVE, "callback": {"copies": 3, "spacing_s": 0.1}},
    "callbacks held and turned around": {**APPROVE, "callback": {"hold": True}},
    "answer cut off": {**APPROVE, "reply": {"close": True}},
    "answer and callback lost": {**APPROVE, "callback": {"lost": True}, "reply": {"close": True}},
    "answer, callback and confirmation lost": {
        **APPROVE, "callback": {"lost": True}, "confirmation": {"lost": True}, "reply": {"close": True},
    },
    "html after it was taken": {**APPROVE, "reply": {"preset": "html_502", "executed": True}},
    "error after it was taken": {**APPROVE, "reply": {"preset": "internal", "executed": True}},
    "a failure is told first": {
        **APPROVE,
        "callback": {
            "delay_s": 1, "extra": [{"set": {"ResultCode": 1037}, "remove": ["Amount", "MpesaReceiptNumber"]}],
        },
    },
    "another amount is forged": {**APPROVE, "callback": {"extra": [{"set": {"Amount": 99_999}}]}},
    "an unlisted code is told first": {
        **APPROVE, "callback": {"delay_s": 1, "extra": [{"set": {"ResultCode": 7777}, "remove": ["Amount"]}]},
    },
    "the query does not know": {**APPROVE, "callback": {"lost": True}, "queries": ["4999", "empty", "error"]},
    "the token dies": {"expire_token": True},
    "cancelled": {"outcome": "cancel"},
    "wrong PIN": {"outcome": "wrong_pin"},
    "no money": {"outcome": "insufficient"},
    "no answer": {"outcome": "timeout", "delay_s": 0.1},
    "locked": {"reply": {"preset": "lock"}},
    "spike arrest": {"reply": {"preset": "spike_arrest_429"}},
    "firewall": {"reply": {"preset": "waf"}},
    "maintenance": {"reply": {"preset": "maintenance"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def wallet(emulator: str) -> Any:
    name = f"wallet-{uuid.uuid4().hex[:8]}"
    create_table(emulator, name, "wallet")
    return load("wallet.handlers.consumer", TABLE_NAME=name)


@pytest.mark.early
@pytest.mark.full
def test_five_hundred_deposits_with_m_pesa_at_its_worst_end_with_every_shilling_accounted_for(
    emulator: str, wallet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with payment_world(emulator, QUERY_GRACE_SECONDS="0", SOURCE_ADDRESSES="196.201.214.200") as world:
        assert world.admin("registerPaybill")["data"] is True
        seed = random.Random(7)
        players = [world.player() for _ in range(PLAYERS)]
        kinds = [list(WORST)[number % len(WORST)] for number in range(DEPOSITS)]
        postman = Postman(world, seed)
        asked = ask_for_all(world, players, kinds, postman)
        settle(world, postman, monkeypatch)
        books = world.mpesa.control("GET", "/transactions?kind=stk")["transactions"]
        payments = payments_of(world)
        check_payments(payments, books, asked, {player.phone: player.id for player in players})
        check_ledger(world, wallet, payments, books, seed)


class Postman:
    """Hands callbacks over as they come: some twice, in no order, from any address, with forged copies in between.

    It keeps its place in the mailbox, so that none is missed, however late it comes.
    """

    def __init__(self, world: World, seed: random.Random) -> None:
        self.world, self.seed, self.place = world, seed, 0

    def behind(self) -> int:
        """Return how many callbacks have come and are not delivered."""
        return len(self.world.mailbox.messages) - self.place

    def deliver_what_came(self) -> None:
        batch = self.world.mailbox.messages[self.place :]
        self.place += len(batch)
        for message in list(batch):
            if message["door"] == "s" and "MpesaReceiptNumber" in message["body"]:
                batch.append({**altered(message, Amount=88_888), "hmac": message["hmac"][::-1]})
        batch = [self.world.from_elsewhere(message) if self.seed.random() < 0.3 else message for message in batch]
        batch += [message for message in batch if self.seed.random() < 0.2]
        self.seed.shuffle(batch)
        for start in range(0, len(batch), 10):
            self.world.deliver(*batch[start : start + 10])

    def work_until(self, stop: threading.Event) -> None:
        while not stop.wait(0.2):
            self.deliver_what_came()


def ask_for_all(world: World, players: list[Any], kinds: list[str], postman: Postman) -> dict[str, tuple[str, int]]:
    """Ask for every deposit from many threads; return kind and cents by payment id."""
    stop = threading.Event()

    def one(number: int) -> tuple[str, tuple[str, int]]:
        player, shillings = players[number % PLAYERS], 20 + number
        rule = {"match": {"kind": "stk", "phone": player.phone, "amount": shillings}, "times": 1}
        script = WORST[kinds[number]]
        # A request whose token has died is sent once more, under a new one: M-Pesa then does as it should.
        scripts = [script, APPROVE] if "expire_token" in script else [script]
        world.mpesa.control("POST", "/scripts", [{**rule, "script": each} for each in scripts])
        answer = world.pay_in(player.id, str(shillings), request_id=f"request-{number:04d}")
        return answer["data"]["id"], (kinds[number], shillings * 100)

    with ThreadPoolExecutor(17) as pool:
        delivering = pool.submit(postman.work_until, stop)
        try:
            # A player's second prompt comes when the first is over: M-Pesa locks a subscriber with an open one.
            first = list(pool.map(one, range(PLAYERS)))
            second = list(pool.map(one, range(PLAYERS, DEPOSITS)))
        finally:
            stop.set()
        delivering.result()
    return dict(first + second)


def payments_of(world: World) -> list[dict[str, Any]]:
    return [item for item in world.table.scan() if item["sk"] == "PAYMENT"]


def settle(world: World, postman: Postman, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let M-Pesa finish, ask about what is open, pull, and deliver what comes, until nothing is left to happen."""

    def states() -> dict[str, tuple[str, int]]:
        return {item["payment_id"]: (item["status"], item["version"]) for item in payments_of(world)}

    def left() -> dict[str, Any]:
        """What may still happen by itself, or by a release."""
        found = {"under way": world.mpesa.agenda(), "held": world.mpesa.held(), "undelivered": postman.behind()}
        return {name: what for name, what in found.items() if what}

    def nothing_happens_any_more() -> bool:
        before = states()
        world.mpesa.control("POST", "/deliveries/release", {"order": "reverse"})
        wait_for(lambda: not world.mpesa.agenda(), "end of what M-Pesa does", left)
        postman.deliver_what_came()
        for item in world.stores.payments.open_payments("9999")[0]:
            world.follow_up(item["payment_id"])
        world.pull({"pull": True})
        return states() == before and not left()

    wait_for(
        nothing_happens_any_more,
        "rest",
        lambda: (left(), Counter((item["kind"], item["status"]) for item in payments_of(world))),
        seconds=600,
    )
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
    world.pull({"pull": "new"})
    followups = world.flows.followups
    for item in world.stores.payments.open_payments("9999")[0]:
        followups.take(followups.FollowUp(item["payment_id"], item["version"], 2, 0))  # the last look


def check_payments(
    payments: list[Any], books: list[Any], asked: dict[str, tuple[str, int]], people: dict[str, str]
) -> None:
    """What M-Pesa took is completed once, under its receipt, for whose phone paid; nothing else is."""
    completed = {item["receipt"]: item for item in payments if item["status"] == "COMPLETED" and "receipt" in item}
    assert len(completed) == sum(item["status"] == "COMPLETED" for item in payments)
    assert set(completed) == {row["receipt"] for row in books}
    for row in books:
        item = completed[row["receipt"]]
        assert item["user_id"] == people[row["phone"]]
        assert item["amount_cents"] == Decimal(row["amount"]) * 100
    assert {item["payment_id"] for item in payments if item["kind"] == "DEPOSIT"} == set(asked)
    paid = {asked[item["payment_id"]][0] for item in completed.values() if item["payment_id"] in asked}
    assert paid == {
        kind for kind, script in WORST.items() if script.get("outcome") == "approve" or "expire_token" in script
    }
    assert [item for item in payments if item["status"] in OPEN] == []  # everything ends


def check_ledger(world: World, wallet: Any, payments: list[Any], books: list[Any], seed: random.Random) -> None:
    """The wallet, told everything twice in no order, owes players and taxes exactly what M-Pesa took."""
    told = []
    for item in payments:
        for event in world.events(item["payment_id"], "FAILED" if item["status"] == "COMPLETED" else None):
            if type(event).__name__ == "DepositCompleted":
                told.append(event)
    told *= 2
    seed.shuffle(told)
    for event in told:
        detail = {"id": uuid.uuid4().hex, "time": "2026-11-24T00:00:00Z", "version": 1, "data": event.data()}
        body = {"source": event.source, "detail-type": type(event).__name__, "detail": detail}
        records = {"Records": [{"messageId": "1", "body": json.dumps(body)}]}
        assert wallet.handler(records) == {"batchItemFailures": []}
    report = audit(stores("wallet").table.scan())
    assert report.balanced, report.problems[:5]
    taken = sum(int(Decimal(row["amount"]) * 100) for row in books)
    assert report.totals["mpesa:paybill"] == -taken
    assert report.totals["players:available"] + report.totals["tax:excise"] == taken
    assert taken == -int(Decimal(world.mpesa.control("GET", "/books")["organisation"]["working"]) * -100)
