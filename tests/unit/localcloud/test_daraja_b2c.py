"""B2C payments and their results, as DARAJA §5 describes them."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PHONE = "254712345678"


def result_of(letter: Any) -> dict[str, Any]:
    return dict(letter.json["Result"])


def test_a_payment_is_accepted_then_paid_and_the_result_is_posted(daraja: Any):
    accepted = daraja.b2c()
    assert accepted.status_code == 200
    assert accepted.json()["OriginatorConversationID"] == "7f0c8d2e-1111-4222-8333-444455556666"
    assert accepted.json()["ResponseCode"] == "0"
    assert daraja.control("/books")["totals"]["b2cPaid"] == "0.00"

    daraja.clock.advance(1)
    result = result_of(daraja.settled("/cb/r/1")[0])

    assert (result["ResultType"], result["ResultCode"]) == (0, 0)
    assert result["ConversationID"] == accepted.json()["ConversationID"]
    values = {item["Key"]: item["Value"] for item in result["ResultParameters"]["ResultParameter"]}
    assert values["TransactionReceipt"] == result["TransactionID"]
    assert values["TransactionAmount"] == 500
    assert values["TransactionCompletedDateTime"].count(".") == 2
    books = daraja.control("/books")
    assert books["organisation"] == {"working": "0.00", "utility": "999500.00", "charges": "-5.00"}
    assert books["phones"][PHONE] == "100500.00"
    assert books["sum"] == "0.00"


def test_the_same_id_again_pays_once(daraja: Any):
    daraja.b2c()
    again = daraja.b2c(Amount="900")
    assert again.status_code == 500
    assert again.json()["errorCode"] == "500.002.1001"
    assert again.json()["errorMessage"] == "Duplicate OriginatorConversationID."
    daraja.clock.advance(10)
    daraja.settled("/cb/r/1")
    assert daraja.control("/books")["totals"]["b2cPaid"] == "500.00"
    assert daraja.b2c().json()["errorMessage"] == "Duplicate OriginatorConversationID."


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"Amount": 9}, 2), ({"Amount": 250_001}, 3), ({"InitiatorName": "somebody"}, 2001)],
)
def test_limits_and_initiator_are_results_not_refusals(daraja: Any, changes: dict[str, Any], code: int):
    assert daraja.b2c(**changes).status_code == 200
    daraja.clock.advance(1)
    result = result_of(daraja.settled("/cb/r/1")[0])
    assert result["ResultCode"] == code
    assert "ResultParameters" not in result
    assert result["TransactionID"].endswith("0000000")
    assert daraja.control("/books")["totals"]["b2cPaid"] == "0.00"


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (("/accounts", {"utility": "499.00"}), 1),
        ((f"/phones/{PHONE}", {"balance": "499501.00"}), 8),
        ((f"/phones/{PHONE}", {"registered": False}), 2040),
    ],
)
def test_the_books_decide_a_payment(daraja: Any, prepare: tuple[str, dict[str, Any]], code: int):
    daraja.control(*prepare)
    daraja.b2c()
    daraja.clock.advance(1)
    assert result_of(daraja.settled("/cb/r/1")[0])["ResultCode"] == code


def test_a_receiver_has_a_daily_limit(daraja: Any):
    for number, amount in enumerate((250_000, 250_000, 10)):
        daraja.control(f"/phones/{PHONE}", {"balance": 0})
        daraja.b2c(OriginatorConversationID=f"w-{number}", Amount=amount)
        daraja.clock.advance(1)
        daraja.settled("/cb/r/1", number + 1)
    codes = [result_of(letter)["ResultCode"] for letter in daraja.settled("/cb/r/1", 3)]
    assert codes == [0, 0, 4]


@pytest.mark.parametrize(
    "changes",
    [
        {"Amount": "10.5"},
        {"Amount": "0"},
        {"PartyB": "0712345678"},
        {"PartyA": "123456"},
        {"CommandID": "BusinessPayBill"},
        {"Remarks": "x"},
        {"Remarks": None},
        {"Occassion": ""},
        {"SecurityCredential": ""},
        {"SecurityCredential": "not base64!"},
        {"InitiatorName": None},
        {"OriginatorConversationID": ""},
        {"OriginatorConversationID": "x" * 129},
        {"ResultURL": "https://x.example/mpesa"},
        {"QueueTimeOutURL": None},
    ],
)
def test_a_bad_payment_request_is_refused(daraja: Any, changes: dict[str, Any]):
    refused = daraja.b2c(**changes)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "400.002.02")
    assert daraja.control("/orders")["orders"] == []


def test_the_wrong_spelling_of_occassion_is_ignored_but_noted(daraja: Any):
    body = daraja.b2c_body()
    body["Occasion"] = body.pop("Occassion")
    assert daraja.post("/mpesa/b2c/v3/paymentrequest", body).status_code == 200
    assert daraja.control("/requests?path=/mpesa/b2c/v3/paymentrequest")["requests"][0]["warnings"] == [
        "unknown field Occasion"
    ]


def test_the_old_version_ignores_our_id_and_so_pays_twice(daraja: Any):
    first, second = (daraja.post("/mpesa/b2c/v1/paymentrequest", daraja.b2c_body()).json() for _ in range(2))
    assert first["OriginatorConversationID"] != second["OriginatorConversationID"]
    daraja.clock.advance(1)
    daraja.settled("/cb/r/1", 2)
    assert daraja.control("/books")["totals"]["b2cPaid"] == "1000.00"


def test_the_credential_is_opened_when_asked_and_three_wrong_ones_lock_it(make_daraja: Callable[..., Any]):
    daraja = make_daraja(check_security_credential=True)
    certificate = x509.load_pem_x509_certificate(requests.get(f"{daraja.url}/_fake/certificate", timeout=60).content)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)

    def pay(number: int, password: bytes) -> Any:
        sealed = base64.b64encode(key.encrypt(password, padding.PKCS1v15())).decode()
        daraja.b2c(OriginatorConversationID=f"w-{number}", SecurityCredential=sealed)
        daraja.clock.advance(1)
        return result_of(daraja.settled("/cb/r/1", number + 1)[number])["ResultCode"]

    right = daraja.settings.initiator_password.encode()
    codes = [pay(n, password) for n, password in enumerate([right, b"wrong", b"wrong", b"wrong", right])]
    assert codes == [0, 2001, 2001, 2001, 8006]


def test_money_moves_from_working_to_utility_only_by_a_transfer(daraja: Any):
    daraja.control("/accounts", {"working": "1000.00", "utility": "0.00"})
    daraja.b2c()
    daraja.clock.advance(1)
    assert result_of(daraja.settled("/cb/r/1")[0])["ResultCode"] == 1
    daraja.control("/accounts/transfer", {"from": "working", "to": "utility", "amount": "600.00"})
    daraja.b2c(OriginatorConversationID="w-2")
    daraja.clock.advance(1)
    assert result_of(daraja.settled("/cb/r/1", 2)[1])["ResultCode"] == 0
    assert daraja.control("/books")["organisation"]["utility"] == "100.00"
