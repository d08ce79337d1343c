"""Faults on the deployed platform: lost answers, conflicts, throttles, killed functions. No cent is lost or made.

Every test ends in the same state of rest: all decided, every queue empty, the books balanced, the player's money exact.
The faults are counted, so that a test that met none does not pass.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from betsafi.ids import derive_id
from betsafi.money import format_amount
from localcloud.cloud.running import Cloud, get_json, post_json
from localcloud.demo import seed
from localcloud.demo.app import App, AppError
from localcloud.demo.seed import new_app, signed_in
from localcloud.journey.asking import BET, DEPOSIT, PAYMENT, PLACE_BET, WITHDRAW, money, results_input
from tests.e2e import faults
from tests.e2e.conftest import balance, new_market, new_player, opened
from tests.e2e.faults import (
    BUS_THROTTLE,
    CONFLICT,
    LOST_ANSWER,
    SDK_ATTEMPTS,
    TABLE_THROTTLE,
    TABLES,
    Mpesa,
    Proxy,
    about,
    telling,
)
from tests.support.taxes import credited, paid_out, returned
from tests.support.waiting import eventually

pytestmark = [pytest.mark.early, pytest.mark.usefixtures("killed")]
"""Nobody else leaves anything in a queue meanwhile: every test waits until all are empty. One bet is killed at the
beginning and judged near the end, long after the last sign of it."""

FUNCTIONS = [
    *("bet-graphql", "bet-settlement", "bet-stream"),
    *("wallet-api", "wallet-consumer", "wallet-stream"),
    *("payment-graphql", "payment-callback", "payment-stream", "payment-followup"),
]
CALLS_OF_A_SERVICE = 3
"""How often one service calls another before it gives up."""

PATIENT = {"bet-graphql": {"ACCEPT_SECONDS": "20"}, "bet-stream": {"FOLLOWUP_SECONDS": "21"}}
"""A bet may be accepted for as long as `placeBet` may run, so that no number of retries makes it late: whether a bet is
accepted never depends on how fast the machine is."""

LATE_MILLISECONDS = 75_000
"""So long that a bet that nobody accepts was rejected well before; other tests run meanwhile."""

CREDIT = credited(1000_00)
"""What a deposit here brings."""
TAKEN_OUT = 500_00 - returned(500_00)
"""What a withdrawal here costs the wallet."""
PAID_OUT = Decimal(paid_out(500_00)) / 100
"""What M-Pesa pays of it, in shillings."""
TRIES_OF_A_TRANSACTION = 12
"""How often a transaction in conflict is tried before it is CONTENTION."""


@pytest.fixture(scope="module")
def proxy(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy, with every function that moves money behind it."""
    log = tmp_path_factory.mktemp("proxy") / "microburst.log"
    with faults.running_proxy(cloud, log) as running, faults.routed(cloud, running, FUNCTIONS, PATIENT):
        yield running


