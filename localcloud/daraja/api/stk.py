"""STK push and its query (DARAJA §3)."""

from datetime import datetime

from localcloud.daraja.api import checks
from localcloud.daraja.api.family import BAD_REQUEST_TOKEN, NOT_FOUND_TOKEN, Api, Family
from localcloud.daraja.base.scripts import Reply, Script
from localcloud.daraja.base.wire import JSON, Answer, DarajaError, answer, invalid
from localcloud.daraja.mpesa import codes
from localcloud.daraja.mpesa.model import Push

PUSH = (
    "BusinessShortCode", "Password", "Timestamp", "TransactionType", "Amount", "PartyA", "PartyB",
    "PhoneNumber", "CallBackURL", "AccountReference", "TransactionDesc",
)  # fmt: skip
QUERY = ("BusinessShortCode", "Password", "Timestamp", "CheckoutRequestID")


class Stk(Family):
    """Prompts, and what became of them."""

    def paths(self) -> dict[str, Api]:
        """Return every path with its API."""
        return {
            "/mpesa/stkpush/v1/processrequest": Api(
                "stk", self._push, NOT_FOUND_TOKEN, PUSH, "PhoneNumber", "AccountReference"
            ),
            "/mpesa/stkpushquery/v1/query": Api(
                "stk_query", self._ask, BAD_REQUEST_TOKEN, QUERY, "", "CheckoutRequestID"
            ),
        }

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

    def _ask(self, body: JSON, script: Script, now: datetime) -> Answer:
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
