"""Our orders and questions to Daraja, Safaricom's M-Pesa API, and what its answers say of them."""

import base64
from datetime import datetime
from typing import Any

from betsafi import clock
from betsafi.errors import Misconfigured, Unavailable
from betsafi.telemetry import misconfigured
from payment.providers.base import (
    Outcome,
    Pulled,
    Push,
    Registration,
    Still,
    Submission,
    Submitted,
    Unreadable,
    Verdict,
)
from payment.providers.mpesa import bodies, channel, codes
from payment.providers.mpesa.channel import QUERY_READ_SECONDS, READ_SECONDS, Reply
from payment.providers.mpesa.credentials import credentials

ORGANISATION = "BETSAFI"


def timestamp() -> str:
    """Return now in East Africa Time as Daraja writes it, whatever the machine's own zone is."""
    return clock.now().astimezone(clock.NAIROBI).strftime("%Y%m%d%H%M%S")


def push(phone: str, shillings: int, reference: str, callback_url: str) -> Push:
    """Ask M-Pesa to prompt a phone for whole shillings. Accepted is not paid; an unknown outcome is never resent.

    The player sees `reference` in the prompt and in M-Pesa's SMS: at most 12 characters, and nothing internal.
    """
    ours = credentials()
    body = {
        **_merchant(),
        "TransactionType": "CustomerPayBillOnline",
        "Amount": str(shillings),
        "PartyA": phone,
        "PartyB": ours.shortcode,
        "PhoneNumber": phone,
        "CallBackURL": callback_url,
        "AccountReference": reference,
        "TransactionDesc": "Deposit",
    }
    reply, fate = _submit("/mpesa/stkpush/v1/processrequest", body)
    checkout = (reply.body or {}).get("CheckoutRequestID")
    if fate.fate is Submission.ACCEPTED and not isinstance(checkout, str):
        return Push(Submitted(Submission.UNKNOWN, "SUBMIT_UNKNOWN"))
    return Push(fate, checkout if fate.fate is Submission.ACCEPTED else None)


def ask_push(checkout_request_id: str) -> Verdict:
    """Ask how a push ended; PENDING whenever there is no result, because of CONFIGURATION where M-Pesa refuses us."""
    body = {**_merchant(), "CheckoutRequestID": checkout_request_id}
    reply = channel.post("/mpesa/stkpushquery/v1/query", body, QUERY_READ_SECONDS)
    if reply.refuses_us:
        return Verdict(Outcome.PENDING, "CONFIGURATION", alert=True)
    if (reply.body or {}).get("CheckoutRequestID", checkout_request_id) != checkout_request_id:
        return Verdict(Outcome.PENDING, "PENDING")  # about another push
    return codes.query_verdict(reply.status, reply.body)


def pay(
    originator_conversation_id: str, phone: str, shillings: int, result_url: str, timeout_url: str, still: Still
) -> Submitted:
    """Ask M-Pesa to pay whole shillings to a phone. The same id again is never paid twice, so a resend is safe.

    `still` is asked at the last moment, after the waiting for a turn and a token, whether it is still wanted.
    """
    ours = credentials()
    body = {
        "OriginatorConversationID": originator_conversation_id,
        "InitiatorName": ours.initiator_name,
        "SecurityCredential": ours.security_credential,
        "CommandID": "BusinessPayment",
        "Amount": str(shillings),
        "PartyA": ours.payout_shortcode,
        "PartyB": phone,
        "Remarks": "Withdrawal",
        "QueueTimeOutURL": timeout_url,
        "ResultURL": result_url,
        "Occassion": ORGANISATION,
    }
    return _submit("/mpesa/b2c/v3/paymentrequest", body, still)[1]


def ask_payment(originator_conversation_id: str, result_url: str) -> Submitted:
    """Ask for the status of a payment of ours; the answer itself comes to `result_url`."""
    body = {
        **_initiator("TransactionStatusQuery", "Status", result_url, result_url),
        "OriginalConversationID": originator_conversation_id,
        "PartyA": credentials().payout_shortcode,
        "IdentifierType": "4",
        "Occasion": ORGANISATION,
    }
    return _asked("/mpesa/transactionstatus/v1/query", body)