@dataclass(frozen=True)
class World:
    """What a test works with: one new player who paid in KES 1,000.00, and a market of the test's own."""

    cloud: Cloud
    proxy: Proxy
    player: App
    market: str
    pool: ThreadPoolExecutor

    def slip(self, request_id: str, stake: str = "100.00") -> dict[str, Any]:
        """Return a bet on the home side at 2.00."""
        pick = {"marketId": self.market, "selectionId": f"{self.market}/1", "odds": "2.00"}
        return {"clientRequestId": request_id, "stake": money(stake), "selections": [pick]}

    def place(self, request_id: str, stake: str = "100.00") -> Any:
        """Place that bet. Raises AppError."""
        return self.player.ask(PLACE_BET, input=self.slip(request_id, stake))

    def asking(self, document: str, **variables: Any) -> "Future[str]":
        """Ask from another phone of the player's, meanwhile; the future is what was told (see `told`)."""
        phone = new_app(self.cloud, self.player.phone, self.player.password)
        phone.sign_in()
        return self.pool.submit(told, lambda: phone.ask(document, **variables))

    def bet_id(self, request_id: str) -> str:
        """Return the id that the bet of a request has, before it is placed too."""
        return derive_id("bet", self.player.user_id, request_id)

    def payment_id(self, kind: str, request_id: str) -> str:
        """Return the id that a "deposit" or "withdrawal" has, before it is asked for too."""
        return derive_id("payment", kind, self.player.user_id, request_id)

    def status(self, bet_id: str) -> str:
        """Return a bet's status."""
        return str(self.player.ask(BET, id=bet_id)["status"])

    def decided(self, bet_id: str) -> str:
        """Return a bet's status once it is not PENDING any more."""
        eventually(lambda: self.status(bet_id) != "PENDING", f"decision of {bet_id}")
        return self.status(bet_id)

    def settle(self, winner: str = "1") -> None:
        """Have two traders settle the market."""
        seed.settle(self.cloud, self.market, results_input(winner))

    def phone_approves(self) -> None:
        """Have the player's phone approve the next prompt."""
        rule = {"match": {"kind": "stk", "phone": self.player.phone.lstrip("+")}, "times": 1}
        script = {"outcome": "approve", "delay_s": 0.1}
        post_json(f"{self.cloud.addresses.daraja}/_fake/scripts", {**rule, "script": script})

    def pays_in(self, request_id: str) -> None:
        """Ask for a deposit of KES 1,000.00, whose prompt is sent, and then approve it on the phone."""
        asked = self.player.ask(DEPOSIT, id=request_id, amount=money("1000"))
        assert asked["status"] == "SUBMITTED"
        prompts, phone = f"{self.cloud.addresses.daraja}/_fake/prompts", self.player.phone.lstrip("+")
        (prompt,) = get_json(f"{prompts}?phone={phone}")["prompts"]
        post_json(f"{prompts}/{prompt['checkoutRequestID']}", {"action": "approve", "pin": "1234"})

    def completed(self, payment_id: str) -> None:
        """Wait until a payment is COMPLETED. Asking may meet a fault too, so a refusal is no end of it."""

        def status() -> str:
            return str(self.player.ask(PAYMENT, id=payment_id)["status"])

        eventually(lambda: status() == "COMPLETED", f"completion of {payment_id}", AppError)

    def rests(self, available: str, held: str = "0.00") -> None:
        """End all faults; then everything comes to rest, with exactly this money, balanced books and empty queues."""
        self.proxy.clear()
        eventually(lambda: balance(self.player) == (available, held), f"balance of {available} and {held} held")
        eventually(lambda: not faults.waiting_messages(self.cloud), "rest")
        faults.assert_books(self.cloud)
        assert balance(self.player) == (available, held)


@contextmanager
def a_world(cloud: Cloud, proxy: Proxy) -> Iterator[World]:
    """Make a player who paid in KES 1,000.00 and a market; no fault outlives the block."""
    trader = signed_in(cloud, "trader")
    player = opened(new_player(cloud))
    with ThreadPoolExecutor() as pool:
        world = World(cloud, proxy, player, new_market(trader, f"faults-{uuid4().hex[:8]}", "2.00"), pool)
        world.phone_approves()
        player.ask(DEPOSIT, id="first-deposit", amount=money("1000"))
        eventually(lambda: balance(player) == (format_amount(CREDIT), "0.00"), "credit of the deposit")
        yield world
        proxy.clear()


@pytest.fixture
def world(cloud: Cloud, proxy: Proxy) -> Iterator[World]:
    """A player and a market of the test's own."""
    with a_world(cloud, proxy) as made:
        yield made


@dataclass(frozen=True)
class Killed:
    """A bet whose function was killed: the balance (available, held) at that moment, and what the player was told."""

    world: World
    bet_id: str
    before: tuple[str, str]
    told: str


@pytest.fixture(scope="module")
def killed(cloud: Cloud, proxy: Proxy) -> Iterator[Killed]:
    """Kill the function of a bet before its acceptance arrives, which is long on its way: whoever judges asks last."""
    with a_world(cloud, proxy) as world:
        bet_id = world.bet_id("killed-bet")
        late = proxy.inject("TransactWriteItems", about(bet_id, TABLES["bet"]), {"latency": LATE_MILLISECONDS})
        answer = world.asking(PLACE_BET, input=world.slip("killed-bet"))
        eventually(lambda: late.fired == 1, "acceptance on its way")
        before = balance(world.player)
        assert faults.kill_workers("bet-graphql", os.getpid())
        yield Killed(world, bet_id, before, answer.result())


Scenario = Callable[[World], tuple[str, str]]
"""A test that waits much and computes little; it returns what must be (available, held) in the end."""


