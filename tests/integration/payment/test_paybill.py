"""Paybill payments, suspense, pulls and reversals, with a real table and a fake M-Pesa behind real HTTP."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import pytest

from betsafi import clock
from betsafi.errors import Contention
from betsafi.money import format_amount
from betsafi.protection import FOREVER, Protection
from tests.support.emulator import aws
from tests.support.payment import World, payment_world, validation_event
from tests.support.services import SECRET
from tests.support.taxes import credited, excise
from tests.support.waiting import wait_for

LISTED = "196.201.214.200"


@pytest.fixture(scope="module")
def world(emulator: str) -> Iterator[World]:
    with payment_world(emulator, SOURCE_ADDRESSES=LISTED) as running:
        assert running.admin("registerPaybill")["data"] is True
        assert running.admin("registerPaybill")["data"] is True
        yield running


def number_of(world: World, user_id: str) -> str:
    number: str = world.ask(user_id, "Query", "paybill")["data"]["accountNumber"]
    return number


def paid_by_hand(world: World, amount: int = 200) -> tuple[Any, str, dict[str, Any]]:
    """A player pays the paybill and M-Pesa confirms it; return player, receipt and the payment."""
    player = world.player()
    receipt = world.mpesa.pay_bill(player.phone, amount, number_of(world, player.id))
    world.deliver(world.confirmation(receipt))
    return player, receipt, world.item(world.stores.payments.payment_of(receipt))


def in_suspense(world: World, amount: int = 300) -> tuple[str, str]:
    """Somebody pays to an account that is nobody's (validation is off at M-Pesa, as it is at first)."""
    receipt = f"NOBODY{next(_numbers):04d}"
    message = confirmation(world, receipt, amount, "JOHN 0712")
    world.deliver(message)
    return receipt, world.stores.creation.derive_id("paybill", receipt)


_numbers = iter(range(1000, 9999))


def confirmation(world: World, receipt: str, amount: int, account: str, shortcode: str = "174379") -> dict[str, str]:
    """Return a confirmation as the queue has it, with our own signature."""
    body = {
        "TransactionType": "Pay Bill", "TransID": receipt, "TransTime": "20261124101010", "TransAmount": f"{amount}.00",
        "BusinessShortCode": shortcode, "BillRefNumber": account, "MSISDN": "2547 ***** 126", "FirstName": "JOHN",
    }  # fmt: skip
    signature = world.callback.callbacks.sign(SECRET["callbackKey"], "c", "174379")
    values = {"door": "c", "id": "174379", "hmac": signature, "source": LISTED, "body": json.dumps(body)}
    return {name: quote_plus(value) for name, value in values.items()}


# --- account numbers ----------------------------------------------------------------------------------------------


def test_a_player_s_account_number_is_theirs_for_ever_and_a_wrong_key_is_nobody_s(world: World) -> None:
    player = world.player()
    number = number_of(world, player.id)
    assert number_of(world, player.id) == number
    assert world.stores.players.player_of(number) == player.id
    for place in range(8):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert world.flows.paybill.numbers.parse(wrong) == (None, None)
    in_other_digits = number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert world.flows.paybill.numbers.parse(in_other_digits) == (None, None)


def test_a_taken_account_number_gives_the_next_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.player(), world.player()
    numbers = world.stores.players.numbers
    monkeypatch.setattr(numbers, "account_number", lambda user, attempt=0: ("10000009", "10000017")[attempt])
    assert (number_of(world, first.id), number_of(world, second.id)) == ("10000009", "10000017")


# --- validation ---------------------------------------------------------------------------------------------------


def decided(world: World, receipt: str) -> str:
    """Return how a payment to the paybill ended, when it has."""
    wait_for(lambda: world.mpesa.outcome(receipt) not in ("", "pending"), f"outcome of {receipt}", world.under_way)
    return world.mpesa.outcome(receipt)


def test_validation_refuses_in_time_what_we_could_not_credit(world: World) -> None:
    active, frozen, suspended = world.player(), world.player(), world.player()
    world.wallet.statuses |= {frozen.id: "FROZEN", suspended.id: "SUSPENDED"}
    tried = {
        "completed": (active, 100, number_of(world, active.id)),
        "rejected C2B00012": (active, 100, "12345678"),
        "rejected C2B00016": (frozen, 100, number_of(world, frozen.id)),
    }
    for outcome, (player, amount, account) in tried.items():
        receipt = world.mpesa.pay_bill(player.phone, amount, account)
        assert decided(world, receipt) == outcome
    receipt = world.mpesa.pay_bill(suspended.phone, 100, number_of(world, suspended.id))
    assert decided(world, receipt) == "rejected C2B00016"


def test_validation_refuses_who_is_stopped_and_what_is_above_their_own_limit(world: World) -> None:
    stopped, limited = world.player(), world.player()
    keep = world.stores.protection.keep_protection
    keep(stopped.id, Protection(1, {}, FOREVER, "EXCLUSION"))
    keep(limited.id, Protection(1, {"deposit_week": 150_00}))
    for player, amount, outcome in (
        (stopped, 100, "rejected C2B00016"),
        (limited, 151, "rejected C2B00013"),
        (limited, 150, "completed"),
    ):
        receipt = world.mpesa.pay_bill(player.phone, amount, number_of(world, player.id))
        assert decided(world, receipt) == outcome


