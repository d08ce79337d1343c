"""What M-Pesa's callbacks say in words that are no provider's."""

import json
from typing import Any

import pytest

from payment.providers.base import Outcome, Told
from payment.providers.mpesa import bodies


def result(code: Any, parameters: dict[str, Any] | None = None, **more: Any) -> str:
    members = [{"Key": key, "Value": value} for key, value in (parameters or {}).items()]
    inner = {"ResultCode": code, "TransactionID": "TKK0000001", "ResultParameters": {"ResultParameter": members}}
    return json.dumps({"Result": {**inner, **more}})


def outcome(told: Told) -> Outcome | None:
    return told.verdict.outcome if told.verdict else None


def test_a_payment_is_known_by_our_id_and_told_with_its_receipt_and_amount() -> None:
    told = bodies.read_payout(result(0, {"TransactionAmount": 95}, OriginatorConversationID="ours"))
    assert (told.order_id, told.is_paid, told.amount_cents, told.receipt) == ("ours", True, 9_500, "TKK0000001")
    assert told.facts == {"code": "0", "transaction_id": "TKK0000001"}


def test_a_status_query_without_an_answer_knows_nothing() -> None:
    told = bodies.read_status(result(2032))
    assert (told.verdict, told.is_paid) == (None, False)


@pytest.mark.parametrize(("status", "wanted"), [("Completed", Outcome.PAID), ("Initiated", Outcome.PENDING)])
def test_a_status_says_how_a_payment_stands(status: str, wanted: Outcome) -> None:
    parameters = {
        "TransactionStatus": status,
        "OriginatorConversationID": "ours",
        "Amount": 95,
        "ReceiptNo": "TKK0000002",
    }
    told = bodies.read_status(result(0, parameters))
    assert (outcome(told), told.order_id, told.amount_cents, told.receipt) == (wanted, "ours", 9_500, "TKK0000002")


def test_what_was_reversed_by_an_earlier_order_is_paid_without_an_amount_and_without_a_receipt() -> None:
    told = bodies.read_reversal(result("R000001", {"OriginalTransactionID": "TKK0000009", "Amount": 4}))
    assert (told.is_paid, told.repeated, told.amount_cents, told.receipt) == (True, True, None, None)
    done = bodies.read_reversal(result(0, {"OriginalTransactionID": "TKK0000009", "Amount": 4}))
    assert (done.repeated, done.order_id, done.amount_cents, done.receipt) == (False, "TKK0000009", 400, "TKK0000001")


def test_a_failed_reversal_need_not_name_what_it_is_about() -> None:
    told = bodies.read_reversal(result("R000002"))
    assert (outcome(told), told.order_id, told.repeated) == (Outcome.FAILED, None, False)


def test_a_prompt_is_known_by_its_checkout_request() -> None:
    callback = {"CheckoutRequestID": "ws_CO_1", "ResultCode": 1032}
    told = bodies.read_push(json.dumps({"Body": {"stkCallback": callback}}))
    assert (told.order_id, outcome(told), told.receipt) == ("ws_CO_1", Outcome.FAILED, None)
    assert told.facts == {"code": "1032", "receipt": None, "amount_cents": None}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2547 ***** 126", "+2547•••••126"),
        ("254712345126", "+2547•••••126"),
        (254112345126, "+2541•••••126"),
        ("f" * 64, ""),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_of_who_paid_by_hand_the_beginning_and_the_end_of_the_number_are_kept(said: Any, shown: str) -> None:
    paid = {"TransID": "TKK0000001", "TransAmount": "5.00", "BillRefNumber": "X", "MSISDN": said}
    assert bodies.parse_paybill(json.dumps(paid)).phone == shown
    row = {"transactionId": "TKK0000001", "amount": "5.00", "billreference": "X", "msisdn": said}
    (pulled,) = bodies.parse_pull({"ResponseCode": "1000", "Response": [[row]]}, "1").payments
    assert pulled.phone == shown


def test_a_balance_that_was_refused_has_its_code_and_no_accounts() -> None:
    assert bodies.read_balance(result(21)) == ("21", None)
    assert bodies.read_balance(result(0, {"AccountBalance": "Utility Account|KES|5.00|x"})) == (
        "0",
        {"Utility Account": 500},
    )
