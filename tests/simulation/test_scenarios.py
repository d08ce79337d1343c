"""Schedules that are too rare to wait for, arranged by hand: who is slow, and where. The laws judge them too."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.simulation import laws
from tests.simulation.faults import KINDS, Plan
from tests.simulation.laws import Watch
from tests.simulation.scheduler import SECOND, Killed
from tests.simulation.services import Services
from tests.simulation.world import Player, World
from tools.localcloud.daraja.scripts import Script

PLAYER = "player-0"
PAY_SECONDS = 25
"""How long M-Pesa takes to pay: longer than anything else here."""


class Arranged(World):
    """A world without faults but those that a test arranges; `hold_up` sees every call before it goes out."""

    watch: Watch
    hold_up: Callable[[str, str, str], None] = staticmethod(lambda task, call, body: None)

    def aws(self, service: str, operation: str, request: dict[str, Any]) -> Any:
        self.hold_up(self.scheduler.current.name, operation, json.dumps(request))
        return super().aws(service, operation, request)

    def http(self, base: str, method: str, path: str, body: str, headers: dict[str, str]) -> Any:
        self.hold_up(self.scheduler.current.name, path.rsplit("/", 1)[-1], body)
        return super().http(base, method, path, body, headers)

    def lose(self, seconds: float = 4) -> None:
        """Let the present call never arrive: its caller waits in vain."""
        self.scheduler.sleep(int(seconds * SECOND))
        raise ReadTimeoutError(endpoint_url="nowhere")

    def credit(self, cents: int) -> None:
        """Give the player money, as a fact on the bus."""
        fact = {"depositId": "earlier", "userId": PLAYER, "amountCents": cents, "creditCents": cents, "exciseCents": 0}
        detail = {"id": "x", "time": "2026-11-22T09:00:00Z", "version": 1, "data": fact}
        entry = {"Source": "betsafi.payment", "DetailType": "DepositCompleted", "Detail": json.dumps(detail)}
        self.bus.put([entry])


@pytest.fixture
def world(services: Services) -> Iterator[Arranged]:
    """A world with one player who has no money, and an M-Pesa that pays, slowly."""
    made = Arranged(Plan(1, 0, kinds_off=frozenset(KINDS)), services, lambda changes: made.watch(changes))
    made.watch = Watch(made)
    made.faults.active = False
    scripts = made.mpesa.gateway.scripts
    scripts.take = lambda kind, *_, **__: Script(delay_s=PAY_SECONDS) if kind == "b2c" else None  # type: ignore[method-assign]
    made.players[PLAYER] = Player(PLAYER, "254710000000")
    made.tell("UserRegistered", {"userId": PLAYER, "registeredAt": "2026-11-22T09:00:00Z"})
    made.scheduler.run(5)
    yield made
    made.close()


def withdraw(world: Arranged) -> list[Any]:
    """Ask for KES 100.00; return the answers as they come."""
    answers: list[Any] = []
    arguments = {"amount": {"currency": "KES", "amount": "100.00"}, "clientRequestId": "request-1"}
    world.ask("payment", PLAYER, "withdraw", arguments, lambda outcome: answers.append(outcome.value))
    return answers


def judge(world: Arranged) -> None:
    """Let everything end, and check the laws."""
    world.scheduler.run(7_200)
    dead = [message.body for queue in world.queues.values() for message in queue.dead]
    laws.demand(not dead, "no dead letter is left after redrive", dead)
    laws.withdrawals(world, world.watch)


def test_a_withdrawal_without_money_is_refused_and_costs_nothing(world: Arranged) -> None:
    answers = withdraw(world)
    judge(world)
    assert answers[0]["error"]["type"] == "INSUFFICIENT_FUNDS"


def test_a_slow_follow_up_that_was_refused_does_not_give_back_what_another_had_paid(world: Arranged) -> None:
    happened: list[str] = []

    def hold_up(task: str, call: str, body: str) -> None:
        if task == "payment.graphql" and call == "holds":
            raise Killed  # the first process dies before it asks the wallet
        if task == "payment.followup" and call == "update_item" and '"FAILED"' in body and "slow" not in happened:
            happened.append("slow")
            world.scheduler.sleep(12 * SECOND)

    world.hold_up = hold_up
    withdraw(world)
    followups = world.queues["payment/followUps"]
    world.scheduler.after(21 * SECOND, lambda: world.credit(50_000))
    world.scheduler.after(22 * SECOND, lambda: followups.send(followups.ever[0]))  # SQS delivers at least once
    judge(world)


def test_a_slow_refusal_does_not_release_what_the_follow_up_has_held(world: Arranged) -> None:
    tries = {"holds": 0, "release": 0}

    def hold_up(task: str, call: str, body: str) -> None:
        if task != "payment.graphql" or call not in tries:
            return
        tries[call] += 1
        if tries[call] < 3:
            world.lose()
        world.scheduler.sleep(int(3.5 * SECOND))

    world.hold_up = hold_up
    withdraw(world)
    world.scheduler.after(15 * SECOND, lambda: world.credit(50_000))
    judge(world)
