"""Status, balance, reversal, C2B and pull, as DARAJA §6 describes them."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

PHONE = "254712345678"
SEAL = "c2VhbGVk"


def initiated(daraja: Any, command: str, **more: Any) -> dict[str, Any]:
    return {
        "Initiator": "testapi",
        "SecurityCredential": SEAL,
        "CommandID": command,
        "Remarks": "check",
        "QueueTimeOutURL": f"{daraja.merchant.url}/cb/t",
        "ResultURL": f"{daraja.merchant.url}/cb/x",
    } | more


def ask_status(daraja: Any, **which: str) -> dict[str, Any]:
    body = initiated(daraja, "TransactionStatusQuery", PartyA="174379", IdentifierType="4", **which)
    before = len(daraja.merchant.at("/cb/x"))
    assert daraja.post("/mpesa/transactionstatus/v1/query", body).status_code == 200
    daraja.clock.advance(1)
    return dict(daraja.settled("/cb/x", before + 1)[before].json["Result"])


def items(result: dict[str, Any]) -> dict[str, Any]:
    return {item["Key"]: item.get("Value") for item in result["ResultParameters"]["ResultParameter"]}


def register(daraja: Any, kind: str = "Completed", version: int = 2, **changes: Any) -> Any:
    body = {
        "ShortCode": "174379",
        "ResponseType": kind,
        "ConfirmationURL": f"{daraja.merchant.url}/cb/c",
        "ValidationURL": f"{daraja.merchant.url}/cb/v",
    } | changes
    return daraja.post(f"/mpesa/c2b/v{version}/registerurl", body)


def deposit(daraja: Any, amount: int = 100) -> str:
    checkout = daraja.push(Amount=amount).json()["CheckoutRequestID"]
    daraja.control(f"/prompts/{checkout}", {"action": "approve", "pin": "1234"})
    return str(daraja.control("/transactions?kind=stk")["transactions"][-1]["receipt"])


def test_the_status_of_a_payout_is_found_by_our_own_id_before_and_after(daraja: Any):
    daraja.script({"kind": "b2c"}, {"delay_s": 30, "callback": {"lost": True}})
    daraja.b2c()
    found = items(ask_status(daraja, OriginalConversationID="7f0c8d2e-1111-4222-8333-444455556666"))
    assert (found["TransactionStatus"], found["ReceiptNo"]) == ("Initiated", None)
    daraja.clock.advance(30)
    result = ask_status(daraja, OriginalConversationID="7f0c8d2e-1111-4222-8333-444455556666")
    found = items(result)
    assert (found["TransactionStatus"], found["Amount"]) == ("Completed", 500)
    assert found["DebitPartyCharges"] == "Fee For B2C Payment|KES|5.00"
    keys = [item["Key"] for item in result["ResultParameters"]["ResultParameter"]]
    assert keys.count("DebitPartyName") == 2
    assert any("Value" not in item for item in result["ResultParameters"]["ResultParameter"])
    assert items(ask_status(daraja, TransactionID=found["ReceiptNo"]))["TransactionStatus"] == "Completed"


def test_a_failed_payout_is_declined_and_an_unknown_id_is_unknown(daraja: Any):
    daraja.script({"kind": "b2c"}, {"result_code": 2040})
    daraja.b2c(OriginatorConversationID="w-1")
    daraja.clock.advance(1)
    daraja.settled("/cb/r/1")
    assert items(ask_status(daraja, OriginalConversationID="w-1"))["TransactionStatus"] == "Declined"
    unknown = ask_status(daraja, OriginalConversationID="w-2")
    assert unknown["ResultCode"] == "R000002"
    assert "ResultParameters" not in unknown


def test_the_balance_is_the_books_balance_in_the_documented_line(daraja: Any):
    daraja.control("/accounts", {"working": "700000.00"})
    body = initiated(daraja, "AccountBalance", PartyA="174379", IdentifierType="4")
    daraja.post("/mpesa/accountbalance/v1/query", body)
    daraja.clock.advance(1)
    result = daraja.settled("/cb/x")[0].json["Result"]
    assert (result["ResultType"], result["ResultCode"]) == ("0", "0")
    line = items(result)["AccountBalance"].split("&")
    assert line[0] == "Working Account|KES|700000.00|700000.00|0.00|0.00"
    assert "Utility Account|KES|1000000.00|1000000.00|0.00|0.00" in line


def test_a_deposit_is_reversed_once(daraja: Any):
    receipt = deposit(daraja)

    def reverse(transaction_id: str) -> str:
        before = len(daraja.merchant.at("/cb/x"))
        body = initiated(
            daraja,
            "TransactionReversal",
            TransactionID=transaction_id,
            Amount="100",
            ReceiverParty="174379",
            RecieverIdentifierType="11",
        )
        assert daraja.post("/mpesa/reversal/v1/request", body).status_code == 200
        daraja.clock.advance(1)
        return str(daraja.settled("/cb/x", before + 1)[before].json["Result"]["ResultCode"])

    assert [reverse(receipt), reverse(receipt), reverse("UKM0000001")] == ["0", "R000001", "R000002"]
    books = daraja.control("/books")
    assert books["organisation"]["working"] == "0.00"
    assert books["phones"][PHONE] == "100000.00"
    assert books["totals"]["reversed"] == "100.00"
    assert daraja.control(f"/transactions?receipt={receipt}")["transactions"][0]["reversedBy"]


@pytest.mark.parametrize("identifier", [{"RecieverIdentifierType": "4"}, {"ReceiverIdentifierType": "11"}])
def test_a_reversal_needs_the_misspelt_eleven(daraja: Any, identifier: dict[str, str]):
    body = initiated(
        daraja, "TransactionReversal", TransactionID="UKM0000001", Amount="100", ReceiverParty="174379", **identifier
    )
    refused = daraja.post("/mpesa/reversal/v1/request", body)
    assert refused.json()["errorMessage"] == "Bad Request - Invalid RecieverIdentifierType"


def test_a_paybill_payment_is_validated_then_booked_then_confirmed(daraja: Any, merchant: Any):
    assert register(daraja).status_code == 200
    paid = daraja.control("/c2b", {"phone": PHONE, "amount": 200, "account": "BET100"})
    confirmed = daraja.settled("/cb/c")[0].json
    assert confirmed["TransID"] == paid["receipt"]
    assert confirmed["TransAmount"] == "200.00"
    assert confirmed["MSISDN"] == "2547 ***** 678"
    assert daraja.control("/payments")["payments"][0]["outcome"] == "completed"
    assert daraja.control("/books")["totals"]["c2bReceived"] == "200.00"


@pytest.mark.parametrize(
    ("kind", "answer", "moved"),
    [
        ("Completed", (200, '{"ResultCode":"C2B00012","ResultDesc":"Rejected"}'), "0.00"),
        ("Cancelled", (200, '{"ResultCode":"0","ResultDesc":"Accepted"}'), "200.00"),
        ("Cancelled", (500, "broken"), "0.00"),
        ("Completed", (500, "broken"), "200.00"),
        ("Cancelled", (200, "not json"), "0.00"),
    ],
)
def test_validation_decides_and_the_response_type_is_the_default(
    daraja: Any, merchant: Any, kind: str, answer: tuple[int, str], moved: str
):
    register(daraja, kind)
    merchant.answers["/cb/v"] = answer
    daraja.control("/c2b", {"phone": PHONE, "amount": 200, "account": "NOBODY"})
    daraja.settled("/cb/v")
    daraja.eventually(lambda: daraja.control("/payments")["payments"][0]["outcome"] != "pending")
    assert daraja.control("/books")["totals"]["c2bReceived"] == moved


def test_version_one_hashes_the_number_and_simulate_works_as_in_the_sandbox(daraja: Any):
    register(daraja, version=1)
    body = {
        "ShortCode": "174379",
        "CommandID": "CustomerPayBillOnline",
        "Amount": 50,
        "Msisdn": int(PHONE),
        "BillRefNumber": "BET100",
    }
    assert daraja.post("/mpesa/c2b/v1/simulate", body).json()["ResponseCode"] == "0"
    assert daraja.settled("/cb/c")[0].json["MSISDN"] == hashlib.sha256(PHONE.encode()).hexdigest()


def test_an_stk_payment_reaches_a_registered_shortcode_twice_with_one_receipt(daraja: Any):
    register(daraja)
    receipt = deposit(daraja)
    stk = daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    assert {"Name": "MpesaReceiptNumber", "Value": receipt} in stk
    assert daraja.settled("/cb/c")[0].json["TransID"] == receipt
    assert daraja.control("/books")["counts"] == {"stk": 1, "c2b": 0, "b2c": 0, "reversal": 0}


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"ValidationURL": "https://x.example/MPESA"}, "400.003.02", "Invalid ValidationURL - URL has the word MPESA"),
        ({"ConfirmationURL": "https://x.example/sql"}, "400.003.02", "Invalid ConfirmationURL"),
        ({"ResponseType": "completed"}, "400.002.02", "Invalid ResponseType"),
        ({"ShortCode": "99"}, "400.002.02", "Invalid ShortCode"),
    ],
)
def test_bad_registrations_are_refused(daraja: Any, changes: dict[str, str], code: str, text: str):
    refused = register(daraja, **changes).json()
    assert refused["errorCode"] == code
    assert text in refused["errorMessage"]


def test_registration_can_be_once_only(make_daraja: Callable[..., Any]):
    daraja = make_daraja(c2b_register_once=True)
    assert register(daraja).status_code == 200
    assert register(daraja).json()["errorMessage"] == "Urls are already registered"


def test_pull_gives_the_last_48_hours_as_a_list_of_lists(daraja: Any):
    def pull(**changes: Any) -> Any:
        window = {
            "ShortCode": "174379",
            "StartDate": "2026-11-01 00:00:00",
            "EndDate": "2027-12-31 00:00:00",
            "OffSetValue": "0",
        }
        return daraja.post("/pulltransactions/v1/query", window | changes).json()

    assert (pull()["ResponseCode"], pull()["Response"]) == ("1001", [[]])
    receipts = [deposit(daraja) for _ in range(3)]
    full = pull()
    assert full["ResponseCode"] == "1000"
    assert [row["transactionId"] for row in full["Response"][0]] == receipts
    assert full["Response"][0][0]["amount"] == "100.00"
    assert [row["transactionId"] for row in pull(OffSetValue="2")["Response"][0]] == receipts[2:]
    daraja.clock.advance(49 * 3600)
    daraja.login()
    assert pull()["ResponseCode"] == "1001"
