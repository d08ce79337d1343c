"""Orders that move money: a payment to a customer, and a payment given back (DARAJA §5.5, §6)."""

from datetime import datetime
from decimal import Decimal

from localcloud.daraja.base.wire import EAT, compact_time, dotted_time, shillings
from localcloud.daraja.mpesa import codes
from localcloud.daraja.mpesa.accounts import Accounts, clock_time
from localcloud.daraja.mpesa.books import BALANCE_LIMIT, DAILY_LIMIT, Phone
from localcloud.daraja.mpesa.model import Order, Outcome


def pay(accounts: Accounts, order: Order, now: datetime) -> Outcome:
    """Pay a customer from the utility account."""
    phone, amount = str(order.body["PartyB"]), Decimal(order.body["Amount"])
    line, books = accounts.phone(phone, now), accounts.state.books
    code = _payout_failure(accounts, line, amount, now)
    if code is not None:
        return code, []
    fee = codes.b2c_charge(int(amount))
    amount = shillings(amount)
    postings = {"utility": -amount, f"phone:{phone}": amount, "charges": -fee, "safaricom": fee}
    booked = accounts.book(
        "b2c", now, amount, postings, phone=phone, fee=fee, shortcode=str(order.body["PartyA"]),
        originator_conversation_id=order.originator_conversation_id, conversation_id=order.conversation_id,
    )  # fmt: skip
    order.transaction_id = booked.receipt
    local = now.astimezone(EAT)
    accounts.send_sms(
        phone,
        f"{booked.receipt} Confirmed. You have received Ksh{amount:,} from {accounts.settings.organisation_name} on "
        f"{local.day}/{local.month}/{local:%y} at {clock_time(local)}. New M-PESA balance is "
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


def _payout_failure(accounts: Accounts, line: Phone, amount: Decimal, now: datetime) -> str | None:
    if amount < 10:
        return "2"
    if amount > 250_000:
        return "3"
    if not line.registered:
        return "2040"
    if accounts.state.books.balance("utility") < amount:
        return "1"
    if accounts.state.books.moved_today(line.msisdn, now, ("b2c",)) + amount > DAILY_LIMIT:
        return "4"
    if accounts.state.books.balance(f"phone:{line.msisdn}") + amount > BALANCE_LIMIT:
        return "8"
    return None


def reverse(accounts: Accounts, order: Order, now: datetime) -> Outcome:
    """Give an STK or C2B payment back, whole (DARAJA §6); the customer's fee stays with Safaricom."""
    original = accounts.state.books.find(str(order.body["TransactionID"]))
    if original is None or original.kind not in ("stk", "c2b"):
        return "R000002", []
    if original.reversed_by:
        return "R000001", []
    amount = original.amount
    if Decimal(order.body["Amount"]) != amount or accounts.state.books.balance("working") < amount:
        return "1", []
    booked = accounts.book(
        "reversal", now, amount, {"working": -amount, f"phone:{original.phone}": amount}, phone=original.phone,
        original_receipt=original.receipt, conversation_id=order.conversation_id,
        originator_conversation_id=order.originator_conversation_id, shortcode=original.shortcode,
    )  # fmt: skip
    original.reversed_by = order.transaction_id = booked.receipt
    accounts.send_sms(
        original.phone,
        f"{booked.receipt} confirmed. Reversal of transaction {original.receipt} has been successfully made and "
        f"Ksh{amount:,} is credited to your M-PESA account.",
        now,
    )
    working = accounts.state.books.balance("working")
    name = accounts.phone(original.phone, now).name
    return "0", [
        ("DebitAccountBalance", f"Working Account|KES|{working}|{working}|0.00|0.00"),
        ("Amount", str(int(amount))),
        ("TransCompletedTime", compact_time(now)),
        ("OriginalTransactionID", original.receipt),
        ("Charge", "0"),
        ("CreditPartyPublicName", f"{original.phone} - {name}"),
        ("DebitPartyPublicName", f"{original.shortcode} - {accounts.settings.organisation_name}"),
    ]