def ask_balance(result_url: str) -> Submitted:
    """Ask what our payout account holds; the answer itself comes to `result_url`."""
    body = {
        **_initiator("AccountBalance", "Balance", result_url, result_url),
        "PartyA": credentials().payout_shortcode,
        "IdentifierType": "4",
    }
    return _asked("/mpesa/accountbalance/v1/query", body)


def reverse(receipt: str, shillings: int, result_url: str, timeout_url: str, still: Still) -> Submitted:
    """Ask M-Pesa to give a customer's payment back, whole. A second one is refused as reversed, so a resend is safe.

    `still` as in `pay`.
    """
    body = {
        **_initiator("TransactionReversal", "Reversal", result_url, timeout_url),
        "TransactionID": receipt,
        "Amount": str(shillings),
        "ReceiverParty": credentials().shortcode,
        "RecieverIdentifierType": "11",  # Safaricom's spelling; the right one is refused
        "Occasion": ORGANISATION,
    }
    return _submit("/mpesa/reversal/v1/request", body, still)[1]


def register(validation_url: str, confirmation_url: str) -> tuple[Registration, Registration]:
    """Tell M-Pesa where to ask about and confirm paybill payments, and that we pull; return what became of each.

    A payment that nobody validates in time is refused ("Cancelled"): it costs the payer nothing to try again.
    """
    ours = credentials()
    c2b = {
        "ShortCode": ours.shortcode,
        "ResponseType": "Cancelled",
        "ConfirmationURL": confirmation_url,
        "ValidationURL": validation_url,
    }
    nominated = {"ShortCode": ours.shortcode, "RequestType": "Pull", "NominatedNumber": ours.nominated_number}
    pull_ = {**nominated, "CallBackURL": confirmation_url}
    told = channel.post("/mpesa/c2b/v2/registerurl", c2b, QUERY_READ_SECONDS)
    pulls = channel.post("/pulltransactions/v1/register", pull_, QUERY_READ_SECONDS)
    return codes.registration(told.status, told.body), codes.registration(pulls.status, pulls.body)


def pull(since: datetime, until: datetime, offset: int) -> Pulled:
    """Return customers' payments of a time, of the last 48 hours, from the `offset`-th on. Raises Unavailable.

    Raises Misconfigured, counted, where M-Pesa refuses us.
    """
    shortcode = credentials().shortcode
    moments = (moment.astimezone(clock.NAIROBI).strftime("%Y-%m-%d %H:%M:%S") for moment in (since, until))
    body = dict(zip(("StartDate", "EndDate"), moments, strict=True), ShortCode=shortcode, OffSetValue=str(offset))
    reply = channel.post("/pulltransactions/v1/query", body, READ_SECONDS)
    if reply.refuses_us:
        misconfigured("M-Pesa", path="/pulltransactions/v1/query", status=reply.status)
        raise Misconfigured
    try:
        return bodies.parse_pull(reply.body or {}, shortcode)
    except Unreadable as error:
        raise Unavailable("M-Pesa did not answer the pull.") from error


def _initiator(command: str, remarks: str, result_url: str, timeout_url: str) -> dict[str, str]:
    """The fields that every order to M-Pesa but a payment begins with."""
    ours = credentials()
    return {
        "Initiator": ours.initiator_name,
        "SecurityCredential": ours.security_credential,
        "CommandID": command,
        "Remarks": remarks,
        "QueueTimeOutURL": timeout_url,
        "ResultURL": result_url,
    }


def _asked(path: str, body: dict[str, Any]) -> Submitted:
    return _fate(channel.post(path, body, QUERY_READ_SECONDS))


def _merchant() -> dict[str, str]:
    """The three fields that prove who we are; the timestamp is made once, because the password contains it."""
    ours, now = credentials(), timestamp()
    password = base64.b64encode(f"{ours.shortcode}{ours.passkey}{now}".encode()).decode()
    return {"BusinessShortCode": ours.shortcode, "Password": password, "Timestamp": now}


def _submit(path: str, body: dict[str, Any], still: Still = lambda: True) -> tuple[Reply, Submitted]:
    reply = channel.post(path, body, READ_SECONDS, still)
    return reply, _fate(reply)


def _fate(reply: Reply) -> Submitted:
    if reply.refuses_us:
        return Submitted(Submission.REFUSED, "CONFIGURATION")
    if not reply.sent:
        return Submitted(Submission.BUSY, reply.why)
    return codes.submitted(reply.status, reply.body)
