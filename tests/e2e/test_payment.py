"""Paybill, suspense, reviews, reversals and switches, on the deployed platform with the fake M-Pesa."""

import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import pytest

from betsafi.money import format_amount
from localcloud.cloud.running import Cloud, aws, get_json, post_json
from localcloud.demo.app import App
from localcloud.demo.seed import signed_in
from localcloud.journey.asking import DEPOSIT, MONEY, WITHDRAW, money
from tests.e2e import faults
from tests.e2e.conftest import balance, new_player, opened, verified
from tests.support.stops import HOLD_MONEY
from tests.support.taxes import credited, returned
from tests.support.waiting import eventually
from tools import reconcile

pytestmark = pytest.mark.early
"""Nobody else leaves anything in a queue meanwhile."""

PAYMENTS = f"query {{ payments {{ items {{ id channel status receipt credited {MONEY} }} }} }}"
QUEUE = "query($queue: PaymentQueue!) { paymentQueue(queue: $queue, limit: 100) { items { id receipt account } } }"
PAYMENT = "query($id: ID!) { payment(id: $id) { status reason message } }"
REVERSE = """mutation($id: ID!) { reverseDeposit(id: $id, reason: "Paid to the wrong business") {
  payment { id status } proposedBy approvedBy } }"""
RESOLVE = """mutation($id: ID!, $outcome: Resolution!) {
  resolveWithdrawal(id: $id, outcome: $outcome, evidence: "The portal has nothing of it") { payment { status } } }"""
PROGRESS = "subscription($me: ID!) { onPlayerUpdate(userId: $me) { userId payment { id status message } } }"
CLOSE = """mutation($kind: ChannelKind!, $open: Boolean!, $banner: String) {
  setPaymentChannel(kind: $kind, open: $open, banner: $banner) { deposits { open banner } } }"""


def stands(status: str) -> Callable[[dict[str, Any]], bool]:
    """Return whether an update says that a payment stands so."""
    return lambda update: bool(update["payment"] and update["payment"]["status"] == status)


@pytest.fixture
def payer(cloud: Cloud) -> App:
    """A new player with nothing."""
    return opened(new_player(cloud))


@pytest.fixture
def admins(cloud: Cloud) -> tuple[App, App]:
    return signed_in(cloud, "admin"), signed_in(cloud, "admin", 1)


def account_of(app: App) -> str:
    return str(app.ask("query { paybill { businessNumber accountNumber message } }")["accountNumber"])


def pay_bill(cloud: Cloud, app: App, amount: int, account: str, wanted: str = "completed") -> str:
    """Pay by hand from the player's phone; return the receipt once M-Pesa has decided."""
    given = {"phone": app.phone.lstrip("+"), "amount": amount, "account": account}
    receipt = str(post_json(f"{cloud.addresses.daraja}/_fake/c2b", given)["receipt"])

    def outcome() -> Any:
        payments = get_json(f"{cloud.addresses.daraja}/_fake/payments")["payments"]
        return next((p["outcome"] for p in payments if p["receipt"] == receipt and p["outcome"] != "pending"), None)

    assert eventually(outcome, "M-Pesa's decision") == wanted
    return receipt


def test_a_paybill_payment_is_validated_confirmed_and_credited(cloud: Cloud, payer: App) -> None:
    account, credit = account_of(payer), format_amount(credited(200_00))
    with payer.listen(PROGRESS, me=payer.user_id) as feed:
        receipt = pay_bill(cloud, payer, 200, account)
        feed.wait_for(stands("COMPLETED"), "the paybill payment")
    eventually(lambda: balance(payer) == (credit, "0.00"), "credit")
    (payment,) = payer.ask(PAYMENTS)["items"]
    assert (payment["channel"], payment["receipt"], payment["credited"]["amount"]) == ("PAYBILL", receipt, credit)


def test_a_paybill_payment_is_refused_in_time(cloud: Cloud, payer: App, admins: tuple[App, App]) -> None:
    pay_bill(cloud, payer, 100, "12345678", wanted="rejected C2B00012")
    account = account_of(payer)
    pay_bill(cloud, payer, 60_000, account, wanted="rejected C2B00013")  # more than is taken of who shows no document
    verified(payer)
    pay_bill(cloud, payer, 250_000, account, wanted="failed 1")  # more than the phone has: not ours to refuse
    admins[0].ask(HOLD_MONEY, id=payer.user_id)
    pay_bill(cloud, payer, 100, account, wanted="rejected C2B00016")
    assert payer.ask(PAYMENTS)["items"] == []


