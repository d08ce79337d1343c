"""Deposits and withdrawals, with a real table and a fake M-Pesa behind real HTTP; callbacks come as they come."""

import base64
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import pytest

from betsafi import clock
from betsafi.dynamodb import marshal
from betsafi.errors import Unavailable
from betsafi.money import format_amount
from betsafi.service_client import Refused
from localcloud.daraja import create_app
from tests.support.payment import Mailbox, World, altered, payment_world
from tests.support.services import SECRET
from tests.support.serving import serve
from tests.support.taxes import credited, excise, paid_out, returned, withheld
from tests.support.waiting import wait_for


def late(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=seconds))


# --- deposits ---------------------------------------------------------------------------------------------------------


def test_rule_01_a_deposit_is_paid_when_the_callback_says_so_and_not_before(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    assert (asked["status"], asked["receipt"]) == ("SUBMITTED", None)
    assert "PIN" in asked["message"]
    world.mpesa.answer(player.phone, "approve")
    world.deliver(world.callback_for(asked["id"]))
    paid = world.ask(player.id, "Query", "payment", id=asked["id"])["data"]
    assert paid["status"] == "COMPLETED"
    assert paid["receipt"] == world.mpesa.pushes(player.phone)[0]["receipt"]
    parts = [format_amount(part(1000_00)) for part in (credited, excise)]
    assert [paid[part]["amount"] for part in ("credited", "tax")] == parts


def test_rule_02_the_same_request_again_is_the_first_answer_and_no_second_prompt(world: World) -> None:
    player = world.player()
    first = world.pay_in(player.id, request_id="request-0001")["data"]
    assert world.pay_in(player.id, request_id="request-0001")["data"] == first
    assert world.pay_in(player.id, "2000", "request-0001")["error"]["type"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(world.mpesa.pushes(player.phone)) == 1


def test_rule_02_a_push_whose_answer_is_lost_is_never_sent_again(world: World) -> None:
    player = world.player()
    world.mpesa.script("stk", player.phone, {"reply": {"close": True}, "outcome": "approve", "delay_s": 0.2})
    asked = world.pay_in(player.id)["data"]
    assert asked["status"] == "SUBMIT_UNKNOWN"
    world.follow_up(asked["id"])
    assert len(world.mpesa.pushes(player.phone)) == 1
    world.deliver(world.callback_for(asked["id"]))
    assert world.item(asked["id"])["status"] == "COMPLETED"
    assert world.item(asked["id"])["checkout_request_id"] == world.mpesa.pushes(player.phone)[0]["checkoutRequestID"]


def test_rule_02_a_crash_right_before_the_push_leaves_the_outcome_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()

    def crash(*arguments: Any) -> None:
        raise RuntimeError("the process ends")

    with monkeypatch.context() as patch:
        patch.setattr(world.daraja, "push", crash)
        with pytest.raises(RuntimeError):
            world.pay_in(player.id, request_id="request-0001")
    again = world.pay_in(player.id, request_id="request-0001")["data"]
    assert again["status"] == "REQUESTED"
    assert world.follow_up(again["id"])["status"] == "SUBMIT_UNKNOWN"
    assert world.mpesa.pushes(player.phone) == []


def test_rule_08_a_callback_that_comes_twice_completes_once(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    message = world.callback_for(asked["id"])
    world.deliver(message, message)
    done = world.item(asked["id"])
    world.deliver(message)
    assert world.item(asked["id"]) == done
    assert world.quarantined(asked["id"]) == []


def test_rule_08_a_receipt_is_good_for_one_deposit_only(world: World) -> None:
    first, second = world.player(), world.player()
    paid, other = world.pay_in(first.id)["data"], world.pay_in(second.id)["data"]
    world.mpesa.answer(first.phone, "approve")
    world.mpesa.answer(second.phone, "approve")
    world.deliver(world.callback_for(paid["id"]))
    stolen = altered(world.callback_for(other["id"]), MpesaReceiptNumber=world.item(paid["id"])["receipt"])
    world.deliver(stolen)
    assert world.item(other["id"])["status"] == "SUBMITTED"
    assert world.quarantined(other["id"]) == ["RECEIPT_OF_ANOTHER_PAYMENT"]


def test_rule_08_a_second_receipt_for_one_deposit_is_believed_only_when_m_pesa_knows_it(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    message = world.callback_for(asked["id"])
    world.deliver(message, altered(message, MpesaReceiptNumber="OTHER12345"))
    second = world.stores.creation.derive_id("paybill", "OTHER12345")
    assert world.item(second)["status"] == "RECEIVED"
    assert world.follow_up(second)["status"] == "RECEIVED"  # M-Pesa has nothing of the kind
    assert world.stores.payments.payment_of("OTHER12345") is None


def test_rule_09_a_forged_callback_changes_nothing(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    message = world.callback_for(asked["id"])
    before = world.item(asked["id"])
    world.deliver({**message, "hmac": "0" * 64}, {**message, "door": "b"}, {**message, "door": "x"})
    assert world.item(asked["id"]) == before
    assert world.quarantined(asked["id"]) == []


@pytest.mark.parametrize(
    ("changes", "reason"), [({"Amount": 1}, "OTHER_AMOUNT"), ({"Amount": None}, "OTHER_AMOUNT"),
                            ({"MpesaReceiptNumber": None}, "NO_RECEIPT")]
)  # fmt: skip
def test_rule_09_an_altered_callback_changes_nothing_and_is_kept(
    world: World, changes: dict[str, Any], reason: str
) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    world.deliver(altered(world.callback_for(asked["id"]), **changes))
    assert world.item(asked["id"])["status"] == "SUBMITTED"
    assert world.quarantined(asked["id"]) == [reason]


def test_rule_09_another_push_s_callback_changes_nothing(world: World) -> None:
    first, second = world.player(), world.player()
    mine, other = world.pay_in(first.id)["data"], world.pay_in(second.id)["data"]
    world.mpesa.answer(second.phone, "approve")
    swapped = {**world.callback_for(other["id"]), "id": mine["id"]}
    swapped["hmac"] = world.callback.callbacks.sign(SECRET["callbackKey"], "s", mine["id"])
    world.deliver(swapped)
    assert world.item(mine["id"])["status"] == "SUBMITTED"
    assert world.quarantined(mine["id"]) == ["OTHER_CHECKOUT_REQUEST"]


def test_rule_19_a_body_that_is_no_json_is_kept_and_the_queue_goes_on(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    message = world.callback_for(asked["id"])
    world.deliver({**message, "body": quote_plus("<html>é</html>")}, message)
    assert world.quarantined(asked["id"]) == ["UNREADABLE"]
    assert world.item(asked["id"])["status"] == "COMPLETED"


def test_rule_10_a_masked_or_foreign_phone_number_in_a_callback_does_not_matter(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    world.deliver(altered(world.callback_for(asked["id"]), PhoneNumber="2547 ***** 126"))
    assert world.item(asked["id"])["status"] == "COMPLETED"


@pytest.mark.parametrize(("action", "pin", "reason"), [("cancel", "", "CANCELLED"), ("approve", "0000", "WRONG_PIN")])
def test_a_prompt_that_is_not_paid_fails_with_a_reason(world: World, action: str, pin: str, reason: str) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, action, pin)
    world.deliver(world.callback_for(asked["id"]))
    failed = world.ask(player.id, "Query", "payment", id=asked["id"])["data"]
    assert (failed["status"], failed["reason"]) == ("FAILED", reason)


def test_rule_07_a_success_after_a_failure_wins_and_a_failure_after_it_does_not(world: World) -> None:
    player = world.player()
    world.mpesa.script(
        "stk", player.phone,
        {"outcome": "approve", "callback": {"hold": True, "extra": [
            {"set": {"ResultCode": 1032}, "remove": ["Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber"]},
        ]}},
    )  # fmt: skip
    asked = world.pay_in(player.id)["data"]
    failure = world.callback_for(asked["id"])
    world.deliver(failure)
    assert world.item(asked["id"])["status"] == "FAILED"
    world.mpesa.release(asked["id"])
    world.deliver(world.callbacks_for(asked["id"], "s", 2)[-1], failure)
    assert world.item(asked["id"])["status"] == "COMPLETED"


def test_rule_06_an_unknown_code_leaves_the_deposit_unknown(world: World) -> None:
    player = world.player()
    world.mpesa.script("stk", player.phone, {"result_code": "7777", "delay_s": 0})
    asked = world.pay_in(player.id)["data"]
    world.deliver(world.callback_for(asked["id"]))
    assert world.item(asked["id"])["status"] == "UNKNOWN"


def test_rule_05_a_success_of_the_query_counts_at_once_and_its_receipt_comes_later(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    done = world.follow_up(asked["id"])
    assert (done["status"], done.get("receipt")) == ("COMPLETED", None)
    message = world.callback_for(asked["id"])
    world.deliver(message, message)
    late_receipt = world.item(asked["id"])
    assert late_receipt["receipt"] == world.mpesa.pushes(player.phone)[0]["receipt"]
    assert late_receipt["version"] == done["version"] + 1  # people see the receipt, so an app must know the newer one
    assert world.quarantined(asked["id"]) == []


def test_rule_05_a_failure_of_the_query_counts_only_when_the_push_is_old(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()
    world.mpesa.script("stk", player.phone, {"result_code": "1032", "delay_s": 0, "callback": {"lost": True}})
    asked = world.pay_in(player.id)["data"]
    wait_for(lambda: world.mpesa.pushes(player.phone)[0]["resultCode"], "result of the push", world.under_way)
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"
    late(monkeypatch, 91)
    assert world.follow_up(asked["id"])["status"] == "FAILED"


@pytest.mark.parametrize("form", ["4999", "empty", "processing", "not_exist", "error"])
def test_rule_04_a_query_without_a_result_changes_nothing(
    world: World, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()
    world.mpesa.script("stk", player.phone, {"outcome": "never", "queries": [form]})
    asked = world.pay_in(player.id)["data"]
    late(monkeypatch, 200)
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"


@pytest.mark.parametrize(
    ("preset", "status", "reason"),
    [
        ("lock", "FAILED", "PHONE_BUSY"),
        ("merchant", "FAILED", "CONFIGURATION"),
        ("busy", "FAILED", "MPESA_BUSY"),
        ("spike_arrest_429", "FAILED", "MPESA_BUSY"),
        ("internal", "SUBMIT_UNKNOWN", "SUBMIT_UNKNOWN"),
        ("waf", "SUBMIT_UNKNOWN", "SUBMIT_UNKNOWN"),
        ("html_200", "SUBMIT_UNKNOWN", "SUBMIT_UNKNOWN"),
        ("envelope_200", "SUBMIT_UNKNOWN", "SUBMIT_UNKNOWN"),
        ("empty", "SUBMIT_UNKNOWN", "SUBMIT_UNKNOWN"),
        ("no_product", "FAILED", "CONFIGURATION"),
    ],
)
def test_rule_19_every_synchronous_answer_has_one_meaning(world: World, preset: str, status: str, reason: str) -> None:
    player = world.player()
    world.mpesa.script("stk", player.phone, {"reply": {"preset": preset}}, times=None)
    asked = world.pay_in(player.id)["data"]
    assert (asked["status"], asked["reason"]) == (status, reason)


def test_rule_17_a_refused_token_is_renewed_once_and_the_push_sent_once_more(world: World) -> None:
    player = world.player()
    world.pay_in(world.player().id)  # a token is known now
    world.mpesa.script("stk", player.phone, {"expire_token": True, "outcome": "wait"})
    assert world.pay_in(player.id)["data"]["status"] == "SUBMITTED"
    assert len(world.mpesa.pushes(player.phone)) == 1


def test_rule_17_every_process_shares_one_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.pay_in(world.player().id)
    token = world.stores.channel.find_token()["token"]
    monkeypatch.setattr(world.daraja_channel, "_token", None)
    assert world.pay_in(world.player().id)["data"]["status"] == "SUBMITTED"
    assert world.stores.channel.find_token()["token"] == token


def test_rule_18_a_post_is_sent_once_without_proxies_or_retries(world: World) -> None:
    with world.daraja_channel._session() as session:
        assert session.trust_env is False
        assert {adapter.max_retries.total for adapter in session.adapters.values()} == {0}
    assert world.daraja_channel.CONNECT_SECONDS <= 3
    assert 20 <= world.daraja_channel.READ_SECONDS <= 30


def test_rule_16_the_timestamp_is_nairobi_s_and_the_password_contains_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    fields = world.daraja._merchant()
    password = base64.b64decode(fields["Password"]).decode()
    assert password == SECRET["shortcode"] + SECRET["passkey"] + fields["Timestamp"]
    assert fields["Timestamp"] == (now + timedelta(hours=3)).strftime("%Y%m%d%H%M%S")


def test_rule_23_the_customer_sees_no_internal_id(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    shown = world.mpesa.pushes(player.phone)[0]["accountReference"]
    number = world.ask(player.id, "Query", "paybill")["data"]["accountNumber"]
    assert shown[:8] == number
    assert len(shown) == 12
    assert not any(part in shown.lower() for part in (player.id[:6], asked["id"][:6], player.phone[-6:]))


def test_a_suspended_player_cannot_deposit_but_can_withdraw(world: World) -> None:
    player = world.player(status="SUSPENDED")
    assert world.pay_in(player.id)["error"]["type"] == "ACCOUNT_NOT_ACTIVE"
    assert world.mpesa.pushes(player.phone) == []
    assert world.pay_out(player.id)["data"]["status"] == "SUBMITTED"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"clientRequestId": "short", "amount": {"amount": "100"}}, "INVALID_INPUT"),
        ({"clientRequestId": "request-0001", "amount": {"amount": "0"}}, "INVALID_AMOUNT"),
        ({"clientRequestId": "request-0001", "amount": {"amount": "-5"}}, "INVALID_AMOUNT"),
        ({"clientRequestId": "request-0001", "amount": {"amount": "10.123"}}, "INVALID_AMOUNT"),
        ({"clientRequestId": "request-0001", "amount": {"amount": "100", "currency": "USD"}}, "INVALID_AMOUNT"),
        ({"clientRequestId": "request-0001", "amount": {"amount": "250001"}}, "AMOUNT_OUT_OF_RANGE"),
    ],
)
def test_bad_input_writes_nothing(world: World, arguments: dict[str, Any], error: str) -> None:
    player = world.player()
    assert world.ask(player.id, "Mutation", "deposit", **arguments)["error"]["type"] == error
    assert world.ask(player.id, "Query", "payments")["data"] == {"items": [], "cursor": None}


def test_a_player_sees_their_own_payments_newest_first_and_nobody_else_s(world: World) -> None:
    player, other = world.player(), world.player()
    made = [world.pay_out(player.id)["data"]["id"] for _ in range(3)]
    made.append(world.pay_in(player.id)["data"]["id"])
    first = world.ask(player.id, "Query", "payments", limit=3)["data"]
    rest = world.ask(player.id, "Query", "payments", limit=3, cursor=first["cursor"])["data"]
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    deposits = world.ask(player.id, "Query", "payments", kind="DEPOSIT")["data"]["items"]
    assert [item["id"] for item in deposits] == made[3:]
    assert world.ask(other.id, "Query", "payment", id=made[0])["error"]["type"] == "NOT_FOUND"
    assert world.ask(other.id, "Query", "payments", cursor=first["cursor"])["error"]["type"] == "INVALID_CURSOR"


# --- withdrawals ------------------------------------------------------------------------------------------------------


def test_a_withdrawal_is_held_sent_and_paid(world: World) -> None:
    player = world.player()
    asked = world.pay_out(player.id, "101")["data"]
    assert asked["status"] == "SUBMITTED"
    assert world.wallet.holds[asked["id"]] == 101_00
    world.deliver(world.callback_for(asked["id"], "b"))
    done = world.ask(player.id, "Query", "payment", id=asked["id"])["data"]
    assert done["status"] == "COMPLETED"
    parts = [format_amount(part(101_00)) for part in (paid_out, withheld, returned)]
    assert [done[part]["amount"] for part in ("paid", "tax", "returned")] == parts
    assert world.mpesa.paid(player.phone) == parts[:1]
    assert done["receipt"]


def test_a_wallet_s_no_is_told_at_once_and_the_same_again(world: World) -> None:
    player = world.player()
    world.wallet.faults = [Refused(409, "INSUFFICIENT_FUNDS", "Your balance is too low.", {})]
    for _ in range(2):
        answer = world.pay_out(player.id, request_id="request-0001")
        assert answer["error"]["type"] == "INSUFFICIENT_FUNDS"
    assert world.mpesa.paid(player.phone) == []
    (refused,) = world.ask(player.id, "Query", "payments")["data"]["items"]
    assert (refused["status"], refused["message"]) == ("REFUSED", "Your balance is too low.")
    # A first call whose answer was lost may still land: it must find its id voided.
    assert world.wallet.voided == {refused["id"]}


def test_a_payment_is_told_of_in_the_language_of_who_asks_and_pushed_in_the_one_it_was_asked_for_in(
    world: World,
) -> None:
    player = world.player()
    english, kiswahili = (
        "Check your phone and enter your M-Pesa PIN to pay KES 1000.00.",
        ("Angalia simu yako na uweke PIN yako ya M-Pesa ili ulipe KES 1000.00."),
    )
    with world.speaking("sw"):
        asked = world.pay_in(player.id)["data"]
    assert asked["message"] == kiswahili
    assert world.ask(player.id, "Query", "payment", id=asked["id"])["data"]["message"] == english
    assert world.pushed(player.id, asked["id"])["message"] == kiswahili
    changed = {"asked": [{"id": asked["id"], "posted": False}]}
    assert world.ask(player.id, "PlayerChanges", "payments", **changed)["data"][0]["message"] == english
    with world.speaking("sw"):
        assert world.ask(player.id, "PlayerChanges", "payments", **changed)["data"][0]["message"] == kiswahili


def test_a_wallet_s_no_is_told_and_kept_in_both_languages(world: World) -> None:
    player = world.player()
    world.wallet.faults = [Refused(409, "INSUFFICIENT_FUNDS", "Your balance is too low.", {}, "Salio halitoshi.")]
    with world.speaking("sw"):
        for _ in range(2):
            answer = world.pay_out(player.id, request_id="request-0001")
            assert answer["error"]["message"] == "Salio halitoshi."
        (refused,) = world.ask(player.id, "Query", "payments")["data"]["items"]
    assert refused["message"] == "Salio halitoshi."


def test_a_no_whose_release_gets_no_answer_is_told_and_left_to_the_event(world: World) -> None:
    player = world.player()
    no, silence = Refused(409, "INSUFFICIENT_FUNDS", "Your balance is too low.", {}), Unavailable("no answer")
    world.wallet.faults = [no, silence]
    assert world.pay_out(player.id, request_id="request-0001")["error"]["type"] == "INSUFFICIENT_FUNDS"
    (refused,) = world.ask(player.id, "Query", "payments")["data"]["items"]
    assert refused["status"] == "REFUSED"


def test_a_lost_answer_of_the_wallet_is_asked_for_again_by_a_follow_up(world: World) -> None:
    player = world.player()
    world.wallet.faults = [Unavailable("no answer")]
    asked = world.pay_out(player.id)["data"]
    assert asked["status"] == "REQUESTED"
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.mpesa.paid(player.phone) == [format_amount(paid_out(500_00))]


def test_a_no_that_comes_only_with_the_follow_up_refuses_the_withdrawal(world: World) -> None:
    player = world.player()
    world.wallet.faults = [Unavailable("no answer"), Refused(409, "HOLD_VOIDED", "It was cancelled.", {})]
    asked = world.pay_out(player.id)["data"]
    assert world.follow_up(asked["id"])["status"] == "REFUSED"
    assert world.mpesa.paid(player.phone) == []


@pytest.mark.parametrize("step", ["hold", "held", "send", "sent"])
def test_a_crash_between_any_two_steps_is_finished_by_follow_ups_and_paid_once(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()
    withdrawals, moves = world.flows.withdrawals, world.stores.moves

    class Crash(RuntimeError):
        """The process ends."""

    def crash(*arguments: Any, **named: Any) -> Any:
        raise Crash

    pay, move = world.daraja.pay, moves.move

    def crash_after_sending(*arguments: Any) -> Any:
        pay(*arguments)
        raise Crash

    def crash_writing_held(payment: Any, status: str, **changes: Any) -> Any:
        return crash() if status == "HELD" else move(payment, status, **changes)

    deaths = {
        "hold": (withdrawals, "_hold", crash),
        "held": (moves, "move", crash_writing_held),
        "send": (withdrawals, "_send", crash),
        "sent": (world.daraja, "pay", crash_after_sending),
    }
    with monkeypatch.context() as patch:
        patch.setattr(*deaths[step])
        with pytest.raises(Crash):
            world.pay_out(player.id, request_id="request-0001")
    payment_id = world.pay_out(player.id, request_id="request-0001")["data"]["id"]
    assert world.follow_up(payment_id)["status"] == "SUBMITTED"
    world.deliver(world.callback_for(payment_id, "b"))
    assert world.item(payment_id)["status"] == "COMPLETED"
    assert world.mpesa.paid(player.phone) == [format_amount(paid_out(500_00))]


@pytest.mark.parametrize("reply", [{"close": True}, {"preset": "system_error", "executed": True}, {"preset": "waf"}])
def test_rule_12_an_unknown_outcome_is_sent_again_under_the_same_id_and_paid_once(
    world: World, reply: dict[str, Any]
) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"reply": reply})
    asked = world.pay_out(player.id)["data"]
    assert asked["status"] == "SUBMIT_UNKNOWN"
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "COMPLETED"
    assert world.mpesa.paid(player.phone) == [format_amount(paid_out(500_00))]


def test_rule_13_a_duplicate_id_counts_as_accepted(world: World) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"reply": {"preset": "duplicate"}})
    assert world.pay_out(player.id)["data"]["status"] == "SUBMITTED"


@pytest.mark.parametrize("preset", ["busy", "maintenance", "quota"])
def test_a_busy_m_pesa_leaves_the_withdrawal_held_for_the_next_follow_up(world: World, preset: str) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"reply": {"preset": preset}})
    asked = world.pay_out(player.id)["data"]
    assert asked["status"] == "HELD"
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"


def test_rule_14_a_queue_timeout_is_no_failure_and_the_result_still_counts(world: World) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"delay_s": 0.3, "callback": {"queue_timeout_s": 0}})
    asked = world.pay_out(player.id)["data"]
    world.deliver(world.callback_for(asked["id"], "t"))
    assert world.item(asked["id"])["status"] == "UNKNOWN"
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "COMPLETED"


