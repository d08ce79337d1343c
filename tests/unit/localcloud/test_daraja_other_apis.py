"""Status, balance, reversal, C2B and pull, as DARAJA §6 describes them."""

import hashlib
import socket
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.daraja import Settings
from tests.support.waiting import wait_for

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


def pay_bill(daraja: Any, amount: int, account: str = "BET100") -> str:
    paid = daraja.control("/c2b", {"phone": PHONE, "amount": amount, "account": account})
    return str(paid["receipt"])


def outcome(daraja: Any) -> str:
    """Return how the last paybill payment went, once it went."""

    def decided() -> str:
        found = str(daraja.control("/payments")["payments"][-1]["outcome"])
        return "" if found == "pending" else found

    return str(wait_for(decided))


def test_the_status_of_a_payout_is_found_by_our_own_id_before_and_after(daraja: Any):
    daraja.script({"kind": "b2c"}, {"delay_s": 30, "callback": {"lost": True}})
    daraja.b2c()
    found = items(ask_status(daraja, OriginalConversationID="7f0c8d2e-1111-4222-8333-444455556666"))
    assert (found["TransactionStatus"], found["ReceiptNo"]) == ("Initiated", None)
    daraja.clock.advance(30)
    result = ask_status(daraja, OriginalConversationID="7f0c8d2e-1111-4222-8333-444455556666")
    found = items(result)
    assert (found["TransactionStatus"], found["Amount"]) == ("Completed", "500")
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
    unknown = ask_status(daraja, TransactionID="UKM0000001")
    assert (unknown["ResultType"], unknown["ResultCode"]) == (0, 2032)
    assert "ResultParameters" not in unknown


@pytest.mark.parametrize("channel", ["stk", "c2b"])
def test_the_status_of_a_customer_s_payment_is_found_by_its_receipt(daraja: Any, channel: str):
    receipt = deposit(daraja) if channel == "stk" else pay_bill(daraja, 100)
    result = ask_status(daraja, TransactionID=receipt)
    assert (result["ResultCode"], result["TransactionID"][-7:]) == (0, "0000000")
    found = items(result)
    assert (found["TransactionStatus"], found["Amount"], found["ReceiptNo"]) == ("Completed", "100", receipt)
    assert (found["DebitPartyCharges"], found["OriginatorConversationID"]) == (None, None)
    parties = [
        item["Value"] for item in result["ResultParameters"]["ResultParameter"] if item["Key"] == "DebitPartyName"
    ]
    assert parties == [f"{PHONE} - JANE WANJIKU DOE", "174379 - BETSAFI"]


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
    told = daraja.control(f"/sms?to={PHONE}")["messages"]
    assert f"Reversal of transaction {receipt} has been successfully made and Ksh100.00" in told[0]["text"]
    assert sum("Reversal" in message["text"] for message in told) == 1


def test_a_paybill_payment_is_reversed_and_only_whole(daraja: Any):
    receipt = pay_bill(daraja, 700)
    for amount, code in (("699", "1"), ("700", "0")):
        before = len(daraja.merchant.at("/cb/x"))
        body = initiated(
            daraja,
            "TransactionReversal",
            TransactionID=receipt,
            Amount=amount,
            ReceiverParty="174379",
            RecieverIdentifierType="11",
        )
        daraja.post("/mpesa/reversal/v1/request", body)
        daraja.clock.advance(1)
        assert daraja.settled("/cb/x", before + 1)[before].json["Result"]["ResultCode"] == code
    # The customer's fee stays with Safaricom.
    assert daraja.control("/books")["phones"][PHONE] == "99990.00"


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
        ("Completed", (200, "not json"), "200.00"),
    ],
)
def test_validation_decides_and_the_response_type_is_the_default(
    daraja: Any, merchant: Any, kind: str, answer: tuple[int, str], moved: str
):
    register(daraja, kind)
    merchant.answers["/cb/v"] = answer
    daraja.control("/c2b", {"phone": PHONE, "amount": 200, "account": "NOBODY"})
    daraja.settled("/cb/v")
    wait_for(lambda: daraja.control("/payments")["payments"][0]["outcome"] != "pending")
    assert daraja.control("/books")["totals"]["c2bReceived"] == moved


@pytest.mark.parametrize(("kind", "moved"), [("Completed", "200.00"), ("Cancelled", "0.00")])
@pytest.mark.parametrize("fault", ["slow", "dead"])
def test_a_validation_door_that_is_slow_or_dead_leaves_it_to_the_response_type(
    make_daraja: Callable[..., Any], kind: str, moved: str, fault: str
):
    assert Settings().validation_timeout_s == 8
    daraja = make_daraja(validation_timeout_s=0.2)
    silent = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{silent.getsockname()[1]}/cb/v"
    if fault == "dead":
        silent.close()
    register(daraja, kind, ValidationURL=address)
    pay_bill(daraja, 200)
    assert outcome(daraja) == ("completed" if kind == "Completed" else "rejected no answer in time")
    assert daraja.control("/books")["totals"]["c2bReceived"] == moved
    if kind == "Completed":
        assert daraja.settled("/cb/c")[0].json["MSISDN"] == "2547 ***** 678"
    else:
        assert daraja.merchant.at("/cb/c") == []
        assert "not accepted" in daraja.control(f"/sms?to={PHONE}")["messages"][0]["text"]
    silent.close()


