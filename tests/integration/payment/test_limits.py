"""Limits on deposits and stops by payment's conditions alone, on a table: no prompt passes them, whatever the order."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.protection import FOREVER, Protection
from tests.support.emulator import create_table
from tests.support.services import load

pytestmark = pytest.mark.both_emulators
EXCLUDED = {"stopped_until": FOREVER, "stop_kind": "EXCLUSION"}
STARTS = datetime.fromisoformat("2026-11-18T07:00:00+00:00")


@pytest.fixture(scope="module")
def payment(emulator: str) -> SimpleNamespace:
    """Payment's stores and flows on a table of their own."""
    urls = dict.fromkeys(("FOLLOWUP_QUEUE_URL", "DARAJA_URL", "USERS_URL", "WALLET_URL"), "http://127.0.0.1:1")
    names = dict.fromkeys(("DARAJA_SECRET_ID", "ARCHIVE_BUCKET"), "not-there")
    table = create_table(emulator, f"payment-{uuid.uuid4()}", "payment")
    load("payment.flows.protecting", TABLE_NAME=table, PROMPT_PAUSE_SECONDS="0", **urls, **names)
    stores = ("creation", "moves", "payments", "players", "protection")
    found = {name: import_module(f"payment.stores.{name}") for name in stores}
    return SimpleNamespace(**found, flow=import_module("payment.flows.protecting"))


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = STARTS


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    stands = Time()
    monkeypatch.setattr(clock, "now", lambda: stands.now)
    return stands


@pytest.fixture
def user() -> str:
    return str(uuid.uuid4())


def deposit(payment: SimpleNamespace, user: str, shillings: int) -> Item:
    """Make a deposit. Raises Protected."""
    amounts = {"amount_cents": shillings * 100, "credit_cents": shillings * 95, "excise_cents": shillings * 5}
    payment_id = str(uuid.uuid4())
    made, new = payment.creation.new_deposit(payment_id, user, "f", amounts, payment.creation.look(payment_id, user))
    assert new
    return dict(made)


def refused(payment: SimpleNamespace, user: str, shillings: int) -> tuple[str, Any]:
    before = payment.protection.find(user)
    with pytest.raises(payment.creation.Protected) as refusal:
        deposit(payment, user, shillings)
    assert payment.protection.find(user) == before
    return refusal.value.refusal.code, refusal.value.refusal.info


