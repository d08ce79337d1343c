"""M-Pesa as a state machine: prompts, payments, results to post. Pure: no I/O, no clock of its own.

Every method takes ``now``. Work for later stands in ``State.agenda``; ``advance(now)`` does what is due and returns
the deliveries to post, ``delivered`` says how each went. The whole of ``State`` is plain dataclasses, so that it can be
saved and read back.
"""

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from localcloud.daraja.base.ids import Ids, placeholder_receipt
from localcloud.daraja.base.scripts import LOCK_TEXT, CallbackPlan, Extra, Script
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import (
    EAT,
    JSON,
    MSISDN,
    DarajaError,
    compact_time,
    dotted_time,
    dumps,
    loads,
    shillings,
)
from localcloud.daraja.mpesa import bodies, codes
from localcloud.daraja.mpesa.books import BALANCE_LIMIT, DAILY_LIMIT, ZERO, Books, Phone, Transaction
from localcloud.daraja.mpesa.credential import Vault

NEVER_ANSWERS = "254708374149"  # the sandbox's number: the prompt is never answered (DARAJA §7)
PIN_ATTEMPTS = 3
DeliveryState = Literal["scheduled", "held", "posting", "delivered", "refused", "failed", "lost"]


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

    kind: Literal["b2c", "status", "balance", "reversal"]
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


