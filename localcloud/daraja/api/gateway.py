"""Daraja's front door: tokens, scripts, checks, then M-Pesa. Pure: a Call and a moment in, an Answer out.

The order is Daraja's: the token is checked before the body, the body before M-Pesa acts.
"""

import base64
import binascii
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from localcloud.daraja.api import checks
from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.scripts import MAINTENANCE, Kind, Reply, Script, ScriptBook
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import EAT, JSON, Answer, DarajaError, answer, invalid, loads
from localcloud.daraja.mpesa import codes
from localcloud.daraja.mpesa.model import Push, Registration
from localcloud.daraja.mpesa.mpesa import Mpesa

LOG_LENGTH = 5000
SECRETS = ("Password", "SecurityCredential")


@dataclass(frozen=True)
class Call:
    """One HTTP request to Daraja. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes


@dataclass
class Seen:
    """One line of the request log: credentials blanked, ``warnings`` name what Daraja would silently ignore."""

    at: datetime
    method: str
    path: str
    body: object
    status: int = 0
    answer: str = ""
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> JSON:
        """Return the line for people and tests."""
        return {"at": self.at.astimezone(EAT).isoformat(), "method": self.method, "path": self.path,
                "body": self.body, "status": self.status, "answer": self.answer, "warnings": self.warnings}  # fmt: skip


@dataclass(frozen=True)
class Api:
    """One of Daraja's paths. ``fields`` are the names it knows; others are ignored with a warning."""

    kind: Kind
    run: Callable[[JSON, Script, datetime], JSON | Answer]
    token_error: tuple[int, str, str]
    fields: tuple[str, ...]
    phone_field: str = ""
    reference_field: str = ""


NOT_FOUND_TOKEN = (404, "404.001.03", "Invalid Access Token")
BAD_REQUEST_TOKEN = (400, "400.003.01", "Invalid Access Token")
ECHOING_TOKEN = (401, "401.002.01", "Error Occurred - Invalid Access Token - {token}")
PLAIN_TOKEN = (401, "401.003.01", "Error Occurred - Invalid Access Token")