def test_what_a_stopped_player_paid_all_the_same_goes_back_without_a_person(world: World) -> None:
    """Validation is off at M-Pesa, or the stop came between the question and the payment."""
    player = world.player()
    receipt = world.mpesa.pay_bill(player.phone, 300, number_of(world, player.id))
    message = world.confirmation(receipt)
    world.stores.protection.keep_protection(player.id, Protection(1, {}, FOREVER, "EXCLUSION"))
    world.deliver(message, message)
    paid = world.item(world.stores.payments.payment_of(receipt))
    assert (paid["status"], paid["reason"]) == ("RETURNING", "PLAYER_STOPPED")
    received, seen = world.events(paid["payment_id"], "RECEIVED")
    assert type(received).__name__ == "SuspenseReceived"
    assert (type(seen).__name__, seen.user_id, seen.status) == ("PaymentProgressed", player.id, "RETURNING")
    shown = world.ask(player.id, "Query", "payment", id=paid["payment_id"])["data"]
    assert (shown["status"], shown["reason"]) == ("RETURNING", "PLAYER_STOPPED")
    assert shown["message"].startswith("You were stopped from playing when this was paid")
    reversal = paid["reversal_id"]
    assert world.follow_up(reversal)["status"] == "SUBMITTED"
    world.deliver(world.callback_for(reversal, "r"))
    assert world.item(reversal)["status"] == "COMPLETED"
    assert world.item(paid["payment_id"])["status"] == "RETURNED"
    returned, seen = world.events(paid["payment_id"], "RETURNING")
    assert type(returned).__name__ == "SuspenseReturned"
    assert (type(seen).__name__, seen.user_id, seen.status) == ("PaymentProgressed", player.id, "RETURNED")
    assert "decidedBy" not in returned.data(), "nobody decided it"
    assert world.wallet.holds.get(reversal) is None


def test_what_a_stopped_player_paid_and_m_pesa_does_not_give_back_is_told_to_them_and_waits_for_support(
    world: World,
) -> None:
    player = world.player()
    world.stores.protection.keep_protection(player.id, Protection(1, {}, FOREVER, "EXCLUSION"))
    receipt = f"NOBODY{next(_numbers):04d}"  # M-Pesa knows no such receipt
    world.deliver(confirmation(world, receipt, 310, number_of(world, player.id)))
    payment_id = world.stores.payments.payment_of(receipt)
    reversal = world.item(payment_id)["reversal_id"]
    assert world.follow_up(reversal)["status"] == "SUBMITTED"
    world.deliver(world.callback_for(reversal, "r"))
    assert (world.item(reversal)["status"], world.item(payment_id)["status"]) == ("FAILED", "SUSPENSE")
    (seen,) = world.events(payment_id, "RETURNING")
    assert (type(seen).__name__, seen.user_id, seen.status) == ("PaymentProgressed", player.id, "SUSPENSE")
    shown = world.ask(player.id, "Query", "payment", id=payment_id)["data"]
    assert (shown["status"], shown["reason"], shown["isFinal"]) == ("SUSPENSE", "PLAYER_STOPPED", False)
    assert shown["message"].startswith("You were stopped from playing when this was paid")


def test_money_in_suspense_is_assigned_to_no_player_who_is_stopped(world: World) -> None:
    _receipt, payment_id = in_suspense(world, 50)
    player = world.player()
    number = number_of(world, player.id)
    world.stores.protection.keep_protection(player.id, Protection(1, {"deposit_day": 9_000}, FOREVER, "EXCLUSION"))
    refused = world.admin("assignPayment", id=payment_id, accountNumber=number)["error"]
    assert refused["type"] == "NOT_ALLOWED_NOW"
    assert world.item(payment_id)["status"] == "SUSPENSE"
    world.stores.protection.keep_protection(player.id, Protection(2, {"deposit_day": 9_000}))
    assert world.admin("assignPayment", id=payment_id, accountNumber=number)["data"]["status"] == "DONE"
    counted = world.stores.protection.find(player.id)
    assert [cents for name, cents in counted.items() if name.startswith("day_")] == [50_00]


def test_validation_takes_money_for_a_wallet_that_opens_in_a_moment(world: World) -> None:
    player = world.player()
    number = number_of(world, player.id)
    world.wallet.statuses.pop(player.id, None)
    receipt = world.mpesa.pay_bill(player.phone, 100, number)
    assert decided(world, receipt) == "completed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TransAmount": "250001.00"}, "C2B00013"),
        ({"BusinessShortCode": "600000"}, "C2B00015"),
        ({"TransAmount": "NaN"}, "C2B00016"),
        ({"TransID": None}, "C2B00016"),
    ],
)
def test_validation_names_what_is_wrong(world: World, change: dict[str, Any], code: str) -> None:
    player = world.player()
    body = {"TransID": "RKT1234567", "TransAmount": "100.00", "BusinessShortCode": "174379"}
    body |= {"BillRefNumber": number_of(world, player.id), **change}
    assert validated(world, json.dumps(body)) == {"ResultCode": code, "ResultDesc": "Rejected"}