def left(payment: SimpleNamespace, user: str) -> dict[str, int]:
    from payment import protection

    found = protection.rooms(payment.protection.find(user), clock.now())
    return {name: cents // 100 for name, _, cents in found}


def paid_by_hand(payment: SimpleNamespace, user: str, shillings: int) -> Item:
    """Take money in that was paid to the paybill, and return the payment."""
    from payment.models import PaybillPayment

    paid = PaybillPayment(f"R{uuid.uuid4().hex[:9].upper()}", shillings * 100, "ABCDEFGH")
    received = payment.creation.receive(paid)
    owner = {"user_id": user, "owner": f"USER#{user}"}
    vouched = {"amount_cents": paid.amount_cents, "account": paid.account}
    for _ in range(2):
        payment.flow.take(received, **vouched, **owner)
    return dict(payment.payments.find(received["payment_id"]))


def test_a_deposit_fits_into_every_limit_or_is_refused_by_name(payment: SimpleNamespace, user: str) -> None:
    payment.protection.keep_protection(
        user, Protection(1, {"deposit_day": 50_000, "deposit_week": 60_000, "stake_day": 1})
    )
    deposit(payment, user, 300)
    limit = {"name": "deposit_day", "limit": "500.00", "left": "200.00", "ends": "2026-11-18T21:00:00.000000Z"}
    assert refused(payment, user, 201) == ("DEPOSIT_LIMIT", limit)
    deposit(payment, user, 200)
    assert left(payment, user) == {"deposit_day": 0, "deposit_week": 100}
    assert refused(payment, user, 1)[1]["name"] == "deposit_day"


def test_a_day_s_deposits_are_no_more_than_an_identity_allows(payment: SimpleNamespace, user: str, time: Time) -> None:
    payment.protection.keep_protection(
        user, Protection(1, {"deposit_day": 90_000}, allowed={"deposit": 50_000, "bet": 1})
    )
    deposit(payment, user, 400)
    limit = {"use": "deposit", "limit": "500.00", "left": "100.00", "ends": "2026-11-18T21:00:00.000000Z"}
    assert refused(payment, user, 101) == ("IDENTITY_LIMIT", limit)
    payment.protection.keep_protection(user, Protection(2, {"deposit_day": 90_000}))
    assert refused(payment, user, 501)[0] == "DEPOSIT_LIMIT"
    deposit(payment, user, 500)
    payment.protection.keep_protection(user, Protection(3, {}, allowed={"deposit": 0}))
    time.now += timedelta(days=1)
    assert refused(payment, user, 1)[0] == "IDENTITY_LIMIT"


def test_what_was_asked_for_before_a_limit_is_set_counts(payment: SimpleNamespace, user: str) -> None:
    deposit(payment, user, 300)
    payment.protection.keep_protection(user, Protection(1, {"deposit_month": 50_000}))
    assert left(payment, user) == {"deposit_month": 200}
    assert refused(payment, user, 201)[0] == "DEPOSIT_LIMIT"
    payment.protection.keep_protection(user, Protection(2, {"deposit_month": 20_000}))
    assert refused(payment, user, 1)[1]["left"] == "0.00"


def test_a_new_window_begins_empty_and_old_ones_are_forgotten(payment: SimpleNamespace, user: str, time: Time) -> None:
    payment.protection.keep_protection(user, Protection(1, {"deposit_day": 50_000, "deposit_month": 90_000}))
    deposit(payment, user, 500)
    time.now += timedelta(days=1)
    assert left(payment, user) == {"deposit_day": 500, "deposit_month": 400}
    assert refused(payment, user, 401)[1]["name"] == "deposit_month"
    time.now += timedelta(days=20)
    deposit(payment, user, 500)
    counters = {name for name in payment.protection.find(user) if "_2" in name}
    assert counters == {"day_20261209", "week_2026W50", "month_202612"}


def test_a_deposit_that_fails_gives_its_room_back_once_and_takes_it_when_it_was_paid_after_all(
    payment: SimpleNamespace, user: str
) -> None:
    payment.protection.keep_protection(user, Protection(1, {"deposit_day": 50_000}))
    asked = deposit(payment, user, 300)
    for _ in range(3):
        assert payment.flow.fail(asked, reason="CANCELLED")["status"] == "FAILED"
    assert left(payment, user) == {"deposit_day": 500}
    deposit(payment, user, 400)
    for seen in (asked, payment.payments.find(asked["payment_id"]), asked):
        assert payment.flow.complete(seen, "RECEIPT" + user[:6].upper())["status"] == "COMPLETED"
    assert left(payment, user) == {"deposit_day": -200}
    assert payment.flow.fail(asked, reason="CANCELLED")["status"] == "COMPLETED"
    assert left(payment, user) == {"deposit_day": -200}


def test_what_failed_gives_room_back_to_the_windows_that_it_was_counted_in(
    payment: SimpleNamespace, user: str, time: Time
) -> None:
    payment.protection.keep_protection(user, Protection(1, {"deposit_day": 50_000, "deposit_month": 90_000}))
    asked = deposit(payment, user, 300)
    time.now += timedelta(days=1)
    deposit(payment, user, 400)
    payment.flow.fail(asked, reason="TIMED_OUT")
    assert left(payment, user) == {"deposit_day": 100, "deposit_month": 500}


def test_a_deposit_of_before_limits_were_counted_fails_and_is_paid_as_ever(payment: SimpleNamespace, user: str) -> None:
    from betsafi.dynamodb import ANY, Put

    asked = deposit(payment, user, 300)
    old = {name: value for name, value in asked.items() if name != "counters"}
    payment.payments.table.write(Put(old, ANY))
    assert payment.flow.fail(old, reason="CANCELLED")["status"] == "FAILED"
    assert payment.flow.complete(old, f"OLD{user[:6].upper()}")["status"] == "COMPLETED"


@pytest.mark.parametrize("kind", ["EXCLUSION", "REGISTER"])
def test_a_stop_holds_at_the_next_prompt(payment: SimpleNamespace, user: str, kind: Any) -> None:
    asked = deposit(payment, user, 100)
    payment.protection.keep_protection(user, Protection(1, {}, FOREVER, kind))
    assert refused(payment, user, 1) == ("PLAYER_STOPPED", {"kind": kind, "until": None})
    assert payment.flow.complete(asked, f"PIN{user[:6].upper()}")["status"] == "COMPLETED", "it was asked before"


def test_a_time_out_ends_by_itself(payment: SimpleNamespace, user: str, time: Time) -> None:
    until = clock.stamp(time.now + timedelta(hours=24))
    payment.protection.keep_protection(user, Protection(1, {}, until, "TIME_OUT"))
    assert refused(payment, user, 1) == ("PLAYER_STOPPED", {"kind": "TIME_OUT", "until": until})
    time.now += timedelta(hours=24)
    deposit(payment, user, 1)


def test_the_newest_version_stands_in_whatever_order_they_come(payment: SimpleNamespace, user: str) -> None:
    versions = [
        payment.protection.keep_protection(user, given)
        for given in (
            Protection(2, {"deposit_day": 100}, **EXCLUDED),
            Protection(1, {"deposit_day": 900, "deposit_week": 100}),
            Protection(2, {"deposit_day": 100}, **EXCLUDED),
            Protection(3, {"deposit_week": 700}),
            Protection(2, {"deposit_day": 100}, **EXCLUDED),
        )
    ]
    assert versions == [2, 2, 2, 3, 3]
    assert left(payment, user) == {"deposit_week": 7}
    deposit(payment, user, 7)


def test_money_by_hand_counts_and_is_credited_above_a_limit_too(payment: SimpleNamespace, user: str) -> None:
    payment.protection.keep_protection(user, Protection(1, {"deposit_day": 50_000}))
    assert paid_by_hand(payment, user, 600)["status"] == "COMPLETED"
    assert left(payment, user) == {"deposit_day": -100}
    assert refused(payment, user, 1)[1]["left"] == "0.00"


def test_money_by_hand_of_a_stopped_player_is_never_credited_and_goes_back_by_itself(
    payment: SimpleNamespace, user: str
) -> None:
    payment.protection.keep_protection(user, Protection(1, {}, **EXCLUDED))
    paid = paid_by_hand(payment, user, 600)
    assert (paid["status"], paid["reason"], paid["user_id"]) == ("RETURNING", "PLAYER_STOPPED", user)
    assert "credit_cents" not in paid
    reversal = payment.payments.find(paid["reversal_id"])
    assert (reversal["status"], reversal["suspense"], reversal["amount_cents"]) == ("REQUESTED", True, 60_000)
    assert (reversal["original_receipt"], reversal["deposit_id"]) == (paid["receipt"], paid["payment_id"])
    assert payment.payments.payment_of(paid["receipt"]) == paid["payment_id"]
    payment.protection.keep_protection(user, Protection(2, {"deposit_day": 60_000}))
    assert left(payment, user) == {"deposit_day": 600}, "what goes back counts nowhere"


def test_money_by_hand_whose_receipt_is_a_prompt_s_is_merged_also_for_a_stopped_player(
    payment: SimpleNamespace, user: str
) -> None:
    from payment.models import PaybillPayment

    receipt = f"M{uuid.uuid4().hex[:9].upper()}"
    asked = deposit(payment, user, 100)
    payment.flow.complete(asked, receipt)
    payment.protection.keep_protection(user, Protection(1, {}, **EXCLUDED))
    received = payment.creation.receive(PaybillPayment(receipt, 10_000, "ABCDEFGH"))
    with pytest.raises(payment.moves.ReceiptTaken) as taken:
        payment.flow.take(received, amount_cents=10_000, account="ABCDEFGH", user_id=user, owner=f"USER#{user}")
    assert taken.value.payment_id == asked["payment_id"]


@pytest.mark.parametrize("stopped_before", [True, False])
def test_a_stop_that_comes_or_ends_at_that_moment_decides_by_the_write(
    payment: SimpleNamespace, user: str, stopped_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked up is old by the time of the write, which is refused, and looks again."""
    stop, none = Protection(1, {}, **EXCLUDED), Protection(1, {})
    payment.protection.keep_protection(user, stop if stopped_before else none)
    find = payment.protection.find

    def found_and_then_changed(user_id: str) -> Item:
        seen = find(user_id)
        payment.protection.keep_protection(user, Protection(2, {}) if stopped_before else Protection(2, {}, **EXCLUDED))
        return dict(seen)

    monkeypatch.setattr(payment.protection, "find", found_and_then_changed)
    assert paid_by_hand(payment, user, 100)["status"] == ("COMPLETED" if stopped_before else "RETURNING")


@pytest.mark.concurrent
def test_racing_deposits_pass_no_limit(payment: SimpleNamespace, user: str) -> None:
    payment.protection.keep_protection(user, Protection(1, {"deposit_day": 100_000}))

    def ask(n: int) -> bool:
        try:
            deposit(payment, user, 300)
        except payment.creation.Protected:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = sum(pool.map(ask, range(16)))
    assert made == 3
    assert left(payment, user) == {"deposit_day": 100}


@pytest.mark.concurrent
def test_prompts_that_race_with_an_exclusion_are_all_before_it(payment: SimpleNamespace, user: str) -> None:
    def ask(n: int) -> int:
        try:
            return int(deposit(payment, user, 1)["amount_cents"])
        except payment.creation.Protected:
            return 0

    with ThreadPoolExecutor(9) as pool:
        asking = [pool.submit(ask, n) for n in range(24)]
        payment.protection.keep_protection(user, Protection(1, {}, **EXCLUDED))
        counted = payment.protection.find(user).get("day_20261118", 0)
        made = sum(one.result() for one in asking)
    assert payment.protection.find(user).get("day_20261118", 0) == counted == made


# -- stops of ours


def test_a_stop_of_ours_holds_at_the_next_prompt_and_its_newest_word_stands(
    payment: SimpleNamespace, user: str
) -> None:
    asked = deposit(payment, user, 100)
    versions = [
        payment.protection.keep_status(user, status, version)
        for status, version in (("FROZEN", 2), ("ACTIVE", 1), ("SUSPENDED", 1), ("FROZEN", 2))
    ]
    assert versions == [2, 2, 2, 2]
    assert refused(payment, user, 1) == ("ACCOUNT_NOT_ACTIVE", {})
    assert payment.flow.complete(asked, f"PIN{user[:6].upper()}")["status"] == "COMPLETED", "it was asked before"
    assert paid_by_hand(payment, user, 600)["status"] == "COMPLETED", "nothing leaves by itself"
    payment.protection.keep_protection(user, Protection(1, {"deposit_day": 100_000}))
    assert refused(payment, user, 1)[0] == "ACCOUNT_NOT_ACTIVE"
    assert payment.protection.keep_status(user, "ACTIVE", 3) == 3
    deposit(payment, user, 300)


@pytest.mark.concurrent
def test_prompts_that_race_with_a_stop_of_ours_are_all_before_it(payment: SimpleNamespace, user: str) -> None:
    def ask(n: int) -> int:
        try:
            return int(deposit(payment, user, 1)["amount_cents"])
        except payment.creation.Protected:
            return 0

    with ThreadPoolExecutor(9) as pool:
        asking = [pool.submit(ask, n) for n in range(24)]
        payment.protection.keep_status(user, "SUSPENDED", 1)
        counted = payment.protection.find(user).get("day_20261118", 0)
        made = sum(one.result() for one in asking)
    assert payment.protection.find(user).get("day_20261118", 0) == counted == made