def test_the_progress_of_a_prompt_is_heard(cloud: Cloud, payer: App) -> None:
    rule = {"match": {"kind": "stk", "phone": payer.phone.lstrip("+")}, "times": 1}
    unanswered = {**rule, "script": {"outcome": "never", "callback": {"lost": True}}}
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", unanswered)
    with payer.listen(PROGRESS, me=payer.user_id) as feed:
        payer.ask(DEPOSIT, id=uuid.uuid4().hex, amount=money("600"))
        assert "PIN" in feed.wait_for(stands("SUBMITTED"), "the prompt's progress")["payment"]["message"]


def test_a_prompt_is_credited_once_although_its_confirmation_comes_too(cloud: Cloud, payer: App) -> None:
    credit = format_amount(credited(600_00))
    with payer.listen(PROGRESS, me=payer.user_id) as feed:
        rule = {"match": {"kind": "stk", "phone": payer.phone.lstrip("+")}, "times": 1}
        approve = {**rule, "script": {"outcome": "approve", "delay_s": 0.3}}
        post_json(f"{cloud.addresses.daraja}/_fake/scripts", approve)
        payer.ask(DEPOSIT, id=uuid.uuid4().hex, amount=money("600"))
        told = feed.wait_for(stands("COMPLETED"), "the deposit")
        assert credit in told["payment"]["message"]
    eventually(lambda: balance(payer) == (credit, "0.00"), "credit")
    (payment,) = payer.ask(PAYMENTS)["items"]
    receipt = payment["receipt"] or eventually(lambda: payer.ask(PAYMENTS)["items"][0]["receipt"], "receipt")
    merged = eventually(lambda: merged_or_none(cloud, receipt), "the confirmation")
    assert merged in ("MERGED", "not kept")
    assert balance(payer) == (credit, "0.00")


def merged_or_none(cloud: Cloud, receipt: str) -> str | None:
    """How the confirmation of a prompt's payment ended: on its own it is known by the receipt, or was known before."""
    deliveries = get_json(f"{cloud.addresses.daraja}/_fake/deliveries?kind=c2b_confirmation")["deliveries"]
    if not any(receipt in item["body"] and item["state"] == "delivered" for item in deliveries):
        return None
    rows = aws("dynamodb", cloud.addresses).scan(TableName="betsafi-payment-local")["Items"]
    mine = [row for row in rows if row.get("told_receipt", {}).get("S") == receipt]
    if not mine:
        return "not kept"
    status: str = mine[0]["status"]["S"]
    return status if status == "MERGED" else None


def test_money_for_nobody_is_assigned_by_support_and_the_ledger_follows(cloud: Cloud, payer: App) -> None:
    support = signed_in(cloud, "support")
    account = account_of(payer)
    receipt = paid_unasked(cloud, payer, 400)
    waiting = eventually(
        lambda: [p for p in support.ask(QUEUE, queue="SUSPENSE")["items"] if p["receipt"] == receipt], "suspense"
    )
    assert payer.refusal(QUEUE, queue="SUSPENSE").type == "Unauthorized"
    assign = """mutation($id: ID!, $account: String!) {
      assignPayment(id: $id, accountNumber: $account, reason: "Named by the payer") { payment { status } } }"""
    for _ in range(2):
        assert support.ask(assign, id=waiting[0]["id"], account=account)["payment"]["status"] == "COMPLETED"
    eventually(lambda: balance(payer) == (format_amount(credited(400_00)), "0.00"), "assignment")
    kinds = payer.ask("query { walletEntries { items { kind } } }")["items"]
    assert [entry["kind"] for entry in kinds] == ["ASSIGNMENT"]


def paid_unasked(cloud: Cloud, app: App, amount: int) -> str:
    """A customer pays with a wrong account number while M-Pesa does not ask us first."""
    switch = f"{cloud.addresses.daraja}/_fake/validation"
    post_json(switch, {"on": False})
    try:
        return pay_bill(cloud, app, amount, "WRONG 1")
    finally:
        post_json(switch, {"on": True})


