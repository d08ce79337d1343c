"""What the stores promise of one payment, by their conditions alone: each is written once, or not at all.

M-Pesa has no part in it, so both emulators can read these expressions. What happens to payments is in the other files.
"""

import uuid
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.approval import Agreement
from betsafi.audit import Act
from betsafi.dynamodb import Item
from betsafi.people import Staff
from tests.support.emulator import create_table
from tests.support.services import load

pytestmark = pytest.mark.both_emulators

AMOUNTS = {"amount_cents": 500_00, "paid_cents": 475_00, "withholding_cents": 25_00, "remainder_cents": 0}
DAY = "2026-11-26"


@pytest.fixture(scope="module")
def stores(emulator: str) -> SimpleNamespace:
    """Payment's stores on a table of their own."""
    urls = dict.fromkeys(("FOLLOWUP_QUEUE_URL", "DARAJA_URL", "USERS_URL", "WALLET_URL"), "http://127.0.0.1:1")
    names = dict.fromkeys(("DARAJA_SECRET_ID", "ARCHIVE_BUCKET"), "not-there")
    table = create_table(emulator, f"payment-{uuid.uuid4()}", "payment")
    load("payment.stores.creation", TABLE_NAME=table, REQUESTS_PER_SECOND="2", **urls, **names)
    parts = ("approvals", "channel", "creation", "moves", "payments", "players")
    return SimpleNamespace(**{name: import_module(f"payment.stores.{name}") for name in parts})


def withdrawal(stores: SimpleNamespace, *statuses: str, user: str = "") -> Item:
    """Return a new withdrawal of KES 500.00 that went through these states."""
    user = user or str(uuid.uuid4())
    payment, new = stores.creation.new_withdrawal(str(uuid.uuid4()), user, "f", AMOUNTS, DAY, 1_000_00)
    assert new
    for status in statuses:
        payment = stores.moves.move(payment, status)
        assert payment["status"] == status
    return dict(payment)


def deposit(stores: SimpleNamespace, *statuses: str, user: str = "") -> Item:
    """Return a new deposit of KES 1,000.00 that went through these states."""
    amounts = {"amount_cents": 1_000_00, "credit_cents": 950_00, "excise_cents": 50_00}
    payment_id, user = str(uuid.uuid4()), user or str(uuid.uuid4())
    seen = stores.creation.look(payment_id, user)
    payment = stores.creation.new_deposit(payment_id, user, "f", amounts, seen)[0]
    for status in statuses:
        payment = stores.moves.move(payment, status)
    return dict(payment)


def agreed(payment: Item) -> Agreement:
    """What two administrators decided about a payment."""
    act = Act("resolveWithdrawal", payment["pk"], Staff("admin-2"), "seen in the portal")
    return Agreement(act, (Staff("admin-1"), Staff("admin-2")), ("seen in the portal",) * 2)


def test_a_day_has_room_for_so_much_and_what_failed_leaves_room(stores: SimpleNamespace) -> None:
    first = withdrawal(stores, "HELD")
    withdrawal(stores, user=first["user_id"])
    with pytest.raises(stores.creation.DayFull) as full:
        withdrawal(stores, user=first["user_id"])
    assert full.value.withdrawn_cents == 1_000_00
    failed = stores.moves.move(first, "FAILED", stores.players.give_back_to_day(first), reason="LIMIT")
    assert (failed["status"], failed["version"]) == ("FAILED", 3)
    withdrawal(stores, user=first["user_id"])
    again = stores.creation.new_withdrawal(first["payment_id"], first["user_id"], "f", AMOUNTS, DAY, 1_000_00)
    assert again == (failed, False)


def test_a_player_has_one_prompt_at_a_time(stores: SimpleNamespace) -> None:
    first = deposit(stores)
    with pytest.raises(stores.creation.PromptPaused) as paused:
        deposit(stores, user=first["user_id"])
    assert paused.value.seconds > 0
    assert stores.players.prompt_of(first["reference"]) == first


def test_a_payment_moves_only_from_where_it_may_and_leaves_the_queue_that_it_waited_in(stores: SimpleNamespace) -> None:
    payment = withdrawal(stores, "REVIEW")
    assert [item["payment_id"] for item in stores.payments.list_queue("REVIEW", 10, None).items] == [
        payment["payment_id"]
    ]
    assert stores.moves.move(payment, "COMPLETED") == payment
    assert stores.moves.move(payment, "HELD", only_from="REQUESTED") == payment
    held = stores.moves.move(payment, "HELD", retries=1)
    assert stores.payments.list_queue("REVIEW", 10, None).items == []
    assert stores.moves.move(payment, "SUBMITTED") == held, "what was seen of one try says nothing of the next"
    assert stores.moves.move(held, "SUBMITTED")["status"] == "SUBMITTED"
    stores.payments.list_for_decision(held)
    assert stores.payments.list_queue("DECISION", 10, None).items == []
    stores.payments.list_for_decision(stores.payments.present(held))
    assert len(stores.payments.list_queue("DECISION", 10, None).items) == 1


