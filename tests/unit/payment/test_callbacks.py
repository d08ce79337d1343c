"""Callback addresses and bodies."""

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment import callbacks
from payment.callbacks import BadCallbackUrl, Delivery
from payment.providers.base import Unreadable
from payment.providers.mpesa import bodies

BASE = "https://pay.example.co.ke"
KEY = "a key"
ID = "0b5f1d0e-0000-5000-8000-00000000abcd"

STK_SUCCESS = """{"Body":{"stkCallback":{"MerchantRequestID":"29115-34620561-1",
 "CheckoutRequestID":"ws_CO_191220191020363925",
 "ResultCode":0,"ResultDesc":"The service request is processed successfully.",
 "CallbackMetadata":{"Item":[{"Name":"Amount","Value":1.00},{"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"},
 {"Name":"TransactionDate","Value":20191219102115},{"Name":"PhoneNumber","Value":254708374149}]}}}}"""
STK_FAILURE = """{"Body":{"stkCallback":{"MerchantRequestID":"1","CheckoutRequestID":"ws_CO_1",
 "ResultCode":"SFC_IC0003",
 "ResultDesc":"The operator does not exist."}}}"""
B2C_SUCCESS = """{"Result":{"ResultType":0,"ResultCode":0,"ResultDesc":"The service request is processed successfully.",
 "OriginatorConversationID":"o-1","ConversationID":"AG_20240706_1","TransactionID":"SG632NMUAB","ResultParameters":
 {"ResultParameter":[{"Key":"TransactionAmount","Value":10},{"Key":"TransactionReceipt","Value":"SG632NMUAB"},
 {"Key":"ReceiverPartyPublicName","Value":"254712345678 - JANE WANJIKU DOE"},{"Key":"DebitPartyName"},
 {"Key":"TransactionCompletedDateTime","Value":"06.07.2024 22:48:52"}]},
 "ReferenceData":{"ReferenceItem":{"Key":"QueueTimeoutURL","Value":"https://example.com"}}}}"""
B2C_FAILURE = """{"Result":{"ResultType":0,"ResultCode":2040,"ResultDesc":"Not registered.",
 "OriginatorConversationID":"o-1",
 "ConversationID":"AG_1","TransactionID":"NLJ0000000","ResultParameters":
 {"ResultParameter":{"Key":"BOCompletedTime","Value":1}}}}"""


def test_rule_03_the_address_carries_our_id_and_a_proof() -> None:
    address = callbacks.url(BASE, KEY, callbacks.STK, ID)
    *_, kind, payment_id, signature = address.split("/")
    assert (kind, payment_id) == ("s", ID)
    assert callbacks.is_signed(Delivery(kind, payment_id, signature, "", ""), [KEY])


def test_a_key_that_is_not_filled_in_proves_nothing() -> None:
    blank = Delivery("s", ID, callbacks.sign("", "s", ID), "", "")
    assert not callbacks.is_signed(blank, [""])
    assert not callbacks.is_signed(blank, ["", KEY])


def test_a_proof_is_good_for_one_kind_one_payment_and_one_key() -> None:
    signature = callbacks.sign(KEY, "s", ID)
    assert callbacks.is_signed(Delivery("s", ID, signature, "", ""), ["new key", KEY])
    for forged in (
        Delivery("b", ID, signature, "", ""),
        Delivery("s", ID[:-1] + "e", signature, "", ""),
        Delivery("s", ID, signature[:-1] + "x", "", ""),
        Delivery("s", ID, "", "", ""),
        Delivery("s", ID, "é" * 64, "", ""),
    ):
        assert not callbacks.is_signed(forged, [KEY])
    assert not callbacks.is_signed(Delivery("s", ID, signature, "", ""), ["new key"])


@pytest.mark.parametrize("word", [*callbacks.BANNED_WORDS, "ngrok", "MPESA", "Exec"])
def test_addresses_with_a_word_that_daraja_bans_are_refused(word: str) -> None:
    with pytest.raises(BadCallbackUrl, match="must not contain"):
        callbacks.url(f"https://pay.example.co.ke/{word}", KEY, callbacks.STK, ID)


@pytest.mark.parametrize(
    "base",
    [
        "https://abc123.execute-api.eu-west-1.amazonaws.com/dev",
        "http://pay.example.co.ke",
        "https://Pay.example.co.ke",
        "https://pay.example.co.ke/a b",
        "pay.example.co.ke",
        "https://",
    ],
)
def test_addresses_that_daraja_refuses_are_never_sent(base: str) -> None:
    with pytest.raises(BadCallbackUrl):
        callbacks.url(base, KEY, callbacks.STK, ID)


