"""Scenarios by script: everything that the field reports of DARAJA §3.3, §3.4, §4.3 and §8 describe."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from localcloud.daraja import SystemClock
from tests.support.waiting import wait_for

PHONE = "254712345678"
SUCCEEDED = {"outcome": "approve", "delay_s": 0}


def stk_codes(letters: list[Any]) -> list[Any]:
    return [letter.json["Body"]["stkCallback"]["ResultCode"] for letter in letters]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ({"outcome": "approve"}, 0),
        ({"outcome": "cancel"}, 1032),
        ({"outcome": "wrong_pin"}, 2001),
        ({"outcome": "insufficient"}, 1),
        ({"outcome": "timeout"}, 1037),
        ({"result_code": 1019}, 1019),
        ({"result_code": "SFC_IC0003"}, "SFC_IC0003"),
        ({"result_code": 7777, "result_desc": "never seen"}, 7777),
    ],
)
def test_any_outcome_can_be_scripted(daraja: Any, script: dict[str, Any], code: Any):
    daraja.script({"kind": "stk", "phone": PHONE}, script)
    daraja.push()
    daraja.clock.advance(60)
    assert stk_codes(daraja.settled("/cb/s/1")) == [code]
    assert daraja.control("/books")["totals"]["stkReceived"] == ("100.00" if code == 0 else "0.00")


STK_CODES = ["0", "1", "2", "3", "4", "8", "17", "26", "1001", "1019", "1025", "9999", "1031", "1032", "1036", "1037",
             "2001", "2002", "2028", "2029", "8006", "SFC_IC0003"]  # fmt: skip
"""Every result that DARAJA §3.5 lists, without 4999, which is no result."""


@pytest.mark.parametrize("code", STK_CODES)
def test_every_documented_result_comes_by_callback_and_query(daraja: Any, code: str):
    daraja.script({"kind": "stk", "amount": 100}, {"result_code": code, "delay_s": 1})
    checkout = daraja.push().json()["CheckoutRequestID"]
    daraja.clock.advance(1)
    told = daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]
    assert told["ResultCode"] == (int(code) if code.isdigit() else code)
    assert told["ResultDesc"]
    assert "Unexpected" not in told["ResultDesc"]
    assert ("CallbackMetadata" in told) == (code == "0")
    assert daraja.query(checkout).json()["ResultCode"] == code
    assert daraja.control("/books")["totals"]["stkReceived"] == ("100.00" if code == "0" else "0.00")


@pytest.mark.parametrize("match", [{"phone": PHONE}, {"amount": 77}, {"phone": PHONE, "amount": 77}])
@pytest.mark.parametrize(
    ("plan", "at_once", "seconds", "later"),
    [
        ({"lost": True}, [], 3600, []),
        ({"delay_s": 900}, [], 899, []),
        ({"delay_s": 900}, [], 900, [0]),
        ({"copies": 2, "spacing_s": 5}, [0], 5, [0]),
        ({"extra": [{"set": {"ResultCode": 1032}, "delay_s": 60}]}, [0], 60, [1032]),
        ({"delay_s": 60, "extra": [{"set": {"ResultCode": 1032}}]}, [1032], 60, [0]),
    ],
    ids=["lost", "not yet", "late", "twice", "forged", "reordered"],
)
def test_a_number_or_an_amount_has_its_own_way_of_being_told(
    daraja: Any, merchant: Any, match: dict[str, Any], plan: dict[str, Any], at_once: list[int], seconds: int,
    later: list[int],
):  # fmt: skip
    daraja.script({"kind": "stk", **match}, SUCCEEDED | {"callback": plan})
    daraja.script({"kind": "stk"}, SUCCEEDED)
    daraja.push(Amount=77)
    daraja.push(Amount=78, PhoneNumber="254711111111", CallBackURL=f"{merchant.url}/cb/s/2")
    assert stk_codes(daraja.settled("/cb/s/2")) == [0]
    assert stk_codes(daraja.settled("/cb/s/1", len(at_once))) == at_once
    daraja.clock.advance(seconds)
    assert stk_codes(daraja.settled("/cb/s/1", len(at_once + later))) == at_once + later
    assert daraja.control("/books")["totals"]["stkReceived"] == "155.00"


def test_the_first_matching_rule_with_uses_left_is_taken(daraja: Any):
    daraja.control(
        "/scripts",
        [
            {"match": {"kind": "stk", "amount": 100}, "times": 1, "script": {"result_code": 1}},
            {"match": {"kind": "stk", "amount": 100}, "times": 1, "script": {"result_code": 1032}},
            {"match": {"kind": "stk"}, "script": SUCCEEDED},
            {"match": {"kind": "b2c"}, "script": {"result_code": 17}},
        ],
    )
    codes = []
    for amount in (100, 7, 100, 100):
        checkout = daraja.push(Amount=amount).json()["CheckoutRequestID"]
        daraja.clock.advance(2)
        codes.append(daraja.query(checkout).json()["ResultCode"])
    assert codes == ["1", "0", "1032", "0"]
    assert [rule["used"] for rule in daraja.control("/scripts")["scripts"]] == [1, 1, 2, 0]


def test_a_lost_callback_stays_away_until_released(daraja: Any, merchant: Any):
    daraja.script({"kind": "stk"}, SUCCEEDED | {"callback": {"lost": True}})
    checkout = daraja.push().json()["CheckoutRequestID"]
    assert wait_for(lambda: daraja.query(checkout).json()["ResultCode"]) == "0"
    daraja.clock.advance(1800)
    lost = daraja.control("/deliveries")["deliveries"]
    assert [(d["state"], d["reason"]) for d in lost] == [("lost", "lost by the script")]
    assert merchant.letters == []
    daraja.control("/deliveries/release", {"ids": [lost[0]["id"]]})
    assert stk_codes(daraja.settled("/cb/s/1")) == [0]


def test_the_agenda_has_what_will_happen_by_itself_and_nothing_else(daraja: Any, merchant: Any):
    def agenda() -> list[str]:
        return [work["what"] for work in daraja.control("/agenda")["agenda"]]

    daraja.script({"kind": "stk"}, {"outcome": "wait", "callback": {"hold": True}})
    checkout = daraja.push().json()["CheckoutRequestID"]
    daraja.script({"kind": "b2c"}, {"delay_s": 5, "callback": {"delay_s": 10}})
    daraja.b2c()
    assert agenda() == ["conclude_order", "expire_push"]
    daraja.control(f"/prompts/{checkout}", {"action": "cancel"})
    assert agenda() == ["conclude_order"]  # an answered prompt does not expire, and what is held waits for a person
    daraja.clock.advance(5)
    wait_for(lambda: agenda() == ["deliver"])
    daraja.clock.advance(10)
    wait_for(lambda: agenda() == [])
    assert [len(merchant.at(path)) for path in ("/cb/s/1", "/cb/r/1")] == [0, 1]
    daraja.control("/deliveries/release", {})
    wait_for(lambda: merchant.at("/cb/s/1"))


def test_a_late_and_doubled_callback_comes_as_told(daraja: Any, merchant: Any):
    plan = {"delay_s": 300, "copies": 3, "spacing_s": 60}
    daraja.script({"kind": "stk"}, SUCCEEDED | {"callback": plan})
    daraja.push()
    daraja.clock.advance(299)
    assert merchant.letters == []
    daraja.clock.advance(1)
    daraja.settled("/cb/s/1", 1)
    daraja.clock.advance(120)
    letters = daraja.settled("/cb/s/1", 3)
    assert len({letter.raw for letter in letters}) == 1
    assert daraja.control("/books")["totals"]["stkReceived"] == "100.00"


def test_held_callbacks_are_released_in_reverse(daraja: Any, merchant: Any):
    daraja.script({"kind": "stk"}, SUCCEEDED | {"callback": {"hold": True}})
    sent = []
    for number in range(4):
        phone = f"25471234567{number}"
        sent.append(daraja.push(PhoneNumber=phone).json()["CheckoutRequestID"])
    wait_for(lambda: len(daraja.control("/deliveries?state=held")["deliveries"]) == 4)
    daraja.control("/deliveries/release", {"order": "reverse"})
    came = [letter.json["Body"]["stkCallback"]["CheckoutRequestID"] for letter in daraja.settled("/cb/s/1", 4)]
    assert came == sent[::-1]


def test_a_contradicting_and_a_forged_callback_travel_beside_the_true_one(daraja: Any, merchant: Any):
    extra = [
        {"set": {"ResultCode": 1037}, "remove": ["Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber"]},
        {"set": {"Amount": 99999, "MpesaReceiptNumber": "FAKE000001"}, "url": f"{merchant.url}/cb/s/2"},
        {"body": "<html>", "url": f"{merchant.url}/cb/s/3", "headers": {"Content-Type": "text/html"}},
    ]
    daraja.script({"kind": "stk"}, SUCCEEDED | {"callback": {"delay_s": 30, "extra": extra}})
    daraja.push()
    assert stk_codes(daraja.settled("/cb/s/1")) == [1037]
    assert "CallbackMetadata" not in merchant.at("/cb/s/1")[0].json["Body"]["stkCallback"]
    forged = daraja.settled("/cb/s/2")[0].json["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    assert {"Name": "Amount", "Value": 99999} in forged
    assert daraja.settled("/cb/s/3")[0].headers["content-type"] == "text/html"
    daraja.clock.advance(30)
    assert stk_codes(daraja.settled("/cb/s/1", 2)) == [1037, 0]


def test_the_true_body_can_take_the_odd_forms_seen_in_the_field(daraja: Any):
    odd = {"PhoneNumber": "2547 ***** 678", "Balance": None, "ResultCode": "0"}
    daraja.script({"kind": "stk"}, SUCCEEDED | {"callback": {"set": odd, "remove": ["TransactionDate"]}})
    daraja.push()
    stk = daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]
    assert stk["ResultCode"] == "0"
    assert {"Name": "Balance"} in stk["CallbackMetadata"]["Item"]
    assert {"Name": "PhoneNumber", "Value": "2547 ***** 678"} in stk["CallbackMetadata"]["Item"]
    assert len(stk["CallbackMetadata"]["Item"]) == 4


def test_queries_answer_in_the_scripted_sequence_and_then_the_truth(daraja: Any):
    forms = ["4999", "empty", "processing", "error", "not_exist", "1032", {"preset": "html_200"}, "final"]
    daraja.script({"kind": "stk"}, SUCCEEDED | {"queries": forms})
    checkout = daraja.push().json()["CheckoutRequestID"]
    daraja.settled("/cb/s/1")
    answers = [daraja.query(checkout) for _ in range(9)]
    told = []
    for answer in answers:
        try:
            parsed = answer.json()
        except ValueError:
            told.append((answer.status_code, "html"))
            continue
        told.append((answer.status_code, parsed.get("ResultCode") or parsed.get("errorMessage")))
    assert told == [
        (200, "4999"),
        (200, ""),
        (500, "The transaction is being processed"),
        (500, "Internal Server Error"),
        (500, "The transaction does not Exist"),
        (200, "1032"),
        (200, "html"),
        (200, "0"),
        (200, "0"),
    ]


def test_a_rule_for_queries_reaches_pushes_already_made(daraja: Any):
    checkout = daraja.push().json()["CheckoutRequestID"]
    daraja.script({"kind": "stk_query", "phone": PHONE}, {"queries": ["processing"]}, times=1)
    assert daraja.query(checkout).status_code == 500
    assert daraja.query(checkout).json()["errorMessage"] == ""


@pytest.mark.parametrize(
    ("preset", "status", "start"),
    [
        ("waf", 503, "<html"),
        ("html_200", 200, "<html"),
        ("empty", 500, ""),
        ("empty_200", 200, ""),
        ("envelope_200", 200, '{"requestId"'),
        ("spike_arrest", 500, '{"requestId"'),
        ("maintenance", 500, '{"requestId"'),
    ],
)
def test_a_sync_error_leaves_no_prompt_and_no_callback(daraja: Any, preset: str, status: int, start: str):
    daraja.script({"kind": "stk"}, {"reply": {"preset": preset}}, times=1)
    refused = daraja.push(PhoneNumber="254711000000")
    assert refused.status_code == status
    assert refused.text.startswith(start)
    assert daraja.control("/prompts?phone=254711000000")["prompts"] == []
    assert daraja.push(PhoneNumber="254711000000").status_code == 200


def test_any_error_code_and_status_can_be_answered(daraja: Any):
    reply = {"status": 429, "error_code": "100000011", "error_message": "throttled"}
    daraja.script({"kind": "b2c"}, {"reply": reply}, times=1)
    refused = daraja.b2c()
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "100000011")
    assert daraja.b2c().status_code == 200


@pytest.mark.parametrize("reply", [{"close": True}, {"delay_s": 40}])
def test_a_push_can_be_carried_out_while_its_answer_is_lost(daraja: Any, reply: dict[str, Any]):
    daraja.login()
    daraja.script({"kind": "stk"}, SUCCEEDED | {"reply": reply})
    with pytest.raises((requests.ConnectionError, requests.Timeout)):
        daraja.post("/mpesa/stkpush/v1/processrequest", daraja.push_body(), timeout=1)
    assert stk_codes(daraja.settled("/cb/s/1")) == [0]
    assert daraja.control("/books")["totals"]["stkReceived"] == "100.00"


def test_a_payout_can_be_carried_out_while_its_answer_is_an_error(daraja: Any):
    daraja.script({"kind": "b2c"}, {"reply": {"preset": "system_error", "executed": True}}, times=1)
    assert daraja.b2c().json()["errorMessage"] == "System internal error."
    assert daraja.b2c().json()["errorMessage"] == "Duplicate OriginatorConversationID."
    daraja.clock.advance(1)
    daraja.settled("/cb/r/1")
    assert daraja.control("/books")["totals"]["b2cPaid"] == "500.00"


def test_the_queue_timeout_comes_first_and_the_result_may_follow_or_not(daraja: Any, merchant: Any):
    daraja.script({"kind": "b2c", "amount": 500}, {"delay_s": 20, "callback": {"queue_timeout_s": 5}})
    daraja.script({"kind": "b2c", "amount": 600}, {"outcome": "never", "callback": {"queue_timeout_s": 5}})
    daraja.b2c()
    daraja.b2c(OriginatorConversationID="w-2", Amount=600)
    daraja.clock.advance(5)
    assert len(daraja.settled("/cb/t/1", 2)) == 2
    assert merchant.at("/cb/r/1") == []
    daraja.clock.advance(600)
    assert [letter.json["Result"]["ResultCode"] for letter in daraja.settled("/cb/r/1")] == [0]
    assert daraja.control("/books")["totals"]["b2cPaid"] == "500.00"


def test_a_payout_that_times_out_is_never_paid_and_one_reported_as_failed_may_be(daraja: Any, merchant: Any):
    daraja.script({"kind": "b2c", "amount": 500}, {"outcome": "timeout", "delay_s": 5})
    daraja.script({"kind": "b2c", "amount": 600}, {"result_code": 17, "paid_anyway": True})
    daraja.b2c()
    daraja.b2c(OriginatorConversationID="w-2", Amount=600)
    daraja.clock.advance(600)
    assert len(daraja.settled("/cb/t/1")) == 1
    result = daraja.settled("/cb/r/1")[0].json["Result"]
    assert (result["ResultCode"], "ResultParameters" in result) == (17, False)
    assert result["TransactionID"].endswith("0000000")
    assert daraja.control("/books")["totals"]["b2cPaid"] == "600.00"
    status = {
        "Initiator": "testapi",
        "SecurityCredential": "c2VhbGVk",
        "CommandID": "TransactionStatusQuery",
        "OriginalConversationID": "w-2",
        "PartyA": "600000",
        "IdentifierType": "4",
        "Remarks": "check",
        "QueueTimeOutURL": f"{merchant.url}/cb/t/2",
        "ResultURL": f"{merchant.url}/cb/r/2",
    }
    assert daraja.post("/mpesa/transactionstatus/v1/query", status).status_code == 200
    daraja.clock.advance(1)
    told = daraja.settled("/cb/r/2")[0].json["Result"]["ResultParameters"]["ResultParameter"]
    assert {"Key": "TransactionStatus", "Value": "Completed"} in told


def test_a_token_can_expire_mid_flight_once(daraja: Any):
    daraja.script({"kind": "stk"}, {"expire_token": True}, times=1)
    refused = daraja.push()
    assert (refused.status_code, refused.json()["errorCode"]) == (404, "404.001.03")
    daraja.login()
    assert daraja.push().status_code == 200


def test_new_tokens_may_revoke_old_ones(make_daraja: Callable[..., Any]):
    daraja = make_daraja(new_token_revokes_old=True)
    old = daraja.login()
    daraja.login()
    daraja.token = old
    assert daraja.push().json()["errorCode"] == "404.001.03"


def test_oauth_itself_can_fail(daraja: Any):
    daraja.script({"kind": "oauth"}, {"reply": {"preset": "waf"}}, times=1)
    url = f"{daraja.url}/oauth/v1/generate?grant_type=client_credentials"
    keys = (daraja.settings.consumer_key, daraja.settings.consumer_secret)
    assert [requests.get(url, auth=keys, timeout=60).status_code for _ in range(2)] == [503, 200]


def test_a_forger_can_post_anything_anywhere(daraja: Any, merchant: Any):
    daraja.control("/callbacks", {"url": f"{merchant.url}/cb/s/9", "body": {"Body": {}}, "headers": {"X-A": "b"}})
    letter = daraja.settled("/cb/s/9")[0]
    assert (letter.json, letter.headers["x-a"]) == ({"Body": {}}, "b")


@pytest.mark.parametrize(
    "rule",
    [
        {"match": {"kind": "stkk"}, "script": {}},
        {"match": {"kind": "stk"}, "script": {"outcom": "approve"}},
        {"match": {"kind": "stk"}, "script": {"reply": {"preset": "nothing"}}},
        {"match": {"kind": "stk"}, "times": 0, "script": {}},
        {"match": {"kind": "stk"}},
        {"match": {"kind": "b2c"}, "script": {"outcome": "cancel"}},
    ],
)
def test_a_misspelt_rule_is_refused_with_the_place(daraja: Any, rule: dict[str, Any]):
    answer = requests.post(f"{daraja.url}/_fake/scripts", json=rule, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["problems"]
    assert daraja.control("/scripts")["scripts"] == []


def test_the_same_seed_makes_the_same_ids(make_daraja: Callable[..., Any]):
    first, second = (make_daraja(seed=7) for _ in range(2))
    assert first.push().json() == second.push().json()


def test_maintenance_of_everything_ends_when_the_scripts_are_cleared(daraja: Any):
    daraja.login()
    daraja.script({}, {"reply": {"preset": "maintenance"}})
    answers = [daraja.push(), daraja.b2c(), daraja.query("ws_CO_1")]
    assert {answer.json()["errorMessage"] for answer in answers} == {
        "Service is currently under maintenance. Please try again later"
    }
    daraja.control("/scripts", method="DELETE")
    assert daraja.push().status_code == 200


def test_maintenance_closes_every_api_for_a_while_and_uses_up_no_script(daraja: Any):
    daraja.login()
    daraja.script({"kind": "stk"}, {"result_code": 1}, times=1)
    assert daraja.control("/maintenance", {"on": True, "for_s": 600}) == {"maintenance": True}
    assert daraja.control("/health")["maintenance"] is True
    paths = [
        "/mpesa/stkpush/v1/processrequest", "/mpesa/stkpushquery/v1/query", "/mpesa/b2c/v3/paymentrequest",
        "/mpesa/transactionstatus/v1/query", "/mpesa/accountbalance/v1/query", "/mpesa/reversal/v1/request",
        "/mpesa/c2b/v2/registerurl", "/pulltransactions/v1/register", "/pulltransactions/v1/query",
    ]  # fmt: skip
    for path in paths:
        refused = daraja.post(path, {})
        assert (refused.status_code, refused.json()["errorCode"]) == (500, "500.002.1001")
        assert refused.json()["errorMessage"] == "Service is currently under maintenance. Please try again later"
    daraja.login()
    daraja.clock.advance(600)
    daraja.push()
    daraja.clock.advance(2)
    assert stk_codes(daraja.settled("/cb/s/1")) == [1]

    daraja.control("/maintenance", {"on": True})
    daraja.clock.advance(900)
    assert daraja.b2c().status_code == 500
    assert daraja.control("/maintenance", {"on": False}) == {"maintenance": False}
    assert daraja.b2c().status_code == 200


def test_books_and_pending_callbacks_survive_a_restart(make_daraja: Callable[..., Any], merchant: Any, tmp_path: Any):
    before = make_daraja(state_file=tmp_path / "daraja.json")
    before.script({"kind": "stk"}, SUCCEEDED | {"callback": {"delay_s": 30}})
    before.push()
    wait_for(lambda: before.control("/deliveries")["deliveries"])
    books = before.control("/books")
    before.stop()

    after = make_daraja(state_file=tmp_path / "daraja.json", clock=before.clock)
    assert after.control("/books") == books
    assert merchant.letters == []
    after.clock.advance(30)
    assert stk_codes(after.settled("/cb/s/1")) == [0]


def test_a_delivery_can_be_repeated_by_hand_and_tokens_expired_over_http(daraja: Any):
    daraja.script({"kind": "stk"}, SUCCEEDED)
    daraja.push()
    first = daraja.settled("/cb/s/1")[0]
    delivery = daraja.control("/deliveries?state=delivered")["deliveries"][0]
    daraja.control(f"/deliveries/{delivery['id']}/again", {})
    assert daraja.settled("/cb/s/1", 2)[1].raw == first.raw
    assert daraja.control("/tokens/expire", {}) == {"expired": 1}
    assert daraja.push().json()["errorCode"] == "404.001.03"


def test_the_clock_moves_over_http_and_only_when_it_is_a_manual_one(daraja: Any, make_daraja: Callable[..., Any]):
    before = daraja.control("/health")["now"]
    assert daraja.control("/clock", {"advance_s": 1.5})["now"] > before
    live = make_daraja(clock=SystemClock())
    answer = requests.post(f"{live.url}/_fake/clock", json={"advance_s": 1}, timeout=60)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/prompts/ws_CO_nothing", {"action": "cancel"}, 404),
        ("POST", "/deliveries/release", {"ids": ["d-999999"]}, 404),
        ("POST", "/phones/254712345678", {"colour": "red"}, 400),
        ("POST", "/phones/254712345678", {"balance": "1.005"}, 400),
        ("GET", "/phones/0712", None, 400),
        ("POST", "/accounts", {"utility": -1}, 400),
        ("POST", "/accounts/transfer", {"from": "working", "to": "utility", "amount": 1}, 400),
        ("POST", "/c2b", {"phone": "254712345678", "amount": "1.50", "account": "A"}, 400),
        ("POST", "/maintenance", {"on": "yes"}, 400),
        ("POST", "/maintenance", {}, 404),
    ],
)
def test_bad_input_to_the_controls_gets_a_sentence(daraja: Any, method: str, path: str, body: Any, status: int):
    answer = requests.request(method, f"{daraja.url}/_fake{path}", json=body, timeout=60)
    assert answer.status_code == status
    assert answer.json()["error"]