def test_a_mistaken_deposit_is_given_back_by_two_administrators(
    cloud: Cloud, payer: App, admins: tuple[App, App]
) -> None:
    pay_bill(cloud, payer, 300, account_of(payer))
    eventually(lambda: balance(payer) == (format_amount(credited(300_00)), "0.00"), "credit")
    (deposit,) = payer.ask(PAYMENTS)["items"]
    assert signed_in(cloud, "support").refusal(REVERSE, id=deposit["id"]).type == "Unauthorized"
    assert admins[0].ask(REVERSE, id=deposit["id"])["approvedBy"] is None
    assert admins[0].ask(REVERSE, id=deposit["id"])["approvedBy"] is None
    done = admins[1].ask(REVERSE, id=deposit["id"])
    assert (done["proposedBy"], done["approvedBy"]) == (admins[0].user_id, admins[1].user_id)
    eventually(lambda: balance(payer) == ("0.00", "0.00"), "the reversal in the wallet")
    eventually(lambda: payer.ask(PAYMENT, id=deposit["id"])["status"] == "REVERSED", "status of the deposit")
    books = get_json(f"{cloud.addresses.daraja}/_fake/transactions?phone={payer.phone.lstrip('+')}&kind=reversal")
    assert [row["amount"] for row in books["transactions"]] == ["300.00"]


def test_a_large_withdrawal_waits_for_an_administrator(cloud: Cloud, payer: App, admins: tuple[App, App]) -> None:
    phone = payer.phone.lstrip("+")
    post_json(f"{cloud.addresses.daraja}/_fake/phones/{phone}", {"balance": "200000.00"})
    pay_bill(cloud, verified(payer), 150_000, account_of(payer))
    eventually(lambda: balance(payer) == (format_amount(credited(150_000_00)), "0.00"), "credit")
    approved, rejected = (payer.ask(WITHDRAW, id=uuid.uuid4().hex, amount=money("70000.00")) for _ in range(2))
    assert {approved["status"], rejected["status"]} == {"REVIEW"}
    assert {p["id"] for p in admins[0].ask(QUEUE, queue="REVIEW")["items"]} >= {approved["id"], rejected["id"]}
    approve = """mutation($id: ID!) {
      approveWithdrawal(id: $id, reason: "Papers are right") { status payment { status } } }"""
    reject = 'mutation($id: ID!) { rejectWithdrawal(id: $id, reason: "Papers do not match") { status } }'
    assert payer.refusal(approve, id=approved["id"]).type == "Unauthorized"
    for _ in range(2):
        assert admins[0].ask(approve, id=approved["id"]) == {"status": "PROPOSED", "payment": {"status": "REVIEW"}}
    assert admins[1].ask(approve, id=approved["id"]) == {"status": "DONE", "payment": {"status": "HELD"}}
    assert admins[1].ask(reject, id=rejected["id"])["status"] == "FAILED"
    eventually(lambda: payer.ask(PAYMENT, id=approved["id"])["status"] == "COMPLETED", "the approved withdrawal")
    left = format_amount(credited(150_000_00) - 70_000_00 + returned(70_000_00))
    eventually(lambda: balance(payer) == (left, "0.00"), "the rejected one's money")


def test_a_direction_closes_at_once_with_a_banner(cloud: Cloud, payer: App, admins: tuple[App, App]) -> None:
    banner = "M-Pesa is being maintained until 06:00."
    try:
        closed = admins[0].ask(CLOSE, kind="DEPOSIT", open=False, banner=banner)
        assert closed["deposits"] == {"open": False, "banner": banner}
        refused = payer.refusal(DEPOSIT, id=uuid.uuid4().hex, amount=money("100"))
        assert (refused.type, str(refused.message)) == ("DEPOSITS_UNAVAILABLE", banner)
        pay_bill(cloud, payer, 100, account_of(payer), wanted="rejected C2B00016")
    finally:
        admins[0].ask(CLOSE, kind="DEPOSIT", open=True)
    assert payer.ask("query { paymentChannels { deposits { open banner } } }")["deposits"] == {
        "open": True, "banner": None,
    }  # fmt: skip


def test_what_was_never_told_is_pulled(cloud: Cloud, payer: App) -> None:
    lost = {"match": {"kind": "c2b", "phone": payer.phone.lstrip("+")}, "script": {"callback": {"lost": True}}}
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", {**lost, "times": 1})
    pay_bill(cloud, payer, 500, account_of(payer))
    queue = followup_queue(cloud)
    aws("sqs", cloud.addresses).send_message(QueueUrl=queue, MessageBody='{"pull": true}')
    eventually(lambda: balance(payer) == (format_amount(credited(500_00)), "0.00"), "the pulled payment")


