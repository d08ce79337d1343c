"""The fake driven by a client that is not ours: PyPI ``daraja-v3``.

Its known limits (DARAJA §9): a naive local timestamp, a cap of 150,000, a B2C id made of the epoch second, ``Occasion``
with one s. The fake runs on the machine's clock here, and the process on Nairobi time, as that client needs.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mpesa import MpesaAsyncClient, MpesaClient, MpesaTimeoutError
from mpesa.exceptions import AuthenticationError, MpesaError

from localcloud.daraja import SystemClock


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


def test_a_foreign_client_buys_goods_from_a_till(make_daraja: Callable[..., Any], nairobi: None):
    live = make_daraja(clock=SystemClock(), auto_approve=True, approve_delay_s=0, till_numbers=("5550001",))
    push = client(live).stk_push(
        "0712345678",
        70,
        "BET100",
        callback_url=f"{live.merchant.url}/cb/s/1",
        transaction_type="CustomerBuyGoodsOnline",
        party_b="5550001",
    )
    live.settled("/cb/s/1")
    assert client(live).stk_query(push.checkout_request_id).is_paid


@pytest.mark.parametrize(
    ("script", "code"), [({"outcome": "cancel"}, "1032"), ({"result_code": "SFC_IC0003"}, "SFC_IC0003")]
)
def test_a_foreign_client_understands_a_failure(live: Any, script: dict[str, Any], code: str):
    live.script({"kind": "stk"}, script | {"delay_s": 0})
    push = client(live).stk_push("0712345678", 1, "A", callback_url=f"{live.merchant.url}/cb/s/1")
    parsed = MpesaClient.parse_stk_callback(live.settled("/cb/s/1")[0].json)
    assert (parsed["paid"], str(parsed["result_code"])) == (False, code)
    answer = client(live).stk_query(push.checkout_request_id)
    assert (answer.is_paid, answer.result_code) == (False, code)


def test_a_foreign_client_sees_an_open_prompt_as_not_paid(live: Any):
    live.script({"kind": "stk"}, {"outcome": "wait", "queries": ["4999", "empty", "processing"]})
    foreign = client(live)
    push = foreign.stk_push("0712345678", 1, "A", callback_url="https://pay.example.com/cb")
    told = [foreign.stk_query(push.checkout_request_id).result_code for _ in range(2)]
    assert told == ["4999", "500.001.1001"]
    with pytest.raises(MpesaError, match="being processed"):
        foreign.stk_query(push.checkout_request_id)


def test_a_foreign_client_meets_every_kind_of_trouble(live: Any):
    foreign = client(live)
    url = "https://pay.example.com/cb"
    for preset, words in (
        ("waf", "503: <html"),
        ("html_200", "Expecting value"),
        ("lock", "lock subscriber"),
        ("empty_200", "Expecting value"),
    ):
        live.script({"kind": "stk"}, {"reply": {"preset": preset}}, times=1)
        # What is no JSON comes out of it as a bare ValueError.
        with pytest.raises((MpesaError, ValueError), match=words):
            foreign.stk_push("0712345678", 1, "A", callback_url=url)
    live.script({"kind": "stk"}, {"reply": {"delay_s": 5}}, times=1)
    with pytest.raises(MpesaTimeoutError):
        client(live, timeout=1).stk_push("0712345678", 1, "A", callback_url=url)
    live.control("/maintenance", {"on": True})
    with pytest.raises(MpesaError, match="under maintenance"):
        foreign.stk_push("0712345678", 1, "A", callback_url=url)
    live.control("/maintenance", {"on": False})
    live.control("/tokens/expire", {})
    with pytest.raises(MpesaError, match="Invalid Access Token"):
        foreign.stk_push("0712345678", 1, "A", callback_url=url)
    assert client(live).stk_push("0722345678", 1, "A", callback_url=url).checkout_request_id


def test_a_foreign_asynchronous_client_covers_the_same(live: Any):
    async def story() -> tuple[Any, ...]:
        settings = live.settings
        keys = {"consumer_key": settings.consumer_key, "consumer_secret": settings.consumer_secret}
        door, seal = live.merchant.url, {"initiator_name": "testapi", "security_credential": "c2VhbGVk"}
        async with MpesaAsyncClient(
            shortcode=settings.shortcode, passkey=settings.passkey, base_url=live.url, timeout=10, **keys
        ) as foreign:
            registered = await foreign.c2b_register_urls(f"{door}/cb/v", f"{door}/cb/c")
            push = await foreign.stk_push("0712345678", 100, "BET100", callback_url=f"{door}/cb/s/1")
            await asyncio.to_thread(live.settled, "/cb/s/1")
            asked = await foreign.stk_query(push.checkout_request_id)
            urls = {"callback_url": f"{door}/cb/b", "queue_timeout_url": f"{door}/cb/t"}
            balance = await foreign.account_balance(**urls, **seal)
        async with MpesaAsyncClient(shortcode="600000", base_url=live.url, **keys) as paying:
            paid = await paying.b2c("0712345678", 500, callback_url=f"{door}/cb/r/1", queue_timeout_url=door, **seal)
        return registered, asked, balance, paid

    registered, asked, balance, paid = asyncio.run(story())
    assert (registered["ResponseCode"], asked.is_paid, balance["ResponseCode"]) == ("0", True, "0")
    # The first version of the registration sends the hashed number.
    assert len(live.settled("/cb/c")[0].json["MSISDN"]) == 64
    result = live.settled("/cb/r/1")[0].json["Result"]
    assert (result["ResultCode"], result["OriginatorConversationID"]) == (0, paid.originator_conversation_id)