def test_validation_answers_whatever_is_asked_and_writes_nothing(world: World) -> None:
    before = list(world.table.scan())
    for body in ("", "[]", "<html>", "{}", '{"TransID": {}}', "\x00", "null"):
        assert validated(world, body)["ResultCode"].startswith("C2B000")
    forged = validation_event("174379", "0" * 64, "{}")
    assert json.loads(world.validation.handler(forged)["body"])["ResultCode"] == "C2B00016"
    assert list(world.table.scan()) == before


def validated(world: World, body: str) -> dict[str, str]:
    signature = world.callback.callbacks.sign(SECRET["callbackKey"], "v", "174379")
    answer = world.validation.handler(validation_event("174379", signature, body))
    assert answer["statusCode"] == 200
    found: dict[str, str] = json.loads(answer["body"])
    return found


# --- confirmation -------------------------------------------------------------------------------------------------


def test_a_paybill_payment_is_credited_once_to_whose_account_number_it_has(world: World) -> None:
    player, receipt, payment = paid_by_hand(world)
    world.deliver(world.confirmation(receipt))
    shown = world.ask(player.id, "Query", "payments")["data"]["items"]
    assert [(p["id"], p["kind"], p["channel"], p["status"]) for p in shown] == [
        (payment["payment_id"], "DEPOSIT", "PAYBILL", "COMPLETED")
    ]
    parts = [format_amount(part(200_00)) for part in (credited, excise)]
    assert [shown[0][part]["amount"] for part in ("credited", "tax")] == parts
    (told,) = world.events(payment["payment_id"], None)
    assert (told.user_id, told.credit_cents, told.receipt) == (player.id, credited(200_00), receipt)


def test_a_paybill_payment_says_which_number_paid_and_is_pushed_in_the_language_of_the_profile(world: World) -> None:
    for language, word in (("en", "Paid."), ("sw", "Umelipa.")):
        player = world.player()
        world.users.people[player.id]["language"] = language
        receipt = world.mpesa.pay_bill("254733000126", 200, number_of(world, player.id))
        world.deliver(world.confirmation(receipt))
        payment_id = world.stores.payments.payment_of(receipt)
        pushed = world.pushed(player.id, payment_id)
        assert (pushed["phone"], pushed["message"].split()[0]) == ("+2547•••••126", word)
    del world.users.people[player.id]  # erased: nobody listens any more
    assert world.pushed(player.id, payment_id)["message"].startswith("Paid.")


def test_rule_08_the_same_receipt_by_prompt_and_by_confirmation_credits_once(world: World) -> None:
    for confirmation_first in (True, False):
        player = world.player()
        asked = world.pay_in(player.id, "400")["data"]
        world.mpesa.answer(player.phone, "approve")
        stk = world.callback_for(asked["id"])
        receipt = world.mpesa.pushes(player.phone)[0]["receipt"]
        both = [stk, world.confirmation(receipt)]
        world.deliver(*(reversed(both) if confirmation_first else both))
        assert world.item(asked["id"])["receipt"] == receipt
        assert world.stores.payments.payment_of(receipt) == asked["id"]
        assert len(world.ask(player.id, "Query", "payments")["data"]["items"]) == 1


def test_rule_08_a_deposit_that_the_query_completed_takes_the_confirmation_s_receipt(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id, "410")["data"]
    world.mpesa.answer(player.phone, "approve")
    assert world.follow_up(asked["id"])["status"] == "COMPLETED"
    assert "receipt" not in world.item(asked["id"])
    receipt = world.mpesa.pushes(player.phone)[0]["receipt"]
    world.deliver(world.confirmation(receipt))
    assert world.item(asked["id"])["receipt"] == receipt
    assert len(world.ask(player.id, "Query", "payments")["data"]["items"]) == 1


def test_a_prompt_whose_answer_and_callback_are_lost_is_paid_by_its_confirmation(world: World) -> None:
    player = world.player()
    lost = {"outcome": "approve", "callback": {"lost": True}, "reply": {"close": True}}
    world.mpesa.script("stk", player.phone, lost)
    asked = world.pay_in(player.id, "420")["data"]
    assert asked["status"] == "SUBMIT_UNKNOWN"
    receipt = wait_for(lambda: world.mpesa.pushes(player.phone)[0]["receipt"], "receipt", world.under_way)
    world.pull({"pull": True})
    assert world.item(asked["id"])["status"] == "COMPLETED"
    assert world.item(asked["id"])["receipt"] == receipt


def test_a_prompt_s_reference_paid_again_by_hand_is_a_deposit_of_its_own(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id, "430")["data"]
    world.mpesa.answer(player.phone, "approve")
    world.deliver(world.callback_for(asked["id"]))
    reference = world.mpesa.pushes(player.phone)[0]["accountReference"]
    second = world.mpesa.pay_bill(player.phone, 430, f" {reference[:8]} {reference[8:].lower()}")
    world.deliver(world.confirmation(second))
    shown = world.ask(player.id, "Query", "payments")["data"]["items"]
    assert sorted(p["channel"] for p in shown) == ["PAYBILL", "PROMPT"]
    assert {p["status"] for p in shown} == {"COMPLETED"}


