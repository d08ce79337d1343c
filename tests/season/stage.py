"""The season's stage: the simulation's world without faults, its traders, and what is told to whom."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from betsafi import telemetry
from betsafi.dynamodb import Item, unmarshal
from tests.simulation.dynamodb import Change, Wire
from tests.simulation.faults import KINDS, Plan
from tests.simulation.scheduler import Outcome
from tests.simulation.services import Services
from tests.simulation.world import TABLES, Player, World

TRADERS = ("trader-1", "trader-2")
_PATIENCE = 120
"""Seconds, of the world's own time, in which whatever was begun has ended."""

_PROCESSES = 8
"""How many processes of a function stay warm; each has markets in its memory."""


class SeasonFailed(Exception):
    """Something is not as it must be."""


def demand(true: object, what: str, *detail: object) -> None:
    """Raise SeasonFailed unless it is so."""
    if not true:
        raise SeasonFailed(" ".join(map(str, (what, *detail))))


class Stage(World):
    """A world in which everything arrives, and nothing is kept that only a failing run of the simulation needs.

    `moved` by reference and part of an account: what the wallet's entries came to, as they were written.
    """

    def __init__(self, services: Services, seed: int) -> None:
        super().__init__(Plan(seed, 0, kinds_off=frozenset(KINDS)), services, self._written_to)
        self.faults.active = False
        self.moved: dict[str, Counter[str]] = defaultdict(Counter)

    def note(self, *parts: Any) -> None:
        """Keep no schedule: a season's would not fit."""

    def _written_to(self, changes: list[Change]) -> None:
        for change in changes:
            if change.table == TABLES["wallet"] and "postings" in (change.new or {}):
                entry = unmarshal(change.new or {})
                for account, cents in entry["postings"]:
                    owner, _, part = account.rpartition(":")
                    self.moved[entry["reference"]][part if owner.startswith("user:") else account] += cents

    def forget(self) -> None:
        """Let go of what was delivered, once everything was."""
        for name, stream in self.streams.items():
            demand(not stream.behind, "a stream is not worked off", name, [s.failures[-1:] for s in stream.shards])
            for shard in stream.shards:
                shard.records.clear()
                shard.position = 0
        for name, queue in self.queues.items():
            demand(not queue.dead and not queue.waiting, "a queue is not worked off", name, queue.failures[-1:])
            queue.ever.clear()
        self.bus.untaken.clear()
        for processes in self._idle.values():
            del processes[_PROCESSES:]

    def settle_down(self) -> None:
        """Let whatever is under way end; bets that were placed are looked after for some seconds more."""
        self.scheduler.run(_PATIENCE)
        self.forget()

    def pay_in(self, number: int, user_id: str, cents: int) -> None:
        """Register a player, with money that payment says has come."""
        self.players[user_id] = Player(user_id, f"2547{10_000_000 + number:08d}", ("en", "sw")[number % 2])
        self.tell("UserRegistered", {"userId": user_id, "registeredAt": "2026-11-22T09:00:00Z"})
        fact = {"depositId": f"deposit-{user_id}", "userId": user_id, "amountCents": cents}
        self.fact("DepositCompleted", {**fact, "creditCents": cents, "exciseCents": 0}, f"deposit-{number}")

    def fact(self, detail_type: str, data: Wire, event_id: str) -> None:
        """Put a fact of payment's on the bus."""
        detail = {"id": event_id, "time": "2026-11-22T09:00:00Z", "version": 1, "data": data}
        self.bus.put([{"Source": "betsafi.payment", "DetailType": detail_type, "Detail": json.dumps(detail)}])

    def call(self, user_id: str, field: str, arguments: Wire, *groups: str) -> Wire:
        """Ask a field of bet's and wait for the answer."""
        answers: list[Outcome] = []
        self.ask("bet", user_id, field, arguments, answers.append, *groups)
        while not answers:
            self.scheduler.run(0.5)
        demand(answers[0].error is None and answers[0].value, "no answer", field, answers[0].error)
        answer: Wire = answers[0].value
        return answer

    def trade(self, field: str, arguments: Wire, trader: str = TRADERS[0]) -> Any:
        """Have a trader do what is not refused; return what it comes to."""
        answer = self.call(trader, field, arguments, "trader")
        demand("data" in answer, "a trader is refused", field, arguments, answer)
        return answer["data"]

    def decide(self, field: str, **arguments: Any) -> None:
        """Have a trader decide, and another one agree where that takes two."""
        made = self.trade(field, arguments)
        if made.get("version") is None:
            made = self.trade(field, arguments, TRADERS[1])
        demand(made.get("version") is not None, "two traders do not decide", field, arguments, made)

    def items(self, service: str) -> Iterator[Item]:
        """Yield a table's items."""
        yield from map(unmarshal, self.database.items(TABLES[service]))

    def item(self, service: str, pk: str, sk: str) -> Item:
        """Return one item, empty where there is none."""
        return unmarshal(self.database.item(TABLES[service], pk, sk) or {})


@contextmanager
def staged(services: Services, seed: int) -> Iterator[Stage]:
    """Set a stage, until the block ends: without metrics, and with the limits of markets as they are deployed."""
    stage = Stage(services, seed)
    limits: Any = services.modules["bet.markets.limits"]
    with patch.object(limits, "settings", limits.Settings()), patch.object(telemetry, "_emit", lambda *_: None):
        try:
            yield stage
        finally:
            stage.close()
