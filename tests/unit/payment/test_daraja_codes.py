"""What Daraja's codes and answers mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment.providers.base import Outcome, Submission
from payment.providers.mpesa.codes import (
    B2C_RESULTS,
    STK_RESULTS,
    b2c_verdict,
    query_verdict,
    status_verdict,
    stk_verdict,
    submitted,
)
from payment.wording import FAILURES

LOCK = "Unable to lock subscriber, a transaction is already in process for the current subscriber"


def envelope(code: str, text: str = "") -> dict[str, Any]:
    return {"requestId": "1-2-3", "errorCode": code, "errorMessage": text}


@given(st.text(max_size=12).filter(lambda code: code not in STK_RESULTS))
def test_rule_06_an_unlisted_stk_code_is_unknown_and_never_failed(code: str) -> None:
    assert stk_verdict(code).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("code", ["1", "2001", "1032", "1037", "17", "8006", "SFC_IC0003"])
def test_listed_terminal_stk_codes_fail(code: str) -> None:
    assert stk_verdict(code).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, envelope("500.001.1001", "The transaction is being processed")),
        (500, envelope("500.001.1001", "The transaction does not Exist")),
        (500, envelope("500.001.1001")),
        (200, envelope("500.001.1001", "")),
        (503, None),
        (None, None),
        (200, {"ResponseCode": "0", "ResultCode": "4999", "ResultDesc": "still under processing"}),
    ],
)
def test_rule_04_no_answer_from_the_query_never_means_failed(status: int | None, body: dict[str, Any] | None) -> None:
    assert query_verdict(status, body).outcome is Outcome.PENDING


def test_rule_20_a_result_code_is_the_same_as_number_and_as_string() -> None:
    for code in (0, "0"):
        assert query_verdict(200, {"ResultCode": code}).outcome is Outcome.PAID
    assert query_verdict(200, {"ResultCode": 1032}).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("text", "fate", "reason"),
    [
        (LOCK, Submission.REFUSED, "PHONE_BUSY"),
        ("Merchant does not exist", Submission.REFUSED, "CONFIGURATION"),
        ("Wrong credentials", Submission.REFUSED, "CONFIGURATION"),
        ("something new", Submission.UNKNOWN, "SUBMIT_UNKNOWN"),
    ],
)
def test_rule_21_one_error_code_is_told_apart_by_its_text(text: str, fate: Submission, reason: str) -> None:
    answer = submitted(500, envelope("500.001.1001", text))
    assert (answer.fate, answer.reason) == (fate, reason)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (None, None),  # read timeout
        (503, None),  # a firewall's page
        (200, None),  # a gateway's page
        (500, envelope("500.003.1001", "Internal Server Error")),
        (200, envelope("500.003.1001", "Internal Server Error")),
        (500, envelope("500.002.1001", "System internal error.")),
        (200, {"ResponseCode": "1"}),
        (200, {}),
    ],
)
def test_rule_02_what_may_have_been_carried_out_is_unknown(status: int | None, body: dict[str, Any] | None) -> None:
    assert submitted(status, body).fate is Submission.UNKNOWN


def test_rule_13_a_duplicate_id_means_already_accepted() -> None:
    answer = submitted(500, envelope("500.002.1001", "Duplicate OriginatorConversationID."))
    assert answer.fate is Submission.ACCEPTED


@pytest.mark.parametrize("code", ["404.001.03", "400.003.01", "401.002.01", "401.003.01"])
def test_rule_17_every_api_has_its_own_code_for_a_bad_token(code: str) -> None:
    assert submitted(int(code[:3]), envelope(code, "Invalid Access Token")).fate is Submission.BAD_TOKEN


@pytest.mark.parametrize("code", ["500.003.02", "500.003.03"])
def test_throttled_requests_were_refused_before_they_were_carried_out(code: str) -> None:
    assert submitted(500, envelope(code, "Spike Arrest Violation")).fate is Submission.BUSY
    assert submitted(429, envelope(code, "Spike Arrest Violation")).fate is Submission.BUSY


def test_rule_15_a_payment_fails_only_on_the_listed_terminal_codes() -> None:
    failing = {code for code, verdict in B2C_RESULTS.items() if verdict.outcome is Outcome.FAILED}
    assert failing == {"2", "3", "4", "8", "2040", "SFC_IC0003"}
    for status in ("Declined", "Cancelled", "Expired", "Initiated", "unheard of"):
        assert status_verdict(status).outcome not in (Outcome.FAILED, Outcome.PAID)


@given(st.text(max_size=12).filter(lambda code: code not in B2C_RESULTS))
def test_rule_15_an_unlisted_payment_code_is_unknown(code: str) -> None:
    assert b2c_verdict(code).outcome is Outcome.UNKNOWN


def test_every_failure_of_a_result_has_a_sentence_for_people() -> None:
    verdicts = [*STK_RESULTS.values(), *B2C_RESULTS.values()]
    reasons = {verdict.reason for verdict in verdicts if verdict.outcome is Outcome.FAILED}
    assert reasons <= set(FAILURES)
