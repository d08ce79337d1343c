"""Orders that move nothing: what became of a transaction, and what the organisation's accounts hold (DARAJA §6)."""

from collections.abc import Iterator
from datetime import datetime

from localcloud.daraja.base.ids import placeholder_receipt
from localcloud.daraja.base.wire import compact_time
from localcloud.daraja.mpesa.accounts import Accounts
from localcloud.daraja.mpesa.books import Transaction
from localcloud.daraja.mpesa.model import Order, Outcome


def look_up(accounts: Accounts, order: Order, now: datetime) -> Outcome:
    """Answer TransactionStatus by receipt or by the B2C conversation it came from (DARAJA §6).

    A receipt that M-Pesa does not know is 2032 (observed). What it says of a conversation that it has never seen is
    not known; the fake says R000002.
    """
    wanted = order.body.get("TransactionID")
    original = order.body.get("OriginalConversationID") or order.body.get("OriginatorConversationID")
    conversation = accounts.state.originators.get(str(original), str(original)) if original else ""
    payout = accounts.state.orders.get(conversation)
    if payout is not None and payout.kind != "b2c":
        payout = None
    booked = accounts.state.books.find(str(wanted)) if wanted else None
    if booked is None and payout is not None:
        booked = accounts.state.books.find(payout.hidden_receipt or payout.transaction_id)
    if booked is None and payout is None:
        return "2032" if wanted and not original else "R000002", []
    if booked is not None and payout is None:
        payout = accounts.state.orders.get(booked.conversation_id)
    order.transaction_id = placeholder_receipt(now)
    return "0", list(_status_items(accounts, booked, payout))


def _status_items(accounts: Accounts, booked: Transaction | None, payout: Order | None) -> Iterator[tuple[str, object]]:
    ours = f"{accounts.settings.shortcode} - {accounts.settings.organisation_name}"
    phone = booked.phone if booked else str(payout.body["PartyB"]) if payout else ""
    line = accounts.state.phones.get(phone)
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


def balances(accounts: Accounts, order: Order, now: datetime) -> Outcome:
    """Return what each account of the organisation holds."""
    rows = (("Working", "working"), ("Float", ""), ("Utility", "utility"), ("Charges Paid", "charges"),
            ("Organization Settlement", ""))  # fmt: skip
    parts = []
    for label, account in rows:
        amount = accounts.state.books.balance(account)
        parts.append(f"{label} Account|KES|{amount}|{amount}|0.00|0.00")
    order.transaction_id = accounts.ids.receipt(now)
    return "0", [("AccountBalance", "&".join(parts)), ("BOCompletedTime", compact_time(now))]
