"""Policy: which withdrawals a person looks at first, and what people may decide about a payment. Rules only: no I/O."""

from collections.abc import Callable, Mapping
from typing import Any

from betsafi.errors import NotFound
from payment import wording
from payment.errors import NotAllowedNow
from payment.limits import Limits
from payment.states import DEPOSIT, PAYBILL, RESENT, REVERSAL, UNCERTAIN, WITHDRAWAL

RETRIED = ("FLOAT_LOW", "CONFIGURATION", "STOPPED")
"""Reasons of DELAYED after which M-Pesa may be asked again: its own word that it did not do it, or ours to stop."""


def review_reason(amount_cents: int, limits: Limits, is_first: Callable[[], bool], phone_is_new: bool) -> str:
    """Return why an administrator looks at a withdrawal before it is sent, "" if nobody has to."""
    if phone_is_new:  # before all that the payment itself shows
        return "PHONE_CHANGED"
    if amount_cents >= limits.payout_review_cents:
        return "LARGE"
    return "FIRST" if is_first() else ""


def check_waits_for_review(payment: Mapping[str, Any]) -> None:
    """Raise NotAllowedNow unless a withdrawal waits for a review."""
    if payment["status"] != "REVIEW":
        raise NotAllowedNow(wording.NOT_IN_REVIEW)


def check_in_suspense(payment: Mapping[str, Any]) -> None:
    """Raise NotAllowedNow unless a payment is in suspense."""
    if payment["status"] != "SUSPENSE":
        raise NotAllowedNow(wording.NOT_IN_SUSPENSE)


def check_outcome(payment: Mapping[str, Any], outcome: str) -> None:
    """Raise NotAllowedNow unless people may say this outcome of a payment of its kind and status."""
    if payment["kind"] not in (WITHDRAWAL, REVERSAL):
        raise NotAllowedNow(wording.ONLY_ORDERS)
    status, asked_again = payment["status"], payment["status"] in RESENT[payment["kind"]]
    if outcome == "STOP" and not asked_again:
        raise NotAllowedNow(wording.NOTHING_TO_STOP)
    if outcome in ("PAID", "UNPAID") and status not in UNCERTAIN:
        raise NotAllowedNow(wording.ONLY_UNCERTAIN)
    if outcome == "UNPAID" and asked_again:
        raise NotAllowedNow(wording.STOP_FIRST)
    if outcome == "RETRY" and (status != "DELAYED" or payment.get("reason") not in RETRIED):
        raise NotAllowedNow(wording.NOT_ASKED_AGAIN)


def check_reversible(deposit: Mapping[str, Any]) -> None:
    """Raise NotAllowedNow unless a deposit was paid, has a receipt, and was not reversed; NotFound for no deposit."""
    if deposit["kind"] not in (DEPOSIT, PAYBILL):
        raise NotFound(wording.NO_SUCH_DEPOSIT)
    if deposit["status"] not in ("COMPLETED", "SUSPENSE") or "reversed_at" in deposit:
        raise NotAllowedNow(wording.ONLY_PAID_DEPOSITS)
    if "receipt" not in deposit:
        raise NotAllowedNow(wording.RECEIPT_UNKNOWN)