def test_rule_09_a_confirmation_from_elsewhere_is_believed_only_when_m_pesa_says_the_same(world: World) -> None:
    player = world.player()
    number = number_of(world, player.id)
    receipt = world.mpesa.pay_bill(player.phone, 250, number)
    world.deliver(world.from_elsewhere(world.confirmation(receipt)))
    payment_id = world.stores.creation.derive_id("paybill", receipt)
    assert world.item(payment_id)["status"] == "RECEIVED"
    assert world.ask(player.id, "Query", "payments")["data"]["items"] == []
    world.follow_up(payment_id)
    assert world.item(payment_id)["status"] == "COMPLETED"
    assert world.item(payment_id)["user_id"] == player.id


def test_rule_09_an_invented_payment_or_amount_is_never_credited(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    player = world.player()
    number = number_of(world, player.id)
    real = world.mpesa.pay_bill(player.phone, 50, number)
    world.confirmation(real)
    invented = world.from_elsewhere(confirmation(world, "INVENTED01", 9_000, number))
    inflated = world.from_elsewhere(confirmation(world, real, 5_000, number))
    world.deliver(invented, inflated)
    payment_id = world.stores.creation.derive_id("paybill", real)
    assert world.item(payment_id)["amount_cents"] == 500_000
    world.follow_up(payment_id)
    item = world.item(payment_id)
    assert (item["status"], item["amount_cents"], item["credit_cents"]) == ("COMPLETED", 5_000, credited(5_000))
    payment_id = world.stores.creation.derive_id("paybill", "INVENTED01")
    assert world.follow_up(payment_id)["status"] == "RECEIVED"
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
    world.pull({"pull": "new"})
    version = world.item(payment_id)["version"]
    world.send({"paymentId": payment_id, "version": version, "step": 2, "due": 0})
    assert world.item(payment_id)["status"] == "FAILED"


@pytest.mark.parametrize("looked_for", [True, False])
def test_rule_09_somebody_else_s_payment_cannot_be_claimed_by_telling_another_account(
    world: World, looked_for: bool
) -> None:
    payer, thief = world.player(), world.player()
    receipt = world.mpesa.pay_bill(payer.phone, 260, number_of(world, payer.id))
    genuine = world.confirmation(receipt)
    stolen = world.from_elsewhere(confirmation(world, receipt, 260, number_of(world, thief.id)))
    world.deliver(stolen)
    payment_id = world.stores.creation.derive_id("paybill", receipt)
    if looked_for:
        world.follow_up(payment_id)
    world.deliver(genuine)
    assert world.item(payment_id)["user_id"] == payer.id
    assert world.ask(thief.id, "Query", "payments")["data"]["items"] == []


def test_a_confirmation_for_another_shortcode_or_unsigned_changes_nothing(world: World) -> None:
    player = world.player()
    number = number_of(world, player.id)
    before = [item for item in world.table.scan() if not item["pk"].startswith("QUARANTINE")]
    other = confirmation(world, "OTHERCODE1", 100, number, shortcode="600000")
    world.deliver(other, {**confirmation(world, "UNSIGNED01", 100, number), "hmac": "0" * 64})
    assert world.quarantined("174379")[-1] == "OTHER_SHORTCODE"
    assert [item for item in world.table.scan() if not item["pk"].startswith("QUARANTINE")] == before


# --- suspense -----------------------------------------------------------------------------------------------------


def test_money_for_nobody_waits_for_support_who_gives_it_to_a_player_once(world: World) -> None:
    receipt, payment_id = in_suspense(world)
    waiting = world.ask("support-1", "Query", "paymentQueue", groups=("support",), queue="SUSPENSE")["data"]["items"]
    assert receipt in [payment["receipt"] for payment in waiting]
    assert [type(event).__name__ for event in world.events(payment_id, "RECEIVED")] == ["SuspenseReceived"]
    right, other = world.player(), world.player()
    give = {"id": payment_id, "accountNumber": number_of(world, right.id), "reason": "named by the payer"}
    credit = format_amount(credited(300_00))
    for _ in range(2):
        done = world.ask("support-1", "Mutation", "assignPayment", groups=("support",), **give)["data"]["payment"]
        assert (done["status"], done["userId"], done["credited"]["amount"]) == ("COMPLETED", right.id, credit)
    refused = world.admin("assignPayment", id=payment_id, accountNumber=number_of(world, other.id))["error"]
    assert refused["type"] == "NOT_ALLOWED_NOW"
    (told,) = world.events(payment_id, "SUSPENSE")
    assert (told.from_suspense, told.receipt, told.user_id) == (True, receipt, right.id)
    assert world.item(payment_id)["assigned_by"] == "support-1"
    queue = world.admin("paymentQueue", queue="SUSPENSE", limit=100)["data"]["items"]
    assert receipt not in [payment["receipt"] for payment in queue]


def test_nobody_gives_money_in_suspense_to_themselves(world: World) -> None:
    _, payment_id = in_suspense(world)
    me = world.player().id
    refused = world.admin("assignPayment", by=me, id=payment_id, accountNumber=number_of(world, me))["error"]
    assert refused["type"] == "FORBIDDEN"
    assert world.item(payment_id)["status"] == "SUSPENSE"


def test_a_wish_to_return_money_in_suspense_does_not_take_it_from_a_player(world: World) -> None:
    _, payment_id = in_suspense(world)
    reason = "The payer asked for it back"
    world.admin("reverseDeposit", id=payment_id, reason=reason)
    world.admin("assignPayment", id=payment_id, accountNumber=number_of(world, world.player().id))
    second = world.admin("reverseDeposit", by="admin-2", id=payment_id, reason=reason)["data"]
    assert second["approvedBy"] is None
    assert world.item(payment_id)["status"] == "COMPLETED"


def test_a_wrong_account_number_assigns_nothing(world: World) -> None:
    _, payment_id = in_suspense(world)
    refused = world.admin("assignPayment", id=payment_id, accountNumber="12345678")["error"]
    assert refused["type"] == "INVALID_INPUT"
    assert world.item(payment_id)["status"] == "SUSPENSE"


@pytest.mark.parametrize(
    "field",
    [
        "paymentQueue", "assignPayment", "approveWithdrawal", "rejectWithdrawal", "resolveWithdrawal",
        "reverseDeposit", "setPaymentChannel", "registerPaybill",
    ],
)  # fmt: skip
def test_players_may_do_nothing_of_this(world: World, field: str) -> None:
    kind = "Query" if field == "paymentQueue" else "Mutation"
    assert world.ask(world.player().id, kind, field)["error"]["type"] == "FORBIDDEN"


# --- pull ---------------------------------------------------------------------------------------------------------


def test_a_pull_books_what_was_never_confirmed_and_changes_nothing_else(world: World) -> None:
    player = world.player()
    number = number_of(world, player.id)
    world.mpesa.script("c2b", player.phone, {"callback": {"lost": True}}, times=None)
    receipts = [world.mpesa.pay_bill(player.phone, amount, number) for amount in (60, 70, 70)]
    assert {decided(world, receipt) for receipt in receipts} == {"completed"}
    assert world.ask(player.id, "Query", "payments")["data"]["items"] == []
    world.pull({"pull": True})
    world.pull({"pull": True})
    shown = world.ask(player.id, "Query", "payments")["data"]["items"]
    assert sorted((p["receipt"], p["amount"]["amount"]) for p in shown) == sorted(
        zip(receipts, ("60.00", "70.00", "70.00"), strict=True)
    )


def answering(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[str]:
    """Let M-Pesa give one answer to every pull; return what is counted."""
    counted: list[str] = []
    monkeypatch.setattr(world.daraja_channel, "post", lambda *_: world.daraja_channel.Reply(200, answer))
    for module in (world.flows.pulls, world.flows.paybill):
        monkeypatch.setattr(module, "count", lambda name, value=1, **_: counted.append(name))
    return counted


@pytest.mark.parametrize("answer", [{"ResponseCode": "1000"}, {"errorCode": "500.003.02"}, {}, None])
def test_a_pull_that_is_not_answered_is_counted_and_left_to_the_next(
    world: World, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = answering(world, monkeypatch, answer)
    world.send({"pull": True})
    assert counted == ["PullFailed"]


@pytest.mark.parametrize("none", [[[]], "[[]]", None])
def test_a_pull_of_nothing_is_nothing(world: World, none: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = answering(world, monkeypatch, {"ResponseCode": "1001", "Response": none})
    world.send({"pull": True})
    assert counted == []


def test_a_row_that_cannot_be_read_hides_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    player = world.player()
    row = {"transactionId": "PULLED0001", "amount": "80.0", "billreference": number_of(world, player.id)}
    rows: list[Any] = [{**row, "amount": "-80.0"}, {}, None, row]
    counted = answering(world, monkeypatch, {"ResponseCode": "1000", "Response": [rows]})
    page = world.flows.pulls.book_page(*world.flows.pulls.window())
    assert (page.more.offset, counted) == (4, ["PullUnreadable", "PulledPayments"])
    (shown,) = world.ask(player.id, "Query", "payments")["data"]["items"]
    assert shown["receipt"] == "PULLED0001"


def test_a_payment_that_cannot_be_booked_hides_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    player = world.player()
    number = number_of(world, player.id)
    world.forget_pulls()
    rows = [{"transactionId": f"PULLED001{n}", "amount": "80.0", "billreference": number} for n in range(3)]
    answering(world, monkeypatch, {"ResponseCode": "1000", "Response": [rows]})
    paybill, pulled = world.flows.paybill, world.stores.channel.pulled()
    book = paybill.book

    def busy(paid: Any) -> bool:
        if paid.receipt == "PULLED0011":
            raise Contention("The system is busy.")
        booked: bool = book(paid)
        return booked

    sent: list[dict[str, Any]] = []
    with monkeypatch.context() as patch:
        patch.setattr(paybill, "book", busy)
        patch.setattr(world.flows.followups.queue, "send_message", sent.append)
        world.send({"pull": True})
        assert receipts_of(world, player) == ["PULLED0010", "PULLED0012"]
        alone, more = (message["pull"] for message in sent)
        assert alone["alone"]
        records = [{"messageId": "1", "body": json.dumps({"pull": alone})}]
        assert world.followup.handler({"Records": records})["batchItemFailures"], "the culprit's page is tried again"
        answering(world, patch, {"ResponseCode": "1000", "Response": [[]]})
        world.send({"pull": more})
        assert world.stores.channel.pulled() == pulled, "the list was not read as long as one of it is not booked"
    world.send({"pull": alone})
    assert receipts_of(world, player) == ["PULLED0010", "PULLED0011", "PULLED0012"]


def receipts_of(world: World, player: Any) -> list[str]:
    return sorted(shown["receipt"] for shown in world.ask(player.id, "Query", "payments")["data"]["items"])


def test_a_pull_of_which_nothing_can_be_read_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = answering(world, monkeypatch, {"ResponseCode": "1000", "Response": [[{"amount": "80.0"}]]})
    world.pull({"pull": True})
    assert counted == ["PullUnreadable", "PullFailed"]


def test_a_pull_whose_pages_do_not_turn_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"transactionId": "PULLED0002", "amount": "80.0", "billreference": "nobody's"}
    counted = answering(world, monkeypatch, {"ResponseCode": "1000", "Response": [[row]]})
    world.pull({"pull": True})
    assert counted.count("PullFailed") == 1


def test_a_payment_is_not_given_up_while_m_pesa_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = "UNVOUCHED1"
    world.forget_pulls()
    world.deliver(world.from_elsewhere(confirmation(world, receipt, 90, number_of(world, world.player().id))))
    payment_id = world.stores.creation.derive_id("paybill", receipt)
    version = world.item(payment_id)["version"]
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
    with monkeypatch.context() as silent:
        answering(world, silent, None)
        world.pull({"pull": "new"})
        world.flows.followups.take(world.flows.followups.FollowUp(payment_id, version, 2, 0))
        assert world.item(payment_id)["status"] == "RECEIVED"
    world.pull({"pull": "new"})
    world.flows.followups.take(world.flows.followups.FollowUp(payment_id, version, 2, 0))
    assert world.item(payment_id)["status"] == "FAILED"


def test_a_flood_of_told_payments_asks_for_one_pull(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    paybill = world.flows.paybill
    monkeypatch.setattr(paybill, "settings", dataclasses.replace(paybill.settings, pull_pause_seconds=60))
    sent: list[Any] = []
    monkeypatch.setattr(paybill.queue, "send_message", sent.append)
    world.forget_pulls()
    number = number_of(world, world.player().id)
    for n in range(20):
        told = world.from_elsewhere(confirmation(world, f"FLOOD{n:05d}", 90, number))
        world.deliver(told)
        paybill.follow_up(world.item(world.stores.creation.derive_id("paybill", f"FLOOD{n:05d}")))
    assert sent == [{"pull": "new"}]


# --- reversals ----------------------------------------------------------------------------------------------------


def reversed_by_two(world: World, payment_id: str) -> dict[str, Any]:
    reason = "The payer chose the wrong business"
    first = world.admin("reverseDeposit", id=payment_id, reason=reason)["data"]
    assert first["approvedBy"] is None
    again = world.admin("reverseDeposit", id=payment_id, reason=reason)["data"]
    assert again["approvedBy"] is None
    return world.admin("reverseDeposit", by="admin-2", id=payment_id, reason="I checked the statement too")


def test_a_mistaken_deposit_is_given_back_by_two_people_and_once(world: World) -> None:
    player, _, payment = paid_by_hand(world, 500)
    done = reversed_by_two(world, payment["payment_id"])["data"]
    reversal = done["payment"]
    assert (done["proposedBy"], done["approvedBy"], reversal["kind"]) == ("admin-1", "admin-2", "REVERSAL")
    assert world.wallet.holds[reversal["id"]] == credited(500_00)
    world.deliver(world.callback_for(reversal["id"], "r"))
    world.deliver(world.callback_for(reversal["id"], "r"))
    assert world.item(reversal["id"])["status"] == "COMPLETED"
    assert world.item(reversal["id"])["decided_by"] == ["admin-1", "admin-2"]
    shown = world.ask(player.id, "Query", "payment", id=payment["payment_id"])["data"]
    assert shown["status"] == "REVERSED"
    (told,) = world.events(reversal["id"], "SUBMITTED")
    assert type(told).__name__ == "DepositReversed"
    assert (told.credit_cents, told.excise_cents) == (credited(500_00), excise(500_00))
    refused = world.admin("reverseDeposit", id=payment["payment_id"], reason="A second time, by mistake")
    assert refused["error"]["type"] == "NOT_ALLOWED_NOW"


def test_a_reversal_whose_result_is_lost_is_asked_again_and_ends_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    player, receipt, payment = paid_by_hand(world, 510)
    world.mpesa.control(
        "POST",
        "/scripts",
        {"match": {"kind": "reversal", "reference": receipt}, "times": 1, "script": {"callback": {"lost": True}}},
    )
    reversal = reversed_by_two(world, payment["payment_id"])["data"]["payment"]["id"]
    booked = f"/transactions?phone={player.phone}&kind=reversal"
    wait_for(lambda: world.mpesa.control("GET", booked)["transactions"], "reversal", world.under_way)
    world.follow_up(reversal)  # M-Pesa has it and is given time
    assert world.mailbox.about(reversal) == []
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=91))
    world.follow_up(reversal)
    world.deliver(world.callback_for(reversal, "r"))  # R000001: reversed already
    assert world.item(reversal)["status"] == "COMPLETED"
    assert len(world.mpesa.control("GET", booked)["transactions"]) == 1


def test_a_reversal_that_m_pesa_could_not_make_is_asked_again_or_given_up_by_two_people(world: World) -> None:
    _, receipt, payment = paid_by_hand(world, 515)
    match = {"kind": "reversal", "reference": receipt}
    script = {"match": match, "times": 1, "script": {"result_code": "1"}}
    world.mpesa.control("POST", "/scripts", script)
    reversal = reversed_by_two(world, payment["payment_id"])["data"]["payment"]["id"]
    world.deliver(world.callback_for(reversal, "r"))
    assert world.item(reversal)["reason"] == "FLOAT_LOW"
    for operator in ("admin-1", "admin-2"):
        world.admin("resolveWithdrawal", by=operator, id=reversal, outcome="RETRY", evidence="the float is filled up")
    assert world.item(reversal)["status"] == "HELD"
    refused = world.admin("resolveWithdrawal", id=reversal, outcome="UNPAID", evidence="not on the statement")
    assert refused["error"]["type"] == "NOT_ALLOWED_NOW"
    assert world.follow_up(reversal)["status"] == "SUBMITTED"
    world.deliver(world.callbacks_for(reversal, "r", 2)[-1])
    assert world.item(reversal)["status"] == "COMPLETED"


@pytest.mark.parametrize("left_out", ["OriginalTransactionID", "Amount"])
def test_rule_09_a_reversal_is_believed_only_with_its_payment_and_amount(world: World, left_out: str) -> None:
    _, _, payment = paid_by_hand(world, 516)
    reversal = reversed_by_two(world, payment["payment_id"])["data"]["payment"]["id"]
    genuine = world.callback_for(reversal, "r")
    body = json.loads(unquote_plus(genuine["body"]))
    told = body["Result"]["ResultParameters"]["ResultParameter"]
    body["Result"]["ResultParameters"]["ResultParameter"] = [item for item in told if item["Key"] != left_out]
    world.deliver({**genuine, "body": quote_plus(json.dumps(body))})
    assert world.item(reversal)["status"] == "SUBMITTED"
    world.deliver(genuine)
    assert world.item(reversal)["status"] == "COMPLETED"


def test_a_deposit_that_was_spent_is_not_reversed_and_may_be_tried_later(world: World) -> None:
    player, _, payment = paid_by_hand(world, 520)
    world.wallet.available[player.id] = 100
    refused = reversed_by_two(world, payment["payment_id"])["data"]["payment"]
    assert (refused["status"], refused["message"]) == ("REFUSED", "There is not enough money.")
    world.wallet.available[player.id] = 52_000
    again = reversed_by_two(world, payment["payment_id"])["data"]["payment"]
    assert again["id"] != refused["id"]
    world.deliver(world.callback_for(again["id"], "r"))
    assert world.item(again["id"])["status"] == "COMPLETED"


def paid_for_nobody(world: World) -> tuple[Any, str]:
    """A payment of KES 530 that M-Pesa knows, in suspense; return who paid and its id."""
    player = world.player()
    # Told from a prompt's reference that nobody has: as if its account had been typed wrongly at an agent.
    world.pay_in(player.id, "530")
    world.mpesa.answer(player.phone, "approve")
    receipt = wait_for(lambda: world.mpesa.pushes(player.phone)[0]["receipt"], "receipt", world.under_way)
    world.deliver(confirmation(world, receipt, 530, "NOT A NUMBER"))
    return player, world.stores.creation.derive_id("paybill", receipt)


def test_money_in_suspense_goes_back_to_its_payer(world: World) -> None:
    player, payment_id = paid_for_nobody(world)
    reversal = reversed_by_two(world, payment_id)["data"]["payment"]
    assert reversal["id"] not in world.wallet.holds
    assert world.item(payment_id)["status"] == "RETURNING"
    assert world.admin("assignPayment", id=payment_id, accountNumber=number_of(world, player.id))["error"]
    world.deliver(world.callback_for(reversal["id"], "r"))
    assert world.item(payment_id)["status"] == "RETURNED"
    assert [type(event).__name__ for event in world.events(payment_id, "RETURNING")] == ["SuspenseReturned"]
    assert world.events(reversal["id"], "SUBMITTED") == []
    (given,) = world.mpesa.control("GET", f"/transactions?phone={player.phone}&kind=reversal")["transactions"]
    assert given["amount"] == "530.00"


def test_money_that_m_pesa_will_not_give_back_is_in_suspense_again(world: World) -> None:
    _, payment_id = in_suspense(world)  # M-Pesa knows no such receipt
    reversal = reversed_by_two(world, payment_id)["data"]["payment"]
    world.deliver(world.callback_for(reversal["id"], "r"))
    assert world.item(reversal["id"])["reason"] == "UNKNOWN_TRANSACTION"
    assert world.item(payment_id)["status"] == "SUSPENSE"
    assert world.events(payment_id, "RETURNING") == []  # it was never out of suspense in the ledger


def test_one_administrator_alone_moves_nothing(world: World) -> None:
    _, _, payment = paid_by_hand(world, 540)
    world.admin("reverseDeposit", id=payment["payment_id"], reason="The payer chose the wrong business")
    waiting = world.table.get((f"PAYMENT#{payment['payment_id']}", "PROPOSAL"))
    assert waiting["proposed_by"] == "admin-1"
    assert world.item(payment["payment_id"]) == payment


# --- the archive, the float, the password ---------------------------------------------------------------------------


def test_every_believed_word_of_m_pesa_is_kept_encrypted_once_and_unchanged(world: World) -> None:
    _, receipt, _ = paid_by_hand(world, 550)
    message = world.confirmation(receipt)
    world.deliver(message, message)
    s3 = aws("s3", world.emulator)
    kept = s3.list_objects_v2(Bucket=world.archive_bucket, Prefix="callbacks/c/174379/")["Contents"]
    bodies = [json.load(s3.get_object(Bucket=world.archive_bucket, Key=item["Key"])["Body"]) for item in kept]
    mine = [body for body in bodies if receipt in body["body"]]
    assert [body["body"] for body in mine] == [unquote_plus(message["body"])]
    before = len(kept)
    world.deliver({**message, "hmac": "0" * 64, "body": "forged"})
    assert s3.list_objects_v2(Bucket=world.archive_bucket, Prefix="callbacks/c/174379/")["KeyCount"] == before


def test_the_float_is_watched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, float] = {}
    upkeep = world.flows.upkeep
    monkeypatch.setattr(upkeep, "gauge", told.__setitem__)
    world.send({"balance": True})
    world.deliver(world.callback_for("600000", "a"))
    utility = float(world.mpesa.control("GET", "/books")["organisation"]["utility"])
    assert told["UtilityShillings"] == int(utility)
    assert world.table.get(("BALANCE", "DARAJA"))["accounts"]["Utility Account"] == round(utility * 100)
    assert {"ReviewOldestMinutes", "SuspenseOldestMinutes", "DecisionOldestMinutes"} <= told.keys()


def test_rule_24_the_password_s_age_is_watched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, float] = {}
    upkeep = world.flows.upkeep
    monkeypatch.setattr(upkeep, "gauge", told.__setitem__)
    monkeypatch.setattr(upkeep, "count", lambda name: told.__setitem__(name, 1))
    ours = world.daraja.credentials()
    today = clock.now().astimezone(clock.NAIROBI).date()
    dated = type(ours)(**{**vars(ours), "initiator_password_set_at": (today - timedelta(days=81)).isoformat()})
    for answer, wanted in ((ours, {"InitiatorPasswordUndated": 1}), (dated, {"InitiatorPasswordAgeDays": 81})):
        told.clear()
        monkeypatch.setattr(upkeep, "credentials", lambda answer=answer: answer)
        upkeep.report_password_age()
        assert told == wanted


