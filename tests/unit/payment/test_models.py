"""Inputs and sentences."""

import re
from datetime import date
from itertools import product
from typing import Any

import pytest

from betsafi.errors import InvalidAmount
from betsafi.languages import Both
from payment import limits, presenting, wording
from payment.errors import AmountOutOfRange
from payment.states import DEPOSIT, OPEN, PAYBILL, WITHDRAWAL, origins

DAY = date(2026, 11, 22)


def amount(text: str) -> dict[str, Any]:
    return {"amount": {"currency": "KES", "amount": text}}


@pytest.mark.parametrize("text", ["1000.50", "0.99", "0.01"])
def test_rule_22_a_deposit_is_whole_shillings(text: str) -> None:
    with pytest.raises(InvalidAmount):
        limits.deposit_amount(amount(text), DAY)


@pytest.mark.parametrize("text", ["250001", "1000000"])
def test_a_deposit_above_the_limit_of_m_pesa_is_refused_with_the_limits(text: str) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        limits.deposit_amount(amount(text), DAY)
    assert refused.value.info == {"min": "1.00", "max": "250000.00"}


@pytest.mark.parametrize(("text", "fits"), [("10.51", False), ("10.52", True), ("263158", True), ("263159", False)])
def test_a_withdrawal_is_measured_by_what_is_left_after_tax(text: str, fits: bool) -> None:
    if fits:
        limits.withdrawal_amount(amount(text), DAY)
        return
    with pytest.raises(AmountOutOfRange):
        limits.withdrawal_amount(amount(text), DAY)


def a_payment(kind: str, status: str, **more: Any) -> dict[str, Any]:
    split = (
        {"credit_cents": 95_00, "excise_cents": 5_00}
        if kind == DEPOSIT
        else {"paid_cents": 95_00, "withholding_cents": 5_00, "remainder_cents": 0}
    )
    return {
        "payment_id": "p", "user_id": "u", "kind": kind, "status": status, "amount_cents": 100_00, "at": "t",
        "version": 1, "updated_at": "t", "fingerprint": "f", **split, **more,
    }  # fmt: skip


STATUSES = [*sorted(OPEN), "DELAYED", "COMPLETED", "FAILED", "REFUSED"]


@pytest.mark.parametrize(("kind", "status"), list(product([DEPOSIT, WITHDRAWAL], STATUSES)))
def test_every_state_that_can_be_reached_has_a_sentence(kind: str, status: str) -> None:
    try:
        reachable = status == "REQUESTED" or bool(origins(kind, status))
    except KeyError:
        reachable = False
    if reachable:
        say_the_same(wording.message(a_payment(kind, status)))


@pytest.mark.parametrize("reason", wording.FAILURES)
def test_every_reason_of_a_failure_has_its_sentence(reason: str) -> None:
    say_the_same(wording.message(a_payment(WITHDRAWAL, "FAILED", reason=reason)))


@pytest.mark.parametrize("status", ["RETURNING", "RETURNED", "SUSPENSE"])
def test_a_stopped_player_reads_why_their_money_is_not_credited(status: str) -> None:
    payment = a_payment(PAYBILL, status, reason="PLAYER_STOPPED", account="254700000001")
    assert wording.message(payment).startswith("You were stopped from playing when this was paid")
    say_the_same(wording.message(payment))
    assert presenting.present(payment, "en")["reason"] == "PLAYER_STOPPED"


def say_the_same(sentence: Both) -> None:
    """Hold a sentence to one in Kiswahili that has the same amounts, and no gap left."""
    assert sentence.endswith(".")
    assert sentence.sw.endswith(".")
    assert sentence.sw != sentence
    assert re.findall(r"[0-9]+|{", sentence) == re.findall(r"[0-9]+|{", sentence.sw)


def test_a_refusal_is_told_in_the_wallet_s_own_words() -> None:
    refused = a_payment(WITHDRAWAL, "REFUSED", reason="INSUFFICIENT_FUNDS", refusal="You have {too little}.")
    assert presenting.present(refused, "en")["message"] == "You have {too little}."
    assert presenting.present({**refused, "refusal_sw": "Una kidogo."}, "sw")["message"] == "Una kidogo."
    assert presenting.present(refused, "sw")["message"] == "You have {too little}.", "from before it was kept in both"


def test_a_reason_is_not_told_of_a_payment_that_came_right_after_all() -> None:
    assert presenting.present(a_payment(DEPOSIT, "FAILED", reason="CANCELLED"), "en")["reason"] == "CANCELLED"
    assert presenting.present(a_payment(DEPOSIT, "COMPLETED", reason="CANCELLED"), "en")["reason"] is None


def test_rule_07_a_success_may_follow_every_state_of_a_deposit() -> None:
    assert set(origins(DEPOSIT, "COMPLETED")) == {"REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "FAILED"}


def test_rule_15_a_withdrawal_that_was_released_cannot_complete_and_a_paid_one_cannot_fail() -> None:
    assert "FAILED" not in origins(WITHDRAWAL, "COMPLETED")
    assert "COMPLETED" not in origins(WITHDRAWAL, "FAILED")
