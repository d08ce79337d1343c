"""What payment's outbox says of whose accounts moved."""

from types import ModuleType
from typing import Any

import pytest

from payment import states
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
        nobodys = {"user_id": ""} if name.startswith("Suspense") else {}
        new = {**PAYMENT, "kind": kind, "status": status, **nobodys, **more}
        (event,) = stream.to_events({**new, "status": "BEFORE"}, new)
        assert type(event).__name__ == name
        data: dict[str, Any] = event.data()
        return data

    assert told(provider="OTHER") == {**told(), "provider": "OTHER"}
    assert "provider" not in told()


STANDING: dict[str, dict[str, list[str]]] = {
    "DEPOSIT": {
        "REQUESTED": ["DepositRequested"],
        "SUBMITTED": ["PaymentProgressed"],
        "SUBMIT_UNKNOWN": ["PaymentProgressed"],
        "UNKNOWN": ["PaymentProgressed"],
        "FAILED": ["DepositFailed"],
        "COMPLETED": ["DepositCompleted"],
    },
    "PAYBILL": {
        "RECEIVED": [],
        "MERGED": [],
        "FAILED": [],
        "COMPLETED": ["DepositCompleted"],
        "SUSPENSE": ["SuspenseReceived"],
        "RETURNING": ["SuspenseReceived", "PaymentProgressed"],
        "RETURNED": ["SuspenseReceived", "SuspenseReturned", "PaymentProgressed"],
    },
    "WITHDRAWAL": {
        "REQUESTED": [],
        "REVIEW": ["PaymentProgressed"],
        "HELD": ["WithdrawalRequested"],
        "SUBMITTED": ["PaymentProgressed"],
        "SUBMIT_UNKNOWN": ["PaymentProgressed"],
        "UNKNOWN": ["PaymentProgressed"],
        "DELAYED": ["PaymentProgressed"],
        "REFUSED": ["WithdrawalRefused"],
        "FAILED": ["WithdrawalFailed"],
        "COMPLETED": ["WithdrawalCompleted"],
    },
    "REVERSAL": {
        **{
            status: []
            for status in ("REQUESTED", "REVIEW", "HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED")
        },
        "REFUSED": ["DepositReversalFailed"],
        "FAILED": ["DepositReversalFailed"],
        "COMPLETED": ["DepositReversed"],
    },
}
"""What a payment as it stands implies to others, by kind and status: what is published when its change was lost."""


def implied(stream: ModuleType, **payment: Any) -> list[str]:
    new = {**PAYMENT, "reason": "LATE", **payment}
    published = stream.to_events(None, new)
    before = stream.to_events({**new, "status": "BEFORE"}, new)
    assert [event.data() for event in published[len(published) - len(before) :]] == [event.data() for event in before]
    return [type(event).__name__ for event in published]


def test_a_payment_as_it_stands_implies_what_its_last_change_published(stream: ModuleType) -> None:
    nobodys = {("PAYBILL", status): {"user_id": ""} for status in ("RECEIVED", "MERGED", "FAILED")}
    found = {
        kind: {status: implied(stream, kind=kind, status=status, **nobodys.get((kind, status), {})) for status in of}
        for kind, of in STANDING.items()
    }
    assert found == STANDING
    for kind, moves in states._MOVES.items():
        assert STANDING[kind].keys() == moves.keys() | set().union(*moves.values())


def test_money_that_was_in_suspense_is_received_before_it_goes_on(stream: ModuleType) -> None:
    assigned = implied(stream, kind="PAYBILL", status="COMPLETED", from_suspense=True)
    assert assigned == ["SuspenseReceived", "DepositCompleted"]
    assert implied(stream, kind="PAYBILL", status="SUSPENSE", reversal_id="r", user_id="") == ["SuspenseReceived"]
    assert implied(stream, kind="REVERSAL", status="COMPLETED", suspense=True) == []


@pytest.mark.parametrize("status", ["RETURNING", "RETURNED", "SUSPENSE"])
def test_a_stopped_player_is_told_of_each_step_of_their_money_and_nobody_of_nobody_s(
    stream: ModuleType, status: str
) -> None:
    paid = {**PAYMENT, "kind": "PAYBILL", "status": status, "reversal_id": "r", "reason": "PLAYER_STOPPED"}
    *_, seen = stream.to_events({**paid, "status": "BEFORE"}, paid)
    assert seen.data() == {
        "paymentId": "p", "userId": "u", "kind": "DEPOSIT", "status": status, "amountCents": 100,
        "reason": "PLAYER_STOPPED", "paymentVersion": 3,
    }  # fmt: skip
    of_nobody = {name: value for name, value in paid.items() if name != "user_id"}
    told = stream.to_events({**of_nobody, "status": "BEFORE"}, of_nobody)
    assert not [event for event in told if type(event).__name__ == "PaymentProgressed"]


@pytest.mark.parametrize("before", ["RECEIVED", "FAILED"])
def test_what_goes_back_at_once_was_received_first_and_is_asked_for_by_its_reversal(
    stream: ModuleType, before: str
) -> None:
    paid = {**PAYMENT, "kind": "PAYBILL", "status": "RETURNING", "reversal_id": "r", "reason": "PLAYER_STOPPED"}
    received, seen = stream.to_events({**paid, "status": before}, paid)
    assert received.data() == {"receipt": "R1", "amountCents": 100}
    assert stream.to_events({**paid, "status": "SUSPENSE"}, paid) == [seen], (
        "people had it sent back: it was received before"
    )
    assert stream.to_events(None, paid) == [received, seen]
    reversal = {**PAYMENT, "kind": "REVERSAL", "status": "REQUESTED", "suspense": True}
    assert stream.to_events(None, reversal) == []
    at = {"updated_at": "2026-11-26T08:30:00.000000Z"}
    assert [one.payment_id for one in stream.to_follow_ups(None, {**reversal, **at})] == ["p"]
