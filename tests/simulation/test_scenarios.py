"""Schedules that are too rare to wait for, arranged by hand: who is slow, and where. The laws judge them too."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from betsafi.dynamodb import unmarshal
from localcloud.daraja.base.scripts import CallbackPlan, Extra, Reply, Script
from tests.simulation import laws
from tests.simulation.daraja import SOURCE_ADDRESS
from tests.simulation.dynamodb import Change, Wire
from tests.simulation.faults import KINDS, Plan
from tests.simulation.laws import Watch
from tests.simulation.scheduler import SECOND, Killed
from tests.simulation.services import Services
from tests.simulation.world import TABLES, Player, World

PLAYER, PHONE = "player-0", "254710000000"
ADMINS = ("admin-1", "admin-2")
LOST = CallbackPlan(lost=True)
PAY_SECONDS = 25
"""How long M-Pesa takes to pay: longer than anything else here."""


class Arranged(World):
    """A world without faults but those that a test arranges; `hold_up` sees every call before it goes out.

    `scripts` says how M-Pesa goes about each kind of request, the first one first; the last one stays.
    """

    watch: Watch
    scripts: dict[str, list[Script]]
    hold_up: Callable[[str, str, str], None] = staticmethod(lambda task, call, body: None)

    def aws(self, service: str, operation: str, request: dict[str, Any]) -> Any:
        self.hold_up(self.scheduler.current.name, operation, json.dumps(request, default=repr))
        return super().aws(service, operation, request)

    def http(self, base: str, method: str, path: str, body: str, headers: dict[str, str]) -> Any:
        self.hold_up(self.scheduler.current.name, path.rsplit("/", 1)[-1], body)
        return super().http(base, method, path, body, headers)

    def lose(self, seconds: float = 4) -> None:
        """Let the present call never arrive: its caller waits in vain."""
        self.scheduler.sleep(int(seconds * SECOND))
        raise ReadTimeoutError(endpoint_url="nowhere")

    def script(self, kind: str, *_: Any, **__: Any) -> Script | None:
        """Return how M-Pesa goes about a request."""
        planned = self.scripts.get(kind, [])
        return planned.pop(0) if len(planned) > 1 else planned[0] if planned else None

    def asked(self, user_id: str, field: str, arguments: Wire, *groups: str, seconds: float = 5) -> Any:
        """Ask a field and let some time pass; return what came back."""
        answers: list[Any] = []
        self.ask("payment", user_id, field, arguments, lambda outcome: answers.append(outcome.value), *groups)
        self.scheduler.run(seconds)
        return (answers[0] or {}).get("data") if answers else None

    def payments(self, kind: str) -> list[dict[str, Any]]:
        """Return the payments of a kind as they stand, the oldest first."""
        items = [unmarshal(wire) for wire in self.database.items(TABLES["payment"]) if wire["sk"]["S"] == "PAYMENT"]
        return sorted((item for item in items if item["kind"] == kind), key=lambda item: item["at"])

    def quarantined(self) -> list[str]:
        """Return why callbacks were not believed."""
        items = map(unmarshal, self.database.items(TABLES["payment"]))
        return [item["reason"] for item in items if item["pk"].startswith("QUARANTINE#")]

    def available(self) -> int:
        """Return what the player may spend, in cents."""
        account = unmarshal(self.database.item(TABLES["wallet"], f"USER#{PLAYER}", "ACCOUNT") or {})
        return int(account["available"])

    def credit(self, cents: int) -> None:
        """Give the player money, as a fact on the bus."""
        fact = {"depositId": "earlier", "userId": PLAYER, "amountCents": cents, "creditCents": cents, "exciseCents": 0}
        detail = {"id": "x", "time": "2026-11-22T09:00:00Z", "version": 1, "data": fact}
        entry = {"Source": "betsafi.payment", "DetailType": "DepositCompleted", "Detail": json.dumps(detail)}
        self.bus.put([entry])


@pytest.fixture
def world(services: Services) -> Iterator[Arranged]:
    """A world with one player who has no money, and an M-Pesa that takes at once and pays slowly."""

    def watching(changes: list[Change]) -> None:
        try:
            made.watch(changes)
        except laws.LawBroken as broken:
            made.scheduler.fail(broken)

    made = Arranged(Plan(1, 0, kinds_off=frozenset(KINDS)), services, watching)
    made.watch = Watch(made)
    made.faults.active = False
    made.scripts = {"b2c": [Script(delay_s=PAY_SECONDS)], "stk": [Script(outcome="approve", delay_s=2)]}
    made.mpesa.mpesa.paybill.asks_before = False
    made.mpesa.gateway.scripts.take = made.script  # type: ignore[method-assign]
    made.reviews_first = False
    for name, changes in {
        "payment.flows.withdrawals": {"review_first_withdrawal": False},
        "payment.flows.paybill": {"source_addresses": [SOURCE_ADDRESS]},
        "payment.stores.channel": {"requests_per_second": 0},
    }.items():
        module: Any = services.modules[name]
        module.settings = replace(module.settings, **changes)
    made.players[PLAYER] = Player(PLAYER, PHONE)
    made.tell("UserRegistered", {"userId": PLAYER, "registeredAt": "2026-11-22T09:00:00Z"})
    made.asked(ADMINS[0], "registerPaybill", {}, "admin")
    yield made
    made.close()


def withdraw(world: Arranged, request: str = "request-1") -> list[Any]:
    """Ask for KES 100.00; return the answers as they come."""
    answers: list[Any] = []
    arguments = {"amount": {"currency": "KES", "amount": "100.00"}, "clientRequestId": request}
    world.ask("payment", PLAYER, "withdraw", arguments, lambda outcome: answers.append(outcome.value))
    return answers


def judge(world: Arranged, *, of_deposits: bool = False) -> None:
    """Let everything end, and check the laws; those of deposits where all money came through M-Pesa."""
    world.scheduler.run(7_200)
    dead = [message.body for queue in world.queues.values() for message in queue.dead]
    laws.demand(not dead, "no dead letter is left after redrive", dead)
    laws.withdrawals(world, world.watch)
    if of_deposits:
        laws.deposits(world, None, world.watch)


def deposit(world: Arranged, shillings: int = 1_000, request: str = "deposit-1", seconds: float = 5) -> Any:
    """Ask to pay in; return the payment as told after some seconds."""
    arguments = {"amount": {"currency": "KES", "amount": f"{shillings}.00"}, "clientRequestId": request}
    return world.asked(PLAYER, "deposit", arguments, seconds=seconds)


def pull(world: Arranged) -> None:
    """Let the pull come by the clock, and do its work."""
    world.queues["payment/followUps"].send('{"pull":true}')
    world.scheduler.run(60)


def together(world: Arranged, field: str, seconds: float = 5, **arguments: str) -> Any:
    """Let two administrators say the same; return what the second is told."""
    for admin in ADMINS:
        told = world.asked(admin, field, arguments, "admin", seconds=seconds)
    return told


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


# -- what came in


def test_a_prompt_whose_answer_and_callback_are_lost_is_credited_by_a_pull(world: Arranged) -> None:
    world.scripts["stk"] = [Script(outcome="approve", reply=Reply(close=True), callback=LOST, confirmation=LOST)]
    deposit(world, seconds=200)
    assert [item["status"] for item in world.payments("DEPOSIT")] == ["SUBMIT_UNKNOWN"]
    pull(world)
    assert [item["status"] for item in world.payments("DEPOSIT")] == ["COMPLETED"]
    judge(world, of_deposits=True)


@pytest.mark.parametrize(
    ("callback", "confirmation"),
    [(0, 5), (5, 0), (0, 0), (100, 130), (130, 100)],
    ids=["callback-first", "confirmation-first", "at-once", "query-callback", "query-confirmation"],
)
def test_a_receipt_that_is_told_twice_is_credited_once(world: Arranged, callback: int, confirmation: int) -> None:
    plans = {"callback": CallbackPlan(delay_s=callback), "confirmation": CallbackPlan(delay_s=confirmation)}
    world.scripts["stk"] = [Script(outcome="approve", delay_s=2, **plans)]
    deposit(world)
    judge(world, of_deposits=True)
    assert (world.available(), world.payments("PAYBILL"), world.quarantined()) == (95_000, [], [])


@pytest.mark.parametrize("source", ["listed", "unlisted", "lost"])
def test_a_payment_by_hand_is_credited_once_however_it_is_told(world: Arranged, source: str) -> None:
    number = world.asked(PLAYER, "paybill", {})["accountNumber"]
    if source == "lost":
        world.scripts["c2b"] = [Script(callback=LOST)]
    elif source == "unlisted":
        paybill: Any = world.services.modules["payment.flows.paybill"]
        paybill.settings = replace(paybill.settings, source_addresses=[])
    world.mpesa.pay_bill(PHONE, 500, f" {number[:4]}-{number[4:]}", PLAYER)
    world.scheduler.run(10)
    assert (world.available() > 0) == (source == "listed")
    world.scheduler.run(120)
    assert (world.available() > 0) == (source != "lost")
    pull(world)
    judge(world, of_deposits=True)
    assert world.available() == 47_500


def test_a_number_that_is_nobody_s_is_refused_before_it_is_paid(world: Arranged) -> None:
    world.mpesa.mpesa.paybill.asks_before = True
    world.mpesa.pay_bill(PHONE, 500, "FOOTBALL", None)
    judge(world, of_deposits=True)
    assert not world.payments("PAYBILL")


def test_a_prompt_that_is_paid_again_by_hand_is_credited_twice(world: Arranged) -> None:
    deposit(world, seconds=20)
    world.mpesa.pay_bill(PHONE, 1_000, world.payments("DEPOSIT")[0]["reference"], PLAYER)
    judge(world, of_deposits=True)
    assert world.available() == 2 * 95_000


def test_a_prompt_that_was_paid_by_hand_before_is_credited_twice(world: Arranged) -> None:
    world.scripts["stk"] = [Script(outcome="approve", delay_s=40, confirmation=LOST)]
    deposit(world)
    world.mpesa.pay_bill(PHONE, 1_000, world.payments("DEPOSIT")[0]["reference"], PLAYER)
    world.scheduler.run(20)
    assert [item["status"] for item in world.payments("DEPOSIT")] == ["COMPLETED"]
    judge(world, of_deposits=True)
    assert world.available() == 2 * 95_000


@pytest.mark.parametrize("shillings", [70_000, 500], ids=["another-amount", "another-number"])
def test_a_forged_confirmation_before_the_true_one_changes_nothing(world: Arranged, shillings: int) -> None:
    number = world.asked(PLAYER, "paybill", {})["accountNumber"]
    forger = world.asked("player-9", "paybill", {})["accountNumber"]
    world.scripts["c2b"] = [Script(callback=CallbackPlan(delay_s=300))]
    receipt = world.mpesa.pay_bill(PHONE, 500, number, PLAYER)
    world.mpesa.forge(receipt, shillings, number if shillings == 70_000 else forger)
    judge(world, of_deposits=True)
    assert world.available() == 47_500


# -- what is given back


def test_a_reversal_whose_result_is_lost_ends_by_the_repeated_request(world: Arranged) -> None:
    world.scripts["reversal"] = [Script(callback=LOST), Script()]
    paid = deposit(world, seconds=20)
    together(world, "reverseDeposit", id=paid["id"], reason="paid by mistake")
    judge(world, of_deposits=True)
    codes = [order.result_code for order in world.mpesa.mpesa.state.orders.values() if order.kind == "reversal"]
    assert codes[:2] == ["0", "R000001"]
    assert [item["status"] for item in world.payments("REVERSAL")] == ["COMPLETED"]
    assert (world.available(), world.watch.totals["mpesa:paybill"]) == (0, 0)


def test_one_administrator_alone_reverses_nothing(world: Arranged) -> None:
    paid = deposit(world, seconds=20)
    for _ in range(3):
        world.asked(ADMINS[0], "reverseDeposit", {"id": paid["id"], "reason": "paid by mistake"}, "admin")
    judge(world, of_deposits=True)
    assert (world.payments("REVERSAL"), world.available()) == ([], 95_000)


def test_a_success_after_a_reversal_failed_waits_for_a_person(world: Arranged) -> None:
    world.scripts["reversal"] = [_falsely_failed("R000002")]
    paid = deposit(world, seconds=20)
    together(world, "reverseDeposit", id=paid["id"], reason="paid by mistake")
    world.scheduler.run(30)
    assert ([item["status"] for item in world.payments("REVERSAL")], world.available()) == (["FAILED"], 95_000)
    world.scheduler.run(7_200)
    assert ([item["status"] for item in world.payments("REVERSAL")], world.available()) == (["FAILED"], 95_000)
    assert world.quarantined() == ["PAID_AFTER_FAILED"]


def test_a_success_after_a_withdrawal_failed_waits_for_a_person(world: Arranged) -> None:
    world.scripts["b2c"] = [_falsely_failed("8")]
    deposit(world, seconds=20)
    withdraw(world)
    world.scheduler.run(7_200)
    assert ([item["status"] for item in world.payments("WITHDRAWAL")], world.available()) == (["FAILED"], 95_000)
    assert world.quarantined() == ["PAID_AFTER_FAILED"]


def _falsely_failed(code: str) -> Script:
    """Let M-Pesa say first that it did not do what it did, and then the truth."""
    return Script(callback=CallbackPlan(delay_s=60, extra=[Extra(set={"ResultCode": code})]))


# -- what waits for people


def test_a_slow_follow_up_does_not_let_a_withdrawal_go_that_waits_for_a_review(world: Arranged) -> None:
    """The first process sees a first withdrawal; the follow-up is slow, and meanwhile an earlier one was paid."""
    withdrawals: Any = world.services.modules["payment.flows.withdrawals"]
    withdrawals.settings = replace(withdrawals.settings, review_first_withdrawal=True)
    world.reviews_first = True
    deposit(world, seconds=20)
    withdraw(world, "request-0")
    world.scheduler.run(5)
    first = world.payments("WITHDRAWAL")[0]["payment_id"]
    slow: list[str] = []

    def hold_up(task: str, call: str, body: str) -> None:
        if task == "payment.graphql" and call == "update_item" and '"REVIEW"' in body and not slow:
            slow.append("graphql")
            world.scheduler.sleep(25 * SECOND)
        elif task == "payment.followup" and call == "get_item" and '"PAID"' in body and "followup" not in slow:
            slow.append("followup")
            world.scheduler.sleep(40 * SECOND)

    world.hold_up = hold_up
    withdraw(world, "request-1")
    world.scheduler.run(5)
    right = "the papers are right"
    world.asked(ADMINS[0], "approveWithdrawal", {"id": first, "reason": right}, "admin", seconds=120)
    assert (slow, world.payments("WITHDRAWAL")[1]["status"]) == (["graphql", "followup"], "REVIEW")
    # Another administrator: one alone lets one withdrawal of a player go.
    second = world.payments("WITHDRAWAL")[1]["payment_id"]
    world.asked(ADMINS[1], "approveWithdrawal", {"id": second, "reason": right}, "admin")
    judge(world, of_deposits=True)


def test_a_slow_word_about_the_first_try_does_not_speak_of_the_second(world: Arranged) -> None:
    """M-Pesa says twice that it did not pay; the slower of the two is written down when it was asked anew already."""
    told_twice = CallbackPlan(copies=2, spacing_s=0)
    world.scripts["b2c"] = [Script(result_code="1", delay_s=2, callback=told_twice), Script(delay_s=60), Script()]
    deposit(world, seconds=20)
    told: list[str] = []

    def hold_up(task: str, call: str, body: str) -> None:
        if task == "payment.callback" and call == "update_item" and '"DELAYED"' in body:
            told.append(body)
            if len(told) == 2:
                world.scheduler.sleep(27 * SECOND)

    world.hold_up = hold_up
    withdraw(world)
    world.scheduler.run(5)
    (payment,) = world.payments("WITHDRAWAL")
    decision = {"id": payment["payment_id"], "outcome": "RETRY", "evidence": "topped up the utility account"}
    together(world, "resolveWithdrawal", seconds=1, **decision)
    world.scheduler.run(24)
    together(world, "resolveWithdrawal", **decision)
    judge(world, of_deposits=True)
    assert len(told) == 2


def test_two_people_do_not_give_back_what_a_slow_follow_up_sends(world: Arranged) -> None:
    """M-Pesa has never heard of it, so its books say truly that it was not paid; but it is being sent again."""
    unheard = Script(reply=Reply(preset="internal", executed=False))
    world.scripts["b2c"] = [unheard, Script()]
    deposit(world, seconds=20)

    def hold_up(task: str, call: str, body: str) -> None:
        if task == "payment.followup" and call == "contact":
            world.scheduler.sleep(30 * SECOND)

    world.hold_up = hold_up
    withdraw(world)
    world.scheduler.run(25)
    (payment,) = world.payments("WITHDRAWAL")
    assert payment["status"] == "SUBMIT_UNKNOWN"
    decision = {"id": payment["payment_id"], "outcome": "UNPAID", "evidence": "not in the portal of M-Pesa"}
    together(world, "resolveWithdrawal", **decision)
    judge(world, of_deposits=True)


def test_what_two_people_stopped_and_gave_back_is_not_sent_by_a_process_that_wakes_up_later(world: Arranged) -> None:
    """The follow-up was about to send it again when it fell asleep; meanwhile it is stopped and decided."""
    unheard = Script(reply=Reply(preset="internal", executed=False))
    world.scripts["b2c"] = [unheard, Script()]
    deposit(world, seconds=20)
    slept: list[str] = []

    def hold_up(task: str, call: str, body: str) -> None:
        if task == "payment.followup" and call == "contact" and not slept:
            slept.append(task)
            world.scheduler.sleep(60 * SECOND)

    world.hold_up = hold_up
    withdraw(world)
    world.scheduler.run(25)
    (payment,) = world.payments("WITHDRAWAL")
    assert (slept, payment["status"]) == (["payment.followup"], "SUBMIT_UNKNOWN")
    for outcome, status in (("STOP", "DELAYED"), ("UNPAID", "FAILED")):
        together(world, "resolveWithdrawal", id=payment["payment_id"], outcome=outcome, evidence="not in the portal")
        assert world.payments("WITHDRAWAL")[0]["status"] == status
    judge(world, of_deposits=True)


def test_two_people_do_not_keep_a_deposit_that_a_slow_follow_up_reverses(world: Arranged) -> None:
    """As above: a reversal that is uncertain is asked again by itself."""
    unheard = Script(reply=Reply(preset="internal", executed=False))
    world.scripts["reversal"] = [unheard, Script()]
    paid = deposit(world, seconds=20)

    def hold_up(task: str, call: str, body: str) -> None:
        if task == "payment.followup" and call == "get_item" and '"DARAJA"' in body:
            world.scheduler.sleep(30 * SECOND)

    world.hold_up = hold_up
    together(world, "reverseDeposit", id=paid["id"], reason="paid by mistake")
    world.scheduler.run(19)
    (reversal,) = world.payments("REVERSAL")
    assert reversal["status"] == "SUBMIT_UNKNOWN"
    decision = {"id": reversal["payment_id"], "outcome": "UNPAID", "evidence": "not in the portal of M-Pesa"}
    together(world, "resolveWithdrawal", **decision)
    judge(world, of_deposits=True)