def with_money(cloud: Cloud, payer: App) -> None:
    pay_bill(cloud, payer, 1_000, account_of(payer))
    eventually(lambda: balance(payer) == (format_amount(credited(1000_00)), "0.00"), "credit")


def status_of(app: App, payment_id: str) -> str:
    return str(app.ask(PAYMENT, id=payment_id)["status"])


def test_a_withdrawal_that_waited_for_float_is_paid_when_m_pesa_has_some(cloud: Cloud, payer: App) -> None:
    with_money(cloud, payer)
    low = {"match": {"kind": "b2c", "phone": payer.phone.lstrip("+")}, "times": 1, "script": {"result_code": "1"}}
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", low)
    asked = payer.ask(WITHDRAW, id=uuid.uuid4().hex, amount=money("500"))["id"]
    eventually(lambda: status_of(payer, asked) == "DELAYED", "M-Pesa's refusal")
    queue = followup_queue(cloud)

    def paid() -> bool:
        aws("sqs", cloud.addresses).send_message(QueueUrl=queue, MessageBody='{"balance": true}')
        return status_of(payer, asked) == "COMPLETED"

    eventually(paid, "the payment")
    left = format_amount(credited(1000_00) - 500_00 + returned(500_00))
    eventually(lambda: balance(payer) == (left, "0.00"), "the wallet")


def test_a_withdrawal_that_m_pesa_refuses_for_ever_is_stopped_and_given_back_by_two_people(
    cloud: Cloud, payer: App, admins: tuple[App, App]
) -> None:
    with_money(cloud, payer)
    refusing = {
        "match": {"kind": "b2c", "phone": payer.phone.lstrip("+")},
        "script": {"reply": {"preset": "no_product"}},
    }
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", refusing)
    asked = payer.ask(WITHDRAW, id=uuid.uuid4().hex, amount=money("500"))["id"]
    assert status_of(payer, asked) == "HELD"
    for outcome, ended in (("STOP", "DELAYED"), ("UNPAID", "FAILED")):
        for admin in admins:
            admin.ask(RESOLVE, id=asked, outcome=outcome)
        assert status_of(payer, asked) == ended
    eventually(lambda: balance(payer) == (format_amount(credited(1000_00)), "0.00"), "the money back")


def followup_queue(cloud: Cloud) -> str:
    function = aws("lambda", cloud.addresses).get_function_configuration(FunctionName="betsafi-payment-local-followup")
    return str(function["Environment"]["Variables"]["FOLLOWUP_QUEUE_URL"])


def test_a_forged_confirmation_moves_nothing(cloud: Cloud, payer: App) -> None:
    account, credit = account_of(payer), format_amount(credited(100_00))
    pay_bill(cloud, payer, 100, account)
    eventually(lambda: balance(payer) == (credit, "0.00"), "credit of the genuine one")
    url = confirmation_url(cloud)
    for path in (url, url[:-4] + "0000"):
        body = {"TransID": f"FORGED{uuid.uuid4().hex[:6].upper()}", "TransAmount": "90000.00", "BillRefNumber": account}
        content = json.dumps({**body, "BusinessShortCode": "174379"}).encode()
        with urlopen(Request(path, content, {"Content-Type": "application/json"}), timeout=60) as answer:
            assert json.load(answer)["ResultCode"] == 0  # acknowledged, and not believed
    eventually(lambda: not faults.waiting_messages(cloud), "end of what was queued")
    assert balance(payer) == (credit, "0.00")
    assert len(payer.ask(PAYMENTS)["items"]) == 1


def confirmation_url(cloud: Cloud) -> str:
    deliveries = get_json(f"{cloud.addresses.daraja}/_fake/deliveries?kind=c2b_confirmation")["deliveries"]
    return str(deliveries[0]["url"])


def test_the_books_balance_after_all_of_it(cloud: Cloud) -> None:
    def problems() -> Any:
        client = aws("dynamodb", cloud.addresses)
        report = reconcile.audit(reconcile.scan(client, "betsafi-wallet-local"))
        return report if report.balanced else None

    report = eventually(problems, "a balanced ledger")
    assert report.entries > 0