@pytest.fixture(scope="module")
def ended(cloud: Cloud, proxy: Proxy) -> Iterator[dict[Scenario, tuple[World, "Future[tuple[str, str]]"]]]:
    """The scenarios, played at the same time in worlds of their own, and how each ended."""
    scenarios: list[Scenario] = [bets_without_answers, money_without_answers, throttled]
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        worlds = {scenario: stack.enter_context(a_world(cloud, proxy)) for scenario in scenarios}
        played = {scenario: (world, pool.submit(scenario, world)) for scenario, world in worlds.items()}
        wait([future for _, future in played.values()])
        yield played


def told(act: Callable[[], Any]) -> str:
    """Return the type of the refusal, or the status in the answer."""
    try:
        return str(act()["status"])
    except AppError as refusal:
        return str(refusal.type)


def moving(payment_id: str, status: str) -> str:
    """Return the matcher of a payment's move to a status."""
    return about(payment_id) + f" && ExpressionAttributeValues.\":status\".S == '{status}'"


# -- lost answers


def test_a_lost_answer_while_placing_is_not_noticed(world: World) -> None:
    """Each write of the placing path, once: the bet is accepted and its stake held once."""
    writes = {
        "the pending bet": ("PutItem", TABLES["bet"]),
        "the hold": ("TransactWriteItems", TABLES["wallet"]),
        "the acceptance": ("TransactWriteItems", TABLES["bet"]),
    }
    for n, (what, (operation, table)) in enumerate(writes.items()):
        request_id = f"lost-once-{n}"
        fault = world.proxy.inject(operation, about(world.bet_id(request_id), table), LOST_ANSWER)
        assert world.place(request_id)["status"] == "ACCEPTED", what
        assert fault.fired == 1, what
        assert world.place(request_id)["status"] == "ACCEPTED", what
    world.rests(format_amount(CREDIT - 300_00), "300.00")


def test_a_bet_is_paid_once_when_answers_are_lost_while_settling(world: World) -> None:
    """Each write of the settling path and each event, once."""
    bet_id = world.place("lost-while-settling")["id"]
    proxy, user_id = world.proxy, world.player.user_id
    lost = [
        proxy.inject("UpdateItem", about(bet_id), LOST_ANSWER),
        proxy.inject("TransactWriteItems", about(bet_id, TABLES["wallet"]), LOST_ANSWER),
        proxy.inject("PutEvents", telling("MarketSettled", world.market), LOST_ANSWER),
        proxy.inject("PutEvents", telling("BetSettled", bet_id), LOST_ANSWER),
        proxy.inject("PutEvents", telling("BalanceChanged", user_id), LOST_ANSWER),
    ]
    world.settle()
    eventually(lambda: balance(world.player) == (format_amount(CREDIT + 100_00), "0.00"), "payout")
    eventually(lambda: [fault.fired for fault in lost] == [1] * 5, "each lost answer")
    bet = world.player.ask(BET, id=bet_id)
    assert (bet["outcome"], bet["payout"]["amount"]) == ("WON", "200.00")
    world.rests(format_amount(CREDIT + 100_00))


def test_a_deposit_goes_on_when_the_answer_of_its_first_write_is_lost(world: World) -> None:
    """Nothing was sent yet, so the prompt can be sent now."""
    fault = world.proxy.inject("TransactWriteItems", about(world.payment_id("deposit", "lost-new")), LOST_ANSWER)
    world.pays_in("lost-new")
    assert fault.fired == 1
    world.rests(format_amount(2 * CREDIT))