def test_a_lost_result_is_found_by_asking_for_the_status(world: World) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"callback": {"lost": True}})
    asked = world.pay_out(player.id)["data"]
    wait_for(lambda: world.mpesa.paid(player.phone), "payment", world.under_way)
    world.follow_up(asked["id"])
    world.deliver(world.callback_for(asked["id"], "q"))
    assert world.item(asked["id"])["status"] == "COMPLETED"
    assert world.item(asked["id"])["receipt"]


@pytest.mark.parametrize(
    ("code", "status"),
    [("2040", "FAILED"), ("4", "FAILED"), ("SFC_IC0003", "FAILED"), ("1", "DELAYED"), ("2001", "DELAYED"),
     ("17", "UNKNOWN"), ("26", "UNKNOWN"), ("4711", "UNKNOWN")],
)  # fmt: skip
def test_rule_15_only_a_listed_terminal_failure_gives_the_money_back(world: World, code: str, status: str) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"result_code": code})
    asked = world.pay_out(player.id)["data"]
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == status
    world.admin("setPaymentChannel", kind="WITHDRAWAL", open=True)


def test_rule_15_credentials_that_m_pesa_refuses_stop_every_withdrawal_at_once(world: World) -> None:
    player, other = world.player(), world.player()
    world.mpesa.script("b2c", player.phone, {"result_code": "2001"})
    asked = world.pay_out(player.id)["data"]
    try:
        world.deliver(world.callback_for(asked["id"], "b"))
        refused = world.pay_out(other.id)["error"]
        assert (refused["type"], "in your wallet" in refused["message"]) == ("WITHDRAWALS_UNAVAILABLE", True)
        assert world.pay_in(other.id)["data"]["status"] == "SUBMITTED"
    finally:
        world.admin("setPaymentChannel", kind="WITHDRAWAL", open=True)
    world.deliver(world.callback_for(asked["id"], "b"))  # the old word again closes nothing anew
    assert world.pay_out(other.id)["data"]["status"] == "SUBMITTED"


