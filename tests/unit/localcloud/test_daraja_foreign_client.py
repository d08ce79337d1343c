"""The fake driven by a client that is not ours: PyPI ``daraja-v3``.

Its known limits (DARAJA §9): a naive local timestamp, a cap of 150,000, a B2C id made of the epoch second, ``Occasion``
with one s. The fake runs on the machine's clock here, and the process on Nairobi time, as that client needs.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mpesa import MpesaClient
from mpesa.exceptions import AuthenticationError, MpesaError

from tools.localcloud.daraja import SystemClock


@pytest.fixture
def nairobi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Africa/Nairobi")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def live(make_daraja: Callable[..., Any], nairobi: None) -> Any:
    return make_daraja(clock=SystemClock(), auto_approve=True, approve_delay_s=0, b2c_delay_s=0)


def client(daraja: Any, **changes: Any) -> MpesaClient:
    settings = daraja.settings
    keys = {
        "consumer_key": settings.consumer_key,
        "consumer_secret": settings.consumer_secret,
        "shortcode": settings.shortcode,
        "passkey": settings.passkey,
        "base_url": daraja.url,
        "timeout": 10,
    }
    return MpesaClient(**(keys | changes))


def test_a_foreign_client_pushes_queries_and_understands_the_callback(live: Any):
    foreign = client(live)
    push = foreign.stk_push("0712345678", 100, "BET100", "Deposit", callback_url=f"{live.merchant.url}/cb/s/1")
    assert push.checkout_request_id.startswith("ws_CO_")
    letter = live.settled("/cb/s/1")[0]
    parsed = MpesaClient.parse_stk_callback(letter.json)
    assert (parsed["paid"], parsed["amount"], parsed["phone"]) == (True, 100.0, "254712345678")
    assert foreign.stk_query(push.checkout_request_id).is_paid
    assert live.control("/books")["totals"]["stkReceived"] == "100.00"


def test_a_foreign_client_pays_out(live: Any):
    paid = client(live, shortcode="600000").b2c(
        "0712345678",
        500,
        "Withdrawal",
        occasion="w1",
        callback_url=f"{live.merchant.url}/cb/r/1",
        queue_timeout_url=f"{live.merchant.url}/cb/t/1",
        initiator_name="testapi",
        security_credential="c2VhbGVk",
    )
    result = live.settled("/cb/r/1")[0].json["Result"]
    assert result["OriginatorConversationID"] == paid.originator_conversation_id
    assert result["ResultCode"] == 0
    assert live.control("/books")["totals"]["b2cPaid"] == "500.00"
    seen = live.control("/requests?path=/mpesa/b2c/v3/paymentrequest")["requests"]
    assert seen[0]["warnings"] == ["unknown field Occasion"]


def test_a_foreign_client_sees_the_documented_errors(live: Any):
    with pytest.raises(AuthenticationError):
        client(live, consumer_secret="wrong").stk_query("ws_CO_1")
    with pytest.raises(MpesaError, match="Wrong credentials") as wrong:
        client(live, passkey="x").stk_push("0712345678", 1, "A", callback_url="https://pay.example.com/cb")
    assert wrong.value.code == "500.001.1001"
    with pytest.raises(MpesaError, match="does not Exist"):
        client(live).stk_query("ws_CO_1")


def test_a_foreign_client_on_utc_is_told_so(live: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    with pytest.raises(MpesaError, match="Invalid Timestamp"):
        client(live).stk_push("0712345678", 1, "A", callback_url="https://pay.example.com/cb")


def test_a_foreign_client_registers_urls_and_asks_the_balance(live: Any):
    foreign = client(live)
    answer = foreign.c2b_register_urls(f"{live.merchant.url}/cb/v", f"{live.merchant.url}/cb/c")
    assert answer["ResponseCode"] == "0"
    asked = foreign.account_balance(
        callback_url=f"{live.merchant.url}/cb/b",
        queue_timeout_url=f"{live.merchant.url}/cb/t",
        initiator_name="testapi",
        security_credential="c2VhbGVk",
    )
    assert asked["ResponseCode"] == "0"
    assert live.settled("/cb/b")[0].json["Result"]["ResultCode"] == "0"
