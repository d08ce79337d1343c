"""`tools.reconcile` on real tables: what the services wrote, a fake M-Pesa's pull and balance, a statement's file."""

import io
import json
import os
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from betsafi import clock
from tests.support.emulator import aws, create_table
from tests.support.payment import World, payment_world
from tests.support.services import load, stores
from tests.support.waiting import wait_for
from tests.unit.tools.test_reconcile_statement import csv
from tools.reconcile.__main__ import main


class Stage:
    """Payment and wallet in this process, the wallet's consumer hearing of every payment, and their stage's tables."""

    def __init__(self, emulator: str, world: World) -> None:
        self.name, self.emulator, self.world = f"r{uuid.uuid4().hex[:8]}", emulator, world
        self.client = aws("dynamodb", emulator)
        for service in ("payment", "bet"):
            create_table(emulator, f"betsafi-{service}-{self.name}", service)
        self.wallet_table = create_table(emulator, f"betsafi-wallet-{self.name}", "wallet")
        self.consumer = load("wallet.handlers.consumer", TABLE_NAME=self.wallet_table)
        self.wallet = stores("wallet")
        world.wallet.call = self.call  # type: ignore[method-assign]
        self.told: dict[str, str] = {}
        self.deploy_followup()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The wallet's API."""
        if method == "GET":
            return {"status": "ACTIVE"}
        body = body or {}
        if path.endswith("/release"):
            self.wallet.release(body["userId"], path.split("/")[2], body["reason"])
        else:
            self.wallet.place_hold(body["userId"], body["holdId"], body["kind"], body["amountCents"])
        return {}

    def deploy_followup(self) -> None:
        """A function with the environment of this world's payment service."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("nothing.py", "")
        settings = self.world.stores.creation.settings
        names = ("table_name", "daraja_secret_id", "daraja_url", "users_url", "wallet_url", "followup_queue_url")
        told = {name.upper(): getattr(settings, name) for name in (*names, "archive_bucket")}
        trust = {"Version": "2012-10-17", "Statement": []}
        role = aws("iam", self.emulator).create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps(trust))
        aws("lambda", self.emulator).create_function(
            FunctionName=f"betsafi-payment-{self.name}-followup",
            Runtime="python3.11",
            Role=role["Role"]["Arn"],
            Handler="nothing.handler",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": told},
        )

    def settle(self) -> None:
        """Tell the wallet every payment's news, and copy the payment table to where the stage has it."""
        for item in self.world.table.scan():
            if item["sk"] == "PAYMENT" and self.told.get(item["payment_id"]) != item["status"]:
                # A payment may have been in suspense between two looks: that is told first, as the stream does.
                before = [{**item, "status": "SUSPENSE"}] if item.get("from_suspense") else []
                for state in (*before, item):
                    for event in self.world.stream.to_events(None, state):
                        self.hear(event)
                self.told[item["payment_id"]] = item["status"]
        for page in self.client.get_paginator("scan").paginate(TableName=self.world.table.name):
            for item in page["Items"]:
                self.client.put_item(TableName=f"betsafi-payment-{self.name}", Item=item)

    def hear(self, event: Any) -> None:
        detail = {"id": "e", "time": "2026-11-01T00:00:00Z", "version": 1, "data": event.data()}
        body = {"source": event.source, "detail-type": type(event).__name__, "detail": detail}
        self.consumer.handler({"Records": [{"messageId": "m", "body": json.dumps(body)}]})

    def compare(self, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
        """Run the command as a person does; return its exit code and what it says to machines."""
        self.settle()
        if "--mpesa" in more:
            second = int(time.time())
            wait_for(lambda: int(time.time()) > second, "next second: a pull has whole ones")
        capsys.readouterr()
        code = main(["--stage", self.name, "--grace", "0", "--json", *more])
        return code, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def world(emulator: str) -> Iterator[World]:
    with payment_world(emulator, SOURCE_ADDRESSES="196.201.214.200") as running:
        assert running.admin("registerPaybill")["data"] is True
        running.mpesa.control("POST", "/accounts", {"utility": "100000.00"})
        yield running


@pytest.fixture(scope="module")
def stage(emulator: str, world: World) -> Stage:
    """A stage on which every kind of payment has happened."""
    stage = Stage(emulator, world)
    stage.wallet.post_system(stage.consumer.ledger.float_transfer("OPENING001", 10_000_000))
    player = world.player()
    deposit = pay_by_prompt(world, player, "1000")
    pay_by_hand(world, player, 500, world.ask(player.id, "Query", "paybill")["data"]["accountNumber"])
    stage.settle()
    for account in ("JOHN 0712", "JOHN 0713"):
        world.stores.moves.book(world.stores.creation.receive(suspense(world, account)), "SUSPENSE")
    waiting = next(item for item in payments(world) if item["status"] == "SUSPENSE")
    number = world.ask(player.id, "Query", "paybill")["data"]["accountNumber"]
    world.admin("assignPayment", by="support-1", id=waiting["payment_id"], accountNumber=number)
    paid = world.pay_out(player.id, "300")["data"]["id"]
    world.deliver(world.callback_for(paid, "b"))
    world.mpesa.script("b2c", player.phone, {"result_code": "4"})
    world.deliver(world.callback_for(world.pay_out(player.id, "100")["data"]["id"], "b"))
    for admin in ("admin-1", "admin-2"):
        world.admin("reverseDeposit", by=admin, id=deposit, reason="paid by mistake")
    stage.settle()
    reversal = next(item for item in payments(world) if item["kind"] == "REVERSAL")
    world.deliver(world.callback_for(reversal["payment_id"], "r"))
    stage.settle()
    ask_balance(world)
    return stage


def ask_balance(world: World) -> None:
    """Ask M-Pesa what our accounts hold, and take its answer."""
    known = len(world.mailbox.about("600000"))
    world.send({"balance": True})
    world.deliver(world.callbacks_for("600000", "a", known + 1)[-1])


def payments(world: World) -> list[dict[str, Any]]:
    return [item for item in world.table.scan() if item["sk"] == "PAYMENT"]


def pay_by_prompt(world: World, player: Any, amount: str) -> str:
    asked: str = world.pay_in(player.id, amount)["data"]["id"]
    world.mpesa.answer(player.phone, "approve")
    world.deliver(world.callback_for(asked))
    assert world.item(asked)["status"] == "COMPLETED"
    return asked


def pay_by_hand(world: World, player: Any, amount: int, account: str) -> str:
    receipt = world.mpesa.pay_bill(player.phone, amount, account)
    world.deliver(world.confirmation(receipt))
    return receipt


def suspense(world: World, account: str) -> Any:
    receipt = f"TKS{uuid.uuid4().hex[:7].upper()}"
    return world.flows.paybill.PaybillPayment(receipt, 20_000, account)


def test_books_that_the_services_wrote_have_no_difference(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = stage.compare(capsys)
    assert (code, told["differences"], told["pending"], told["trialBalance"]["problems"]) == (0, [], [], [])
    assert [note["code"] for note in told["notes"]] == ["SUSPENSE_WAITS"]
    assert {item["kind"] for item in payments(stage.world)} == {"DEPOSIT", "PAYBILL", "WITHDRAWAL", "REVERSAL"}
    assert told["seen"]["facts of the ledger"] == 8


def test_an_entry_that_is_missing_is_found_and_the_command_says_so(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    deposit = next(item for item in payments(stage.world) if item["kind"] == "DEPOSIT")
    key = {"pk": {"S": f"USER#{deposit['user_id']}"}, "sk": {"S": f"DEPOSIT#{deposit['payment_id']}"}}
    entry = stage.client.get_item(TableName=stage.wallet_table, Key=key)["Item"]
    stage.client.delete_item(TableName=stage.wallet_table, Key=key)
    code, told = stage.compare(capsys)
    young_code = main(["--stage", stage.name])
    young = capsys.readouterr().out
    stage.client.put_item(TableName=stage.wallet_table, Item=entry)
    (found,) = told["differences"]
    assert (code, found["code"], found["id"]) == (1, "CREDIT_MISSING", deposit["payment_id"])
    assert found["action"].startswith(f"python -m tools.redrive --stage {stage.name}")
    # The trial balance says it too, whatever is on its way.
    assert young_code == 1
    assert "on its way: CREDIT_MISSING" in young


def test_mpesas_own_records_agree_and_tell_what_we_do_not_know(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    code, told = stage.compare(capsys, "--mpesa")
    # The payments that the test itself put into suspense are unknown to the fake M-Pesa, which charges for payouts.
    assert [item["code"] for item in told["differences"]] == ["MPESA_LACKS", "MPESA_LACKS", "BALANCE_DIFFERS"]
    amounts = told["differences"][2]["amountsCents"]
    charged = amounts["ledger"] - amounts["M-Pesa"]
    stage.wallet.post_system(stage.consumer.ledger.fees("fees-2026-01-01", charged))
    ask_balance(stage.world)
    code, told = stage.compare(capsys, "--mpesa")
    assert [item["code"] for item in told["differences"]] == ["MPESA_LACKS", "MPESA_LACKS"]
    assert told["seen"]["payments in M-Pesa's pull"] == 2
    player = stage.world.player()
    number = stage.world.ask(player.id, "Query", "paybill")["data"]["accountNumber"]
    receipt = stage.world.mpesa.pay_bill(player.phone, 70, number)
    stage.world.confirmation(receipt)
    stage.world.mpesa.control("POST", "/accounts", {"utility": "7777.00"})
    ask_balance(stage.world)
    code, told = stage.compare(capsys, "--mpesa")
    found = {item["code"]: item for item in told["differences"]}
    assert code == 1
    assert found["MPESA_NOT_BOOKED"]["receipt"] == receipt
    assert found["BALANCE_DIFFERS"]["amountsCents"]["M-Pesa"] == 777_700 - charged
    stage.world.pull({"pull": True})
    code, told = stage.compare(capsys, "--mpesa")
    assert "MPESA_NOT_BOOKED" not in [item["code"] for item in told["differences"]]


def test_a_day_s_statement_agrees_and_a_row_too_many_does_not(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file, day = tmp_path / "statement.csv", f"{clock.now().astimezone(clock.NAIROBI):%Y-%m-%d}"
    rows = [row_of(item) for item in payments(stage.world) if "receipt" in item]
    charged = sum(item["postings"][1][1] for item in stage.wallet.every_item() if item.get("entry_kind") == "FEES")
    asked = ("--statement", str(file), "--date", day)
    file.write_bytes(b"\xef\xbb\xbf" + csv(rows, opening=-charged).encode())
    code, told = stage.compare(capsys, *asked)
    assert ([item["code"] for item in told["differences"]], code) == ([], 0)
    assert told["seen"]["rows of the day"] == len(rows) >= 6
    extra = {"receipt": "TKKNEW0001", "reason": "Pay Bill Online", "cents": 100, "account": "", "linked": ""}
    file.write_text(csv([*rows, {**extra, "at": clock.now()}], opening=-charged))
    code, told = stage.compare(capsys, *asked)
    assert (code, [item["code"] for item in told["differences"]]) == (1, ["MPESA_NOT_BOOKED", "CLOSING_BALANCE"])


def row_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return a payment as a statement has it."""
    reasons = {"WITHDRAWAL": "Business Payment to Customer via API", "REVERSAL": "Organization Reversal"}
    cents = -item.get("paid_cents", item["amount_cents"]) if item["kind"] in reasons else item["amount_cents"]
    return {
        "receipt": item["receipt"],
        "at": clock.parse_stamp(item["at"]),
        "reason": reasons.get(item["kind"], "Pay Bill Online"),
        "cents": cents,
        "account": item.get("reference") or item.get("account") or "",
        "linked": item.get("original_receipt", ""),
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--statement", "{file}", "--date", "2026-11-20"], "The statement has no column Balance."),
        (["--statement", "{file}-not", "--date", "2026-11-20"], "No such file"),
        (["--statement", "{file}"], "--statement and --date go together"),
        (["--stage", "nowhere"], "AWS did not answer as it should"),
        (["--mpesa"], "There is no function betsafi-payment-nowhere-followup"),
    ],
)
def test_bad_input_is_said_in_a_sentence(
    emulator: str, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "statement.csv"
    file.write_text("Receipt No.,Completion Time,Transaction Status,Paid In,Withdrawn,Reason Type\n")
    given = [argument.replace("{file}", str(file)) for argument in arguments]
    try:
        code: Any = main(["--stage", "nowhere", *given])
    except SystemExit as refused:
        code = refused.code
    assert code == 2
    assert sentence in capsys.readouterr().err
