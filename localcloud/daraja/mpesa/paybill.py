"""The paybill: a customer's own payment, its validation and confirmation, and the list of what came in (DARAJA §6)."""

import re
from datetime import UTC, datetime, timedelta

from localcloud.daraja.base.scripts import CallbackPlan, Script
from localcloud.daraja.base.wire import JSON, DarajaError, compact_time, dumps, loads, shillings
from localcloud.daraja.mpesa import bodies, codes
from localcloud.daraja.mpesa.accounts import Accounts
from localcloud.daraja.mpesa.books import Transaction
from localcloud.daraja.mpesa.credential import Vault
from localcloud.daraja.mpesa.deliveries import Deliveries
from localcloud.daraja.mpesa.model import Delivery, PaybillPayment, Registration


class Paybill:
    """Payments to the organisation's number, and how the merchant is notified of them.

    ``asks_before`` says whether the merchant is asked before a payment, as Safaricom does once it has switched it on.
    """

    def __init__(self, accounts: Accounts, deliveries: Deliveries, vault: Vault) -> None:
        self._settings, self._state = accounts.settings, accounts.state
        self._accounts, self._deliveries, self._vault = accounts, deliveries, vault
        self.asks_before = self._settings.c2b_validation

    def register(self, registration: Registration) -> None:
        """Keep the C2B addresses of a shortcode. Raises DarajaError when they may be set once only (DARAJA §6)."""
        if self._settings.c2b_register_once and registration.shortcode in self._state.registrations:
            raise DarajaError(500, "500.003.1001", "Urls are already registered")
        self._state.registrations[registration.shortcode] = registration

    def pay(
        self, shortcode: str, phone: str, amount: int, account: str, transaction_type: str, script: Script,
        now: datetime,
    ) -> PaybillPayment:  # fmt: skip
        """A customer pays our paybill from the phone: validation (if any) first, then the books, then confirmation."""
        self._accounts.phone(phone, now)
        payment = PaybillPayment(
            self._accounts.new_receipt(now),
            shortcode,
            phone,
            amount,
            account,
            now,
            script,
            "pending",
            transaction_type,
        )
        self._state.payments[payment.receipt] = payment
        scripted = "1" if script.outcome == "insufficient" else script.result_code
        failure = scripted or self._accounts.payable(phone, amount, now)
        if failure != "0":
            payment.outcome = f"failed {failure}"
            self._accounts.send_sms(phone, codes.customer_text(failure), now)
            return payment
        registration = self._state.registrations.get(shortcode)
        if registration is None or not registration.validation_url or not self.asks_before:
            self._complete(payment, now)
            return payment
        body = self._c2b_body(payment, payment.receipt, registration, balance="")
        self._deliveries.post_later("c2b_validation", payment.receipt, registration.validation_url, dumps(body), now)
        return payment

    def validated(self, delivery: Delivery, now: datetime) -> None:
        """Go on from the merchant's answer; with none in time, ResponseType decides (DARAJA §6)."""
        payment = self._state.payments[delivery.subject]
        if payment.outcome != "pending":
            return
        try:
            answer = loads(delivery.answer) if delivery.state == "delivered" else None
        except ValueError:
            answer = None
        registration = self._state.registrations[payment.shortcode]
        if not isinstance(answer, dict) or "ResultCode" not in answer:
            accepted, why = registration.response_type == "Completed", "no answer in time"
        else:
            accepted, why = str(answer["ResultCode"]) == "0", str(answer["ResultCode"])
            payment.third_party_id = str(answer.get("ThirdPartyTransID") or "")
        if accepted:
            self._complete(payment, now)
            return
        payment.outcome = f"rejected {why}"
        self._accounts.send_sms(
            payment.phone,
            f"Failed. Your payment of Ksh{shillings(payment.amount):,} to {self._settings.organisation_name} account "
            f"{payment.account} was not accepted. Your money has not been moved.",
            now,
        )

    def _complete(self, payment: PaybillPayment, now: datetime) -> None:
        failure = self._accounts.payable(payment.phone, payment.amount, now)
        if failure != "0":
            payment.outcome = f"failed {failure}"
            self._accounts.send_sms(payment.phone, codes.customer_text(failure), now)
            return
        amount, fee = shillings(payment.amount), self._accounts.customer_fee(payment.amount)
        booked = self._accounts.book(
            "c2b", now, amount, {f"phone:{payment.phone}": -amount - fee, "working": amount, "safaricom": fee},
            receipt=payment.receipt, phone=payment.phone, fee=fee, account_reference=payment.account,
            shortcode=payment.shortcode,
        )  # fmt: skip
        payment.outcome = "completed"
        self._accounts.send_paid_sms(booked, now)
        registration = self._state.registrations.get(payment.shortcode)
        if registration is not None:
            self.confirm(
                booked,
                registration,
                payment.transaction_type,
                payment.third_party_id,
                payment.script.callback,
                now,
            )

    def confirm(
        self, booked: Transaction, registration: Registration, transaction_type: str, third_party_id: str,
        plan: CallbackPlan, now: datetime,
    ) -> None:  # fmt: skip
        """Plan the confirmation of a payment, by paybill or prompt."""
        payment = PaybillPayment(
            booked.receipt, booked.shortcode, booked.phone, int(booked.amount), booked.account_reference, booked.at,
            Script(), "completed", transaction_type, third_party_id,
        )  # fmt: skip
        balance = str(self._state.books.balance("working"))
        body = self._c2b_body(payment, booked.receipt, registration, balance=balance)
        news = bodies.Announcement("c2b", booked.receipt, registration.confirmation_url, body)
        self._deliveries.announce(news, plan, now, "c2b_confirmation")

    def _c2b_body(self, payment: PaybillPayment, receipt: str, registration: Registration, *, balance: str) -> JSON:
        """Return the C2B payload; the number is hashed in v1 and masked in v2 (DARAJA §6)."""
        first, middle, last = [*self._state.phones[payment.phone].name.split(), "", "", ""][:3]
        number = self._vault.hashed(payment.phone) if registration.version == 1 else masked(payment.phone)
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

    def pull(self, shortcode: str, since: datetime, until: datetime, offset: int, now: datetime) -> list[JSON]:
        """Return a page of the incoming payments of the last 48 h between two moments, oldest first (DARAJA §6).

        ``offset`` counts rows, not pages.
        """
        since = max(since, now - timedelta(hours=48))
        rows = [
            t for t in self._state.books.journal
            if t.kind in ("stk", "c2b") and t.shortcode == shortcode and since <= t.at <= until
        ]  # fmt: skip
        return [
            {
                "transactionId": t.receipt,
                "trxDate": t.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "msisdn": int(t.phone),
                "sender": self._state.phones[t.phone].name,
                "transactiontype": "c2b-pay-bill-debit",
                "billreference": t.account_reference,
                "amount": str(t.amount),
                "organizationname": self._settings.organisation_name,
            }
            for t in rows[offset : offset + self._settings.pull_page_size]
        ]


def masked(phone: str) -> str:
    """``2547 ***** 126``, as C2B v2 and payer-number masking print it (DARAJA §4.1, §6)."""
    return re.sub(r"^(\d{4})\d{5}(\d{3})$", r"\1 ***** \2", phone)