def test_money_in_and_out_moves_once_when_answers_are_lost(world: World) -> None:
    """Each write of the deposit and of the withdrawal path, once; M-Pesa's own books agree."""
    proxy, in_id, out_id = (
        world.proxy,
        world.payment_id("deposit", "lost-in1"),
        world.payment_id("withdrawal", "lost-out"),
    )
    paying_in = [
        proxy.inject("UpdateItem", moving(in_id, "SUBMITTED"), LOST_ANSWER),
        proxy.inject("TransactWriteItems", about(in_id, TABLES["payment"]), LOST_ANSWER),
        proxy.inject("PutEvents", telling("DepositCompleted", in_id), LOST_ANSWER),
        proxy.inject("TransactWriteItems", about(in_id, TABLES["wallet"]), LOST_ANSWER),
    ]
    world.pays_in("lost-in1")
    world.completed(in_id)
    eventually(lambda: balance(world.player) == (format_amount(2 * CREDIT), "0.00"), "credit")
    assert [fault.fired for fault in paying_in] == [1, 1, 1, 1]

    paying_out = [
        proxy.inject("TransactWriteItems", about(out_id, TABLES["payment"]), LOST_ANSWER),
        proxy.inject_at_api(out_id, LOST_ANSWER, 1),
        proxy.inject("TransactWriteItems", about(f"HOLD#{out_id}#0000"), LOST_ANSWER),
        proxy.inject("UpdateItem", moving(out_id, "HELD"), LOST_ANSWER),
        proxy.inject("UpdateItem", moving(out_id, "SUBMITTED"), LOST_ANSWER),
        proxy.inject("TransactWriteItems", about(out_id, TABLES["payment"]), LOST_ANSWER),
        proxy.inject("PutEvents", telling("WithdrawalCompleted", out_id), LOST_ANSWER),
        proxy.inject("TransactWriteItems", about(f"HOLD#{out_id}#0001"), LOST_ANSWER),
    ]
    assert world.player.ask(WITHDRAW, id="lost-out", amount=money("500"))["id"] == out_id
    world.completed(out_id)
    eventually(lambda: balance(world.player) == (format_amount(2 * CREDIT - TAKEN_OUT), "0.00"), "pay-out")
    assert [fault.fired for fault in paying_out] == [1] * 8
    world.rests(format_amount(2 * CREDIT - TAKEN_OUT))
    assert faults.mpesa(world.cloud, world.player.phone) == Mpesa(Decimal(2000), 2, PAID_OUT, 1)


# -- conflicts and throttles


def test_a_conflict_is_never_told_as_a_lack_of_money(world: World) -> None:
    """Another transaction is at the item a few times: the player sees success, on every path."""
    bet_id = world.bet_id("conflict")
    conflicts = [
        world.proxy.inject("TransactWriteItems", about(f"HOLD#{bet_id}#0000"), CONFLICT, 3),
        world.proxy.inject("TransactWriteItems", about(bet_id, TABLES["bet"]), CONFLICT, 3),
        world.proxy.inject("TransactWriteItems", about(f"HOLD#{bet_id}#0001"), CONFLICT, 3),
    ]
    assert world.place("conflict", format_amount(CREDIT))["status"] == "ACCEPTED"
    assert balance(world.player) == ("0.00", format_amount(CREDIT))
    world.settle()
    eventually(lambda: balance(world.player) == (format_amount(2 * CREDIT), "0.00"), "payout")
    assert [fault.fired for fault in conflicts] == [3, 3, 3]
    world.rests(format_amount(2 * CREDIT))


def test_a_conflict_without_end_is_contention_and_gives_the_stake_back(world: World) -> None:
    """The wallet's account or the market's guard is never free: refused as busy, and nothing is held."""
    stuck = {
        name: world.proxy.inject("TransactWriteItems", about(world.bet_id(f"stuck-{name}"), table), CONFLICT, None)
        for name, table in (("hold", TABLES["wallet"]), ("accept", TABLES["bet"]))
    }
    asked = {name: world.asking(PLACE_BET, input=world.slip(f"stuck-{name}")) for name in stuck}
    answers = {name: answer.result() for name, answer in asked.items()}
    assert answers == {"hold": "UNAVAILABLE", "accept": "CONTENTION"}
    assert stuck["accept"].fired == TRIES_OF_A_TRANSACTION
    tries = CALLS_OF_A_SERVICE * TRIES_OF_A_TRANSACTION
    eventually(lambda: stuck["hold"].fired == tries, f"{tries} tries of the hold")
    assert [world.status(world.bet_id(f"stuck-{name}")) for name in stuck] == ["REJECTED", "REJECTED"]
    world.rests(format_amount(CREDIT))


# -- the long ones, at the same time