def test_a_receipt_is_claimed_once_and_added_to_what_a_query_completed(stores: SimpleNamespace) -> None:
    paid, other, asked = (deposit(stores, "SUBMITTED") for _ in range(3))
    for _ in range(2):
        assert stores.moves.complete(paid, "R1")["receipt"] == "R1"
    with pytest.raises(stores.moves.Conflicting, match="RECEIPT_OF_ANOTHER_PAYMENT"):
        stores.moves.complete(other, "R1")
    with pytest.raises(stores.moves.Conflicting, match="SECOND_RECEIPT"):
        stores.moves.complete(paid, "R2")
    completed = stores.moves.complete(asked, None)
    assert (completed["status"], completed.get("receipt")) == ("COMPLETED", None)
    assert stores.moves.complete(asked, "R3")["version"] == completed["version"] + 1
    assert stores.payments.payment_of("R3") == asked["payment_id"]
    failed = withdrawal(stores, "HELD", "FAILED")
    with pytest.raises(stores.moves.Conflicting, match="PAID_AFTER_FAILED"):
        stores.moves.complete(failed, "R4", stores.players.mark_paid(failed["user_id"], failed["at"]))
    assert not stores.players.was_paid_before(failed["user_id"])
    assert stores.payments.payment_of("R4") is None


def test_an_operator_is_called_once_for_each_reason(
    stores: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = withdrawal(stores, "HELD")
    for reason in ("CONFIGURATION", "FLOAT_LOW", "CONFIGURATION", "FLOAT_LOW"):
        stores.payments.needs_operator(payment, reason)
    assert stores.payments.present(payment)["alarmed"] == ["CONFIGURATION", "FLOAT_LOW"]
    assert capsys.readouterr().out.count('"PaymentNeedsOperator":[1]') == 1


def test_people_decide_about_the_state_that_they_saw_and_one_reversal_begins(stores: SimpleNamespace) -> None:
    payment = withdrawal(stores, "HELD")
    stores.moves.move(payment, "SUBMITTED")
    with pytest.raises(stores.moves.MovedMeanwhile):
        stores.moves.move_by_hand(payment, "FAILED", agreed(payment))
    paid = stores.moves.complete(deposit(stores, "SUBMITTED"), f"R-{uuid.uuid4()}")
    given = {"amount_cents": 1_000_00, "deposit_id": paid["payment_id"], "suspense": False}

    def begin(reversal_id: str, previous: str | None = None) -> Any:
        return stores.creation.new_reversal(reversal_id, paid, given, previous, agreed(paid))

    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    assert begin(first)[1]
    with pytest.raises(stores.creation.ReversalBegun):
        begin(second)
    assert begin(second, first)[1]
    done = stores.payments.find(second)
    stores.moves.move(stores.moves.move(done, "HELD"), "COMPLETED", stores.moves.reversed_original(done))
    assert "reversed_at" in stores.payments.present(paid)


def test_a_second_has_so_many_turns_and_what_is_claimed_is_ones_own_for_a_while(stores: SimpleNamespace) -> None:
    assert [stores.channel.take_turn(now) for now in (100, 100, 100, 101, 100)] == [True, True, False, True, False]
    assert [stores.channel.take_turn(now) for now in (130, 160, 160, 160)] == [True, True, True, False], (
        "a minute later"
    )
    assert [stores.channel.claim_pull(now, 60) for now in (100, 159, 160)] == [True, False, True]
    assert [stores.channel.claim_token_refresh(now, 5) for now in (100, 104, 105)] == [True, False, True]
    stores.channel.save_token("token", 1_000)
    assert stores.channel.claim_token_refresh(106, 5), "the token that is kept ends the claim for it"
    assert stores.channel.find_token()["token"] == "token"
    for since, until in (("b", "d"), ("c", "f"), ("a", "e"), ("h", "i")):
        stores.channel.save_pulled(since, until)
    assert stores.channel.pulled() == ("h", "i")


def test_unfinished_payments_are_found_by_their_age(stores: SimpleNamespace) -> None:
    ended, unfinished = withdrawal(stores, "HELD", "FAILED"), withdrawal(stores, "HELD")
    found = {item["payment_id"] for item in stores.payments.open_payments("9999")[0]}
    assert (unfinished["payment_id"] in found, ended["payment_id"] in found) == (True, False)
    assert stores.payments.open_payments(clock.stamp(clock.parse_stamp("2026-01-01T00:00:00Z"))) == ([], None)