def test_the_laptop_itself_may_speak_http() -> None:
    assert callbacks.url("http://127.0.0.1:4567/", KEY, "s", ID).startswith("http://127.0.0.1:4567/cb/s/")


@given(st.text(min_size=1), st.sampled_from(callbacks.KINDS), st.uuids())
def test_no_key_and_no_id_can_make_a_banned_word(key: str, kind: str, payment_id: object) -> None:
    callbacks.url(BASE, key, kind, str(payment_id))


def test_the_documented_stk_success_is_read_by_name() -> None:
    result = bodies.parse_stk(STK_SUCCESS)
    assert (result.checkout_request_id, result.code) == ("ws_CO_191220191020363925", "0")
    assert (result.amount_cents, result.receipt) == (100, "NLJ7RT61SV")


def test_an_stk_failure_has_no_metadata_and_may_have_a_code_that_is_no_number() -> None:
    result = bodies.parse_stk(STK_FAILURE)
    assert (result.code, result.amount_cents, result.receipt) == ("SFC_IC0003", None, None)


def test_rule_20_items_come_in_any_order_and_may_lack_a_value() -> None:
    body = json.loads(STK_SUCCESS)
    items = body["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    items.insert(0, {"Name": "Balance"})
    items.reverse()
    assert bodies.parse_stk(json.dumps(body)).receipt == "NLJ7RT61SV"


@pytest.mark.parametrize(
    ("written", "cents"),
    [("1", 100), ("1.00", 100), ('"1.00"', 100), ("1000.5", 100050), ("1.005", None), ("true", None), ("null", None),
     ('"NaN"', None), ('"x"', None), ("0.1", 10), ("1e2", 10000), ("9e999999", None), ('"9e999999"', None),
     ("1" * 400, None)],
)  # fmt: skip
def test_rule_20_amounts_are_exact(written: str, cents: int | None) -> None:
    assert bodies.parse_stk(STK_SUCCESS.replace("1.00", written)).amount_cents == cents


def test_the_documented_payment_result_is_read() -> None:
    result = bodies.parse_result(B2C_SUCCESS)
    assert (result.code, result.originator_conversation_id, result.transaction_id) == ("0", "o-1", "SG632NMUAB")
    assert result.amount_cents("TransactionAmount") == 1000
    assert result.receipt("TransactionReceipt") == "SG632NMUAB"
    assert "DebitPartyName" not in result.parameters


def test_a_failed_payment_may_have_one_parameter_that_is_no_list_or_none() -> None:
    assert bodies.parse_result(B2C_FAILURE).code == "2040"
    without = json.loads(B2C_FAILURE)
    del without["Result"]["ResultParameters"]
    assert bodies.parse_result(json.dumps(without)).parameters == {}


BAD_BODIES = [
    "", "{}", "[]", "null", "1", '"x"', "<html>Incapsula</html>", '{"Body":1}', '{"Body":{"stkCallback":[]}}', "NaN",
    '{"Result":null}', '{"Result":{"ResultCode":0,"ResultParameters":{"ResultParameter":[1]}}}', "[" * 100_000, "\x00",
    '{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":0,"CallbackMetadata":{"Item":"Amount"}}}}',
    '{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":0,"CallbackMetadata":{"Item":[{"Name":["Amount"]}]}}}}',
    '{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":null}}}', '{"Result":{"ResultCode":true}}',
    '{"Result":{"ResultCode":0,"ResultParameters":{"ResultParameter":"x"}}}', '{"Result":{"ResultCode":0.5}}',
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_rule_19_a_body_that_is_not_as_documented_is_unreadable_and_nothing_worse(body: str) -> None:
    with pytest.raises(Unreadable):
        bodies.parse_stk(body)
    with pytest.raises(Unreadable):
        bodies.parse_result(body)


@given(st.text(), st.text())
def test_any_text_survives_the_queue(body: str, payment_id: str) -> None:
    message = {"door": "s", "id": quote_plus(payment_id), "hmac": "0f", "source": "", "body": quote_plus(body)}
    assert callbacks.delivery(message) == Delivery("s", payment_id, "0f", "", body)


def test_an_account_cut_in_the_middle_of_an_emoji_can_still_be_kept() -> None:
    body = '{"TransID": "SG632NMUAB", "TransAmount": "5.00", "BillRefNumber": "BET \\ud83d"}'
    assert bodies.parse_paybill(body).account == "BET ?"
