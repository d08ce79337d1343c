"""The fake's bodies against the documented samples: the same names, the same types, the same formats."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from tools.localcloud.daraja import bodies
from tools.localcloud.daraja.wire import dumps

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
}


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(), parse_float=Decimal)


def exact(letter: Any) -> Any:
    return json.loads(letter.raw, parse_float=Decimal)


def shape(value: Any) -> Any:
    """Names and types; {Name/Key, Value} items by their name, in any order."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        label = "Name" if value and "Name" in value[0] else "Key"
        return {item[label]: type(item.get("Value")) for item in value}
    return type(value)


def named(value: Any) -> dict[str, str]:
    """Every leaf that has a documented format."""
    found: dict[str, str] = {}
    if isinstance(value, list):
        for item in value:
            found |= named({item.get("Name") or item.get("Key"): item.get("Value")})
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
    granted = requests.get(url, auth=keys, timeout=10).json()
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


def test_a_paybill_payment_is_confirmed_with_the_documented_body(daraja: Any):
    registered = daraja.post(
        "/mpesa/c2b/v2/registerurl",
        {
            "ShortCode": "174379",
            "ResponseType": "Completed",
            "ConfirmationURL": f"{daraja.merchant.url}/cb/c",
            "ValidationURL": f"{daraja.merchant.url}/cb/v",
        },
    )
    agree(registered.json(), "s6_c2b_register_response")
    daraja.control("/c2b", {"phone": "254712345678", "amount": 5, "account": "BET100"})
    confirmed = exact(daraja.settled("/cb/c")[0])
    agree(confirmed, "s6_c2b_confirmation")
    assert exact(daraja.settled("/cb/v")[0]) | {"OrgAccountBalance": "5.00"} == confirmed
    assert exact(daraja.settled("/cb/v")[0])["OrgAccountBalance"] == ""


def test_the_renderer_gives_the_sample_back_to_the_character():
    sample = golden("s4_1_stk_callback_success")["Body"]["stkCallback"]
    facts = {name: value for name, value in sample.items() if name != "CallbackMetadata"}
    facts |= {item["Name"]: item["Value"] for item in sample["CallbackMetadata"]["Item"]}
    rendered = dumps(bodies.stk_callback(facts))
    assert rendered == dumps(golden("s4_1_stk_callback_success"))
    assert '"Value":1.00}' in rendered
