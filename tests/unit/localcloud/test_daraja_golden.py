"""The fake's bodies against the documented samples: the same names, the same types, the same formats."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from localcloud.daraja.base.wire import dumps
from localcloud.daraja.mpesa import bodies

GOLDEN = Path(__file__).parent / "golden"
FORMATS = {
    "CheckoutRequestID": r"ws_CO_\d{14,30}",
    "MpesaReceiptNumber": r"[A-Z]{2}[0-9A-V][0-9A-Z]{7}",
    "TransactionReceipt": r"[A-Z]{2}[0-9A-V][0-9A-Z]{7}",
    "TransactionCompletedDateTime": r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d",
    "ReceiverPartyPublicName": r"254\d{9} - [A-Z ]+",
    "ConversationID": r"AG_\d{8}_[0-9a-f]{20}",
    "TransAmount": r"\d+\.\d\d",
    "MSISDN": r"2547 \*{5} \d{3}",
    "TransTime": r"\d{14}",
    "TransactionDate": r"\d{14}",
    "InitiatedTime": r"\d{14}",
    "FinalisedTime": r"\d{14}",
    "TransCompletedTime": r"\d{14}",
    "BOCompletedTime": r"\d{14}",
    "AccountBalance": r"Working Account\|KES(\|-?\d+\.\d\d){4}(&[A-Z][A-Za-z ]+ Account\|KES(\|-?\d+\.\d\d){4})+",
    "DebitAccountBalance": r"[A-Z][a-z]+ Account\|KES(\|-?\d+\.\d\d){4}",
    "DebitPartyCharges": r"Fee For B2C Payment\|KES\|\d+\.\d\d",
    "CreditPartyPublicName": r"254\d{9} - [A-Z ]+",
    "DebitPartyPublicName": r"\d{5,6} - \w+",
    "trxDate": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(), parse_float=Decimal)


def exact(letter: Any) -> Any:
    return json.loads(letter.raw, parse_float=Decimal)


def shape(value: Any) -> Any:
    """Names and types; {Name/Key, Value} items by their name, in any order, each as often as it comes."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        labels = [label for label in ("Name", "Key") if value and isinstance(value[0], dict) and label in value[0]]
        if not labels:
            return [shape(item) for item in value]
        return sorted((item[labels[0]], type(item.get("Value")).__name__) for item in value)
    return type(value)


def named(value: Any) -> dict[str, str]:
    """Every leaf that has a documented format."""
    found: dict[str, str] = {}
    if isinstance(value, list):
        for item in value:
            is_pair = isinstance(item, dict) and ("Name" in item or "Key" in item)
            found |= named({item.get("Name") or item.get("Key"): item.get("Value")} if is_pair else item)
    elif isinstance(value, dict):
        for name, item in value.items():
            found |= named(item) if isinstance(item, dict | list) else {name: str(item)}
    return {name: text for name, text in found.items() if name in FORMATS}


def agree(ours: Any, sample: str) -> None:
    assert shape(ours) == shape(golden(sample))
    for body in (ours, golden(sample)):
        for name, text in named(body).items():
            assert re.fullmatch(FORMATS[name], text), (name, text)


def test_oauth_has_the_documented_body(daraja: Any):
    keys = (daraja.settings.consumer_key, daraja.settings.consumer_secret)
    url = f"{daraja.url}/oauth/v1/generate?grant_type=client_credentials"
    granted = requests.get(url, auth=keys, timeout=60).json()
    assert shape(granted) == shape(golden("s2_oauth"))
    assert len(granted["access_token"]) == len(golden("s2_oauth")["access_token"])


def test_push_query_and_success_callback_have_the_documented_bodies(daraja: Any):
    accepted = daraja.push().json()
    agree(accepted, "s3_2_stk_push_response")
    daraja.control(f"/prompts/{accepted['CheckoutRequestID']}", {"action": "approve", "pin": "1234"})
    agree(exact(daraja.settled("/cb/s/1")[0]), "s4_1_stk_callback_success")
    answer = daraja.query(accepted["CheckoutRequestID"]).json()
    agree(answer, "s3_4_stk_query_response")
    assert answer["ResultDesc"] == golden("s3_4_stk_query_response")["ResultDesc"]
    assert answer["ResponseDescription"] == golden("s3_4_stk_query_response")["ResponseDescription"]


