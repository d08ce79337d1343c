"""What Daraja's codes mean, as data, and the few functions that read its answers. Rules only.

Decided on codes, never on descriptions, except where one code has several meanings and only the text tells them apart.
A code that is not listed is UNKNOWN: never a failure, never a guess.
"""

from collections.abc import Mapping
from typing import Any

from payment.providers.base import Outcome, Registration, Submission, Submitted, Verdict


def _failed(reason: str, alert: bool = False) -> Verdict:
    return Verdict(Outcome.FAILED, reason, alert)


PAID = Verdict(Outcome.PAID, "PAID")
UNKNOWN = Verdict(Outcome.UNKNOWN, "UNKNOWN_RESULT", alert=True)

STK_RESULTS: dict[str, Verdict] = {
    "0": PAID,
    "1": _failed("MPESA_BALANCE_INSUFFICIENT"),
    "2": _failed("AMOUNT_TOO_SMALL"),
    "3": _failed("AMOUNT_TOO_LARGE"),
    "4": _failed("DAILY_LIMIT"),
    "8": _failed("PAYBILL_FULL", alert=True),
    "17": _failed("REPEATED_TOO_SOON"),
    "26": _failed("MPESA_BUSY"),
    "1001": _failed("PHONE_BUSY"),
    "1019": _failed("EXPIRED"),
    "1025": _failed("PROMPT_NOT_SENT"),
    "9999": _failed("PROMPT_NOT_SENT"),
    "1031": _failed("TIMED_OUT"),
    "1032": _failed("CANCELLED"),
    "1036": _failed("TIMED_OUT"),
    "1037": _failed("NO_ANSWER"),
    "2001": _failed("WRONG_PIN"),
    "2002": _failed("CONFIGURATION", alert=True),
    "2028": _failed("CONFIGURATION", alert=True),
    "2029": UNKNOWN,
    "8006": _failed("PIN_LOCKED"),
    "SFC_IC0003": _failed("CONFIGURATION", alert=True),
    "4999": Verdict(Outcome.PENDING, "PENDING"),
    "500.001.1001": Verdict(Outcome.PENDING, "PENDING"),
}

_ORGANISATION: dict[str, Verdict] = {
    "1": Verdict(Outcome.OPERATOR, "FLOAT_LOW", alert=True),
    **{
        code: Verdict(Outcome.OPERATOR, "CONFIGURATION", alert=True)
        for code in ("11", "18", "20", "21", "2001", "2006", "2028", "8006")
    },
    "17": Verdict(Outcome.UNKNOWN, "MPESA_INTERNAL"),
    **{code: Verdict(Outcome.UNKNOWN, "MPESA_BUSY") for code in ("26", "100000001", "100000002", "100000011")},
}
"""What M-Pesa says of an order of ours that is not about the customer. After UNKNOWN its status is asked for."""

B2C_RESULTS: dict[str, Verdict] = {
    **_ORGANISATION,
    "0": PAID,
    "2": _failed("AMOUNT_TOO_SMALL"),
    "3": _failed("AMOUNT_TOO_LARGE"),
    "4": _failed("DAILY_LIMIT"),
    "8": _failed("MPESA_ACCOUNT_FULL"),
    "2040": _failed("NOT_REGISTERED"),
    "SFC_IC0003": _failed("BAD_NUMBER"),
    # Sent already: the transaction's status says how it ended.
    "15": Verdict(Outcome.UNKNOWN, "DUPLICATE"),
}

REVERSAL_RESULTS: dict[str, Verdict] = {
    **_ORGANISATION,
    "0": PAID,
    # Reversed already, by an earlier call of ours whose answer was lost or by hand: the payer has the money.
    "R000001": PAID,
    "R000002": _failed("UNKNOWN_TRANSACTION", alert=True),
}

TRANSACTION_STATUSES: dict[str, Verdict] = {
    "Completed": PAID,
    "Initiated": Verdict(Outcome.PENDING, "PENDING"),
    "Authorized": Verdict(Outcome.PENDING, "PENDING"),
    "Pending Authorized": Verdict(Outcome.PENDING, "PENDING"),
    # Not one of the listed terminal failures of a payment: a person decides, the amount stays held.
    "Cancelled": Verdict(Outcome.OPERATOR, "NOT_PAID_BY_STATUS", alert=True),
    "Declined": Verdict(Outcome.OPERATOR, "NOT_PAID_BY_STATUS", alert=True),
    "Expired": Verdict(Outcome.OPERATOR, "NOT_PAID_BY_STATUS", alert=True),
}


