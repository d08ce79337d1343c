"""What the player of a payment does next, and from when on another try can succeed. Rules only: no I/O.

The sentences of `payment.wording` say the same to a person.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from betsafi import clock
from betsafi.protection import window_ends
from payment.states import DEPOSIT, shown_status

Step = Literal[
    "WAIT",
    "PAY_ON_PHONE",
    "NOTHING",
    "TRY_AGAIN",
    "TRY_LATER",
    "CHANGE_AMOUNT",
    "CHECK_PHONE",
    "CALL_MPESA",
    "SIGN_IN",
    "CONTACT_SUPPORT",
]
_ENDS = frozenset({"COMPLETED", "REVERSED", "RETURNED", "MERGED"})
_STEPS: dict[str, Step] = {
    "MPESA_BALANCE_INSUFFICIENT": "CHANGE_AMOUNT",
    "AMOUNT_TOO_SMALL": "CHANGE_AMOUNT",
    "AMOUNT_TOO_LARGE": "CHANGE_AMOUNT",
    "MPESA_ACCOUNT_FULL": "CHANGE_AMOUNT",
    "INSUFFICIENT_FUNDS": "CHANGE_AMOUNT",
    "IDENTITY_LIMIT": "CHANGE_AMOUNT",
    "PAYBILL_FULL": "TRY_LATER",
    "CONFIGURATION": "TRY_LATER",
    "MPESA_UNREACHABLE": "TRY_LATER",
    "CONTENTION": "TRY_AGAIN",
    "SIGNED_OUT": "SIGN_IN",
    "NO_ANSWER": "CHECK_PHONE",
    "PIN_LOCKED": "CALL_MPESA",
    "NOT_REGISTERED": "CALL_MPESA",
    "BAD_NUMBER": "CONTACT_SUPPORT",
    "REJECTED": "CONTACT_SUPPORT",
    "ACCOUNT_NOT_ACTIVE": "CONTACT_SUPPORT",
}
"""By the reason of FAILED or REFUSED; for all others trying again may help."""
_PAUSES = {"REPEATED_TOO_SOON": 120, "MPESA_BUSY": 60, "PHONE_BUSY": 60}
"""How many seconds after a failure M-Pesa refuses another try for the same reason."""


def next_step(payment: Mapping[str, Any]) -> Step:
    """Return what the player does next."""
    status = shown_status(payment)
    if status in _ENDS:
        return "NOTHING"
    if status in ("FAILED", "REFUSED"):
        return "TRY_LATER" if retry_at(payment) else _STEPS.get(payment.get("reason", ""), "TRY_AGAIN")
    return "PAY_ON_PHONE" if (payment["kind"], status) == (DEPOSIT, "SUBMITTED") else "WAIT"


def retry_at(payment: Mapping[str, Any]) -> str | None:
    """Return from when on another try can succeed, where the reason of a failure says it; None otherwise."""
    reason = payment.get("reason") if payment["status"] == "FAILED" else None
    if reason == "DAILY_LIMIT":
        return window_ends("day", clock.parse_stamp(payment["updated_at"]))
    if reason not in _PAUSES:
        return None
    return clock.stamp(clock.parse_stamp(payment["updated_at"]) + timedelta(seconds=_PAUSES[reason]))
