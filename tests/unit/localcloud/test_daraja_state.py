"""M-Pesa's books under any sequence of events: no shilling appears or disappears, nothing is booked twice."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.daraja.api.call import Call
from localcloud.daraja.api.gateway import Gateway
from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.scripts import Script, ScriptBook
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import DarajaError, dumps, loads
from localcloud.daraja.mpesa.credential import Vault
from localcloud.daraja.mpesa.mpesa import Mpesa

START = datetime(2026, 11, 22, 20, 55, tzinfo=UTC)  # five minutes before midnight in Nairobi
PHONES = [f"25471234567{n}" for n in range(3)]
outcomes = st.sampled_from(["approve", "cancel", "wrong_pin", "insufficient", "timeout", "never", "wait"])
plans = st.fixed_dictionaries(
    {"lost": st.booleans(), "copies": st.integers(1, 3), "delay_s": st.integers(0, 300), "hold": st.booleans()}
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["push", "pay", "c2b", "pin", "wait"]),
        st.sampled_from(PHONES),
        st.integers(1, 250_000),
        outcomes,
        plans,
    ),
    max_size=40,
)


def push_request(phone: str, amount: int) -> dict[str, Any]:
    return {
        "shortcode": "174379", "transaction_type": "CustomerPayBillOnline", "amount": amount, "phone": phone,
        "party_b": "174379", "callback_url": "http://127.0.0.1/cb", "account_reference": "A", "description": "",
    }  # fmt: skip


def payout_request(phone: str, amount: int, own_id: str) -> dict[str, Any]:
    return {
        "OriginatorConversationID": own_id, "InitiatorName": "testapi", "Amount": amount, "PartyA": "600000",
        "PartyB": phone, "ResultURL": "http://127.0.0.1/r", "QueueTimeOutURL": "http://127.0.0.1/t",
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(steps)
def test_money_is_conserved_and_every_success_is_one_transaction(todo: list[Any]):
    mpesa, now = Mpesa(Settings(opening_phone_balance=Decimal(300_000)), Ids(1), Vault()), START
    mpesa.accounts.open_books(now)
    posted = []
    for number, (what, phone, amount, outcome, plan) in enumerate(todo):
        if what == "push":
            with suppress(DarajaError):  # the phone shows another prompt
                mpesa.prompts.push(push_request(phone, amount), Script(outcome=outcome, callback=plan), now)
        elif what == "pay":
            with suppress(DarajaError):  # the id was used
                request = payout_request(phone, amount, f"w-{number // 2}")
                mpesa.orders.accept("b2c", request, Script(callback=plan), now)
        elif what == "c2b":
            mpesa.paybill.pay("174379", phone, amount, "A", "Pay Bill", Script(), now)
        elif what == "pin":
            for prompt in list(mpesa.prompts.shown(now, phone)):
                mpesa.prompts.answer(prompt.checkout_request_id, "approve", "1234" if amount % 2 else "0", now)
        else:
            now += timedelta(seconds=amount % 90)
        posted += mpesa.advance(now)
    posted += mpesa.advance(now + timedelta(days=1))

    books = mpesa.state.books
    assert sum(books.balances.values()) == 0
    assert all(books.balance(f"phone:{phone}") >= 0 for phone in PHONES)
    assert books.balance("utility") >= 0
    receipts = [t.receipt for t in books.journal]
    assert len(receipts) == len(set(receipts))
    paid = [push for push in mpesa.state.pushes.values() if push.result_code == "0"]
    assert sorted(push.receipt for push in paid) == sorted(t.receipt for t in books.journal if t.kind == "stk")
    own_ids = [t.originator_conversation_id for t in books.journal if t.kind == "b2c"]
    assert len(own_ids) == len(set(own_ids))
    told = [json.loads(d.body)["Body"]["stkCallback"] for d in posted if d.kind == "stk_callback"]
    for callback in told:
        assert (callback["ResultCode"] == 0) == ("CallbackMetadata" in callback)
        if callback["ResultCode"] == 0:
            items = {item["Name"]: item["Value"] for item in callback["CallbackMetadata"]["Item"]}
            booked = books.find(items["MpesaReceiptNumber"])
            assert booked is not None
            assert Decimal(items["Amount"]) == booked.amount
    assert len({d.delivery_id for d in posted}) == len(posted)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = ["BusinessShortCode", "Password", "Timestamp", "TransactionType", "Amount", "PartyA", "PartyB", "PhoneNumber",
         "CallBackURL", "AccountReference", "TransactionDesc", "CheckoutRequestID", "ShortCode", "ResultURL",
         "SecurityCredential", "CommandID", "Remarks", "OffSetValue", "StartDate", "IdentifierType"]  # fmt: skip
PATHS = ["/mpesa/stkpush/v1/processrequest", "/mpesa/stkpushquery/v1/query", "/mpesa/b2c/v3/paymentrequest",
         "/mpesa/transactionstatus/v1/query", "/mpesa/accountbalance/v1/query", "/mpesa/reversal/v1/request",
         "/mpesa/c2b/v2/registerurl", "/mpesa/c2b/v1/simulate", "/pulltransactions/v1/query"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), st.dictionaries(st.sampled_from(names), json_values) | json_values)
def test_any_json_is_answered_with_an_envelope_and_moves_nothing(path: str, body: Any):
    mpesa = Mpesa(Settings(), Ids(1), Vault())
    gateway = Gateway(Settings(), mpesa, ScriptBook(), Ids(2))
    gateway.tokens.granted["t"] = START + timedelta(hours=1)
    headers = {"authorization": "Bearer t", "content-type": "application/json"}
    answer = gateway.handle(Call("POST", path, headers, {}, json.dumps(body).encode()), START)
    assert answer.status in (400, 500)
    assert set(loads(answer.body)) == {"requestId", "errorCode", "errorMessage"}
    assert mpesa.state.books.journal == []
    assert mpesa.state.agenda == []


def test_decimals_are_written_exactly():
    assert dumps({"a": Decimal("1.00"), "b": [Decimal("-22.40"), None, True, "ü"]}) == (
        '{"a":1.00,"b":[-22.40,null,true,"\\u00fc"]}'
    )