def test_without_validation_only_the_confirmation_is_posted(make_daraja: Callable[..., Any]):
    daraja = make_daraja(c2b_validation=False)
    register(daraja)
    pay_bill(daraja, 200)
    assert daraja.settled("/cb/c")[0].json["TransAmount"] == "200.00"
    assert daraja.merchant.at("/cb/v") == []


def test_confirmations_are_lost_doubled_or_forged_by_script(daraja: Any):
    register(daraja)
    plan = {"copies": 2, "extra": [{"set": {"TransID": "FORGED0001", "TransAmount": "9999.00"}}]}
    daraja.script({"kind": "c2b", "phone": PHONE, "amount": 200}, {"callback": plan})
    daraja.script({"kind": "c2b", "amount": 300}, {"callback": {"lost": True}})
    paid = [pay_bill(daraja, amount) for amount in (300, 200)]
    told = sorted(letter.json["TransID"] for letter in daraja.settled("/cb/c", 3))
    assert told == sorted(["FORGED0001", paid[1], paid[1]])
    assert daraja.control("/books")["totals"]["c2bReceived"] == "500.00"


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
    confirmed = daraja.settled("/cb/c")[0].json
    assert (confirmed["TransID"], confirmed["BillRefNumber"], confirmed["TransAmount"]) == (receipt, "BET100", "100.00")
    assert daraja.merchant.at("/cb/v") == []
    assert daraja.control("/books")["counts"] == {"stk": 1, "c2b": 0, "b2c": 0, "reversal": 0}


def test_that_confirmation_travels_by_a_plan_of_its_own_and_can_be_switched_off(
    daraja: Any, make_daraja: Callable[..., Any]
):
    register(daraja)
    script = {"outcome": "approve", "delay_s": 0, "callback": {"lost": True}, "confirmation": {"delay_s": 30}}
    daraja.script({"kind": "stk"}, script)
    daraja.push()
    lost = wait_for(lambda: daraja.control("/deliveries?state=lost")["deliveries"])
    assert [delivery["kind"] for delivery in lost] == ["stk_callback"]
    assert daraja.merchant.letters == []
    daraja.clock.advance(30)
    assert len(daraja.settled("/cb/c")) == 1

    quiet = make_daraja(stk_sends_c2b=False)
    register(quiet)
    deposit(quiet)
    quiet.settled("/cb/s/1")
    assert [delivery["kind"] for delivery in quiet.control("/deliveries")["deliveries"]] == ["stk_callback"]


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"ValidationURL": "https://x.example/MPESA"}, "400.003.02", "Invalid ValidationURL - URL has the word MPESA"),
        ({"ConfirmationURL": "https://x.example/sql"}, "400.003.02", "Invalid ConfirmationURL"),
        ({"ResponseType": "completed"}, "400.002.02", "Invalid ResponseType"),
        ({"ResponseType": "Canceled"}, "400.002.02", "Invalid ResponseType"),
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
    again = register(daraja)
    assert (again.status_code, again.json()["errorCode"]) == (500, "500.003.1001")
    assert again.json()["errorMessage"] == "Urls are already registered"


def test_pull_has_stk_and_paybill_payments_and_pages_by_rows(make_daraja: Callable[..., Any]):
    daraja = make_daraja(pull_page_size=2, pull_register_once=True)
    receipts = [deposit(daraja), pay_bill(daraja, 50, "BET7Q2"), deposit(daraja, 10)]
    daraja.b2c()
    daraja.clock.advance(2)
    daraja.settled("/cb/r/1")

    def page(offset: int) -> Any:
        window = {"StartDate": "2026-11-22 00:00:00", "EndDate": "2026-11-23 00:00:00", "OffSetValue": str(offset)}
        return daraja.post("/pulltransactions/v1/query", {"ShortCode": "174379", **window}).json()

    pages = [page(offset)["Response"][0] for offset in (0, 1, 2)]
    assert [[row["transactionId"] for row in rows] for rows in pages] == [receipts[:2], receipts[1:], receipts[2:]]
    assert [row["billreference"] for row in pages[0]] == ["BET100", "BET7Q2"]
    assert pages[0][0]["trxDate"] == "2026-11-22T09:00:00Z"
    assert (page(3)["ResponseCode"], page(3)["Response"]) == ("1001", [[]])
    registration = {"ShortCode": "174379", "RequestType": "Pull", "NominatedNumber": "0722000000",
                    "CallBackURL": "https://pay.example.com/cb"}  # fmt: skip
    register_pull = [daraja.post("/pulltransactions/v1/register", registration).json() for _ in range(2)]
    assert [answer["ResponseStatus"] for answer in register_pull] == ["1000", "1001"]


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
