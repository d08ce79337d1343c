"""What the wallet's API takes in: holds of the kinds that there are."""

import pytest

from betsafi.errors import InvalidInput
from wallet import bodies


@pytest.mark.parametrize("kind", ["BET", "WITHDRAWAL", "REVERSAL"])
def test_every_kind_of_hold_can_be_asked_for(kind: str) -> None:
    asked = bodies.HoldRequest.read({"holdId": "h", "userId": "u", "kind": kind, "amountCents": 100})
    assert asked == bodies.HoldRequest(hold_id="h", user_id="u", kind=asked.kind, amount_cents=100)
    assert asked.kind == kind


@pytest.mark.parametrize("kind", [None, "", "VOID", "DEPOSIT", "bet", ["BET"]])
def test_other_kinds_are_refused(kind: object) -> None:
    with pytest.raises(InvalidInput, match="BET, WITHDRAWAL, REVERSAL"):
        bodies.HoldRequest.read({"holdId": "h", "userId": "u", "kind": kind, "amountCents": 100})