class Mpesa:
    """The state machine over ``State``."""

    def __init__(self, settings: Settings, ids: Ids, vault: Vault, state: State | None = None) -> None:
        self.settings = settings
        self.asks_before = settings.c2b_validation
        self.ids = ids
        self.vault = vault
        self.state = state or State()

    # --- accounts ---------------------------------------------------------------------------------------------

    def open_books(self, now: datetime) -> None:
        """Put the opening money into the organisation's accounts."""
        for account, amount in (
            ("utility", self.settings.opening_utility),
            ("working", self.settings.opening_working),
        ):
            if amount:
                self._book("opening", now, amount, {"world": -amount, account: amount})

    def phone(self, msisdn: str, now: datetime) -> Phone:
        """Return the line, opened with the configured balance and PIN when it is new. Raises ValueError."""
        if not MSISDN.fullmatch(msisdn):
            raise ValueError(f"{msisdn} is not a Kenyan mobile number")
        known = self.state.phones.get(msisdn)
        if known is not None:
            return known
        line = self.state.phones[msisdn] = Phone(msisdn, self.settings.default_pin)
        self.set_phone_balance(msisdn, self.settings.opening_phone_balance, now)
        return line

    def set_phone_balance(self, msisdn: str, balance: Decimal, now: datetime) -> None:
        """Bring a phone to ``balance`` shillings with money from the world."""
        self._set_balance(f"phone:{msisdn}", balance, now, msisdn)

    def set_account(self, account: Literal["working", "utility"], balance: Decimal, now: datetime) -> None:
        """Bring an account of the organisation to ``balance`` shillings."""
        self._set_balance(account, balance, now, "")

    def transfer(self, source: str, target: str, amount: Decimal, now: datetime) -> Transaction:
        """Move money between the organisation's working and utility accounts. Raises ValueError."""
        if {source, target} != {"working", "utility"} or amount <= 0:
            raise ValueError("a transfer goes between working and utility, with a positive amount")
        if self.state.books.balance(source) < amount:
            raise ValueError(f"{source} holds less than {amount}")
        return self._book("transfer", now, amount, {source: -amount, target: amount})

    def _set_balance(self, account: str, balance: Decimal, now: datetime, phone: str) -> None:
        balance = shillings(balance)
        change = balance - self.state.books.balance(account)
        if change:
            self._book("opening", now, abs(change), {"world": -change, account: change}, phone=phone)

    def _book(
        self, kind: Literal["stk", "c2b", "b2c", "reversal", "transfer", "opening"], now: datetime, amount: Decimal,
        postings: dict[str, Decimal], *, receipt: str = "", phone: str = "", fee: Decimal = ZERO,
        account_reference: str = "", shortcode: str = "", originator_conversation_id: str = "",
        conversation_id: str = "", checkout_request_id: str = "", original_receipt: str = "",
    ) -> Transaction:  # fmt: skip
        return self.state.books.book(
            Transaction(
                receipt or self._new_receipt(now), kind, now, shillings(amount), postings, phone, shillings(fee),
                account_reference, shortcode, originator_conversation_id, conversation_id, checkout_request_id,
                original_receipt,
            )
        )  # fmt: skip

    def _new_receipt(self, now: datetime) -> str:
        while True:
            receipt = self.ids.receipt(now)
            if receipt not in self.state.books.by_receipt and receipt not in self.state.payments:
                return receipt

    # --- maintenance ------------------------------------------------------------------------------------------

    def set_maintenance(self, on: bool, until: datetime | None = None) -> None:
        """Begin or end an outage of M-Pesa; with ``until`` it ends by itself."""
        self.state.maintenance, self.state.maintenance_until = on, until if on else None

    def in_maintenance(self, now: datetime) -> bool:
        """Return whether every request is refused now."""
        until = self.state.maintenance_until
        return self.state.maintenance and (until is None or now < until)

    # --- the agenda -------------------------------------------------------------------------------------------

    def _later(self, at: datetime, what: str, subject: str) -> None:
        self.state.counter += 1
        heapq.heappush(self.state.agenda, (at, self.state.counter, what, subject))

    def next_due(self) -> datetime | None:
        """Return when something is to be done next."""
        return self.state.agenda[0][0] if self.state.agenda else None

    def under_way(self) -> list[JSON]:
        """Return what will still happen by itself, soonest first: the agenda, and what is being posted.

        A held delivery is not among it: it waits for a release.
        """
        posting = [(d.due_at, "post", d.delivery_id) for d in self.state.deliveries.values() if d.state == "posting"]
        planned = [(at, what, subject) for at, _, what, subject in self.state.agenda if not self._done(what, subject)]
        return [
            {"at": at.astimezone(EAT).isoformat(), "what": what, "subject": subject}
            for at, what, subject in sorted(posting + planned)
        ]

    def _done(self, what: str, subject: str) -> bool:
        """Return whether a piece of work on the agenda has nothing left to do: the prompt is answered already."""
        return what.endswith("_push") and self.state.pushes[subject].result_code is not None

    def advance(self, now: datetime) -> list[Delivery]:
        """Do what is due and return the deliveries to post now, in order."""
        to_post: list[Delivery] = []
        while self.state.agenda and self.state.agenda[0][0] <= now:
            at, _, what, subject = heapq.heappop(self.state.agenda)
            if what == "deliver":
                delivery = self.state.deliveries[subject]
                if delivery.state == "scheduled":
                    delivery.state, delivery.posted_at = "posting", now
                    to_post.append(delivery)
            elif what == "conclude_push":
                self._conclude_push(self.state.pushes[subject], at)
            elif what == "expire_push":
                self._finish_push(self.state.pushes[subject], "1037", at)
            elif what == "conclude_order":
                self._conclude_order(self.state.orders[subject], at)
            elif what == "queue_timeout":
                self._post_queue_timeout(self.state.orders[subject], at)
            else:
                raise AssertionError(f"unknown work {what}")
        return to_post

    def delivered(self, delivery_id: str, now: datetime, *, http_status: int | None, answer: str, reason: str) -> None:
        """Record how a delivery went; a C2B validation goes on from its answer."""
        delivery = self.state.deliveries.get(delivery_id)
        if delivery is None:  # posted before a reset
            return
        delivery.http_status, delivery.answer, delivery.reason = http_status, answer, reason
        if http_status is None:
            delivery.state = "failed"
        else:
            delivery.state = "delivered" if 200 <= http_status < 300 else "refused"
            delivery.reason = reason or ("" if delivery.state == "delivered" else f"HTTP {http_status}")
        if delivery.kind == "c2b_validation" and not delivery.forged:
            self._validated(self.state.payments[delivery.subject], delivery, now)

    # --- deliveries -------------------------------------------------------------------------------------------

    def _announce(self, news: bodies.Announcement, plan: CallbackPlan, now: datetime, kind: str) -> None:
        delay_s = self.settings.callback_delay_s if plan.delay_s is None else plan.delay_s
        body = dumps(news.render(plan.set, plan.remove))
        for copy in range(plan.copies):
            at = now + timedelta(seconds=delay_s + copy * plan.spacing_s)
            state: DeliveryState = "lost" if plan.lost else "held" if plan.hold else "scheduled"
            self.post_later(kind, news.subject, news.url, body, at, state=state)
        for extra in plan.extra:
            self._announce_extra(news, extra, now, kind)

    def _announce_extra(self, news: bodies.Announcement, extra: Extra, now: datetime, kind: str) -> None:
        body = extra.body if extra.body is not None else dumps(news.render(extra.set, extra.remove))
        at = now + timedelta(seconds=extra.delay_s)
        self.post_later(kind, news.subject, extra.url or news.url, body, at, headers=extra.headers, forged=True)

    def post_later(
        self, kind: str, subject: str, url: str, body: str, at: datetime, *, state: DeliveryState = "scheduled",
        headers: dict[str, str] | None = None, forged: bool = False,
    ) -> Delivery:  # fmt: skip
        """Plan one POST with the headers that Daraja sends (DARAJA §4.1)."""
        self.state.counter += 1
        sent = {
            "Content-Type": "application/json;charset=UTF-8",
            "Businessshortcode": self.settings.shortcode,
        } | (headers or {})
        delivery = Delivery(
            f"d-{self.state.counter:06d}", kind, subject, url, body, sent, at, state, forged,
            reason="lost by the script" if state == "lost" else "",
        )  # fmt: skip
        self.state.deliveries[delivery.delivery_id] = delivery
        if state == "scheduled":
            self._later(at, "deliver", delivery.delivery_id)
        return delivery

    def release(self, delivery_ids: list[str], now: datetime) -> list[Delivery]:
        """Send held or lost deliveries now, each after the one before it was answered.

        Raises KeyError, or ValueError for one that was sent already.
        """
        chosen = [self.state.deliveries[delivery_id] for delivery_id in delivery_ids]
        for delivery in chosen:
            if delivery.state not in ("held", "lost"):
                raise ValueError(f"{delivery.delivery_id} is {delivery.state}")
        previous = ""
        for delivery in chosen:
            delivery.state, delivery.reason, delivery.after = "scheduled", "", previous
            previous = delivery.delivery_id
            self._later(now, "deliver", delivery.delivery_id)
        return chosen

    def repeat(self, delivery_id: str, now: datetime) -> Delivery:
        """Post a copy of a delivery, as M-Pesa sometimes does (DARAJA §4.3). Raises KeyError."""
        old = self.state.deliveries[delivery_id]
        return self.post_later(old.kind, old.subject, old.url, old.body, now, headers=old.headers, forged=old.forged)

    def _tell(self, phone: str, text: str, now: datetime) -> None:
        self.state.sms.append(Sms(phone, text, now))

    # --- STK push ---------------------------------------------------------------------------------------------

    def push(self, request: JSON, script: Script, now: datetime) -> Push:
        """Accept a checked STK request and put the prompt on the phone. Raises DarajaError when the phone is busy."""
        phone = str(request["phone"])
        self.phone(phone, now)
        if self.settings.subscriber_lock and next(self.open_prompts(now, phone), None) is not None:
            raise DarajaError(500, "500.001.1001", LOCK_TEXT)
        checkout = self.ids.checkout_request_id(now, phone)
        while checkout in self.state.pushes:
            checkout = self.ids.checkout_request_id(now, phone)
        outcome = script.outcome
        if outcome is None and script.result_code is None:
            silent = phone == NEVER_ANSWERS
            outcome = "timeout" if silent else "approve" if self.settings.auto_approve else "wait"
            script = script.model_copy(update={"outcome": outcome})
        push = Push(
            checkout, self.ids.merchant_request_id(), str(request["shortcode"]), phone, int(request["amount"]),
            str(request["transaction_type"]), str(request["account_reference"]), str(request["description"]),
            str(request["callback_url"]), now, now + timedelta(seconds=self.settings.prompt_lifetime_s),
            outcome == "wait", script, result_code=None,
        )  # fmt: skip
        early = self._rule_failure(push, str(request["party_b"]), now)
        self.state.pushes[checkout] = push
        self.state.on_screen.append(checkout)
        if early is not None and script.result_code is None:
            push.script = script.model_copy(update={"result_code": early, "outcome": None})
            push.for_person = False
        self._plan_push(push, now)
        return push

    def _rule_failure(self, push: Push, party_b: str, now: datetime) -> str | None:
        """Return the code of a push that M-Pesa accepts and then fails without asking the customer."""
        if push.transaction_type == "CustomerPayBillOnline" and party_b != push.shortcode:
            return "SFC_IC0003"
        if push.transaction_type == "CustomerBuyGoodsOnline" and party_b not in self.settings.till_numbers:
            return "SFC_IC0003" if self.settings.till_numbers else "2028"
        window = timedelta(seconds=self.settings.repeat_window_s)
        for other in self.state.pushes.values():
            same = other.phone == push.phone and other.amount == push.amount and other.result_code == "0"
            if same and other.concluded_at and now - other.concluded_at < window:
                return "17"
        return None

    def _plan_push(self, push: Push, now: datetime) -> None:
        script = push.script
        if script.result_code is None and script.outcome == "wait":
            self._later(push.expires_at, "expire_push", push.checkout_request_id)
            return
        if script.result_code is None and script.outcome == "never":
            return
        delay_s = script.delay_s
        if delay_s is None:
            timed_out = script.outcome == "timeout" or script.result_code == "1037"
            delay_s = self.settings.prompt_lifetime_s if timed_out else self.settings.approve_delay_s
        self._later(now + timedelta(seconds=delay_s), "conclude_push", push.checkout_request_id)

    def open_prompts(self, now: datetime, phone: str | None = None) -> Iterator[Push]:
        """Yield the prompts that are on a screen."""
        for checkout in list(self.state.on_screen):
            push = self.state.pushes[checkout]
            stuck = push.script.outcome == "never" and now >= push.expires_at
            if not stuck and phone in (None, push.phone):
                yield push

    def answer_prompt(self, checkout_request_id: str, action: str, pin: str, now: datetime) -> Push:
        """The customer approves with a PIN or cancels. Raises KeyError, or ValueError when the prompt is gone."""
        push = self.state.pushes[checkout_request_id]
        if push.result_code is not None:
            raise ValueError("this prompt is no longer open")
        if action == "cancel":
            self._finish_push(push, "1032", now)
        elif action == "approve":
            code = self._try_pin(push, pin, now)
            if code != "0":
                self._tell(push.phone, codes.customer_text(code), now)
            self._finish_push(push, code, now)
        else:
            raise ValueError("the action is approve or cancel")
        return push

    def _try_pin(self, push: Push, pin: str, now: datetime) -> str:
        line = self.phone(push.phone, now)
        if line.locked:
            return "8006"
        if pin != line.pin:
            line.wrong_pins += 1
            line.locked = line.wrong_pins >= PIN_ATTEMPTS
            return "2001"
        line.wrong_pins = 0
        return self._payable(push.phone, push.amount, now)

    def _payable(self, phone: str, amount: int, now: datetime) -> str:
        """Return the code that a customer's payment to the organisation would end with."""
        if self.phone(phone, now).locked:
            return "8006"
        if self.state.books.balance(f"phone:{phone}") < amount + self._customer_fee(amount):
            return "1"
        if self.state.books.moved_today(phone, now, ("stk", "c2b")) + amount > DAILY_LIMIT:
            return "4"
        return "0"

    def _customer_fee(self, amount: int) -> Decimal:
        return codes.paybill_charge(amount) if self.settings.customer_pays_fee else ZERO

    def _conclude_push(self, push: Push, now: datetime) -> None:
        if push.script.result_code is not None and push.script.result_code != "0":
            self._finish_push(push, push.script.result_code, now)
            return
        outcomes = {"cancel": "1032", "insufficient": "1", "timeout": "1037", "wrong_pin": "2001"}
        outcome = push.script.outcome or "approve"
        self._finish_push(push, outcomes.get(outcome) or self._payable(push.phone, push.amount, now), now)

    def _finish_push(self, push: Push, code: str, now: datetime) -> None:
        """Conclude a push once: book it, tell the customer, plan the callback."""
        if push.result_code is not None:
            return
        push.result_code, push.concluded_at = code, now
        self.state.on_screen.remove(push.checkout_request_id)
        if code == "0":
            self._take_payment(push, now)
        facts: JSON = {
            "MerchantRequestID": push.merchant_request_id,
            "CheckoutRequestID": push.checkout_request_id,
            "ResultCode": int(code) if code.isdigit() else code,
            "ResultDesc": push.script.result_desc or codes.stk_text(code),
        }
        if code == "0":
            facts |= {
                "Amount": shillings(push.amount),
                "MpesaReceiptNumber": push.receipt,
                "TransactionDate": int(compact_time(now)),
                "PhoneNumber": int(push.phone),
            }
        news = bodies.Announcement("stk", push.checkout_request_id, push.callback_url, facts)
        self._announce(news, push.script.callback, now, "stk_callback")

    def _take_payment(self, push: Push, now: datetime) -> None:
        amount, fee = shillings(push.amount), self._customer_fee(push.amount)
        postings = {f"phone:{push.phone}": -amount - fee, "working": amount, "safaricom": fee}
        booked = self._book(
            "stk", now, amount, postings, phone=push.phone, fee=fee, account_reference=push.account_reference,
            shortcode=push.shortcode, checkout_request_id=push.checkout_request_id,
        )  # fmt: skip
        push.receipt = booked.receipt
        self._tell_paid_out(booked, now)
        registration = self.state.registrations.get(push.shortcode)
        if registration is not None and self.settings.stk_sends_c2b:
            kind = "Pay Bill" if push.transaction_type == "CustomerPayBillOnline" else "Buy Goods"
            self._confirm(booked, registration, kind, "", push.script.confirmation, now)

    def _tell_paid_out(self, booked: Transaction, now: datetime) -> None:
        left = DAILY_LIMIT - self.state.books.moved_today(booked.phone, now, ("stk", "c2b"))
        local = now.astimezone(EAT)
        self._tell(
            booked.phone,
            f"{booked.receipt} Confirmed. Ksh{booked.amount:,} sent to {self.settings.organisation_name} for account "
            f"{booked.account_reference} on {local.day}/{local.month}/{local:%y} at {_clock_time(local)} New M-PESA "
            f"balance is Ksh{self.state.books.balance('phone:' + booked.phone):,}. Transaction cost, "
            f"Ksh{booked.fee:,}. Amount you can transact within the day is {left:,}.",
            now,
        )

    # --- the Result family ------------------------------------------------------------------------------------

    def accept(
        self, kind: Literal["b2c", "status", "balance", "reversal"], body: JSON, script: Script, now: datetime
    ) -> Order:
        """Accept a checked request of the Result family. Raises DarajaError for a repeated B2C id (DARAJA §5.3)."""
        own_id = body.get("OriginatorConversationID") if kind == "b2c" else None
        originator = str(own_id) if own_id else self.ids.reference()
        if originator in self.state.originators:
            raise DarajaError(500, "500.002.1001", "Duplicate OriginatorConversationID.")
        conversation = self.ids.conversation_id(now)
        order = Order(kind, conversation, originator, body, now, script)
        self.state.orders[conversation] = order
        self.state.originators[originator] = conversation
        usual_s = self.settings.b2c_delay_s if kind == "b2c" else self.settings.async_delay_s
        delay_s = usual_s if script.delay_s is None else script.delay_s
        timeout_s = script.callback.queue_timeout_s
        if timeout_s is None and script.outcome == "timeout":
            timeout_s = delay_s
        if timeout_s is not None:
            self._later(now + timedelta(seconds=timeout_s), "queue_timeout", conversation)
        if script.outcome not in ("never", "timeout"):
            self._later(now + timedelta(seconds=delay_s), "conclude_order", conversation)
        return order

    def _conclude_order(self, order: Order, now: datetime) -> None:
        scripted = order.script.result_code
        if scripted is None and order.script.outcome == "insufficient":
            scripted = "1"
        code = scripted if scripted not in (None, "0") else self._credential_failure(order.body)
        order.concluded_at = now
        parameters: list[tuple[str, object]] = []
        if code is None:
            work = {
                "b2c": self._pay,
                "status": self._look_up,
                "balance": self._balance,
                "reversal": self._reverse,
            }
            code, parameters = work[order.kind](order, now)
        elif order.kind == "b2c" and order.script.paid_anyway:
            self._pay(order, now)
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
        self._announce(news, order.script.callback, now, f"{order.kind}_result")

    def _post_queue_timeout(self, order: Order, now: datetime) -> None:
        """Tell QueueTimeOutURL. The body is not documented (DARAJA §5.4): a Result with a code that decides nothing."""
        head: JSON = {
            "ResultType": 1, "ResultCode": 1, "ResultDesc": "The service request timed out in the queue.",
            "OriginatorConversationID": order.originator_conversation_id, "ConversationID": order.conversation_id,
            "TransactionID": placeholder_receipt(now),
        }  # fmt: skip
        body = dumps(bodies.result(head, (), None))
        self.post_later("queue_timeout", order.conversation_id, str(order.body["QueueTimeOutURL"]), body, now)

    def _credential_failure(self, body: JSON) -> str | None:
        """Return 2001 for a wrong initiator, 8006 once it was wrong three times (DARAJA §5.5), else None."""
        name = body.get("InitiatorName") or body.get("Initiator")
        if self.state.wrong_credentials >= PIN_ATTEMPTS:
            return "8006"
        right = name == self.settings.initiator_name
        if right and self.settings.check_security_credential:
            right = self.vault.opens(str(body["SecurityCredential"]), self.settings.initiator_password)
        if not right:
            self.state.wrong_credentials += 1
            return "2001"
        self.state.wrong_credentials = 0
        return None

    # --- B2C --------------------------------------------------------------------------------------------------

    def _pay(self, order: Order, now: datetime) -> tuple[str, list[tuple[str, object]]]:
        phone, amount = str(order.body["PartyB"]), Decimal(order.body["Amount"])
        line, books = self.phone(phone, now), self.state.books
        code = self._payout_failure(line, amount, now)
        if code is not None:
            return code, []
        fee = codes.b2c_charge(int(amount))
        amount = shillings(amount)
        postings = {"utility": -amount, f"phone:{phone}": amount, "charges": -fee, "safaricom": fee}
        booked = self._book(
            "b2c", now, amount, postings, phone=phone, fee=fee, shortcode=str(order.body["PartyA"]),
            originator_conversation_id=order.originator_conversation_id, conversation_id=order.conversation_id,
        )  # fmt: skip
        order.transaction_id = booked.receipt
        local = now.astimezone(EAT)
        self._tell(
            phone,
            f"{booked.receipt} Confirmed. You have received Ksh{amount:,} from {self.settings.organisation_name} on "
            f"{local.day}/{local.month}/{local:%y} at {_clock_time(local)}. New M-PESA balance is "
            f"Ksh{books.balance('phone:' + phone):,}.",
            now,
        )
        return "0", [
            ("TransactionAmount", int(amount)),
            ("TransactionReceipt", booked.receipt),
            ("B2CRecipientIsRegisteredCustomer", "Y" if line.registered else "N"),
            ("B2CChargesPaidAccountAvailableFunds", books.balance("charges")),
            ("ReceiverPartyPublicName", f"{phone} - {line.name}"),
            ("TransactionCompletedDateTime", dotted_time(now)),
            ("B2CUtilityAccountAvailableFunds", books.balance("utility")),
            ("B2CWorkingAccountAvailableFunds", books.balance("working")),
        ]

    def _payout_failure(self, line: Phone, amount: Decimal, now: datetime) -> str | None:
        if amount < 10:
            return "2"
        if amount > 250_000:
            return "3"
        if not line.registered:
            return "2040"
        if self.state.books.balance("utility") < amount:
            return "1"
        if self.state.books.moved_today(line.msisdn, now, ("b2c",)) + amount > DAILY_LIMIT:
            return "4"
        if self.state.books.balance(f"phone:{line.msisdn}") + amount > BALANCE_LIMIT:
            return "8"
        return None

    # --- status, balance, reversal ----------------------------------------------------------------------------

    def _look_up(self, order: Order, now: datetime) -> tuple[str, list[tuple[str, object]]]:
        """Answer TransactionStatus by receipt or by the B2C conversation it came from (DARAJA §6).

        A receipt that M-Pesa does not know is 2032 (observed). What it says of a conversation that it has never seen is
        not known; the fake says R000002.
        """
        wanted = order.body.get("TransactionID")
        original = order.body.get("OriginalConversationID") or order.body.get("OriginatorConversationID")
        conversation = self.state.originators.get(str(original), str(original)) if original else ""
        payout = self.state.orders.get(conversation)
        if payout is not None and payout.kind != "b2c":
            payout = None
        booked = self.state.books.find(str(wanted)) if wanted else None
        if booked is None and payout is not None:
            booked = self.state.books.find(payout.hidden_receipt or payout.transaction_id)
        if booked is None and payout is None:
            return "2032" if wanted and not original else "R000002", []
        if booked is not None and payout is None:
            payout = self.state.orders.get(booked.conversation_id)
        order.transaction_id = placeholder_receipt(now)
        return "0", list(self._status_items(booked, payout))

    def _status_items(self, booked: Transaction | None, payout: Order | None) -> Iterator[tuple[str, object]]:
        ours = f"{self.settings.shortcode} - {self.settings.organisation_name}"
        phone = booked.phone if booked else str(payout.body["PartyB"]) if payout else ""
        line = self.state.phones.get(phone)
        customer = f"{phone} - {line.name if line else ''}"
        outgoing = payout is not None
        begun = payout.created_at if payout else booked.at if booked else None
        done = payout.concluded_at if payout else booked.at if booked else None
        if booked is not None:
            status = "Completed"
        else:
            status = "Initiated" if payout is not None and payout.result_code is None else "Declined"
        fee = f"Fee For B2C Payment|KES|{booked.fee}" if outgoing and booked and booked.fee else None
        # Both sides come under one key in Safaricom's own sample; readers by key must survive that (DARAJA §6).
        yield "DebitPartyName", ours if outgoing else customer
        yield "DebitPartyName", customer if outgoing else ours
        yield "OriginatorConversationID", payout.originator_conversation_id if payout else None
        yield "InitiatedTime", compact_time(begun) if begun else None
        yield "DebitAccountType", "Utility Account" if outgoing else "MMF Account For Customer"
        yield "DebitPartyCharges", fee
        yield "TransactionReason", None
        yield "ReasonType", "Business Payment to Customer via API" if outgoing else "Pay Utility"
        yield "TransactionStatus", status
        yield "FinalisedTime", compact_time(done) if done else None
        amount = booked.amount if booked else payout.body["Amount"] if payout else None
        yield "Amount", None if amount is None else str(int(amount))
        yield "ConversationID", payout.conversation_id if payout else None
        yield "ReceiptNo", booked.receipt if booked else None

    def _balance(self, order: Order, now: datetime) -> tuple[str, list[tuple[str, object]]]:
        rows = (("Working", "working"), ("Float", ""), ("Utility", "utility"), ("Charges Paid", "charges"),
                ("Organization Settlement", ""))  # fmt: skip
        parts = []
        for label, account in rows:
            amount = self.state.books.balance(account)
            parts.append(f"{label} Account|KES|{amount}|{amount}|0.00|0.00")
        order.transaction_id = self.ids.receipt(now)
        return "0", [("AccountBalance", "&".join(parts)), ("BOCompletedTime", compact_time(now))]

    def _reverse(self, order: Order, now: datetime) -> tuple[str, list[tuple[str, object]]]:
        """Give an STK or C2B payment back, whole (DARAJA §6); the customer's fee stays with Safaricom."""
        original = self.state.books.find(str(order.body["TransactionID"]))
        if original is None or original.kind not in ("stk", "c2b"):
            return "R000002", []
        if original.reversed_by:
            return "R000001", []
        amount = original.amount
        if Decimal(order.body["Amount"]) != amount or self.state.books.balance("working") < amount:
            return "1", []
        booked = self._book(
            "reversal", now, amount, {"working": -amount, f"phone:{original.phone}": amount}, phone=original.phone,
            original_receipt=original.receipt, conversation_id=order.conversation_id,
            originator_conversation_id=order.originator_conversation_id, shortcode=original.shortcode,
        )  # fmt: skip
        original.reversed_by = order.transaction_id = booked.receipt
        self._tell(
            original.phone,
            f"{booked.receipt} confirmed. Reversal of transaction {original.receipt} has been successfully made and "
            f"Ksh{amount:,} is credited to your M-PESA account.",
            now,
        )
        working = self.state.books.balance("working")
        name = self.phone(original.phone, now).name
        return "0", [
            ("DebitAccountBalance", f"Working Account|KES|{working}|{working}|0.00|0.00"),
            ("Amount", str(int(amount))),
            ("TransCompletedTime", compact_time(now)),
            ("OriginalTransactionID", original.receipt),
            ("Charge", "0"),
            ("CreditPartyPublicName", f"{original.phone} - {name}"),
            ("DebitPartyPublicName", f"{original.shortcode} - {self.settings.organisation_name}"),
        ]

    # --- C2B --------------------------------------------------------------------------------------------------

    def register(self, registration: Registration) -> None:
        """Keep the C2B addresses of a shortcode. Raises DarajaError when they may be set once only (DARAJA §6)."""
        if self.settings.c2b_register_once and registration.shortcode in self.state.registrations:
            raise DarajaError(500, "500.003.1001", "Urls are already registered")
        self.state.registrations[registration.shortcode] = registration

    def pay_bill(
        self, shortcode: str, phone: str, amount: int, account: str, transaction_type: str, script: Script,
        now: datetime,
    ) -> PaybillPayment:  # fmt: skip
        """A customer pays our paybill from the phone: validation (if any) first, then the books, then confirmation."""
        self.phone(phone, now)
        payment = PaybillPayment(
            self._new_receipt(now),
            shortcode,
            phone,
            amount,
            account,
            now,
            script,
            "pending",
            transaction_type,
        )
        self.state.payments[payment.receipt] = payment
        scripted = "1" if script.outcome == "insufficient" else script.result_code
        failure = scripted or self._payable(phone, amount, now)
        if failure != "0":
            payment.outcome = f"failed {failure}"
            self._tell(phone, codes.customer_text(failure), now)
            return payment
        registration = self.state.registrations.get(shortcode)
        if registration is None or not registration.validation_url or not self.asks_before:
            self._complete_payment(payment, now)
            return payment
        body = self._c2b_body(payment, payment.receipt, registration, balance="")
        self.post_later("c2b_validation", payment.receipt, registration.validation_url, dumps(body), now)
        return payment

    def _validated(self, payment: PaybillPayment, delivery: Delivery, now: datetime) -> None:
        """Go on from the merchant's answer; with none in time, ResponseType decides (DARAJA §6)."""
        if payment.outcome != "pending":
            return
        try:
            answer = loads(delivery.answer) if delivery.state == "delivered" else None
        except ValueError:
            answer = None
        registration = self.state.registrations[payment.shortcode]
        if not isinstance(answer, dict) or "ResultCode" not in answer:
            accepted, why = registration.response_type == "Completed", "no answer in time"
        else:
            accepted, why = str(answer["ResultCode"]) == "0", str(answer["ResultCode"])
            payment.third_party_id = str(answer.get("ThirdPartyTransID") or "")
        if accepted:
            self._complete_payment(payment, now)
            return
        payment.outcome = f"rejected {why}"
        self._tell(
            payment.phone,
            f"Failed. Your payment of Ksh{shillings(payment.amount):,} to {self.settings.organisation_name} account "
            f"{payment.account} was not accepted. Your money has not been moved.",
            now,
        )

    def _complete_payment(self, payment: PaybillPayment, now: datetime) -> None:
        failure = self._payable(payment.phone, payment.amount, now)
        if failure != "0":
            payment.outcome = f"failed {failure}"
            self._tell(payment.phone, codes.customer_text(failure), now)
            return
        amount, fee = shillings(payment.amount), self._customer_fee(payment.amount)
        booked = self._book(
            "c2b", now, amount, {f"phone:{payment.phone}": -amount - fee, "working": amount, "safaricom": fee},
            receipt=payment.receipt, phone=payment.phone, fee=fee, account_reference=payment.account,
            shortcode=payment.shortcode,
        )  # fmt: skip
        payment.outcome = "completed"
        self._tell_paid_out(booked, now)
        registration = self.state.registrations.get(payment.shortcode)
        if registration is not None:
            self._confirm(
                booked,
                registration,
                payment.transaction_type,
                payment.third_party_id,
                payment.script.callback,
                now,
            )

    def _confirm(
        self, booked: Transaction, registration: Registration, transaction_type: str, third_party_id: str,
        plan: CallbackPlan, now: datetime,
    ) -> None:  # fmt: skip
        payment = PaybillPayment(
            booked.receipt, booked.shortcode, booked.phone, int(booked.amount), booked.account_reference, booked.at,
            Script(), "completed", transaction_type, third_party_id,
        )  # fmt: skip
        balance = str(self.state.books.balance("working"))
        body = self._c2b_body(payment, booked.receipt, registration, balance=balance)
        news = bodies.Announcement("c2b", booked.receipt, registration.confirmation_url, body)
        self._announce(news, plan, now, "c2b_confirmation")

    def _c2b_body(self, payment: PaybillPayment, receipt: str, registration: Registration, *, balance: str) -> JSON:
        """Return the C2B payload; the number is hashed in v1 and masked in v2 (DARAJA §6)."""
        first, middle, last = [*self.state.phones[payment.phone].name.split(), "", "", ""][:3]
        number = self.vault.hashed(payment.phone) if registration.version == 1 else masked(payment.phone)
        return {
            "TransactionType": payment.transaction_type,
            "TransID": receipt,
            "TransTime": compact_time(payment.created_at),
            "TransAmount": str(shillings(payment.amount)),
            "BusinessShortCode": payment.shortcode,
            "BillRefNumber": payment.account,
            "InvoiceNumber": "",
            "OrgAccountBalance": balance,
            "ThirdPartyTransID": payment.third_party_id,
            "MSISDN": number,
            "FirstName": first,
            "MiddleName": middle,
            "LastName": last,
        }

    # --- pull -------------------------------------------------------------------------------------------------

    def pull(self, shortcode: str, since: datetime, until: datetime, offset: int, now: datetime) -> list[JSON]:
        """Return a page of the incoming payments of the last 48 h between two moments, oldest first (DARAJA §6).

        ``offset`` counts rows, not pages.
        """
        since = max(since, now - timedelta(hours=48))
        rows = [
            t for t in self.state.books.journal
            if t.kind in ("stk", "c2b") and t.shortcode == shortcode and since <= t.at <= until
        ]  # fmt: skip
        return [
            {
                "transactionId": t.receipt,
                "trxDate": t.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "msisdn": int(t.phone),
                "sender": self.state.phones[t.phone].name,
                "transactiontype": "c2b-pay-bill-debit",
                "billreference": t.account_reference,
                "amount": str(t.amount),
                "organizationname": self.settings.organisation_name,
            }
            for t in rows[offset : offset + self.settings.pull_page_size]
        ]


def masked(phone: str) -> str:
    """``2547 ***** 126``, as C2B v2 and payer-number masking print it (DARAJA §4.1, §6)."""
    return re.sub(r"^(\d{4})\d{5}(\d{3})$", r"\1 ***** \2", phone)


def _clock_time(local: datetime) -> str:
    return f"{local:%I:%M %p}".lstrip("0")
