"""What staff book of our own money outside: whole entries from checked arguments, and nothing else."""

from types import ModuleType
from typing import Any

import pytest

from betsafi.errors import DomainError, InvalidAmount, InvalidInput
from tests.support.services import load
from wallet import models
from wallet.rules import ledger, providers
from wallet.rules.ledger import Entry

WHY = "as the statement says"
FEES = {"day": "2026-11-20", "amount": {"amount": "22.40"}, "direction": "DEBIT", "account": "PAYOUT", "reason": WHY}
MOVE = {"receipt": "TKK1234567", "amount": {"amount": "500"}, "from": "COLLECTION", "to": "PAYOUT", "reason": WHY}
TAX = {
    "receipt": "TKK1234567", "amount": {"amount": "9.99"}, "direction": "DEBIT", "tax": "EXCISE",
    "account": "COLLECTION", "reason": WHY,
}  # fmt: skip


def fees(**more: Any) -> Entry:
    return models.fees_entry({**FEES, **more}, "c1")


def transfer(**more: Any) -> Entry:
    return models.transfer_entry({**MOVE, **more})


def tax(**more: Any) -> Entry:
    return models.tax_entry({**TAX, **more})


def said(entry: Entry) -> tuple[str, str, dict[str, int]]:
    assert entry.note == WHY
    return entry.id, entry.kind, dict(entry.postings)


def test_money_leaves_one_account_and_goes_to_the_other() -> None:
    assert said(fees()) == ("fees-2026-11-20-c1", "FEES", {"mpesa:utility": 2_240, "mpesa:fees": -2_240})
    assert said(fees(account="COLLECTION", direction="CREDIT"))[2] == {"mpesa:paybill": -2_240, "mpesa:fees": 2_240}
    assert said(transfer()) == (
        "TKK1234567", "FLOAT_TRANSFER", {"mpesa:paybill": 50_000, "mpesa:utility": -50_000},
    )  # fmt: skip
    assert said(transfer(**{"from": "BANK"}))[2] == {"bank": 50_000, "mpesa:utility": -50_000}
    assert said(transfer(to="BANK"))[2] == {"mpesa:paybill": 50_000, "bank": -50_000}
    assert said(tax()) == ("TKK1234567", "TAX_REMITTANCE", {"mpesa:paybill": 999, "tax:excise": -999})
    assert said(tax(tax="WITHHOLDING", account="BANK", direction="CREDIT"))[2] == {"bank": -999, "tax:withholding": 999}


def test_another_provider_s_accounts_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(providers.PROVIDERS, "OTHER", providers.Provider("other:in", "other:out", "other:fees"))
    assert said(fees(provider="OTHER"))[2] == {"other:out": 2_240, "other:fees": -2_240}
    assert said(transfer(provider="OTHER"))[2] == {"other:in": 50_000, "other:out": -50_000}
    assert said(tax(provider="OTHER"))[2] == {"other:in": 999, "tax:excise": -999}


RECEIPTS = [None, 7, "", "TKK12", "tkk1234567", "TKK 123456", "-TKK12345", "TKK1234567\n", "A" * 41, "TKK12345é"]


@pytest.mark.parametrize("receipt", RECEIPTS)
def test_a_receipt_is_written_as_it_was_given_out(receipt: Any) -> None:
    for entry in (transfer, tax):
        with pytest.raises(InvalidInput, match="receipt"):
            entry(receipt=receipt)


@pytest.mark.parametrize("day", [None, "2099-01-01", "20.11.2026", "2026-02-30", "1899-12-31"])
def test_charges_are_of_a_day_that_was(day: Any) -> None:
    with pytest.raises(InvalidInput, match="day"):
        fees(day=day)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1e3", "1000000000.01", 5])
def test_an_amount_is_positive_and_of_whole_cents(amount: Any) -> None:
    for entry in (fees, transfer, tax):
        with pytest.raises(InvalidAmount):
            entry(amount={"amount": amount})


@pytest.mark.parametrize(
    ("entry", "wrong", "name"),
    [
        (fees, {"account": "BANK"}, "account"),
        (transfer, {"to": "COLLECTION"}, "from and to"),
        (fees, {"provider": "OTHER"}, "provider"),
        (transfer, {"provider": ""}, "provider"),
        (tax, {"provider": "mpesa"}, "provider"),
        (fees, {"reason": "no"}, "reason"),
        (transfer, {"reason": "two\nlines"}, "reason"),
        (tax, {"reason": None}, "reason"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(entry: Any, wrong: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        entry(**wrong)


@pytest.fixture(scope="module")
def by_hand() -> ModuleType:
    return load("wallet.by_hand", TABLE_NAME="w", LARGEST_BOOKING_CENTS="2240")


def test_a_booking_is_at_most_so_much(by_hand: ModuleType) -> None:
    for cents in (2_240, -2_240):
        assert by_hand.Booking("bookFees", "request-1", ledger.fees("f", cents)).cents == 2_240
    for cents in (2_241, -2_241):
        with pytest.raises(DomainError, match=r"at most KES 22\.40") as refused:
            by_hand.Booking("bookFees", "request-1", ledger.fees("f", cents))
        assert refused.value.code == "INVALID_AMOUNT"


def test_a_booking_says_what_moved_and_is_known_by_its_request(by_hand: ModuleType) -> None:
    first, second = (
        by_hand.Booking("bookTransfer", name, transfer(amount={"amount": "22.40"}))
        for name in ("request-1", "request-2")
    )
    assert first.moved == ("mpesa:paybill", "mpesa:utility")
    assert by_hand.Booking("bookFees", "request-1", ledger.fees("f", -5)).moved == ("mpesa:fees", "mpesa:utility")
    assert first.id != second.id
    assert first.alone_below == 0
