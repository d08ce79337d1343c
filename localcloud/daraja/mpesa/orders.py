"""The Result family: B2C payments, status and balance queries, reversals. Accepted now, answered later (DARAJA §5)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from localcloud.daraja.base.ids import placeholder_receipt
from localcloud.daraja.base.scripts import Script
from localcloud.daraja.base.wire import JSON, DarajaError, dumps
from localcloud.daraja.mpesa import bodies, codes
from localcloud.daraja.mpesa.accounts import PIN_ATTEMPTS, Accounts
from localcloud.daraja.mpesa.agenda import Agenda
from localcloud.daraja.mpesa.credential import Vault
from localcloud.daraja.mpesa.deliveries import Deliveries
from localcloud.daraja.mpesa.lookups import balances, look_up
from localcloud.daraja.mpesa.model import Order, OrderKind, Outcome
from localcloud.daraja.mpesa.movements import pay, reverse

WORK: dict[OrderKind, Callable[[Accounts, Order, datetime], Outcome]] = {
    "b2c": pay,
    "status": look_up,
    "balance": balances,
    "reversal": reverse,
}


class Orders:
    """Every order of the Result family."""

    def __init__(self, accounts: Accounts, agenda: Agenda, deliveries: Deliveries, vault: Vault) -> None:
        self._settings, self._ids, self._state = accounts.settings, accounts.ids, accounts.state
        self._accounts, self._agenda = accounts, agenda
        self._deliveries, self._vault = deliveries, vault

    def accept(self, kind: OrderKind, body: JSON, script: Script, now: datetime) -> Order:
        """Accept a checked request of the Result family. Raises DarajaError for a repeated B2C id (DARAJA §5.3)."""
        own_id = body.get("OriginatorConversationID") if kind == "b2c" else None
        originator = str(own_id) if own_id else self._ids.reference()
        if originator in self._state.originators:
            raise DarajaError(500, "500.002.1001", "Duplicate OriginatorConversationID.")
        conversation = self._ids.conversation_id(now)
        order = Order(kind, conversation, originator, body, now, script)
        self._state.orders[conversation] = order
        self._state.originators[originator] = conversation
        usual_s = self._settings.b2c_delay_s if kind == "b2c" else self._settings.async_delay_s
        delay_s = usual_s if script.delay_s is None else script.delay_s
        timeout_s = script.callback.queue_timeout_s
        if timeout_s is None and script.outcome == "timeout":
            timeout_s = delay_s
        if timeout_s is not None:
            self._agenda.later(now + timedelta(seconds=timeout_s), "queue_timeout", conversation)
        if script.outcome not in ("never", "timeout"):
            self._agenda.later(now + timedelta(seconds=delay_s), "conclude_order", conversation)
        return order

    def conclude(self, conversation_id: str, now: datetime) -> None:
        """Carry an order out, or fail it as its script says, and plan its result."""
        order = self._state.orders[conversation_id]
        scripted = order.script.result_code
        if scripted is None and order.script.outcome == "insufficient":
            scripted = "1"
        code = scripted if scripted not in (None, "0") else self._credential_failure(order.body)
        order.concluded_at = now
        parameters: list[tuple[str, object]] = []
        if code is None:
            code, parameters = WORK[order.kind](self._accounts, order, now)
        elif order.kind == "b2c" and order.script.paid_anyway:
            pay(self._accounts, order, now)
            order.hidden_receipt, order.transaction_id = order.transaction_id, ""
        order.result_code = code
        if not order.transaction_id:
            order.transaction_id = placeholder_receipt(now)
        # The balance and reversal families print the code as a string, B2C and status as a number (DARAJA §5.4).
        as_text = order.kind in ("balance", "reversal") or not code.isdigit()
        head: JSON = {
            "ResultType": "0" if order.kind in ("balance", "reversal") else 0,
            "ResultCode": code if as_text else int(code),
            "ResultDesc": order.script.result_desc or codes.result_text(code),
            "OriginatorConversationID": order.originator_conversation_id,
            "ConversationID": order.conversation_id,
            "TransactionID": order.transaction_id,
        }
        # A status result refers to the Occasion, the others to the queue (the samples of DARAJA §5.4 and §6).
        reference = ("QueueTimeoutURL", order.body.get("QueueTimeOutURL"))
        if order.kind == "status":
            reference = ("Occasion", order.body.get("Occasion"))
        news = bodies.Announcement(
            "result", order.conversation_id, str(order.body["ResultURL"]), head, parameters, reference
        )
        self._deliveries.announce(news, order.script.callback, now, f"{order.kind}_result")

    def time_out(self, conversation_id: str, now: datetime) -> None:
        """Post to QueueTimeOutURL a Result whose code decides nothing: the body is not documented (DARAJA §5.4)."""
        order = self._state.orders[conversation_id]
        head: JSON = {
            "ResultType": 1, "ResultCode": 1, "ResultDesc": "The service request timed out in the queue.",
            "OriginatorConversationID": order.originator_conversation_id, "ConversationID": order.conversation_id,
            "TransactionID": placeholder_receipt(now),
        }  # fmt: skip
        body = dumps(bodies.result(head, (), None))
        self._deliveries.post_later(
            "queue_timeout", order.conversation_id, str(order.body["QueueTimeOutURL"]), body, now
        )

    def _credential_failure(self, body: JSON) -> str | None:
        """Return 2001 for a wrong initiator, 8006 once it was wrong three times (DARAJA §5.5), else None."""
        name = body.get("InitiatorName") or body.get("Initiator")
        if self._state.wrong_credentials >= PIN_ATTEMPTS:
            return "8006"
        right = name == self._settings.initiator_name
        if right and self._settings.check_security_credential:
            right = self._vault.opens(str(body["SecurityCredential"]), self._settings.initiator_password)
        if not right:
            self._state.wrong_credentials += 1
            return "2001"
        self._state.wrong_credentials = 0
        return None
