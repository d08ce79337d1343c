"""The money and the lines: what every account holds, what a customer may pay, M-Pesa's SMS to customers."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import EAT, MSISDN, shillings
from localcloud.daraja.mpesa import codes
from localcloud.daraja.mpesa.books import DAILY_LIMIT, ZERO, Phone, Transaction, TransactionKind
from localcloud.daraja.mpesa.model import Sms, State

PIN_ATTEMPTS = 3


class Accounts:
    """The organisation's accounts and the customers' lines, over the books."""

    def __init__(self, settings: Settings, ids: Ids, state: State) -> None:
        self.settings = settings
        self.ids = ids
        self.state = state

    def open_books(self, now: datetime) -> None:
        """Put the opening money into the organisation's accounts."""
        for account, amount in (
            ("utility", self.settings.opening_utility),
            ("working", self.settings.opening_working),
        ):
            if amount:
                self.book("opening", now, amount, {"world": -amount, account: amount})

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
        return self.book("transfer", now, amount, {source: -amount, target: amount})

    def book(
        self, kind: TransactionKind, now: datetime, amount: Decimal,
        postings: dict[str, Decimal], *, receipt: str = "", phone: str = "", fee: Decimal = ZERO,
        account_reference: str = "", shortcode: str = "", originator_conversation_id: str = "",
        conversation_id: str = "", checkout_request_id: str = "", original_receipt: str = "",
    ) -> Transaction:  # fmt: skip
        """Post a transaction under a new receipt, or the one given. Raises ValueError when it does not balance."""
        return self.state.books.book(
            Transaction(
                receipt or self.new_receipt(now), kind, now, shillings(amount), postings, phone, shillings(fee),
                account_reference, shortcode, originator_conversation_id, conversation_id, checkout_request_id,
                original_receipt,
            )
        )  # fmt: skip

    def new_receipt(self, now: datetime) -> str:
        """Return a receipt that no transaction and no payment has."""
        while True:
            receipt = self.ids.receipt(now)
            if receipt not in self.state.books.by_receipt and receipt not in self.state.payments:
                return receipt

    def payable(self, phone: str, amount: int, now: datetime) -> str:
        """Return the code that a customer's payment to the organisation would end with."""
        if self.phone(phone, now).locked:
            return "8006"
        if self.state.books.balance(f"phone:{phone}") < amount + self.customer_fee(amount):
            return "1"
        if self.state.books.moved_today(phone, now, ("stk", "c2b")) + amount > DAILY_LIMIT:
            return "4"
        return "0"

    def customer_fee(self, amount: int) -> Decimal:
        """Return what the customer pays on top of a payment to the organisation."""
        return codes.paybill_charge(amount) if self.settings.customer_pays_fee else ZERO

    def send_sms(self, phone: str, text: str, now: datetime) -> None:
        """Send a customer a text."""
        self.state.sms.append(Sms(phone, text, now))

    def send_paid_sms(self, booked: Transaction, now: datetime) -> None:
        """Send a customer the receipt of a payment to the organisation."""
        left = DAILY_LIMIT - self.state.books.moved_today(booked.phone, now, ("stk", "c2b"))
        local = now.astimezone(EAT)
        self.send_sms(
            booked.phone,
            f"{booked.receipt} Confirmed. Ksh{booked.amount:,} sent to {self.settings.organisation_name} for account "
            f"{booked.account_reference} on {local.day}/{local.month}/{local:%y} at {clock_time(local)} New M-PESA "
            f"balance is Ksh{self.state.books.balance('phone:' + booked.phone):,}. Transaction cost, "
            f"Ksh{booked.fee:,}. Amount you can transact within the day is {left:,}.",
            now,
        )

    def _set_balance(self, account: str, balance: Decimal, now: datetime, phone: str) -> None:
        balance = shillings(balance)
        change = balance - self.state.books.balance(account)
        if change:
            self.book("opening", now, abs(change), {"world": -change, account: change}, phone=phone)


def clock_time(local: datetime) -> str:
    """Return a time of day as M-Pesa's SMS print it: ``9:05 AM``."""
    return f"{local:%I:%M %p}".lstrip("0")