def test_a_stage_whose_secret_is_not_filled_in_asks_m_pesa_for_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = world.daraja.credentials()
    blank = type(ours)(**{**vars(ours), "consumer_key": "", "shortcode": ""})
    for module in (world.flows.pulls, world.flows.upkeep):
        monkeypatch.setattr(module, "credentials", lambda: blank)
    before = len(world.mpesa.control("GET", "/requests")["requests"])
    for message in ({"pull": True}, {"balance": True}):
        world.send(message)
    assert len(world.mpesa.control("GET", "/requests")["requests"]) == before


def test_addresses_are_not_registered_without_a_callback_domain(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = world.flows.channels.callback_url.__globals__
    monkeypatch.setitem(credentials, "settings", dataclasses.replace(credentials["settings"], callback_base_url=""))
    refused = world.admin("registerPaybill")["error"]
    assert refused["type"] == "DEPOSITS_UNAVAILABLE"
    assert "domain" in refused["message"]


def test_addresses_that_m_pesa_keeps_from_before_are_not_taken_for_the_new_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"errorCode": "500.003.1001", "errorMessage": "Urls are already registered"}
    answers = iter([before, {"ResponseStatus": "1000"}] * 2)
    monkeypatch.setattr(world.daraja_channel, "post", lambda *_: world.daraja_channel.Reply(500, next(answers)))
    assert world.admin("registerPaybill")["data"] is True
    monkeypatch.setattr(
        world.flows.channels, "callback_url", lambda door, about: f"https://new.example.com/{door}/{about}"
    )
    refused = world.admin("registerPaybill")["error"]
    assert (refused["type"], "portal" in refused["message"]) == ("NOT_ALLOWED_NOW", True)
