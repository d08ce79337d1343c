"""What the forms say may be paid in and out is taken, and no more is, by payment's rules and the wallet's."""

import json
import uuid
from collections.abc import Iterator
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.errors import DomainError
from betsafi.protection import FOREVER, Protection
from betsafi.service_client import Refused
from tests.support.bet import load_wallet
from tests.support.payment import World, payment_world
from tests.support.people import just_now
from tests.support.waiting import PATIENCE_SECONDS


class RealWallet:
    """The wallet's own functions, where its API stands."""

    def __init__(self, stores: ModuleType) -> None:
        self.stores = stores

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        api = self.stores.api
        try:
            if method == "GET":
                return dict(api.account("payment", {"userId": path.split("/")[2]}, None).model_dump(by_alias=True))
            if path == "/holds":
                asked = api.bodies.HoldRequest.model_validate(body)
                return dict(api.place_hold("payment", {}, asked).model_dump(by_alias=True))
            asked = api.bodies.ReleaseRequest.model_validate(body)
            return dict(api.release("payment", {"holdId": path.split("/")[2]}, asked).model_dump(by_alias=True))
        except DomainError as error:
            raise Refused(error.status, error.code, error.said("en"), error.info, error.said("sw")) from error


@pytest.fixture(scope="module")
def world(emulator: str) -> Iterator[World]:
    with payment_world(emulator) as running:
        wallet_api = running.flows.deposits.wallet_api
        wallet_api._client = wallet_api._quick = RealWallet(load_wallet(emulator))
        running.money = wallet_api._client.stores  # type: ignore[attr-defined]
        yield running


def player(world: World, cents: int) -> SimpleNamespace:
    """Return a player with so much in the wallet."""
    found = world.player()
    world.money.open_account(found.id)  # type: ignore[attr-defined]
    if cents:
        world.money.grant_bonus(found.id, str(uuid.uuid4()), cents, "welcome")  # type: ignore[attr-defined]
    return found


def form(world: World, user_id: str, name: str, amount: str | None = None) -> dict[str, Any]:
    given = {} if amount is None else {"amount": {"currency": "KES", "amount": amount}}
    return dict(world.ask(user_id, "Query", name, **given)["data"])


def cents(money: dict[str, str]) -> int:
    return int(money["amount"].replace(".", ""))