def bets_without_answers(world: World) -> tuple[str, str]:
    """The function gives up after the write was applied: the bet stands with its stake or is rejected without one."""
    proxy, bet_id = world.proxy, world.bet_id
    every = {
        "pending": proxy.inject("PutItem", about(bet_id("every-pending")), LOST_ANSWER, SDK_ATTEMPTS),
        "hold": proxy.inject(
            "TransactWriteItems", about(bet_id("every-hold"), TABLES["wallet"]), LOST_ANSWER, SDK_ATTEMPTS
        ),
        "call": proxy.inject_at_api(bet_id("every-call"), LOST_ANSWER, CALLS_OF_A_SERVICE),
        "accept": proxy.inject(
            "TransactWriteItems", about(bet_id("every-accept"), TABLES["bet"]), LOST_ANSWER, SDK_ATTEMPTS
        ),
    }
    asked = {name: world.asking(PLACE_BET, input=world.slip(f"every-{name}")) for name in every}
    first = {name: answer.result() for name, answer in asked.items()}
    ended = {name: world.decided(bet_id(f"every-{name}")) for name in every}
    assert {name: fault.fired for name, fault in every.items()} == {"pending": 4, "hold": 4, "call": 3, "accept": 4}
    assert {name: (first[name], ended[name]) for name in every} == {
        "pending": ("INTERNAL_ERROR", "REJECTED"),  # nobody asked again: it is left to its follow-up
        "hold": ("ACCEPTED", "ACCEPTED"),  # the wallet is asked again
        "call": ("UNAVAILABLE", "REJECTED"),
        "accept": ("INTERNAL_ERROR", "ACCEPTED"),
    }
    again = {name: world.place(f"every-{name}") for name in every}
    assert {name: bet["status"] for name, bet in again.items()} == ended
    assert {name: bet["id"] for name, bet in again.items()} == {name: bet_id(f"every-{name}") for name in every}
    return format_amount(CREDIT - 200_00), "200.00"


def money_without_answers(world: World) -> tuple[str, str]:
    """A settlement, a deposit and a withdrawal at once, each with functions that give up after their write was applied:
    the queues and the follow-ups finish all three."""
    proxy, bet_id = world.proxy, world.place("every-settle")["id"]
    in_id, out_id = world.payment_id("deposit", "every-in"), world.payment_id("withdrawal", "every-out")
    every = [
        proxy.inject("TransactWriteItems", about(f"HOLD#{bet_id}#0001"), LOST_ANSWER, SDK_ATTEMPTS),
        proxy.inject("PutEvents", telling("BetSettled", bet_id), LOST_ANSWER, SDK_ATTEMPTS),
        proxy.inject("UpdateItem", moving(in_id, "SUBMITTED"), LOST_ANSWER, SDK_ATTEMPTS),
        proxy.inject("TransactWriteItems", about(in_id, TABLES["payment"], "COMPLETED"), LOST_ANSWER, SDK_ATTEMPTS),
        proxy.inject("TransactWriteItems", about(in_id, TABLES["wallet"]), LOST_ANSWER, SDK_ATTEMPTS),
        proxy.inject("UpdateItem", moving(out_id, "HELD"), LOST_ANSWER, SDK_ATTEMPTS),
        proxy.inject("TransactWriteItems", about(f"HOLD#{out_id}#0001"), LOST_ANSWER, SDK_ATTEMPTS),
    ]
    world.settle()
    world.phone_approves()
    with faults.paused(world.cloud, "payment-followup"):  # it would take a share of the answers that are to be lost
        paying_in = world.asking(DEPOSIT, id="every-in", amount=money("1000"))
        paying_out = world.asking(WITHDRAW, id="every-out", amount=money("500"))
        assert (paying_in.result(), paying_out.result()) == ("INTERNAL_ERROR", "INTERNAL_ERROR")
    world.completed(in_id)
    world.completed(out_id)
    eventually(lambda: balance(world.player) == (format_amount(2 * CREDIT + 100_00 - TAKEN_OUT), "0.00"), "all money")
    eventually(lambda: [fault.fired for fault in every] == [SDK_ATTEMPTS] * len(every), "every lost answer")
    assert faults.mpesa(world.cloud, world.player.phone) == Mpesa(Decimal(2000), 2, PAID_OUT, 1)
    return format_amount(2 * CREDIT + 100_00 - TAKEN_OUT), "0.00"


