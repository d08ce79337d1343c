"""The Result family: B2C, status, balance and reversal requests (DARAJA §5, §6)."""

from dataclasses import replace
from datetime import datetime

from localcloud.daraja.api import checks
from localcloud.daraja.api.family import ECHOING_TOKEN, NOT_FOUND_TOKEN, PLAIN_TOKEN, Api, Family
from localcloud.daraja.base.scripts import Script
from localcloud.daraja.base.wire import JSON, invalid
from localcloud.daraja.mpesa.model import OrderKind

INITIATED = ("Initiator", "SecurityCredential", "CommandID", "Remarks", "QueueTimeOutURL", "ResultURL")
B2C = (
    "OriginatorConversationID", "InitiatorName", "SecurityCredential", "CommandID", "Amount", "PartyA",
    "PartyB", "Remarks", "QueueTimeOutURL", "ResultURL", "Occassion",
)  # fmt: skip
STATUS = (*INITIATED, "TransactionID", "OriginalConversationID", "PartyA", "IdentifierType", "Occasion")
BALANCE = (*INITIATED, "PartyA", "IdentifierType")
REVERSAL = (*INITIATED, "TransactionID", "Amount", "ReceiverParty", "RecieverIdentifierType", "Occasion")


class Results(Family):
    """Requests that are accepted now and answered by a callback."""

    def paths(self) -> dict[str, Api]:
        """Return every path with its API."""
        b2c = Api("b2c", self._b2c, ECHOING_TOKEN, B2C, "PartyB", "OriginatorConversationID")
        return {
            "/mpesa/b2c/v3/paymentrequest": b2c,
            "/mpesa/b2c/v1/paymentrequest": replace(b2c, run=self._b2c_v1, reference_field=""),
            "/mpesa/transactionstatus/v1/query": Api(
                "status", self._status, PLAIN_TOKEN, STATUS, "", "OriginalConversationID"
            ),
            "/mpesa/accountbalance/v1/query": Api("balance", self._balance, ECHOING_TOKEN, BALANCE),
            "/mpesa/reversal/v1/request": Api(
                "reversal", self._reversal, NOT_FOUND_TOKEN, REVERSAL, "", "TransactionID"
            ),
        }

    def _initiated(self, body: JSON, initiator_field: str, command: str | tuple[str, ...]) -> None:
        checks.text(body, initiator_field, 100)
        checks.base64_text(body, "SecurityCredential")
        checks.choice(body, "CommandID", (command,) if isinstance(command, str) else command)
        checks.text(body, "Remarks", 100, shortest=2)
        checks.callback_url(body, "QueueTimeOutURL")
        checks.callback_url(body, "ResultURL")

    def _accepted(self, kind: OrderKind, body: JSON, script: Script, now: datetime) -> JSON:
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
        self.check_party(body, "PartyA")
        checks.optional_text(body, "Occassion", 100)
        return self._accepted("b2c", {**body, "Amount": amount, "PartyB": phone}, script, now)

    def _status(self, body: JSON, script: Script, now: datetime) -> JSON:
        self._initiated(body, "Initiator", "TransactionStatusQuery")
        self.check_party(body, "PartyA")
        if str(body.get("IdentifierType")) != "4":
            raise invalid("IdentifierType")
        ids = ("TransactionID", "OriginalConversationID", "OriginatorConversationID")
        if not any(isinstance(body.get(name), str) and body[name] for name in ids):
            raise invalid("TransactionID")
        return self._accepted("status", body, script, now)

    def _balance(self, body: JSON, script: Script, now: datetime) -> JSON:
        self._initiated(body, "Initiator", "AccountBalance")
        self.check_party(body, "PartyA")
        if str(body.get("IdentifierType")) != "4":
            raise invalid("IdentifierType")
        return self._accepted("balance", body, script, now)

    def _reversal(self, body: JSON, script: Script, now: datetime) -> JSON:
        self._initiated(body, "Initiator", "TransactionReversal")
        checks.text(body, "TransactionID", 20)
        self.check_party(body, "ReceiverParty")
        amount = checks.whole_shillings(body, "Amount", lowest=1, highest=checks.MAX_AMOUNT)
        if str(body.get("RecieverIdentifierType")) != "11":
            raise invalid("RecieverIdentifierType")
        return self._accepted("reversal", {**body, "Amount": amount}, script, now)