def test_rule_15_a_payment_after_the_release_is_kept_for_a_human(world: World) -> None:
    player = world.player()
    extra = {"set": {"ResultCode": 2040}}
    world.mpesa.script("b2c", player.phone, {"callback": {"hold": True, "extra": [extra]}})
    asked = world.pay_out(player.id)["data"]
    world.deliver(world.callback_for(asked["id"], "b"))
    world.mpesa.release(asked["id"])
    world.deliver(world.callbacks_for(asked["id"], "b", 2)[-1])
    assert world.item(asked["id"])["status"] == "FAILED"
    assert world.quarantined(asked["id"]) == ["PAID_AFTER_FAILED"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"TransactionAmount": 1}, "OTHER_AMOUNT"), ({"OriginatorConversationID": "another"}, "OTHER_CONVERSATION")],
)
def test_an_altered_result_changes_nothing_and_is_kept(world: World, changes: dict[str, Any], reason: str) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"callback": {"set": changes}})
    asked = world.pay_out(player.id)["data"]
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "SUBMITTED"
    assert world.quarantined(asked["id"]) == [reason]


# --- follow-ups, the stream -------------------------------------------------------------------------------------------


def messages(world: World) -> list[dict[str, Any]]:
    answer = world.sqs.receive_message(QueueUrl=world.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
    for message in answer.get("Messages", []):
        world.sqs.delete_message(QueueUrl=world.queue_url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def about(world: World, payment_id: str) -> list[dict[str, Any]]:
    """Take what is in the queue now; return what is about this payment."""
    found = []
    while batch := messages(world):
        found += [message for message in batch if message.get("paymentId") == payment_id]
    return found


def change(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    images = {"NewImage": marshal(new), **({"OldImage": marshal(old)} if old else {})}
    return {"eventID": "1", "dynamodb": images}


def test_every_unfinished_state_gets_one_follow_up_from_the_stream(world: World) -> None:
    asked = world.item(world.pay_in(world.player().id)["data"]["id"])
    created = {**asked, "status": "REQUESTED", "version": 1}
    world.stream.handler({"Records": [change(None, created), change(created, asked), change(asked, asked)]})
    due = []
    wait_for(lambda: due.extend(about(world, asked["payment_id"])) or len(due) == 2, "two follow-ups", lambda: due)
    assert sorted((message["version"], message["step"]) for message in due) == [(1, 0), (2, 0)]


def test_a_record_that_can_never_become_an_event_is_parked_and_the_rest_goes_on(world: World) -> None:
    asked = world.item(world.pay_in(world.player().id)["data"]["id"])
    bad = {"pk": "PAYMENT#x", "sk": "PAYMENT", "status": "REQUESTED"}
    receipt = {"pk": "RECEIPT#x", "sk": "RECEIPT", "payment_id": "x"}
    world.stream.handler({"Records": [change(None, bad), change(None, receipt), change(None, asked)]})
    parked = wait_for(lambda: world.sqs.receive_message(QueueUrl=world.parking_url).get("Messages"), "parked record")
    assert len(parked) == 1
    wait_for(lambda: about(world, asked["payment_id"]), "follow-up")


def test_facts_follow_from_changes_of_status_and_name_no_person(world: World) -> None:
    player = world.player()
    item = world.item(world.pay_in(player.id)["data"]["id"])
    told = []
    for before, after in itertools.pairwise([None, "REQUESTED", "SUBMITTED", "FAILED", "COMPLETED"]):
        old = {**item, "status": before} if before else None
        told += world.stream.to_events(old, {**item, "status": after, "reason": "CANCELLED"})
    assert [type(event).__name__ for event in told] == [
        "DepositRequested", "PaymentProgressed", "DepositFailed", "DepositCompleted",
    ]  # fmt: skip
    assert [getattr(event, "reason", None) for event in told] == [None, "CANCELLED", "CANCELLED", None]
    assert not any("message" in event.data() for event in told)
    assert player.phone[3:] not in json.dumps([event.data() for event in told])
    assert told[-1].data()["creditCents"] + told[-1].data()["exciseCents"] == item["amount_cents"]


def test_nobody_s_phone_number_is_kept_told_or_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    player = world.player()
    paid_in, paid_out = world.pay_in(player.id)["data"], world.pay_out(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    world.deliver(world.callback_for(paid_in["id"]), world.callback_for(paid_out["id"], "b"))
    seen = [paid_in, paid_out, [record.__dict__ for record in caplog.records]]
    for payment in (paid_in, paid_out):
        item = world.item(payment["id"])
        # M-Pesa's own id has digits of the number in it; it is what a query needs, and it stays in this table.
        seen += [{**item, "checkout_request_id": ""}, world.ask(player.id, "Query", "payment", id=payment["id"])]
    assert len(caplog.records) > 5
    assert player.phone[3:] not in repr(seen)


def test_a_follow_up_that_learns_nothing_plans_the_next_and_ends_after_the_last(world: World) -> None:
    asked = world.pay_in(world.player().id)["data"]
    version = world.item(asked["id"])["version"]
    take = world.flows.followups.take
    take(world.flows.followups.FollowUp(asked["id"], version, 0, int(clock.now().timestamp())))
    (planned,) = wait_for(lambda: about(world, asked["id"]), "next follow-up")
    assert planned["step"] == 1
    last = len(world.flows.followups.queue.DELAYS) + world.flows.followups.schedule.REPEATS - 1
    take(world.flows.followups.FollowUp(asked["id"], version, last, 0))
    take(world.flows.followups.FollowUp(asked["id"], version - 1, 0, 0))
    assert about(world, asked["id"]) == []


def test_what_people_must_know_of_is_listed_for_them_and_goes_on_by_itself(world: World) -> None:
    player = world.player()
    world.mpesa.script("b2c", player.phone, {"callback": {"hold": True}})
    asked = world.pay_out(player.id)["data"]
    version = world.item(asked["id"])["version"]

    def listed() -> bool:
        found = world.admin("paymentQueue", queue="DECISION", limit=100)["data"]["items"]
        return asked["id"] in [payment["id"] for payment in found]

    world.flows.followups.take(world.flows.followups.FollowUp(asked["id"], version, 0, 0))
    assert not listed()
    world.flows.followups.take(world.flows.followups.FollowUp(asked["id"], version, 2, 0))
    assert listed()
    assert world.item(asked["id"])["version"] == version
    world.mpesa.release(asked["id"])
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "COMPLETED"
    assert not listed()


@pytest.mark.parametrize("paid", [True, False])
def test_a_push_whose_outcome_is_lost_ends_by_m_pesa_s_own_list_of_payments(
    world: World, paid: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()
    script = {"reply": {"preset": "waf"}}
    if paid:
        script = {"reply": {"close": True}, "outcome": "approve", "delay_s": 0, "callback": {"lost": True}}
    world.mpesa.script("stk", player.phone, script)
    asked = world.pay_in(player.id)["data"]
    assert asked["status"] == "SUBMIT_UNKNOWN"
    if paid:
        wait_for(lambda: world.mpesa.pushes(player.phone)[0]["receipt"], "receipt", world.under_way)
    assert world.follow_up(asked["id"])["status"] == "SUBMIT_UNKNOWN"
    late(monkeypatch, 3600)
    world.pull({"pull": "new"})
    last_look(world, asked["id"])
    ended = world.item(asked["id"])
    assert (ended["status"], ended.get("reason") == "NOT_PAID") == (("COMPLETED", False) if paid else ("FAILED", True))


def last_look(world: World, payment_id: str) -> None:
    version = world.item(payment_id)["version"]
    world.flows.followups.take(world.flows.followups.FollowUp(payment_id, version, 2, 0))


def test_a_list_of_payments_that_was_not_read_from_before_until_well_after_ends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()
    world.mpesa.script("stk", player.phone, {"reply": {"preset": "waf"}})
    world.forget_pulls()
    asked = world.pay_in(player.id)["data"]["id"]
    world.pull({"pull": "new"})
    last_look(world, asked)  # too early: M-Pesa's list may lag
    assert world.item(asked)["status"] == "SUBMIT_UNKNOWN"
    late(monkeypatch, 50 * 3600)
    with monkeypatch.context() as silent:
        silent.setattr(world.daraja_channel, "post", lambda *_, **__: world.daraja_channel.Reply(None, None))
        world.pull({"pull": "new"})
    last_look(world, asked)
    assert world.item(asked)["status"] == "SUBMIT_UNKNOWN"
    world.pull({"pull": True})  # of 48 hours: a gap, in which the deposit lies
    last_look(world, asked)
    assert world.item(asked)["status"] == "SUBMIT_UNKNOWN"


def test_what_was_pulled_grows_without_gaps_and_a_gap_begins_anew(world: World) -> None:
    channel = world.stores.channel
    world.forget_pulls()
    channel.save_pulled("2030-01-01T00", "2030-01-02T00")
    channel.save_pulled("2030-01-01T23", "2030-01-02T01")
    channel.save_pulled("2030-01-01T00", "2030-01-01T12")
    assert channel.pulled() == ("2030-01-01T00", "2030-01-02T01")
    channel.save_pulled("2030-01-05T00", "2030-01-06T00")
    assert channel.pulled() == ("2030-01-05T00", "2030-01-06T00")
    world.forget_pulls()


def test_rule_09_a_success_of_another_amount_is_not_completed_by_a_query_that_tells_none(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    genuine = world.callback_for(asked["id"])
    world.deliver(altered(genuine, Amount=1))
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"
    world.deliver(genuine)
    assert world.item(asked["id"])["status"] == "COMPLETED"


def test_a_query_s_answer_about_another_push_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"ResponseCode": "0", "ResultCode": "0", "CheckoutRequestID": "ws_CO_other"}
    monkeypatch.setattr(world.daraja_channel, "post", lambda *_, **__: world.daraja_channel.Reply(200, answer))
    assert world.daraja.ask_push("ws_CO_mine").outcome.value == "PENDING"
    assert world.daraja.ask_push("ws_CO_other").outcome.value == "PAID"


def test_rule_12_what_was_decided_while_it_waited_for_its_turn_is_not_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()
    world.wallet.faults = [Unavailable("no answer")]
    asked = world.pay_out(player.id)["data"]
    token = world.daraja_channel._access_token

    def meanwhile(*arguments: Any, **more: Any) -> Any:
        item = world.item(asked["id"])
        if item["status"] == "HELD":
            world.flows.results.fail(item, "FAILED", reason="RESOLVED_UNPAID")
        return token(*arguments, **more)

    monkeypatch.setattr(world.daraja_channel, "_access_token", meanwhile)
    assert world.follow_up(asked["id"])["status"] == "FAILED"
    assert world.mpesa.paid(player.phone) == []


def test_a_follow_up_that_came_early_goes_back_into_the_queue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = world.pay_in(world.player().id)["data"]
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)  # however long it takes, it comes early
    due = int(now.timestamp()) + 1
    world.flows.followups.take(world.flows.followups.FollowUp(asked["id"], 2, 0, due))
    (again,) = wait_for(lambda: about(world, asked["id"]), "the message again")
    assert (again["step"], again["due"]) == (0, due)


def test_the_daily_scan_finds_what_no_message_is_left_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = world.pay_in(world.player().id)["data"]
    late(monkeypatch, 60)
    scan = {"messageId": "1", "body": '{"scan":true}'}
    assert world.followup.handler({"Records": [scan]}) == {"batchItemFailures": []}
    found: list[dict[str, Any]] = []
    wait_for(lambda: found.extend(about(world, lost["id"])) or found, "message about what was lost")


def test_a_large_table_is_scanned_in_several_messages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = [world.pay_in(world.player().id)["data"]["id"] for _ in range(3)]
    late(monkeypatch, 60)
    scan = world.stores.payments.client("dynamodb").scan
    small = SimpleNamespace(scan=lambda **request: scan(**request, Limit=2))
    monkeypatch.setattr(world.stores.payments, "client", lambda name: small)
    monkeypatch.setattr(world.stores.payments, "_SCAN_PAGES", 1)
    found, sent = set(), [{"scan": True}]
    handled = 0
    while sent:
        message = sent.pop()
        if "scan" in message:
            world.send(message)
            handled += 1
        elif "paymentId" in message:
            found.add(message["paymentId"])
        sent += messages(world)
    assert handled > 3
    assert set(lost) <= found


def test_a_player_s_service_that_is_down_only_delays_a_withdrawal(world: World) -> None:
    player = world.player()
    world.wallet.faults = [Unavailable("no answer")]
    asked = world.pay_out(player.id)["data"]
    world.users.down = True
    try:
        assert world.follow_up(asked["id"])["status"] == "REQUESTED", "whether the phone is new is not known"
        assert asked["id"] in world.wallet.holds
    finally:
        world.users.down = False
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED"


# --- configuration ----------------------------------------------------------------------------------------------------


def test_without_an_address_for_callbacks_no_money_is_moved(emulator: str) -> None:
    mailbox = Mailbox()
    for base in ("", "https://x1y2.execute-api.eu-west-1.amazonaws.com/dev", "http://pay.example.co.ke"):
        world = World(emulator, "http://127.0.0.1:1", mailbox, CALLBACK_BASE_URL=base)
        player = world.player()
        assert world.pay_in(player.id)["error"]["type"] == "DEPOSITS_UNAVAILABLE"
        assert world.pay_out(player.id)["error"]["type"] == "WITHDRAWALS_UNAVAILABLE"
        assert world.wallet.holds == {}
    mailbox.server.shutdown()


def test_rule_24_each_direction_has_a_switch(emulator: str) -> None:
    mailbox = Mailbox()
    world = World(emulator, "http://127.0.0.1:1", mailbox, DEPOSITS_OPEN="false", WITHDRAWALS_OPEN="false")
    player = world.player()
    assert world.pay_in(player.id)["error"]["type"] == "DEPOSITS_UNAVAILABLE"
    assert world.pay_out(player.id)["error"]["type"] == "WITHDRAWALS_UNAVAILABLE"
    mailbox.server.shutdown()


def test_an_m_pesa_that_cannot_be_reached_fails_a_deposit_and_keeps_a_withdrawal(emulator: str) -> None:
    mailbox = Mailbox()
    world = World(emulator, "http://127.0.0.1:1", mailbox)
    player = world.player()
    deposit = world.pay_in(player.id)["data"]
    assert (deposit["status"], deposit["reason"]) == ("FAILED", "MPESA_UNREACHABLE")
    assert world.pay_out(player.id)["data"]["status"] == "HELD"
    mailbox.server.shutdown()


def test_rule_24_a_deposit_told_from_an_unknown_address_is_believed_only_when_m_pesa_says_the_same(
    emulator: str,
) -> None:
    mailbox = Mailbox()
    with serve(create_app(auto_approve=True, approve_delay_s=0)) as url:
        for refuse in ("false", "true"):
            options = {"SOURCE_ADDRESSES": "196.201.214.206", "REFUSE_UNKNOWN_SOURCES": refuse}
            world = World(emulator, url, mailbox, **options)
            asked = world.pay_in(world.player().id)["data"]
            world.deliver(world.callback_for(asked["id"]))
            assert world.item(asked["id"])["status"] == "SUBMITTED"
            assert world.quarantined(asked["id"]) == (["UNKNOWN_SOURCE"] if refuse == "true" else [])
            assert world.follow_up(asked["id"])["status"] == "COMPLETED"  # M-Pesa itself says so
    mailbox.server.shutdown()


def test_a_player_gets_one_prompt_at_a_time_and_the_same_request_its_first_answer(emulator: str) -> None:
    with payment_world(emulator, PROMPT_PAUSE_SECONDS="10") as world:
        player, other = world.player(), world.player()
        first = world.pay_in(player.id, request_id="request-0001")["data"]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: world.pay_in(player.id)["error"], range(4)))
        assert {answer["type"] for answer in answers} == {"PROMPT_TOO_SOON"}
        assert all(0 < answer["info"]["seconds"] <= 10 for answer in answers)
        assert world.pay_in(player.id, request_id="request-0001")["data"]["id"] == first["id"]
        assert len(world.mpesa.pushes(player.phone)) == 1
        assert world.pay_in(other.id)["data"]["status"] == "SUBMITTED"
        now = clock.now
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda: now() + timedelta(seconds=11))
            assert "data" in world.pay_in(player.id)
