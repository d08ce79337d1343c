"""What happened to a player becomes a note in the inbox and, where it matters, one message.

Of two facts about one bet, payment or status only the newer one is told, in whatever order they come. The note is
written before the message is sent and marked after: a crash between sending and marking may repeat the message when the
event comes again, but never lose it.
"""

from dataclasses import dataclass, replace

from betsafi.consumer import Consumer
from betsafi.dynamodb import Item
from betsafi.errors import Contention
from betsafi.events import Envelope
from betsafi.events.bet import BetAccepted, BetCancelled, BetRejected, BetReopened, BetSettled
from betsafi.events.payment import (
    DepositCompleted,
    DepositFailed,
    DepositReversed,
    PaymentProgressed,
    WithdrawalCompleted,
    WithdrawalFailed,
)
from betsafi.events.users import UserRegistered, UserReinstated, UserSuspended
from betsafi.events.wallet import DebtRepaid
from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings
from betsafi.telemetry import logger
from notifications import carriers, store, templates
from notifications.messages import Fact, message
from notifications.models import Channel, Contact

BetEvent = BetAccepted | BetRejected | BetCancelled | BetSettled | BetReopened
PaymentEvent = DepositCompleted | DepositFailed | PaymentProgressed | WithdrawalCompleted | WithdrawalFailed

_REVERSED = 10**9
"""The version of a deposit that was given back: higher than any state that it went through, since it is its last."""

_TRIES = 5


@dataclass(frozen=True)
class Settings:
    """The users service, which knows how to reach a player."""

    users_url: Url


users = ServiceClient(read_settings(Settings).users_url)
handler = Consumer()


@handler.consumes(UserRegistered)
def welcome(event: UserRegistered, envelope: Envelope) -> None:
    notify(Fact(event.user_id, "status", 0, "WELCOME"))


@handler.consumes(UserSuspended)
def account_suspended(event: UserSuspended, envelope: Envelope) -> None:
    notify(_of_status(event, "ACCOUNT_SUSPENDED"))


@handler.consumes(UserReinstated)
def account_reinstated(event: UserReinstated, envelope: Envelope) -> None:
    notify(_of_status(event, "ACCOUNT_REINSTATED"))


@handler.consumes(BetAccepted)
def bet_accepted(event: BetAccepted, envelope: Envelope) -> None:
    notify(_of_bet(event, "BET_ACCEPTED", payout=event.potential_payout_cents))


@handler.consumes(BetRejected)
def bet_rejected(event: BetRejected, envelope: Envelope) -> None:
    notify(_of_bet(event, "BET_REJECTED"))


@handler.consumes(BetCancelled)
def bet_cancelled(event: BetCancelled, envelope: Envelope) -> None:
    notify(_of_bet(event, "BET_CANCELLED"))


@handler.consumes(BetSettled)
def bet_settled(event: BetSettled, envelope: Envelope) -> None:
    fact = _of_bet(event, f"BET_{event.outcome}", payout=event.payout_cents)
    notify(replace(fact, decided_cents=event.payout_cents, turn=event.result_version))


@handler.consumes(BetReopened)
def bet_reopened(event: BetReopened, envelope: Envelope) -> None:
    notify(replace(_of_bet(event, "BET_REOPENED"), turn=event.result_version))


@handler.consumes(DepositCompleted)
def deposit_completed(event: DepositCompleted, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "credit": event.credit_cents, "excise": event.excise_cents}
    notify(_of_payment(event, event.deposit_id, "DEPOSIT_COMPLETED", **amounts))


@handler.consumes(DepositFailed)
def deposit_failed(event: DepositFailed, envelope: Envelope) -> None:
    notify(_of_payment(event, event.deposit_id, "DEPOSIT_FAILED", amount=event.amount_cents))


@handler.consumes(DepositReversed)
def deposit_reversed(event: DepositReversed, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "credit": event.credit_cents}
    notify(Fact(event.user_id, f"payment:{event.deposit_id}", _REVERSED, "DEPOSIT_REVERSED", amounts))


@handler.consumes(PaymentProgressed)
def payment_progressed(event: PaymentProgressed, envelope: Envelope) -> None:
    """Only a withdrawal that waits for a person is worth a message; the app shows the other states by itself."""
    if (event.kind, event.status) == ("WITHDRAWAL", "REVIEW"):
        notify(_of_payment(event, event.payment_id, "WITHDRAWAL_IN_REVIEW", amount=event.amount_cents))


@handler.consumes(WithdrawalCompleted)
def withdrawal_completed(event: WithdrawalCompleted, envelope: Envelope) -> None:
    amounts = {"amount": event.amount_cents, "paid": event.paid_cents, "withholding": event.withholding_cents}
    notify(_of_payment(event, event.withdrawal_id, "WITHDRAWAL_COMPLETED", **amounts))


@handler.consumes(WithdrawalFailed)
def withdrawal_failed(event: WithdrawalFailed, envelope: Envelope) -> None:
    notify(_of_payment(event, event.withdrawal_id, "WITHDRAWAL_FAILED", amount=event.amount_cents))


@handler.consumes(DebtRepaid)
def debt_repaid(event: DebtRepaid, envelope: Envelope) -> None:
    """The message of what came in names the whole of it; this one, how much of that is gone."""
    amounts = {"credited": event.credited_cents, "repaid": event.repaid_cents, "owed": event.owed_cents}
    notify(Fact(event.user_id, f"debt:{envelope.id}", 0, "DEBT_REPAID", amounts))


def _of_status(event: UserSuspended | UserReinstated, template: str) -> Fact:
    return Fact(event.user_id, "status", event.status_version, template, turn=event.status_version)


def _of_bet(event: BetEvent, template: str, **cents: int) -> Fact:
    amounts = {"stake": event.stake_cents, **cents}
    return Fact(event.user_id, f"bet:{event.bet_id}", event.bet_version or 0, template, amounts)


def _of_payment(event: PaymentEvent, payment_id: str, template: str, **cents: int) -> Fact:
    return Fact(event.user_id, f"payment:{payment_id}", event.payment_version or 0, template, cents)


def notify(fact: Fact) -> None:
    """Keep the fact's note and send its message, unless a newer fact about the same thing, or an earlier delivery, did.

    Raises what the users service and the carriers raise, for the queue to try again; an unknown player too; Contention.
    """
    for _ in range(_TRIES):
        earlier = store.find(fact.user_id, fact.subject)
        if earlier is not None and earlier["version"] > fact.version:
            logger.info("older fact passed over", subject=fact.subject, version=fact.version)
            return
        if earlier is not None and fact.is_told_by(earlier) and earlier["delivery"] != "PENDING":
            return
        contact = Contact.of(users.call("GET", f"/users/{fact.user_id}/contact"))
        if (note := _kept(earlier, fact, contact)) is None:
            continue
        if note["delivery"] == "PENDING":
            _deliver(note, contact, note["channel"])
        return
    raise Contention("This is being told by somebody else.")


def _kept(earlier: Item | None, fact: Fact, contact: Contact) -> Item | None:
    """Return the fact's own note, kept now or by an earlier delivery; None if another came in between."""
    if earlier is not None and fact.is_told_by(earlier):
        return earlier
    template, cents = message(fact, earlier)
    words = templates.render(template, contact.language, cents)
    return store.keep_note(earlier, fact, template, words, _channel(template, contact))


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