BAD_TOKEN_CODES = frozenset({"404.001.03", "400.003.01", "401.001", "401.002.01", "401.003.01"})
_GATEWAY_REFUSALS = frozenset({401, 403, 404})
_TOKEN_REFUSALS = frozenset({400, 401, 403, 404, 405})
_BUSY_CODES = frozenset({"500.003.02", "500.003.03"})
_UNKNOWN = Submitted(Submission.UNKNOWN, "SUBMIT_UNKNOWN")
_MISCONFIGURED = Submitted(Submission.REFUSED, "CONFIGURATION")


def stk_verdict(code: str) -> Verdict:
    """Return what an STK result code means; UNKNOWN for one that is not listed."""
    return STK_RESULTS.get(code, UNKNOWN)


def b2c_verdict(code: str) -> Verdict:
    """Return what a B2C result code means; UNKNOWN for one that is not listed."""
    return B2C_RESULTS.get(code, UNKNOWN)


def reversal_verdict(code: str) -> Verdict:
    """Return what a reversal's result code means; UNKNOWN for one that is not listed."""
    return REVERSAL_RESULTS.get(code, UNKNOWN)


def registration(status: int | None, body: Mapping[str, Any] | None) -> Registration:
    """Read the answer to the registration of C2B or Pull addresses."""
    if status is None or body is None:
        return Registration.REFUSED
    said = f"{body.get('errorMessage')} {body.get('ResponseDescription')}".casefold()
    if "already registered" in said:
        return Registration.BEFORE
    code = str(body.get("ResponseCode", body.get("ResponseStatus", "")))
    return Registration.TAKEN if code in ("0", "1000") else Registration.REFUSED


def status_verdict(status: str) -> Verdict:
    """Return what a TransactionStatus means; UNKNOWN for one that is not listed."""
    return TRANSACTION_STATUSES.get(status, UNKNOWN)


def submitted(status: int | None, body: Mapping[str, Any] | None) -> Submitted:
    """Read the synchronous answer to an STK push or a B2C payment.

    `status` is None when no answer came, `body` is None when it is a page, empty when it says nothing. An error
    envelope may come with HTTP 200, so the code decides; what is left over is UNKNOWN, because the request may have
    been carried out. A bare 401, 403 or 404 is the gateway's, which refuses before M-Pesa acts.
    """
    if status is None or body is None:
        return _UNKNOWN
    if status in _GATEWAY_REFUSALS and not {"errorCode", "ResponseCode"} & set(body):
        return _MISCONFIGURED
    if "errorCode" not in body:
        return Submitted(Submission.ACCEPTED) if str(body.get("ResponseCode")) == "0" and status < 300 else _UNKNOWN
    code, text = str(body["errorCode"]), str(body.get("errorMessage") or "").casefold()
    if "duplicate originatorconversationid" in text:
        return Submitted(Submission.ACCEPTED, "DUPLICATE")
    if code in BAD_TOKEN_CODES:
        return Submitted(Submission.BAD_TOKEN, "CONFIGURATION")
    if code in _BUSY_CODES or "under maintenance" in text:
        return Submitted(Submission.BUSY, "MPESA_BUSY")
    if code == "500.001.1001":
        return _by_text(text)
    if code.startswith(("400.", "401.", "403.", "404.", "405.")) and 400 <= status < 500:
        return _MISCONFIGURED
    return _UNKNOWN


def no_token(status: int, body: Mapping[str, Any] | None) -> str:
    """Return the reason why there is no access token, from an answer that has none. Nothing else was sent.

    CONFIGURATION: wrong keys (400, mostly with nothing else; 401) or an app that is not approved, until a person mends
    it. A page, of a firewall or in an outage, and any other answer is MPESA_UNREACHABLE and may be over in a minute.
    """
    return "CONFIGURATION" if status in _TOKEN_REFUSALS and body is not None else "MPESA_UNREACHABLE"


def _by_text(text: str) -> Submitted:
    """One code, three meanings; any fourth is unknown."""
    if "unable to lock subscriber" in text:
        return Submitted(Submission.REFUSED, "PHONE_BUSY")
    if "merchant does not exist" in text or "wrong credentials" in text:
        return _MISCONFIGURED
    return _UNKNOWN


def query_verdict(status: int | None, body: Mapping[str, Any] | None) -> Verdict:
    """Read the answer to an STK query: PENDING unless it carries a result, because no answer never means failed."""
    if status is None or body is None or "ResultCode" not in body:
        return Verdict(Outcome.PENDING, "PENDING")
    return stk_verdict(str(body["ResultCode"]))
