"""STK push, its query and its callback, as DARAJA §2 to §4 describe them."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.support.waiting import wait_for

PHONE = "254712345678"


def approve(daraja: Any, checkout: str, pin: str = "1234") -> None:
    daraja.control(f"/prompts/{checkout}", {"action": "approve", "pin": pin})


def test_a_push_waits_for_the_person_and_the_approved_payment_is_called_back_once(daraja: Any, merchant: Any):
    accepted = daraja.push().json()
    assert accepted["ResponseCode"] == "0"
    prompt = daraja.control(f"/prompts?phone={PHONE}")["prompts"][0]
    assert (prompt["amount"], prompt["accountReference"]) == (100, "BET100")
    assert merchant.letters == []

    approve(daraja, accepted["CheckoutRequestID"])
    letter = daraja.settled("/cb/s/1")[0]

    stk = letter.json["Body"]["stkCallback"]
    assert stk["ResultCode"] == 0
    assert stk["CheckoutRequestID"] == accepted["CheckoutRequestID"]
    assert '"Name":"Amount","Value":100.00' in letter.raw
    assert letter.headers["content-type"] == "application/json;charset=UTF-8"
    assert letter.headers["businessshortcode"] == "174379"
    items = {item["Name"]: item["Value"] for item in stk["CallbackMetadata"]["Item"]}
    assert items["PhoneNumber"] == int(PHONE)
    books = daraja.control("/books")
    assert books["organisation"]["working"] == "100.00"
    assert books["phones"][PHONE] == "99900.00"
    assert books["sum"] == "0.00"
    assert (
        daraja.control(f"/transactions?receipt={items['MpesaReceiptNumber']}")["transactions"][0]["amount"] == "100.00"
    )
    assert len(merchant.letters) == 1


def test_a_wrong_pin_ends_in_2001_and_the_third_locks_the_line(daraja: Any):
    codes = []
    for _ in range(4):
        checkout = daraja.push().json()["CheckoutRequestID"]
        approve(daraja, checkout, pin="0000")
        codes.append(daraja.query(checkout).json()["ResultCode"])
    assert codes == ["2001", "2001", "2001", "8006"]
    assert daraja.control("/books")["organisation"]["working"] == "0.00"


def test_an_unanswered_prompt_ends_in_1037_when_its_life_is_over(daraja: Any):
    checkout = daraja.push().json()["CheckoutRequestID"]
    daraja.clock.advance(59)
    assert daraja.query(checkout).json()["errorCode"] == "500.001.1001"
    daraja.clock.advance(1)
    stk = daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]
    assert (stk["ResultCode"], stk["ResultDesc"]) == (1037, "DS timeout user cannot be reached.")
    assert "CallbackMetadata" not in stk
    answer = daraja.query(checkout).json()
    assert (answer["ResultCode"], answer["ResultDesc"]) == ("1037", "No response from user.")
    assert not {"Amount", "MpesaReceiptNumber", "PhoneNumber"} & set(answer)


def test_auto_approval_pays_after_its_delay(make_daraja: Callable[..., Any]):
    daraja = make_daraja(auto_approve=True, approve_delay_s=3)
    checkout = daraja.push().json()["CheckoutRequestID"]
    assert daraja.query(checkout).json()["ResultCode"] == "4999"
    daraja.clock.advance(3)
    assert daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]["ResultCode"] == 0
    assert daraja.query(checkout).json()["ResultCode"] == "0"


def test_the_sandbox_number_never_answers_even_when_others_approve(make_daraja: Callable[..., Any]):
    daraja = make_daraja(auto_approve=True)
    daraja.push(PhoneNumber="254708374149", PartyA="254708374149")
    daraja.clock.advance(60)
    assert daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]["ResultCode"] == 1037


def test_a_phone_with_an_open_prompt_is_locked(daraja: Any):
    daraja.push()
    second = daraja.push()
    assert second.status_code == 500
    assert second.json()["errorCode"] == "500.001.1001"
    assert "Unable to lock subscriber" in second.json()["errorMessage"]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"Amount": "0"}, "400.002.02", "Amount"),
        ({"Amount": 250001}, "400.002.02", "Amount"),
        ({"Amount": "10.50"}, "400.002.02", "Amount"),
        ({"Amount": 10.5}, "400.002.02", "Amount"),
        ({"Amount": -5}, "400.002.02", "Amount"),
        ({"Amount": "1e2"}, "400.002.02", "Amount"),
        ({"Amount": True}, "400.002.02", "Amount"),
        ({"Amount": None}, "400.002.02", "Amount"),
        ({"PhoneNumber": "+254712345678", "PartyA": "+254712345678"}, "400.002.02", "PartyA"),
        ({"PhoneNumber": "0712345678"}, "400.002.02", "PartyA"),
        ({"PhoneNumber": "254812345678", "PartyA": "254712345678"}, "400.002.02", "PhoneNumber"),
        ({"PartyA": "254712345679"}, "400.002.02", "PartyA"),
        ({"AccountReference": "THIRTEENCHARS"}, "400.002.02", "AccountReference"),
        ({"AccountReference": " "}, "400.002.02", "AccountReference"),
        ({"TransactionDesc": "fourteen chars"}, "400.002.02", "TransactionDesc"),
        ({"TransactionType": "PayBill"}, "400.002.02", "TransactionType"),
        ({"BusinessShortCode": "17"}, "400.002.02", "BusinessShortCode"),
        ({"BusinessShortCode": "174378"}, "500.001.1001", "Merchant does not exist"),
        ({"Password": "bm90IHRoaXM="}, "500.001.1001", "Wrong credentials"),
        ({"Timestamp": "20261122090000"}, "400.002.02", "Timestamp"),  # UTC, three hours behind Nairobi
        ({"Timestamp": "2026-11-22"}, "400.002.02", "Timestamp"),
        ({"CallBackURL": "https://pay.example.com/mPesa/1"}, "400.002.02", "CallBackURL"),
        ({"CallBackURL": "https://abc.execute-api.eu-west-1.amazonaws.com/cb"}, "400.002.02", "CallBackURL"),
        ({"CallBackURL": "https://pay.example.com/c b"}, "400.002.02", "CallBackURL"),
        ({"CallBackURL": "https://Pay.example.com/cb"}, "400.002.02", "CallBackURL"),
        ({"CallBackURL": "https://x.ngrok.io/cb"}, "400.002.02", "CallBackURL"),
        ({"CallBackURL": "https://10.0.0.7/cb"}, "400.002.02", "CallBackURL"),
        ({"CallBackURL": "ftp://pay.example.com/cb"}, "400.002.02", "CallBackURL"),
        ({"CallBackURL": ""}, "400.002.02", "CallBackURL"),
    ],
)
def test_a_bad_push_is_refused_with_the_documented_code_and_no_prompt(
    daraja: Any, changes: dict[str, Any], code: str, message: str
):
    refused = daraja.push(**changes)
    assert refused.status_code == int(code[:3])
    assert refused.json()["errorCode"] == code
    assert message in refused.json()["errorMessage"]
    assert set(refused.json()) == {"requestId", "errorCode", "errorMessage"}
    assert daraja.control("/prompts")["prompts"] == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/cb", "https://example.invalid/cb/s/1/abc", "https://8.8.8.8/cb"])
def test_loopback_and_unresolved_hosts_are_taken(daraja: Any, url: str):
    assert daraja.push(CallBackURL=url).status_code == 200


def test_the_description_may_be_absent_and_other_mandatory_fields_may_not(daraja: Any):
    body = daraja.push_body()
    for name in body:
        less = {key: value for key, value in body.items() if key != name}
        answer = daraja.post("/mpesa/stkpush/v1/processrequest", less)
        assert (answer.status_code == 200) == (name == "TransactionDesc"), name


def test_form_encoding_wrong_paths_and_methods_are_refused(daraja: Any):
    token = daraja.login()
    headers = {"Authorization": f"Bearer {token}"}
    push = f"{daraja.url}/mpesa/stkpush/v1/processrequest"
    form = requests.post(push, data=daraja.push_body(), headers=headers, timeout=60)
    assert form.json()["errorCode"] == "400.002.02"
    assert requests.get(push, headers=headers, timeout=60).json()["errorCode"] == "405.001"
    assert requests.post(f"{daraja.url}/mpesa/nothing", json={}, headers=headers, timeout=60).status_code == 404


def test_oauth_answers_as_documented(daraja: Any):
    url = f"{daraja.url}/oauth/v1/generate?grant_type=client_credentials"
    good = requests.get(url, auth=("local-consumer-key", "local-consumer-secret"), timeout=60).json()
    assert len(good["access_token"]) == 28
    assert good["expires_in"] == "3599"
    bad = requests.get(url, auth=("local-consumer-key", "wrong"), timeout=60)
    assert (bad.status_code, bad.content) == (400, b"")


def test_tokens_expire_and_every_api_says_so_in_its_own_way(daraja: Any):
    daraja.login()
    daraja.clock.advance(3600)
    seen = {
        path: (answer.status_code, answer.json()["errorCode"])
        for path in (
            "/mpesa/stkpush/v1/processrequest",
            "/mpesa/stkpushquery/v1/query",
            "/mpesa/b2c/v3/paymentrequest",
            "/mpesa/accountbalance/v1/query",
            "/mpesa/reversal/v1/request",
            "/mpesa/c2b/v2/registerurl",
        )
        for answer in [daraja.post(path, {})]
    }
    assert list(seen.values()) == [
        (404, "404.001.03"),
        (400, "400.003.01"),
        (401, "401.002.01"),
        (401, "401.002.01"),
        (404, "404.001.03"),
        (400, "400.003.01"),
    ]


def test_an_unknown_checkout_does_not_exist(daraja: Any):
    answer = daraja.query("ws_CO_1")
    assert (answer.status_code, answer.json()["errorMessage"]) == (500, "The transaction does not Exist")


def test_books_decide_what_no_script_says(daraja: Any):
    daraja.control(f"/phones/{PHONE}", {"balance": "104.00"})
    checkout = daraja.push(Amount=105).json()["CheckoutRequestID"]
    approve(daraja, checkout)
    assert daraja.query(checkout).json()["ResultCode"] == "1"

    daraja.control(f"/phones/{PHONE}", {"balance": 600_000})
    for amount in (250_000, 249_999):
        approve(daraja, daraja.push(Amount=amount).json()["CheckoutRequestID"])
    checkout = daraja.push(Amount=2).json()["CheckoutRequestID"]
    approve(daraja, checkout)
    assert daraja.query(checkout).json()["ResultCode"] == "4"


def test_a_party_b_that_is_not_ours_is_accepted_and_then_fails(make_daraja: Callable[..., Any]):
    daraja = make_daraja(till_numbers=("5550001",))
    checkout = daraja.push(PartyB="5550009").json()["CheckoutRequestID"]
    daraja.clock.advance(2)
    stk = daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]
    assert stk["ResultCode"] == "SFC_IC0003"
    till = daraja.push(TransactionType="CustomerBuyGoodsOnline", PartyB="5550001").json()["CheckoutRequestID"]
    approve(daraja, till)
    assert daraja.query(till).json()["ResultCode"] == "0"
    assert daraja.query(checkout).json()["ResultCode"] == "SFC_IC0003"


def test_the_same_amount_within_two_minutes_is_rule_limited_when_switched_on(make_daraja: Callable[..., Any]):
    daraja = make_daraja(repeat_window_s=120)
    approve(daraja, daraja.push().json()["CheckoutRequestID"])
    again = daraja.push().json()["CheckoutRequestID"]
    daraja.clock.advance(2)
    assert daraja.query(again).json()["ResultCode"] == "17"


def test_spike_arrest_refuses_beyond_the_configured_rate(make_daraja: Callable[..., Any]):
    daraja = make_daraja(requests_per_second=2)
    answers = [daraja.query("ws_CO_1").json()["errorCode"] for _ in range(3)]
    assert answers == ["500.001.1001", "500.001.1001", "500.003.02"]
    daraja.clock.advance(1)
    assert daraja.query("ws_CO_1").json()["errorCode"] == "500.001.1001"


def test_a_refused_or_dead_callback_is_not_tried_again_and_the_reason_is_kept(daraja: Any, merchant: Any):
    merchant.answers["/cb/s/1"] = (500, "broken")
    approve(daraja, daraja.push().json()["CheckoutRequestID"])
    daraja.settled("/cb/s/1")
    daraja.clock.advance(1800)
    approve(daraja, daraja.push(CallBackURL="http://127.0.0.1:9/cb").json()["CheckoutRequestID"])

    def concluded() -> list[dict[str, Any]]:
        rows = daraja.control("/deliveries")["deliveries"]
        return rows if len(rows) == 2 and {r["state"] for r in rows} == {"refused", "failed"} else []

    refused, failed = wait_for(concluded)
    assert (refused["httpStatus"], refused["reason"]) == (500, "HTTP 500")
    assert "ClientConnector" in failed["reason"]
    assert len(merchant.letters) == 1
