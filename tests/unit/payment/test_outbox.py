"""What payment's outbox says of whose accounts moved."""

from types import ModuleType
from typing import Any

import pytest

from tests.support.services import load

MONEY = {
    "amount_cents": 100, "credit_cents": 95, "excise_cents": 5, "paid_cents": 95, "withholding_cents": 5,
    "remainder_cents": 0,
}  # fmt: skip
PAYMENT = {
    **MONEY, "pk": "PAYMENT#p", "sk": "PAYMENT", "payment_id": "p", "deposit_id": "d", "user_id": "u", "version": 3,
    "told_receipt": "R1", "suspense": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def stream() -> ModuleType:
    urls = dict.fromkeys(("FOLLOWUP_QUEUE_URL", "DARAJA_URL", "USERS_URL", "WALLET_URL"), "http://127.0.0.1:1")
    names = dict.fromkeys(("TABLE_NAME", "DARAJA_SECRET_ID", "ARCHIVE_BUCKET", "BUS_NAME"), "not-there")
    return load("payment.handlers.stream", PARKING_URL="http://127.0.0.1:1", **urls, **names)


@pytest.mark.parametrize(
    ("kind", "status", "name"),
    [
        ("DEPOSIT", "COMPLETED", "DepositCompleted"),
        ("PAYBILL", "COMPLETED", "DepositCompleted"),
        ("PAYBILL", "SUSPENSE", "SuspenseReceived"),
        ("PAYBILL", "RETURNED", "SuspenseReturned"),
        ("WITHDRAWAL", "COMPLETED", "WithdrawalCompleted"),
        ("REVERSAL", "COMPLETED", "DepositReversed"),
    ],
)
def test_what_moved_money_names_its_provider_where_the_payment_does(
    stream: ModuleType, kind: str, status: str, name: str
) -> None:
    def told(**more: Any) -> dict[str, Any]:
        new = {**PAYMENT, "kind": kind, "status": status, **more}
        (event,) = stream.to_events({**new, "status": "BEFORE"}, new)
        assert type(event).__name__ == name
        data: dict[str, Any] = event.data()
        return data

    assert told(provider="OTHER") == {**told(), "provider": "OTHER"}
    assert "provider" not in told()
