"""What each event of the other services is to its player: a fact about a bet, a payment, a debt or the account."""

from dataclasses import replace

from betsafi.consumer import Consumer
from betsafi.events import Envelope
from betsafi.events.bet import BetAccepted, BetCancelled, BetRejected, BetReopened, BetRepriced, BetSettled
from betsafi.events.payment import (
    DepositCompleted,
    DepositFailed,
    DepositReversed,
    PaymentProgressed,
    WithdrawalCompleted,
    WithdrawalFailed,
)
from betsafi.events.users import UserErased, UserRegistered, UserReinstated, UserSuspended
from betsafi.events.wallet import DebtRepaid
from notifications.messages import Fact
from notifications.notifying import notify
from notifications.stores import inbox

BetEvent = BetAccepted | BetRejected | BetCancelled | BetSettled | BetReopened | BetRepriced
PaymentEvent = DepositCompleted | DepositFailed | PaymentProgressed | WithdrawalCompleted | WithdrawalFailed

_REVERSED = 10**9
"""The version of a deposit that was given back: higher than any state that it went through, since it is its last."""

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
    less = event.outcome == "WON" and event.payout_cents < event.stake_cents
    fact = _of_bet(event, "BET_PART_BACK" if less else f"BET_{event.outcome}", payout=event.payout_cents)
    notify(replace(fact, decided_cents=event.payout_cents, turn=event.result_version))


@handler.consumes(BetReopened)
def bet_reopened(event: BetReopened, envelope: Envelope) -> None:
    notify(replace(_of_bet(event, "BET_REOPENED"), turn=event.result_version))


@handler.consumes(BetRepriced)
def bet_repriced(event: BetRepriced, envelope: Envelope) -> None:
    fact = _of_bet(event, "BET_REPRICED", payout=event.potential_payout_cents)
    notify(replace(fact, turn=event.correction_version))


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


@handler.consumes(UserErased)
def user_erased(event: UserErased, envelope: Envelope) -> None:
    """Nobody reads this inbox any more."""
    inbox.forget(event.user_id)


def _of_status(event: UserSuspended | UserReinstated, template: str) -> Fact:
    return Fact(event.user_id, "status", event.status_version, template, turn=event.status_version)


def _of_bet(event: BetEvent, template: str, **cents: int) -> Fact:
    amounts = {"stake": event.stake_cents, **cents}
    return Fact(event.user_id, f"bet:{event.bet_id}", event.bet_version or 0, template, amounts)


def _of_payment(event: PaymentEvent, payment_id: str, template: str, **cents: int) -> Fact:
    return Fact(event.user_id, f"payment:{payment_id}", event.payment_version or 0, template, cents)