def throttled(world: World) -> tuple[str, str]:
    """The tables and the bus refuse for a while, longer than the SDK asks on: every event arrives, each fact once."""
    with faults.tapped_bus(world.cloud) as tap:
        bet_id = world.bet_id("throttled")
        beyond = SDK_ATTEMPTS + 1
        throttles = {
            world.proxy.inject("PutItem", about(bet_id), TABLE_THROTTLE, 1): 1,
            world.proxy.inject("TransactWriteItems", about(f"HOLD#{bet_id}#0000"), TABLE_THROTTLE, 1): 1,
            world.proxy.inject("TransactWriteItems", about(bet_id, TABLES["bet"]), TABLE_THROTTLE, 1): 1,
            world.proxy.inject("UpdateItem", about(bet_id), TABLE_THROTTLE, 1): 1,
            world.proxy.inject("TransactWriteItems", about(f"HOLD#{bet_id}#0001"), TABLE_THROTTLE, beyond): beyond,
            world.proxy.inject("PutEvents", telling("BetAccepted", bet_id), BUS_THROTTLE, beyond): beyond,
            world.proxy.inject("PutEvents", telling("BetSettled", bet_id), BUS_THROTTLE, 1): 1,
        }
        assert world.place("throttled")["status"] == "ACCEPTED"
        world.settle()
        eventually(lambda: balance(world.player) == (format_amount(CREDIT + 100_00), "0.00"), "payout")
        assert [fault.fired for fault in throttles] == list(throttles.values())
        once = {"BetAccepted": 1, "BetSettled": 1}
        # The balance is published with the payout and names the bet that it is for; with the stake the bet alone is.
        facts = {key: {**once, "BalanceChanged": 1} for key in (bet_id, world.player.user_id)}
        eventually(lambda: all(tap.about(key) == wanted for key, wanted in facts.items()), f"{facts} on the bus")
        assert tap.about(world.market)["MarketSettled"] == 1
    return format_amount(CREDIT + 100_00), "0.00"


SCENARIOS: dict[str, Scenario] = {
    "a bet is whole or nothing when no attempt gets its answer": bets_without_answers,
    "money moves once when no attempt gets its answer": money_without_answers,
    "throttles lose no write and no event": throttled,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(ended: dict[Scenario, tuple[World, "Future[tuple[str, str]]"]], name: str) -> None:
    """The scenario kept its promises, and then everything came to rest."""
    world, end = ended[SCENARIOS[name]]
    world.rests(*end.result())


# -- killed functions


def test_a_bet_whose_function_was_killed_is_rejected_and_its_stake_comes_back(killed: Killed) -> None:
    """Killed between the hold and the acceptance, whose write arrives only after the bet was rejected: too late."""
    world, bet_id = killed.world, killed.bet_id
    assert killed.before == (format_amount(CREDIT - 100_00), "100.00")
    assert killed.told == "INTERNAL_ERROR"
    assert world.decided(bet_id) == "REJECTED"
    eventually(lambda: balance(world.player) == (format_amount(CREDIT), "0.00"), "stake back")
    eventually(lambda: world.proxy.held == 0, "late acceptance")
    again = world.place("killed-bet")
    assert (again["id"], again["status"]) == (bet_id, "REJECTED")
    world.rests(format_amount(CREDIT))


def test_a_deposit_whose_function_was_killed_after_the_push_is_credited(world: World) -> None:
    """Killed before it could write down that the prompt was sent: the callback finds the payment and credits it."""
    payment_id = world.payment_id("deposit", "killed-in")
    late = world.proxy.inject("UpdateItem", moving(payment_id, "SUBMITTED"), {"latency": 4_000})
    world.phone_approves()
    answer = world.asking(DEPOSIT, id="killed-in", amount=money("1000"))
    eventually(lambda: late.fired == 1, "prompt sent")
    assert faults.kill_workers("payment-graphql", os.getpid())
    assert answer.result() == "INTERNAL_ERROR"
    world.completed(payment_id)
    eventually(lambda: world.proxy.held == 0, "late move")
    assert world.player.ask(DEPOSIT, id="killed-in", amount=money("1000"))["status"] == "COMPLETED"
    world.rests(format_amount(2 * CREDIT))
    assert faults.mpesa(world.cloud, world.player.phone) == Mpesa(Decimal(2000), 2, Decimal(0), 0)


# -- at the end


def test_after_all_faults_the_ledger_agrees_with_mpesa(world: World) -> None:
    """Nothing is to come any more, and what the ledger says came from M-Pesa and went there is what M-Pesa says."""
    eventually(lambda: not faults.waiting_messages(world.cloud, delayed=True), "last follow-up")
    world.rests(format_amount(CREDIT))
    totals = get_json(f"{world.cloud.addresses.daraja}/_fake/books")["totals"]
    ledger = faults.assert_books(world.cloud)
    assert ledger["mpesa:paybill"] == -100 * Decimal(totals["stkReceived"])
    assert ledger["mpesa:utility"] == 100 * Decimal(totals["b2cPaid"])
    for (service, operation, effect), count in sorted(world.proxy.totals().items()):
        print(f"{count:4} × {service} {operation}: {effect}")