def shillings(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


def refusal_of(answer: dict[str, Any]) -> str | None:
    """Return the code that a payment was refused with; None where it was taken."""
    return answer["error"]["type"] if "error" in answer else None


def check(world: World, user_id: str, name: str, pay: Any, step: int) -> str | None:
    """Hold a form to the payments themselves, and return the code of its refusal, if there is one."""
    said = form(world, user_id, name)
    smallest = cents(said["smallest"])
    assert refusal_of(pay(user_id, shillings(smallest - step) if smallest > step else "0.50")) is not None
    if said["largest"] is None:
        assert refusal_of(pay(user_id, shillings(smallest))) == said["refusal"]["code"]
        return str(said["refusal"]["code"])
    assert said["refusal"] is None
    largest = cents(said["largest"])
    assert refusal_of(pay(user_id, shillings(largest + step))) is not None
    assert refusal_of(pay(user_id, shillings(largest))) is None
    return None


@pytest.mark.parametrize("seed", range(6))
def test_the_largest_deposit_is_taken_and_a_shilling_more_is_refused(world: World, seed: int) -> None:
    chance, user = Random(seed), player(world, 0)
    limits = {name: chance.randrange(0, 900_000) for name in ("deposit_day", "deposit_week") if chance.random() < 0.8}
    given = Protection(1, limits, allowed={"deposit": limits.get("deposit_day", 0)} if seed == 1 else {})
    world.stores.protection.keep_protection(user.id, given)
    seen = [check(world, user.id, "depositForm", world.pay_in, 100) for _ in range(2)]
    if limits:
        assert seen[-1] in ("DEPOSIT_LIMIT", "IDENTITY_LIMIT")
    else:
        assert seen == [None, None]


@pytest.mark.parametrize(
    ("balance", "allowed", "ends"),
    [
        (60_000_000, None, [None, None, "DAILY_LIMIT_REACHED"]),
        (10_000_000, None, [None, "INSUFFICIENT_FUNDS"]),
        (10_000_001, 123_456, [None, "IDENTITY_LIMIT"]),
        (1_051, None, ["INSUFFICIENT_FUNDS"]),
        (1_052, None, [None, "INSUFFICIENT_FUNDS"]),
        (5_000, 0, ["IDENTITY_LIMIT"]),
    ],
)
def test_the_largest_withdrawal_is_taken_and_a_cent_more_is_refused(
    world: World, balance: int, allowed: int | None, ends: list[str | None]
) -> None:
    """10.52 is the least of which M-Pesa pays 10 shillings after 5 % of tax."""
    user = player(world, balance)
    if allowed is not None:
        world.stores.protection.keep_protection(user.id, Protection(1, {}, allowed={"withdraw": allowed}))
    assert form(world, user.id, "withdrawalForm")["smallest"]["amount"] == "10.52"
    assert [check(world, user.id, "withdrawalForm", world.pay_out, 1) for _ in ends] == ends


def test_a_debt_and_a_stopped_account_are_why_nothing_is_paid_out(world: World) -> None:
    debtor, stopped = player(world, 10_000), player(world, 10_000)
    wallet = world.money  # type: ignore[attr-defined]
    bet = str(uuid.uuid4())
    wallet.place_hold(debtor.id, bet, "BET", 1_000)
    wallet.settle(debtor.id, bet, 1, 9_000)
    wallet.place_hold(debtor.id, str(uuid.uuid4()), "BET", 18_000)
    wallet.reopen(debtor.id, bet, 2)
    wallet.set_status(stopped.id, "FROZEN", 1)
    for user in (debtor, stopped):
        said = form(world, user.id, "withdrawalForm")
        assert (said["largest"], said["refusal"]["code"]) == (None, "ACCOUNT_NOT_ACTIVE")
        assert refusal_of(world.pay_out(user.id, "50")) == "ACCOUNT_NOT_ACTIVE"


def test_a_stopped_player_and_a_closed_channel_are_why_nothing_is_paid_in(world: World) -> None:
    out = player(world, 0)
    world.stores.protection.keep_protection(out.id, Protection(1, {}, stopped_until=FOREVER, stop_kind="EXCLUSION"))
    assert form(world, out.id, "depositForm")["refusal"]["code"] == "PLAYER_STOPPED"
    user = player(world, 10_000)
    world.admin("setPaymentChannel", kind="DEPOSIT", open=False, banner="M-Pesa has a day off.")
    try:
        said = form(world, user.id, "depositForm")
        assert said["refusal"] == {
            "code": "DEPOSITS_UNAVAILABLE",
            "message": "M-Pesa has a day off.",
            "arguments": "{}",
        }
        assert refusal_of(world.pay_in(user.id)) == "DEPOSITS_UNAVAILABLE"
    finally:
        world.admin("setPaymentChannel", kind="DEPOSIT", open=True)
    assert form(world, user.id, "depositForm")["largest"]["amount"] == "250000.00"


def test_a_form_shows_limits_taxes_whom_it_is_about_and_what_waits(world: World) -> None:
    user = player(world, 100_000)
    world.stores.protection.keep_protection(user.id, Protection(1, {"deposit_week": 100_000}))
    paid = world.pay_in(user.id, "300")["data"]
    said = form(world, user.id, "depositForm", "1000")
    assert (said["tax"]["amount"], said["credited"]["amount"]) == ("50.00", "950.00")
    assert [(one["name"], one["used"]["amount"], one["left"]["amount"]) for one in said["limits"]] == [
        ("DEPOSIT_WEEK", "300.00", "700.00")
    ]
    assert said["phone"] == f"+{user.phone[:4]}•••••{user.phone[-3:]}"
    assert said["waiting"]["id"] == paid["id"]
    out = world.pay_out(user.id, "100")["data"]
    said = form(world, user.id, "withdrawalForm", "99.99")
    assert [said[name]["amount"] for name in ("tax", "paid", "returned")] == ["4.99", "95.00", "0.00"]
    assert (said["dayLimit"]["amount"], said["leftToday"]["amount"]) == ("500000.00", "499900.00")
    assert said["waiting"]["id"] == out["id"]
    assert said["codeNeeded"] is False
    assert form(world, user.id, "withdrawalForm")["tax"] is None


def test_a_refusal_has_its_numbers_of_what_was_asked_for_beside_its_sentence(world: World) -> None:
    user = player(world, 100_000_000)
    out = form(world, user.id, "withdrawalForm")
    bounds = {"min": out["smallest"]["amount"], "max": out["largest"]["amount"]}
    for refused in (world.pay_out(user.id, "1")["error"], world.pay_out(user.id, "999999")["error"]):
        assert (refused["type"], refused["info"]) == ("AMOUNT_OUT_OF_RANGE", bounds)
        assert all(bound in refused["message"] for bound in bounds.values())
    assert world.pay_out(user.id, bounds["min"])["data"], "of the amount, not of what M-Pesa pays of it"
    world.stores.protection.keep_protection(user.id, Protection(1, {"deposit_week": 50}))
    refused = world.pay_in(user.id, "300")["error"]
    said = form(world, user.id, "depositForm")["refusal"]
    assert (said["code"], json.loads(said["arguments"])) == (refused["type"], refused["info"])
    assert refused["info"].pop("ends") > clock.stamp()
    assert refused["info"] == {"name": "deposit_week", "limit": "0.50", "left": "0.50"}


def test_a_payment_keeps_saying_which_number_it_was_asked_of_or_paid_to(world: World) -> None:
    user = player(world, 100_000)
    ids = [world.pay_in(user.id, "300")["data"]["id"], world.pay_out(user.id, "100")["data"]["id"]]
    of_then = form(world, user.id, "depositForm")["phone"]
    world.users.people[user.id]["phoneNumber"] = "+254112000999"
    assert form(world, user.id, "withdrawalForm")["phone"] == "+2541•••••999"
    listed = {each["id"]: each for each in world.ask(user.id, "Query", "payments")["data"]["items"]}
    for payment_id in ids:
        shown = [listed[payment_id], world.ask(user.id, "Query", "payment", id=payment_id)["data"]]
        asked = [{"id": payment_id, "posted": 1}]
        shown += world.ask(user.id, "PlayerChanges", "payments", asked=asked)["data"]
        shown.append(world.pushed(user.id, payment_id))
        assert [each["phone"] for each in shown] == [of_then] * 4
        assert user.phone not in json.dumps(world.item(payment_id))


def test_a_form_says_when_a_withdrawal_needs_a_code_and_when_the_next_prompt_may_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = player(world, 100_000)
    monkeypatch.setattr(world, "claims", {**just_now(), "auth_time": 1_000_000_000})
    assert form(world, user.id, "withdrawalForm")["codeNeeded"] is True
    assert form(world, user.id, "depositForm")["promptAt"] is None
    prompted = world.stores.players.count_prompt(user.id, int(clock.now().timestamp()), 600)
    world.table.write(prompted)
    at = form(world, user.id, "depositForm")["promptAt"]
    assert clock.parse_stamp(at).timestamp() == prompted.values["next"]


def test_a_prompt_says_until_when_it_waits_and_what_to_do_and_its_end_neither(world: World) -> None:
    user = player(world, 0)
    before = clock.now()
    paid = world.pay_in(user.id, "300")["data"]
    assert (paid["nextStep"], paid["isFinal"], paid["retryAt"]) == ("PAY_ON_PHONE", False, None)
    patience = clock.parse_stamp(paid["expiresAt"]) - before
    assert 90 <= patience.total_seconds() < 90 + PATIENCE_SECONDS
    world.mpesa.answer(user.phone, "cancel")
    world.deliver(world.callback_for(paid["id"]))
    ended = world.ask(user.id, "Query", "payment", id=paid["id"])["data"]
    assert (ended["status"], ended["reason"]) == ("FAILED", "CANCELLED")
    assert (ended["nextStep"], ended["isFinal"], ended["expiresAt"]) == ("TRY_AGAIN", True, None)


@pytest.mark.parametrize("name", ["depositForm", "withdrawalForm"])
@pytest.mark.parametrize("amount", ["0", "-1", "x", "1.001"])
def test_what_is_no_amount_has_no_tax(world: World, name: str, amount: str) -> None:
    answer = world.ask(player(world, 0).id, "Query", name, amount={"amount": amount})
    assert answer["error"]["type"] == "INVALID_AMOUNT"