class Gateway:
    """All of Daraja's paths over one M-Pesa."""

    def __init__(self, settings: Settings, mpesa: Mpesa, scripts: ScriptBook, ids: Ids) -> None:
        self.settings = settings
        self.mpesa = mpesa
        self.scripts = scripts
        self.ids = ids
        self.tokens: dict[str, datetime] = {}
        self.log: deque[Seen] = deque(maxlen=LOG_LENGTH)
        self._recent: deque[datetime] = deque()
        self._apis = self._paths()

    def _paths(self) -> dict[str, Api]:
        stk_fields = (
            "BusinessShortCode", "Password", "Timestamp", "TransactionType", "Amount", "PartyA", "PartyB",
            "PhoneNumber", "CallBackURL", "AccountReference", "TransactionDesc",
        )  # fmt: skip
        b2c_fields = (
            "OriginatorConversationID", "InitiatorName", "SecurityCredential", "CommandID", "Amount", "PartyA",
            "PartyB", "Remarks", "QueueTimeOutURL", "ResultURL", "Occassion",
        )  # fmt: skip
        initiated = (
            "Initiator",
            "SecurityCredential",
            "CommandID",
            "Remarks",
            "QueueTimeOutURL",
            "ResultURL",
        )
        status_fields = (
            *initiated, "TransactionID", "OriginalConversationID", "PartyA", "IdentifierType", "Occasion"
        )  # fmt: skip
        reversal_fields = (
            *initiated, "TransactionID", "Amount", "ReceiverParty", "RecieverIdentifierType", "Occasion"
        )  # fmt: skip
        b2c = Api("b2c", self._b2c, ECHOING_TOKEN, b2c_fields, "PartyB", "OriginatorConversationID")
        b2c_v1 = replace(b2c, run=self._b2c_v1, reference_field="")
        urls = ("ShortCode", "ResponseType", "ConfirmationURL", "ValidationURL")
        simulated = ("ShortCode", "CommandID", "Amount", "Msisdn", "BillRefNumber")
        simulate = Api("c2b", self._simulate, BAD_REQUEST_TOKEN, simulated, "Msisdn", "BillRefNumber")
        pull_register = ("ShortCode", "RequestType", "NominatedNumber", "CallBackURL")
        pull_query = ("ShortCode", "StartDate", "EndDate", "OffSetValue")
        return {
            "/mpesa/stkpush/v1/processrequest": Api(
                "stk", self._push, NOT_FOUND_TOKEN, stk_fields, "PhoneNumber", "AccountReference"
            ),
            "/mpesa/stkpushquery/v1/query": Api(
                "stk_query", self._ask_push, BAD_REQUEST_TOKEN,
                ("BusinessShortCode", "Password", "Timestamp", "CheckoutRequestID"), "", "CheckoutRequestID",
            ),
            "/mpesa/b2c/v3/paymentrequest": b2c,
            "/mpesa/b2c/v1/paymentrequest": b2c_v1,
            "/mpesa/transactionstatus/v1/query": Api(
                "status", self._status, PLAIN_TOKEN, status_fields, "", "OriginalConversationID"
            ),
            "/mpesa/accountbalance/v1/query": Api(
                "balance", self._balance, ECHOING_TOKEN, (*initiated, "PartyA", "IdentifierType")
            ),
            "/mpesa/reversal/v1/request": Api(
                "reversal", self._reversal, NOT_FOUND_TOKEN, reversal_fields, "", "TransactionID"
            ),
            "/mpesa/c2b/v1/registerurl": Api("c2b_register", self._register_v1, BAD_REQUEST_TOKEN, urls),
            "/mpesa/c2b/v2/registerurl": Api("c2b_register", self._register_v2, BAD_REQUEST_TOKEN, urls),
            "/mpesa/c2b/v1/simulate": simulate,
            "/mpesa/c2b/v2/simulate": simulate,
            "/pulltransactions/v1/register": Api("pull", self._pull_register, PLAIN_TOKEN, pull_register),
            "/pulltransactions/v1/query": Api("pull", self._pull, PLAIN_TOKEN, pull_query),
        }  # fmt: skip

    # --- every call -------------------------------------------------------------------------------------------

    def handle(self, call: Call, now: datetime) -> Answer:
        """Return Daraja's answer. Bodies, tokens and scripts are all dealt with here."""
        seen = Seen(now, call.method, call.path, None)
        self.log.append(seen)
        try:
            given = self._handle(call, seen, now)
        except DarajaError as refusal:
            given = answer(refusal.envelope(self.ids.request_id()), refusal.status)
        seen.status = 0 if given.close else given.status
        is_token = call.path == "/oauth/v1/generate" and given.status == 200
        seen.answer = "(access token)" if is_token else given.body.decode(errors="replace")
        return given

    def _handle(self, call: Call, seen: Seen, now: datetime) -> Answer:
        if call.path == "/oauth/v1/generate":
            return self._oauth(call, now)
        api = self._apis.get(call.path)
        if api is None:
            raise DarajaError(404, "404.001.01", "Resource not found")
        body = _parsed(call)
        seen.body = _blanked(body) if body is not None else call.body[:500].decode(errors="replace")
        if call.method != "POST" and not call.path.startswith("/pulltransactions/"):
            raise DarajaError(405, "405.001", "Method Not Allowed")
        self._check_rate(now)
        # A call that is refused for its token, or because M-Pesa is closed, uses up no script.
        self._check_token(api, call, now)
        if self.mpesa.in_maintenance(now):
            raise DarajaError(500, "500.002.1001", MAINTENANCE)
        script = self._scripted(api, body)
        if script.expire_token:
            self.tokens.clear()
            self._check_token(api, call, now)
        reply = script.reply
        if reply is not None and not reply.works:
            return reply.render(self.ids.request_id())
        if body is None:
            raise invalid("Request Body")
        seen.warnings = [f"unknown field {name}" for name in body if name not in api.fields]
        done = api.run(body, script, now)
        true = done if isinstance(done, Answer) else answer(done)
        if reply is None:
            return true
        if reply.replaces:
            return reply.render(self.ids.request_id())
        return replace(true, delay_s=reply.delay_s, close=reply.close)

    def _scripted(self, api: Api, body: JSON | None) -> Script:
        facts = body or {}
        phone = str(facts.get(api.phone_field) or "") or None
        amount = _amount_of(facts)
        reference = str(facts.get(api.reference_field) or "") or None
        if api.kind == "stk_query" and reference in self.mpesa.state.pushes:
            push = self.mpesa.state.pushes[reference]
            phone, amount = push.phone, push.amount
        return self.scripts.take(api.kind, phone, amount, reference) or Script()

    def _check_rate(self, now: datetime) -> None:
        limit = self.settings.requests_per_second
        if limit is None:
            return
        while self._recent and now - self._recent[0] >= timedelta(seconds=1):
            self._recent.popleft()
        if len(self._recent) >= limit:
            raise DarajaError(500, "500.003.02", "Error Occurred: Spike Arrest Violation")
        self._recent.append(now)

    def _check_token(self, api: Api, call: Call, now: datetime) -> None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        expires = self.tokens.get(token) if scheme == "Bearer" else None
        if expires is None or expires <= now:
            status, code, message = api.token_error
            raise DarajaError(status, code, message.format(token=token))

    def _oauth(self, call: Call, now: datetime) -> Answer:
        """``expires_in`` is a string; a wrong key gets HTTP 400 and an empty body (DARAJA §2)."""
        script = self.scripts.take("oauth")
        reply = script.reply if script else None
        if reply is not None and not reply.works:
            return reply.render(self.ids.request_id())
        if call.method != "GET":
            raise DarajaError(405, "405.001", "Method Not Allowed")
        if call.query.get("grant_type") != "client_credentials":
            raise DarajaError(400, "400.008.02", "Invalid grant type passed")
        scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
        if scheme != "Basic":
            raise DarajaError(400, "400.008.01", "Invalid Authentication passed")
        try:
            given = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise DarajaError(400, "400.008.01", "Invalid Authentication passed") from None
        if given != f"{self.settings.consumer_key}:{self.settings.consumer_secret}":
            return Answer(400, b"", {})
        if self.settings.new_token_revokes_old:
            self.tokens.clear()
        token = self.ids.token()
        self.tokens[token] = now + timedelta(seconds=self.settings.token_lifetime_s)
        granted = answer({"access_token": token, "expires_in": str(self.settings.token_lifetime_s)})
        return granted if reply is None else replace(granted, delay_s=reply.delay_s, close=reply.close)

    # --- STK --------------------------------------------------------------------------------------------------

    def _push(self, body: JSON, script: Script, now: datetime) -> JSON:
        shortcode = checks.digits(body, "BusinessShortCode", 5, 6)
        kinds = ("CustomerPayBillOnline", "CustomerBuyGoodsOnline")
        party_a, phone = checks.msisdn(body, "PartyA"), checks.msisdn(body, "PhoneNumber")
        request: JSON = {
            "shortcode": shortcode,
            "transaction_type": checks.choice(body, "TransactionType", kinds),
            "amount": checks.whole_shillings(body, "Amount", lowest=1, highest=checks.MAX_AMOUNT),
            "phone": phone,
            "party_b": checks.digits(body, "PartyB", 5, 7),
            "callback_url": checks.callback_url(body, "CallBackURL"),
            "account_reference": checks.text(body, "AccountReference", 12),
            "description": checks.optional_text(body, "TransactionDesc", 13),
        }
        if party_a != phone:
            raise invalid("PartyA")
        self._check_merchant(body, shortcode, now)
        push = self.mpesa.prompts.push(request, script, now)
        return {
            "MerchantRequestID": push.merchant_request_id,
            "CheckoutRequestID": push.checkout_request_id,
            "ResponseCode": "0",
            "ResponseDescription": "Success. Request accepted for processing",
            "CustomerMessage": "Success. Request accepted for processing",
        }

    def _check_merchant(self, body: JSON, shortcode: str, now: datetime) -> None:
        if shortcode != self.settings.shortcode:
            raise DarajaError(500, "500.001.1001", "Merchant does not exist")
        checks.stk_password(
            body, shortcode=shortcode, passkey=self.settings.passkey, now=now,
            tolerance_s=self.settings.timestamp_tolerance_s,
        )  # fmt: skip

    def _ask_push(self, body: JSON, script: Script, now: datetime) -> Answer:
        """Answer an STK query in any form of DARAJA §3.4; no amount, receipt or phone is ever in it."""
        self._check_merchant(body, checks.digits(body, "BusinessShortCode", 5, 7), now)
        wanted = checks.text(body, "CheckoutRequestID", 100)
        push = self.mpesa.state.pushes.get(wanted)
        if push is None:
            return self._query_form("not_exist", None)
        # A rule for queries gives its first answer, as often as its ``times`` allow; a push's own script gives its
        # answers in turn, and then the truth.
        planned, index = (script.queries, 0) if script.queries else (push.script.queries, push.queries_asked)
        push.queries_asked += 1
        if index < len(planned):
            form = planned[index]
            return form.render(self.ids.request_id()) if isinstance(form, Reply) else self._query_form(form, push)
        if push.result_code is not None:
            return self._query_form("final", push)
        return self._query_form("empty" if push.for_person else "4999", push)

    def _query_form(self, form: str, push: Push | None) -> Answer:
        faults = {
            "empty": (200, ""),
            "processing": (500, "The transaction is being processed"),
            "not_exist": (500, "The transaction does not Exist"),
            "error": (500, "Internal Server Error"),
        }
        if push is None or form in faults:
            status, message = faults["not_exist" if push is None else form]
            fault = DarajaError(status, "500.001.1001", message)
            return answer(fault.envelope(self.ids.request_id()), status)
        code = (push.result_code or "4999") if form == "final" else form
        return answer(
            {
                "ResponseCode": "0",
                "ResponseDescription": "The service request has been accepted successfully",
                "MerchantRequestID": push.merchant_request_id,
                "CheckoutRequestID": push.checkout_request_id,
                "ResultCode": code,
                "ResultDesc": codes.stk_text(code, in_query=True),
            }
        )

    # --- the Result family ------------------------------------------------------------------------------------

    def _initiated(self, body: JSON, initiator_field: str, command: str | tuple[str, ...]) -> None:
        checks.text(body, initiator_field, 100)
        checks.base64_text(body, "SecurityCredential")
        checks.choice(body, "CommandID", (command,) if isinstance(command, str) else command)
        checks.text(body, "Remarks", 100, shortest=2)
        checks.callback_url(body, "QueueTimeOutURL")
        checks.callback_url(body, "ResultURL")

    def _accepted(
        self, kind: Literal["b2c", "status", "balance", "reversal"], body: JSON, script: Script, now: datetime
    ) -> JSON:
        order = self.mpesa.orders.accept(kind, body, script, now)
        return {
            "ConversationID": order.conversation_id,
            "OriginatorConversationID": order.originator_conversation_id,
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }

    def _b2c(self, body: JSON, script: Script, now: datetime) -> JSON:
        checks.text(body, "OriginatorConversationID", 128)
        return self._b2c_any(body, script, now)

    def _b2c_v1(self, body: JSON, script: Script, now: datetime) -> JSON:
        without = {name: value for name, value in body.items() if name != "OriginatorConversationID"}
        return self._b2c_any(without, script, now)

    def _b2c_any(self, body: JSON, script: Script, now: datetime) -> JSON:
        self._initiated(body, "InitiatorName", ("BusinessPayment", "SalaryPayment", "PromotionPayment"))
        # Too little or too much is a result (codes 2 and 3, DARAJA §5.5), not a bad request.
        amount = checks.whole_shillings(body, "Amount", lowest=1, highest=None)
        phone = checks.msisdn(body, "PartyB")
        self._check_party(body, "PartyA")
        checks.optional_text(body, "Occassion", 100)
        return self._accepted("b2c", {**body, "Amount": amount, "PartyB": phone}, script, now)

    def _check_party(self, body: JSON, name: str) -> str:
        shortcode = checks.digits(body, name, 5, 7)
        if shortcode not in (self.settings.shortcode, self.settings.b2c_shortcode):
            raise invalid(name)
        return shortcode

    def _status(self, body: JSON, script: Script, now: datetime) -> JSON:
        self._initiated(body, "Initiator", "TransactionStatusQuery")
        self._check_party(body, "PartyA")
        if str(body.get("IdentifierType")) != "4":
            raise invalid("IdentifierType")
        ids = ("TransactionID", "OriginalConversationID", "OriginatorConversationID")
        if not any(isinstance(body.get(name), str) and body[name] for name in ids):
            raise invalid("TransactionID")
        return self._accepted("status", body, script, now)

    def _balance(self, body: JSON, script: Script, now: datetime) -> JSON:
        self._initiated(body, "Initiator", "AccountBalance")
        self._check_party(body, "PartyA")
        if str(body.get("IdentifierType")) != "4":
            raise invalid("IdentifierType")
        return self._accepted("balance", body, script, now)

    def _reversal(self, body: JSON, script: Script, now: datetime) -> JSON:
        self._initiated(body, "Initiator", "TransactionReversal")
        checks.text(body, "TransactionID", 20)
        self._check_party(body, "ReceiverParty")
        amount = checks.whole_shillings(body, "Amount", lowest=1, highest=checks.MAX_AMOUNT)
        if str(body.get("RecieverIdentifierType")) != "11":
            raise invalid("RecieverIdentifierType")
        return self._accepted("reversal", {**body, "Amount": amount}, script, now)

    # --- C2B and pull -----------------------------------------------------------------------------------------

    def _register_v1(self, body: JSON, script: Script, now: datetime) -> JSON:
        return self._register(body, 1)

    def _register_v2(self, body: JSON, script: Script, now: datetime) -> JSON:
        return self._register(body, 2)

    def _register(self, body: JSON, version: int) -> JSON:
        """Keep the URLs; a bad one is refused with 400.003.02 and the reason (DARAJA §4.5)."""
        shortcode = self._check_party(body, "ShortCode")
        checks.choice(body, "ResponseType", ("Completed", "Cancelled"))
        for name in ("ConfirmationURL", "ValidationURL"):
            fault = checks.url_fault(body.get(name))
            if fault is not None:
                raise DarajaError(400, "400.003.02", f"Bad Request - Invalid {name} - {fault}")
        self.mpesa.paybill.register(
            Registration(
                shortcode,
                str(body["ResponseType"]),
                str(body["ConfirmationURL"]),
                str(body["ValidationURL"]),
                version,
            )
        )
        # "Coversation" is Safaricom's spelling (DARAJA §6).
        return {
            "OriginatorCoversationID": self.ids.reference(),
            "ResponseCode": "0",
            "ResponseDescription": "Success",
        }

    def _simulate(self, body: JSON, script: Script, now: datetime) -> JSON:
        shortcode = self._check_party(body, "ShortCode")
        command = checks.choice(body, "CommandID", ("CustomerPayBillOnline", "CustomerBuyGoodsOnline"))
        amount = checks.whole_shillings(body, "Amount", lowest=1, highest=checks.MAX_AMOUNT)
        phone = checks.msisdn(body, "Msisdn")
        account = "" if command == "CustomerBuyGoodsOnline" else checks.text(body, "BillRefNumber", 20)
        label = "Pay Bill" if command == "CustomerPayBillOnline" else "Buy Goods"
        self.mpesa.paybill.pay(shortcode, phone, amount, account, label, script, now)
        return {
            "OriginatorCoversationID": self.ids.reference(),
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }

    def _pull_register(self, body: JSON, script: Script, now: datetime) -> JSON:
        shortcode = self._check_party(body, "ShortCode")
        checks.choice(body, "RequestType", ("Pull",))
        checks.callback_url(body, "CallBackURL")
        known = shortcode in self.mpesa.state.pull_registered
        if not known:
            self.mpesa.state.pull_registered.append(shortcode)
        again = known and self.settings.pull_register_once
        return {
            "ResponseRefID": self.ids.reference(),
            "ResponseStatus": "1001" if again else "1000",
            "ShortCode": shortcode,
            "ResponseDescription": "ShortCode already Registered" if again else "Shortcode Registered Successfully",
        }

    def _pull(self, body: JSON, script: Script, now: datetime) -> JSON:
        """Success is "1000" with a list of lists; none is "1001" with ``[[]]`` (DARAJA §6)."""
        shortcode = self._check_party(body, "ShortCode")
        since, until = _pull_moment(body, "StartDate"), _pull_moment(body, "EndDate")
        offset = checks.whole_shillings(body, "OffSetValue", lowest=0, highest=None)
        rows = self.mpesa.paybill.pull(shortcode, since, until, offset, now)
        return {
            "ResponseRefID": self.ids.reference(),
            "ResponseCode": "1000" if rows else "1001",
            "ResponseMessage": "Success" if rows else "No transactions found",
            "Response": [rows],
        }


def _parsed(call: Call) -> JSON | None:
    """Return the JSON object of a call, or None: form encoding and other types are refused (DARAJA §3.3, §8.14)."""
    if not call.headers.get("content-type", "").lower().startswith("application/json"):
        return dict(call.query) if call.method == "GET" and call.query else None
    try:
        parsed = loads(call.body)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _blanked(body: JSON) -> JSON:
    return {name: "***" if name in SECRETS else _plain(value) for name, value in body.items()}


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _amount_of(body: JSON) -> int | None:
    try:
        return checks.whole_shillings(body, "Amount", lowest=0, highest=None)
    except DarajaError:
        return None


def _pull_moment(body: JSON, name: str) -> datetime:
    value = body.get(name)
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=EAT)
    except ValueError:
        raise invalid(name) from None
