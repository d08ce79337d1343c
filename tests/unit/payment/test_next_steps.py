"""What a player does next with a payment: for every state and reason something that the schema knows."""

from typing import Any

import pytest

from payment import next_steps, wording
from tests.support.schema import api_schema

AT = "2026-11-26T08:00:00.000000Z"
STEPS = set(api_schema().type_map["PaymentNextStep"].values)  # type: ignore[attr-defined]


def payment(status: str, reason: str = "", kind: str = "DEPOSIT", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "status": status, "reason": reason, "updated_at": AT, **more}


def test_every_state_and_every_reason_leads_to_a_step_of_the_schema() -> None:
    found = {next_steps.next_step(payment(status, kind=kind)) for kind, status in wording._STATES}
    reasons = api_schema().type_map["PaymentReason"].values  # type: ignore[attr-defined]
    assert set(wording.FAILURES) <= set(reasons)
    for reason in reasons:
        found |= {next_steps.next_step(payment(status, reason)) for status in ("FAILED", "REFUSED")}
    assert found == STEPS
    assert set(next_steps._STEPS) <= set(reasons)


@pytest.mark.parametrize(
    ("given", "step", "retry_at"),
    [
        (payment("SUBMITTED"), "PAY_ON_PHONE", None),
        (payment("SUBMITTED", kind="WITHDRAWAL"), "WAIT", None),
        (payment("REVIEW", "LARGE", kind="WITHDRAWAL"), "WAIT", None),
        (payment("COMPLETED"), "NOTHING", None),
        (payment("COMPLETED", reversed_at=AT), "NOTHING", None),
        (payment("FAILED", "WRONG_PIN"), "TRY_AGAIN", None),
        (payment("FAILED", "PIN_LOCKED"), "CALL_MPESA", None),
        (payment("FAILED", "MPESA_BUSY"), "TRY_LATER", "2026-11-26T08:01:00.000000Z"),
        (payment("FAILED", "REPEATED_TOO_SOON"), "TRY_LATER", "2026-11-26T08:02:00.000000Z"),
        (payment("FAILED", "DAILY_LIMIT"), "TRY_LATER", "2026-11-26T21:00:00.000000Z"),
        (payment("FAILED", "CONFIGURATION"), "TRY_LATER", None),
        (payment("DELAYED", "CONFIGURATION", kind="WITHDRAWAL"), "WAIT", None),
        (payment("REFUSED", "INSUFFICIENT_FUNDS", kind="WITHDRAWAL"), "CHANGE_AMOUNT", None),
    ],
)
def test_what_comes_next_follows_from_state_and_reason(given: dict[str, Any], step: str, retry_at: str | None) -> None:
    assert (next_steps.next_step(given), next_steps.retry_at(given)) == (step, retry_at)