def test_a_cancelled_push_has_the_documented_callback(daraja: Any):
    checkout = daraja.push().json()["CheckoutRequestID"]
    daraja.control(f"/prompts/{checkout}", {"action": "cancel"})
    ours, sample = exact(daraja.settled("/cb/s/1")[0]), golden("s4_1_stk_callback_failure")
    agree(ours, "s4_1_stk_callback_failure")
    assert ours["Body"]["stkCallback"]["ResultDesc"] == sample["Body"]["stkCallback"]["ResultDesc"]


def test_errors_have_the_documented_envelope(daraja: Any):
    refused = daraja.push(Amount=0).json()
    assert shape(refused) == shape(golden("s3_3_error"))
    assert refused["errorMessage"] == golden("s3_3_error")["errorMessage"]


@pytest.mark.parametrize(("party", "sample"), [({}, "s5_4_b2c_result_success"), ({"InitiatorName": "x"}, None)])
def test_b2c_takes_the_documented_request_and_posts_the_documented_result(
    daraja: Any, party: dict[str, str], sample: str | None
):
    urls = {"QueueTimeOutURL": f"{daraja.merchant.url}/cb/t/1", "ResultURL": f"{daraja.merchant.url}/cb/r/1"}
    accepted = daraja.post("/mpesa/b2c/v3/paymentrequest", golden("s5_1_b2c_request") | urls | party)
    agree(accepted.json(), "s5_3_b2c_response")
    assert daraja.control("/requests?path=/mpesa/b2c/v3/paymentrequest")["requests"][0]["warnings"] == []
    daraja.clock.advance(1)
    agree(exact(daraja.settled("/cb/r/1")[0]), sample or "s5_4_b2c_result_failure")


def sent(daraja: Any, path: str, sample: str, **changes: Any) -> Any:
    """POST a documented request with an address of ours for each kind of answer; Daraja must know all of its fields."""
    body = golden(sample)
    kinds = ("ResultURL", "QueueTimeOutURL", "CallBackURL")
    ours = {kind: f"{daraja.merchant.url}/cb/{kind}" for kind in kinds if kind in body}
    answer = daraja.post(path, body | ours | changes)
    assert answer.status_code == 200, answer.text
    assert daraja.control(f"/requests?path={path}")["requests"][-1]["warnings"] == []
    return answer.json()


def register(daraja: Any) -> Any:
    urls = {"ConfirmationURL": f"{daraja.merchant.url}/cb/c", "ValidationURL": f"{daraja.merchant.url}/cb/v"}
    return sent(daraja, "/mpesa/c2b/v2/registerurl", "s6_c2b_register_request", **urls)


def deposit(daraja: Any) -> str:
    who = {"PartyA": "254712345678", "PhoneNumber": "254712345678", "Amount": "100", **daraja.signature()}
    accepted = sent(daraja, "/mpesa/stkpush/v1/processrequest", "s3_1_stk_push_request", **who)
    checkout = accepted["CheckoutRequestID"]
    daraja.control(f"/prompts/{checkout}", {"action": "approve", "pin": "1234"})
    return str(daraja.control("/transactions?kind=stk")["transactions"][-1]["receipt"])


def result_of(daraja: Any, path: str, sample: str, **changes: Any) -> Any:
    before = len(daraja.merchant.at("/cb/ResultURL"))
    agree(sent(daraja, path, sample, **changes), "s6_result_response")
    daraja.clock.advance(1)
    return exact(daraja.settled("/cb/ResultURL", before + 1)[before])


def test_the_documented_push_is_taken(daraja: Any):
    deposit(daraja)
    assert daraja.control("/books")["totals"]["stkReceived"] == "100.00"


def test_a_paybill_payment_is_validated_and_confirmed_with_the_documented_bodies(daraja: Any):
    agree(register(daraja), "s6_c2b_register_response")
    daraja.merchant.answers["/cb/v"] = (200, dumps(golden("s6_c2b_validation_accept")))
    daraja.control("/c2b", {"phone": "254712345678", "amount": 5, "account": "BET100"})
    confirmed = exact(daraja.settled("/cb/c")[0])
    agree(confirmed, "s6_c2b_confirmation")
    asked = exact(daraja.settled("/cb/v")[0])
    agree(asked, "s6_c2b_validation")
    assert asked | {"OrgAccountBalance": "5.00"} == confirmed
    assert (asked["OrgAccountBalance"], golden("s6_c2b_validation")["OrgAccountBalance"]) == ("", "")


