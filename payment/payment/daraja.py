"""Daraja, Safaricom's M-Pesa API: the only file that speaks HTTP to it.

A POST is sent once and never retried by the transport, because M-Pesa may have acted on it; only an access token that
was refused (before M-Pesa acts) is renewed and the request sent once more. Answers need not be JSON. Nothing of a
request or an answer is logged but codes: one of Daraja's error texts repeats the token.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from betsafi import clock
from betsafi.errors import Misconfigured, Unavailable
from betsafi.telemetry import logger, misconfigured
from payment import callbacks, daraja_codes
from payment.callbacks import Pulled
from payment.credentials import credentials
from payment.daraja_codes import Outcome, Registration, Submission, Submitted, Verdict
from payment.settings import settings
from payment.stores import channel

CONNECT_SECONDS = 3
READ_SECONDS = 20
QUERY_READ_SECONDS = 10
TURN_SECONDS = 4
ORGANISATION = "BETSAFI"

Still = Callable[[], bool]

_EARLY_SECONDS = 120
_REFRESH_CLAIM_SECONDS = 15
_token: tuple[str, int] | None = None


class TokenUnavailable(Exception):
    """M-Pesa gave no access token; nothing else was sent. `reason` is stable: MPESA_UNREACHABLE or CONFIGURATION."""

    def __init__(self, problem: str, reason: str = "MPESA_UNREACHABLE") -> None:
        super().__init__(problem)
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: `status` None when none came; `body` None when it is a page, empty when it is no JSON object;
    `why` nothing was sent.
    """

    status: int | None
    body: dict[str, Any] | None
    sent: bool = True
    why: str = "MPESA_UNREACHABLE"

    @property
    def refuses_us(self) -> bool:
        """Whether M-Pesa takes neither this nor anything else until a person mends our keys or our products."""
        if not self.sent:
            return self.why == "CONFIGURATION"
        return daraja_codes.submitted(self.status, self.body).fate is Submission.BAD_TOKEN or (
            self.status in (401, 403) and self.body is not None
        )


@dataclass(frozen=True)
class Push:
    """The fate of an STK push and, if it was accepted, the id by which to ask about it."""

    submitted: Submitted
    checkout_request_id: str | None = None


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
    reply = _post_with_token("/mpesa/stkpushquery/v1/query", body, QUERY_READ_SECONDS)
    if reply.refuses_us:
        return Verdict(Outcome.PENDING, "CONFIGURATION", alert=True)
    if (reply.body or {}).get("CheckoutRequestID", checkout_request_id) != checkout_request_id:
        return Verdict(Outcome.PENDING, "PENDING")  # about another push
    return daraja_codes.query_verdict(reply.status, reply.body)


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
    told = _post_with_token("/mpesa/c2b/v2/registerurl", c2b, QUERY_READ_SECONDS)
    pulls = _post_with_token("/pulltransactions/v1/register", pull_, QUERY_READ_SECONDS)
    return daraja_codes.registration(told.status, told.body), daraja_codes.registration(pulls.status, pulls.body)


def pull(since: datetime, until: datetime, offset: int) -> Pulled:
    """Return customers' payments of a time, of the last 48 hours, from the `offset`-th on. Raises Unavailable.

    Raises Misconfigured, counted, where M-Pesa refuses us.
    """
    shortcode = credentials().shortcode
    moments = (moment.astimezone(clock.NAIROBI).strftime("%Y-%m-%d %H:%M:%S") for moment in (since, until))
    body = dict(zip(("StartDate", "EndDate"), moments, strict=True), ShortCode=shortcode, OffSetValue=str(offset))
    reply = _post_with_token("/pulltransactions/v1/query", body, READ_SECONDS)
    if reply.refuses_us:
        misconfigured("M-Pesa", path="/pulltransactions/v1/query", status=reply.status)
        raise Misconfigured
    try:
        return callbacks.parse_pull(reply.body or {}, shortcode)
    except callbacks.Unreadable as error:
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
    return _fate(_post_with_token(path, body, QUERY_READ_SECONDS))


def _merchant() -> dict[str, str]:
    """The three fields that prove who we are; the timestamp is made once, because the password contains it."""
    ours, now = credentials(), timestamp()
    password = base64.b64encode(f"{ours.shortcode}{ours.passkey}{now}".encode()).decode()
    return {"BusinessShortCode": ours.shortcode, "Password": password, "Timestamp": now}


def _submit(path: str, body: dict[str, Any], still: Still = lambda: True) -> tuple[Reply, Submitted]:
    reply = _post_with_token(path, body, READ_SECONDS, still)
    return reply, _fate(reply)


def _fate(reply: Reply) -> Submitted:
    if reply.refuses_us:
        return Submitted(Submission.REFUSED, "CONFIGURATION")
    if not reply.sent:
        return Submitted(Submission.BUSY, reply.why)
    return daraja_codes.submitted(reply.status, reply.body)


