"""What M-Pesa remembers: prompts, orders, payments, results to post. Plain dataclasses, to be saved and read back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from localcloud.daraja.base.scripts import Script
from localcloud.daraja.base.wire import EAT, JSON
from localcloud.daraja.mpesa.books import Books, Phone

DeliveryState = Literal["scheduled", "held", "posting", "delivered", "refused", "failed", "lost"]
OrderKind = Literal["b2c", "status", "balance", "reversal"]
Outcome = tuple[str, list[tuple[str, object]]]
"""How an order ended: a result code, and the parameters of its result."""


@dataclass
class Push:
    """One STK push. ``result_code`` is None while the prompt is open."""

    checkout_request_id: str
    merchant_request_id: str
    shortcode: str
    phone: str
    amount: int
    transaction_type: str
    account_reference: str
    description: str
    callback_url: str
    created_at: datetime
    expires_at: datetime
    for_person: bool
    script: Script
    result_code: str | None = None
    receipt: str = ""
    concluded_at: datetime | None = None
    queries_asked: int = 0

    def as_json(self) -> JSON:
        """Return the push as a prompt for people and tests."""
        return {
            "checkoutRequestID": self.checkout_request_id, "merchantRequestID": self.merchant_request_id,
            "phone": self.phone, "amount": self.amount, "accountReference": self.account_reference,
            "description": self.description, "shortcode": self.shortcode, "resultCode": self.result_code,
            "receipt": self.receipt, "createdAt": self.created_at.astimezone(EAT).isoformat(),
            "expiresAt": self.expires_at.astimezone(EAT).isoformat(), "callbackURL": self.callback_url,
        }  # fmt: skip


@dataclass
class Order:
    """One accepted asynchronous request of the Result family: a B2C payment, a status or balance query, a reversal."""

    kind: OrderKind
    conversation_id: str
    originator_conversation_id: str
    body: JSON
    created_at: datetime
    script: Script
    result_code: str | None = None
    transaction_id: str = ""
    hidden_receipt: str = ""
    concluded_at: datetime | None = None


@dataclass
class PaybillPayment:
    """A customer's own payment to the paybill, waiting for validation or done."""

    receipt: str
    shortcode: str
    phone: str
    amount: int
    account: str
    created_at: datetime
    script: Script
    outcome: str = "pending"
    transaction_type: str = "Pay Bill"
    third_party_id: str = ""


@dataclass
class Registration:
    """The C2B addresses of a shortcode."""

    shortcode: str
    response_type: str
    confirmation_url: str
    validation_url: str
    version: int


@dataclass
class Delivery:
    """One POST to the merchant: made once, never repeated (DARAJA §4.3)."""

    delivery_id: str
    kind: str
    subject: str
    url: str
    body: str
    headers: dict[str, str]
    due_at: datetime
    state: DeliveryState
    forged: bool = False
    http_status: int | None = None
    answer: str = ""
    reason: str = ""
    posted_at: datetime | None = None
    after: str = ""

    def as_json(self) -> JSON:
        """Return the delivery for people and tests."""
        return {
            "id": self.delivery_id, "kind": self.kind, "subject": self.subject, "url": self.url,
            "state": self.state, "forged": self.forged, "body": self.body, "httpStatus": self.http_status,
            "answer": self.answer, "reason": self.reason, "dueAt": self.due_at.astimezone(EAT).isoformat(),
            "postedAt": self.posted_at.astimezone(EAT).isoformat() if self.posted_at else None,
        }  # fmt: skip


@dataclass
class Sms:
    """A text that M-Pesa sent to a customer."""

    to: str
    text: str
    at: datetime

    def as_json(self) -> JSON:
        """Return the message."""
        return {"to": self.to, "text": self.text, "at": self.at.astimezone(EAT).isoformat()}


@dataclass
class State:
    """All that M-Pesa remembers."""

    books: Books = field(default_factory=Books)
    phones: dict[str, Phone] = field(default_factory=dict)
    pushes: dict[str, Push] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    originators: dict[str, str] = field(default_factory=dict)
    payments: dict[str, PaybillPayment] = field(default_factory=dict)
    registrations: dict[str, Registration] = field(default_factory=dict)
    pull_registered: list[str] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    sms: list[Sms] = field(default_factory=list)
    agenda: list[tuple[datetime, int, str, str]] = field(default_factory=list)
    on_screen: list[str] = field(default_factory=list)
    counter: int = 0
    wrong_credentials: int = 0
    maintenance: bool = False
    maintenance_until: datetime | None = None

    def forget(self) -> None:
        """Forget everything but the counter, so that no later delivery has the id of an earlier one."""
        vars(self).update(vars(State(counter=self.counter)))