def test_the_documented_refusal_of_a_paybill_payment_is_understood(daraja: Any):
    register(daraja)
    daraja.merchant.answers["/cb/v"] = (200, dumps(golden("s6_c2b_validation_reject")))
    daraja.control("/c2b", {"phone": "254712345678", "amount": 5, "account": "NOBODY"})
    daraja.settled("/cb/v")
    assert daraja.control("/payments")["payments"][0]["outcome"] == "rejected C2B00012"


def test_a_second_registration_is_refused_in_the_documented_words(make_daraja: Any):
    daraja = make_daraja(c2b_register_once=True)
    register(daraja)
    refused = daraja.post("/mpesa/c2b/v2/registerurl", golden("s6_c2b_register_request"))
    assert refused.status_code == 500
    agree(refused.json(), "s6_c2b_registered_already")
    assert refused.json() | {"requestId": ""} == golden("s6_c2b_registered_already") | {"requestId": ""}


def test_status_has_the_documented_bodies(daraja: Any):
    path, which = "/mpesa/transactionstatus/v1/query", {"OriginalConversationID": None, "Occasion": None}
    payout = "600997_Test_32et3241ed8yu"
    daraja.b2c(OriginatorConversationID=payout)
    daraja.clock.advance(1)
    daraja.settled("/cb/r/1")
    told = result_of(
        daraja, path, "s6_status_request", TransactionID=None, OriginalConversationID=payout, Occasion=None
    )
    agree(told, "s6_status_result")
    unknown = result_of(daraja, path, "s6_status_request", **which)
    agree(unknown, "s6_status_result_unknown")
    texts = [body["Result"]["ResultDesc"] for body in (unknown, golden("s6_status_result_unknown"))]
    assert texts[0] == texts[1]


def test_the_balance_has_the_documented_body(daraja: Any):
    told = result_of(daraja, "/mpesa/accountbalance/v1/query", "s6_balance_request")
    agree(told, "s6_balance_result")
    assert told["Result"]["ResultCode"] == golden("s6_balance_result")["Result"]["ResultCode"]
    lines = [
        body["Result"]["ResultParameters"]["ResultParameter"][0]["Value"]
        for body in (told, golden("s6_balance_result"))
    ]
    names = [[account.split("|")[0] for account in line.split("&")] for line in lines]
    assert names[0] == names[1]


def test_a_reversal_has_the_documented_bodies(daraja: Any):
    path = "/mpesa/reversal/v1/request"
    unknown = result_of(daraja, path, "s6_reversal_request")
    agree(unknown, "s6_reversal_result_unknown")
    assert unknown["Result"]["ResultCode"] == "R000002"
    told = result_of(daraja, path, "s6_reversal_request", TransactionID=deposit(daraja))
    agree(told, "s6_reversal_result")
    assert told["Result"]["ResultCode"] == golden("s6_reversal_result")["Result"]["ResultCode"] == "0"


def test_pull_has_the_documented_bodies(daraja: Any):
    registered = sent(daraja, "/pulltransactions/v1/register", "s6_pull_register_request")
    agree(registered, "s6_pull_register_response")
    assert registered["ResponseDescription"] == golden("s6_pull_register_response")["ResponseDescription"]
    window = {"StartDate": "2026-11-01 0:00:00", "EndDate": "2027-12-31 00:00:00"}
    none = sent(daraja, "/pulltransactions/v1/query", "s6_pull_request", **window)
    assert none | {"ResponseRefID": ""} == golden("s6_pull_response_none") | {"ResponseRefID": ""}
    deposit(daraja)
    rows = sent(daraja, "/pulltransactions/v1/query", "s6_pull_request", **window)
    agree(rows, "s6_pull_response")


def test_every_sample_is_used():
    used = (Path(__file__)).read_text()
    assert [file.stem for file in GOLDEN.glob("*.json") if f'"{file.stem}"' not in used] == []


def test_the_renderer_gives_the_sample_back_to_the_character():
    sample = golden("s4_1_stk_callback_success")["Body"]["stkCallback"]
    facts = {name: value for name, value in sample.items() if name != "CallbackMetadata"}
    facts |= {item["Name"]: item["Value"] for item in sample["CallbackMetadata"]["Item"]}
    rendered = dumps(bodies.stk_callback(facts))
    assert rendered == dumps(golden("s4_1_stk_callback_success"))
    assert '"Value":1.00}' in rendered
