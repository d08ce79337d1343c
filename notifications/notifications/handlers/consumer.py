"""What happened to a player becomes one note in the inbox and, where it matters, one message.

The note is written before the message is sent and marked after: a crash between sending and marking may repeat the
message when the event comes again, but never lose it.
"""

from dataclasses import dataclass

from betsafi.consumer import Consumer
from betsafi.dynamodb import Item
from betsafi.events import Envelope
from betsafi.events.bet import BetAccepted, BetCancelled, BetRejected, BetSettled
from betsafi.events.payment import (
    DepositCompleted,
    DepositFailed,
    DepositReversed,
    PaymentProgressed,
    WithdrawalCompleted,
    WithdrawalFailed,
)
from betsafi.events.users import UserRegistered, UserReinstated, UserSuspended
from betsafi.service_client import ServiceClient
from betsafi.settings import read_settings
from betsafi.telemetry import logger
from notifications import carriers, store, templates
from notifications.models import Channel, Contact


@dataclass(frozen=True)
class Settings:
    """The users service, which knows how to reach a player."""

    users_url: str


users = ServiceClient(read_settings(Settings).users_url)
handler = Consumer()


@handler.consumes(UserRegistered)
def welcome(event: UserRegistered, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "WELCOME")


@handler.consumes(UserSuspended)
def account_suspended(event: UserSuspended, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "ACCOUNT_SUSPENDED")


@handler.consumes(UserReinstated)
def account_reinstated(event: UserReinstated, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "ACCOUNT_REINSTATED")


@handler.consumes(BetAccepted)
def bet_accepted(event: BetAccepted, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "BET_ACCEPTED", stake=event.stake_cents, payout=event.potential_payout_cents)


@handler.consumes(BetRejected)
def bet_rejected(event: BetRejected, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "BET_REJECTED", stake=event.stake_cents)


@handler.consumes(BetCancelled)
def bet_cancelled(event: BetCancelled, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "BET_CANCELLED", stake=event.stake_cents)


@handler.consumes(BetSettled)
def bet_settled(event: BetSettled, envelope: Envelope) -> None:
    template = f"BET_{event.outcome}"
    notify(envelope, event.user_id, template, stake=event.stake_cents, payout=event.payout_cents)


@handler.consumes(DepositCompleted)
def deposit_completed(event: DepositCompleted, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "credit": event.credit_cents, "excise": event.excise_cents}
    notify(envelope, event.user_id, "DEPOSIT_COMPLETED", **amounts)


@handler.consumes(DepositFailed)
def deposit_failed(event: DepositFailed, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "DEPOSIT_FAILED", amount=event.amount_cents)


@handler.consumes(DepositReversed)
def deposit_reversed(event: DepositReversed, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "DEPOSIT_REVERSED", amount=event.amount_cents, credit=event.credit_cents)


@handler.consumes(PaymentProgressed)
def payment_progressed(event: PaymentProgressed, envelope: Envelope) -> None:
    """Only a withdrawal that waits for a person is worth a message; the app shows the other states by itself."""
    if (event.kind, event.status) == ("WITHDRAWAL", "REVIEW"):
        notify(envelope, event.user_id, "WITHDRAWAL_IN_REVIEW", amount=event.amount_cents)


@handler.consumes(WithdrawalCompleted)
def withdrawal_completed(event: WithdrawalCompleted, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "paid": event.paid_cents, "withholding": event.withholding_cents}
    notify(envelope, event.user_id, "WITHDRAWAL_COMPLETED", **amounts)


@handler.consumes(WithdrawalFailed)
def withdrawal_failed(event: WithdrawalFailed, envelope: Envelope) -> None:
    notify(envelope, event.user_id, "WITHDRAWAL_FAILED", amount=event.amount_cents)


def notify(envelope: Envelope, user_id: str, template: str, **cents: int) -> None:
    """Keep the note of an event, once for ever, and send its message unless an earlier delivery did.

    Raises what the users service and the carriers raise, for the queue to try again; an unknown player too.
    """
    contact = Contact.of(users.call("GET", f"/users/{user_id}/contact"))
    words = templates.render(template, contact.language, cents)
    channel = _channel(template, contact)
    note = store.keep_note(envelope.id, user_id, template, words, channel)
    if note["delivery"] == "PENDING":
        _deliver(note, contact, channel)


def _channel(template: str, contact: Contact) -> Channel:
    if template not in templates.TO_THE_PHONE:
        return "INBOX"
    return "EMAIL" if contact.email else "SMS"


def _deliver(note: Item, contact: Contact, channel: Channel) -> None:
    try:
        if contact.email:
            carriers.send_email(contact.email, note["title"], note["text"])
        else:
            carriers.send_sms(contact.phone_number, templates.SMS_PREFIX + note["text"])
    except carriers.Undeliverable as refusal:
        store.mark_failed(note, channel, refusal.code)
        logger.info("message refused", note_id=note["note_id"], template=note["template"], error=refusal.code)
    else:
        store.mark_sent(note, channel)