def _post_with_token(path: str, body: dict[str, Any], read_seconds: float, still: Still = lambda: True) -> Reply:
    """POST with the shared token, if it is still wanted then; if it is refused, renew it once and send once more."""
    if not _our_turn():
        logger.warning("too many requests to M-Pesa at once", path=path)
        return Reply(None, None, sent=False, why="MPESA_BUSY")
    try:
        token = _access_token()
        if not still():
            return Reply(None, None, sent=False, why="OVERTAKEN")
        reply = _post(path, body, token, read_seconds)
        if daraja_codes.submitted(reply.status, reply.body).fate is Submission.BAD_TOKEN:
            token = _access_token(instead_of=token)
            if not still():
                return Reply(None, None, sent=False, why="OVERTAKEN")
            reply = _post(path, body, token, read_seconds)
    except TokenUnavailable as error:
        logger.warning("no access token from M-Pesa", path=path, error=str(error), reason=error.reason)
        return Reply(None, None, sent=False, why=error.reason)
    return reply


def _our_turn() -> bool:
    """Wait until the configured requests per second leave room, for a few seconds; return whether they did."""
    deadline = clock.monotonic() + TURN_SECONDS
    attempt = 0
    while not channel.take_turn(_now()):
        if clock.monotonic() > deadline:
            return False
        clock.sleep_with_jitter(attempt, base_seconds=0.1)
        attempt += 1
    return True


def _post(path: str, body: dict[str, Any], token: str, read_seconds: float) -> Reply:
    """POST on a connection of its own: a pooled one that the other side closed would leave the outcome unknown."""
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    with _session() as session:
        try:
            response = session.post(
                settings.daraja_url + path, json=body, headers=headers, timeout=(CONNECT_SECONDS, read_seconds),
                allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            sent = not _never_sent(error)
            logger.warning("no answer from M-Pesa", path=path, error=type(error).__name__, sent=sent)
            return Reply(None, None, sent)
    reply = Reply(response.status_code, _json(response.content))
    code = (reply.body or {}).get("errorCode") or (reply.body or {}).get("ResponseCode")
    logger.info("M-Pesa answered", path=path, status=reply.status, code=code)
    return reply


def _never_sent(error: requests.RequestException) -> bool:
    """Return whether no connection was made; anything later may have reached M-Pesa."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _session() -> requests.Session:
    session = requests.Session()  # its adapters retry nothing by default
    session.trust_env = False
    return session


def _json(content: bytes) -> dict[str, Any] | None:
    """Return a JSON object, an empty one for nothing or no object, None for a firewall's or an outage's page."""
    if content.lstrip().startswith(b"<"):
        return None
    try:
        body = json.loads(content, parse_float=Decimal)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _access_token(instead_of: str = "") -> str:
    """Return the shared token: from memory, else from the table, else a new one (one refresher at a time).

    `instead_of` is a token that M-Pesa just refused: that one is not returned again. Raises TokenUnavailable.
    """
    global _token
    if _token is not None and _usable(*_token, instead_of):
        return _token[0]
    deadline = clock.monotonic() + CONNECT_SECONDS
    attempt = 0
    while True:
        item = channel.find_token()
        if item is not None and "token" in item and _usable(item["token"], item["expires_at"], instead_of):
            break
        # Whoever waited long enough asks for itself: the refresher may have died.
        if channel.claim_token_refresh(_now(), _REFRESH_CLAIM_SECONDS) or clock.monotonic() > deadline:
            token, expires_at = _new_token()
            channel.save_token(token, expires_at)
            item = {"token": token, "expires_at": expires_at}
            break
        clock.sleep_with_jitter(attempt, base_seconds=0.1)
        attempt += 1
    _token = (item["token"], item["expires_at"])
    return _token[0]


def _usable(token: str, expires_at: int, refused: str) -> bool:
    return token != refused and _now() < expires_at - _EARLY_SECONDS


def _now() -> int:
    return int(clock.now().timestamp())


def _new_token() -> tuple[str, int]:
    """Ask for a token. Raises TokenUnavailable."""
    ours = credentials()
    with _session() as session:
        try:
            response = session.get(
                f"{settings.daraja_url}/oauth/v1/generate", params={"grant_type": "client_credentials"},
                auth=(ours.consumer_key, ours.consumer_secret), timeout=(CONNECT_SECONDS, 5), allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise TokenUnavailable(type(error).__name__) from None
    found = _json(response.content)
    body = found or {}
    if response.status_code != 200 or not isinstance(body.get("access_token"), str):
        reason = daraja_codes.no_token(response.status_code, found)
        raise TokenUnavailable(f"HTTP {response.status_code} {body.get('errorCode') or ''}".rstrip(), reason)
    try:
        lifetime = int(str(body.get("expires_in")))
    except ValueError:
        lifetime = 0
    return body["access_token"], _now() + lifetime
