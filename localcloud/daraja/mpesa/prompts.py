"""STK push: the prompt on a phone, its answer, the payment and its callback (DARAJA §3)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from localcloud.daraja.base.scripts import LOCK_TEXT, Script
from localcloud.daraja.base.wire import JSON, DarajaError, compact_time, shillings
from localcloud.daraja.mpesa import bodies, codes
from localcloud.daraja.mpesa.accounts import PIN_ATTEMPTS, Accounts
from localcloud.daraja.mpesa.agenda import Agenda
from localcloud.daraja.mpesa.deliveries import Deliveries
from localcloud.daraja.mpesa.model import Push
from localcloud.daraja.mpesa.paybill import Paybill

NEVER_ANSWERS = "254708374149"  # the sandbox's number: the prompt is never answered (DARAJA §7)


class Prompts:
    """Every STK push, open or concluded."""

    def __init__(self, accounts: Accounts, agenda: Agenda, deliveries: Deliveries, paybill: Paybill) -> None:
        self._settings, self._ids, self._state = accounts.settings, accounts.ids, accounts.state
        self._accounts, self._agenda = accounts, agenda
        self._deliveries, self._paybill = deliveries, paybill

    def push(self, request: JSON, script: Script, now: datetime) -> Push:
        """Accept a checked STK request and put the prompt on the phone. Raises DarajaError when the phone is busy."""
        phone = str(request["phone"])
        self._accounts.phone(phone, now)
        if self._settings.subscriber_lock and next(self.shown(now, phone), None) is not None:
            raise DarajaError(500, "500.001.1001", LOCK_TEXT)
        checkout = self._ids.checkout_request_id(now, phone)
        while checkout in self._state.pushes:
            checkout = self._ids.checkout_request_id(now, phone)
        outcome = script.outcome
        if outcome is None and script.result_code is None:
            silent = phone == NEVER_ANSWERS
            outcome = "timeout" if silent else "approve" if self._settings.auto_approve else "wait"
            script = script.model_copy(update={"outcome": outcome})
        push = Push(
            checkout, self._ids.merchant_request_id(), str(request["shortcode"]), phone, int(request["amount"]),
            str(request["transaction_type"]), str(request["account_reference"]), str(request["description"]),
            str(request["callback_url"]), now, now + timedelta(seconds=self._settings.prompt_lifetime_s),
            outcome == "wait", script, result_code=None,
        )  # fmt: skip
        early = self._rule_failure(push, str(request["party_b"]), now)
        self._state.pushes[checkout] = push
        self._state.on_screen.append(checkout)
        if early is not None and script.result_code is None:
            push.script = script.model_copy(update={"result_code": early, "outcome": None})
            push.for_person = False
        self._plan(push, now)
        return push

    def _rule_failure(self, push: Push, party_b: str, now: datetime) -> str | None:
        """Return the code of a push that M-Pesa accepts and then fails without asking the customer."""
        if push.transaction_type == "CustomerPayBillOnline" and party_b != push.shortcode:
            return "SFC_IC0003"
        if push.transaction_type == "CustomerBuyGoodsOnline" and party_b not in self._settings.till_numbers:
            return "SFC_IC0003" if self._settings.till_numbers else "2028"
        window = timedelta(seconds=self._settings.repeat_window_s)
        for other in self._state.pushes.values():
            same = other.phone == push.phone and other.amount == push.amount and other.result_code == "0"
            if same and other.concluded_at and now - other.concluded_at < window:
                return "17"
        return None

    def _plan(self, push: Push, now: datetime) -> None:
        script = push.script
        if script.result_code is None and script.outcome == "wait":
            self._agenda.later(push.expires_at, "expire_push", push.checkout_request_id)
            return
        if script.result_code is None and script.outcome == "never":
            return
        delay_s = script.delay_s
        if delay_s is None:
            timed_out = script.outcome == "timeout" or script.result_code == "1037"
            delay_s = self._settings.prompt_lifetime_s if timed_out else self._settings.approve_delay_s
        self._agenda.later(now + timedelta(seconds=delay_s), "conclude_push", push.checkout_request_id)

    def shown(self, now: datetime, phone: str | None = None) -> Iterator[Push]:
        """Yield the prompts that are on a screen."""
        for checkout in list(self._state.on_screen):
            push = self._state.pushes[checkout]
            stuck = push.script.outcome == "never" and now >= push.expires_at
            if not stuck and phone in (None, push.phone):
                yield push

    def answer(self, checkout_request_id: str, action: str, pin: str, now: datetime) -> Push:
        """The customer approves with a PIN or cancels. Raises KeyError, or ValueError when the prompt is gone."""
        push = self._state.pushes[checkout_request_id]
        if push.result_code is not None:
            raise ValueError("this prompt is no longer open")
        if action == "cancel":
            self._finish(push, "1032", now)
        elif action == "approve":
            code = self._try_pin(push, pin, now)
            if code != "0":
                self._accounts.send_sms(push.phone, codes.customer_text(code), now)
            self._finish(push, code, now)
        else:
            raise ValueError("the action is approve or cancel")
        return push

    def _try_pin(self, push: Push, pin: str, now: datetime) -> str:
        line = self._accounts.phone(push.phone, now)
        if line.locked:
            return "8006"
        if pin != line.pin:
            line.wrong_pins += 1
            line.locked = line.wrong_pins >= PIN_ATTEMPTS
            return "2001"
        line.wrong_pins = 0
        return self._accounts.payable(push.phone, push.amount, now)

    def expire(self, checkout_request_id: str, now: datetime) -> None:
        """Take a prompt that nobody answered from the screen."""
        self._finish(self._state.pushes[checkout_request_id], "1037", now)

    def conclude(self, checkout_request_id: str, now: datetime) -> None:
        """End a push as its script says."""
        push = self._state.pushes[checkout_request_id]
        if push.script.result_code is not None and push.script.result_code != "0":
            self._finish(push, push.script.result_code, now)
            return
        outcomes = {"cancel": "1032", "insufficient": "1", "timeout": "1037", "wrong_pin": "2001"}
        outcome = push.script.outcome or "approve"
        self._finish(push, outcomes.get(outcome) or self._accounts.payable(push.phone, push.amount, now), now)

    def _finish(self, push: Push, code: str, now: datetime) -> None:
        """Conclude a push once: book it, send the customer an SMS, plan the callback."""
        if push.result_code is not None:
            return
        push.result_code, push.concluded_at = code, now
        self._state.on_screen.remove(push.checkout_request_id)
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
        self._deliveries.announce(news, push.script.callback, now, "stk_callback")

    def _take_payment(self, push: Push, now: datetime) -> None:
        amount, fee = shillings(push.amount), self._accounts.customer_fee(push.amount)
        postings = {f"phone:{push.phone}": -amount - fee, "working": amount, "safaricom": fee}
        booked = self._accounts.book(
            "stk", now, amount, postings, phone=push.phone, fee=fee, account_reference=push.account_reference,
            shortcode=push.shortcode, checkout_request_id=push.checkout_request_id,
        )  # fmt: skip
        push.receipt = booked.receipt
        self._accounts.send_paid_sms(booked, now)
        registration = self._state.registrations.get(push.shortcode)
        if registration is not None and self._settings.stk_sends_c2b:
            kind = "Pay Bill" if push.transaction_type == "CustomerPayBillOnline" else "Buy Goods"
            self._paybill.confirm(booked, registration, kind, "", push.script.confirmation, now)
