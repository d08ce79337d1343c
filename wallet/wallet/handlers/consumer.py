"""What the wallet does when it hears of the other services' facts; each handler is safe to call again, in any order."""

from betsafi.consumer import Consumer
from betsafi.events import Envelope
from betsafi.events.bet import BetCancelled, BetRejected, BetReopened, BetSettled
from betsafi.events.payment import DepositCompleted, WithdrawalCompleted, WithdrawalFailed, WithdrawalRefused
from betsafi.events.users import UserLimitsChanged, UserRegistered, UserReinstated, UserSuspended
from wallet import models, store

handler = Consumer()


@handler.consumes(UserRegistered)
def open_account(event: UserRegistered, envelope: Envelope) -> None:
    """A registered player has a wallet."""
    store.open_account(event.user_id)


@handler.consumes(UserSuspended)
def suspend(event: UserSuspended, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    store.set_status(event.user_id, "SUSPENDED", event.status_version)


@handler.consumes(UserReinstated)
def reinstate(event: UserReinstated, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    store.set_status(event.user_id, "ACTIVE", event.status_version)


@handler.consumes(UserLimitsChanged)
def change_limits(event: UserLimitsChanged, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    store.set_limits(event.user_id, models.limits(event.limits), event.limits_version)


@handler.consumes(DepositCompleted)
def credit_deposit(event: DepositCompleted, envelope: Envelope) -> None:
    """M-Pesa took the money: credit it, less excise."""
    store.deposit(event.user_id, event.deposit_id, event.amount_cents, event.credit_cents, event.excise_cents)


@handler.consumes(WithdrawalCompleted)
def pay_out(event: WithdrawalCompleted, envelope: Envelope) -> None:
    """M-Pesa paid: capture the hold; what is not a whole shilling goes back."""
    store.pay_out(event.user_id, event.withdrawal_id, event.paid_cents, event.withholding_cents, event.remainder_cents)


@handler.consumes(WithdrawalFailed)
def return_withdrawal(event: WithdrawalFailed, envelope: Envelope) -> None:
    """M-Pesa will not pay: give the money back."""
    store.release(event.user_id, event.withdrawal_id, event.reason)


@handler.consumes(WithdrawalRefused)
def void_refused_withdrawal(event: WithdrawalRefused, envelope: Envelope) -> None:
    """We said no, and an earlier call of the same withdrawal may have held the money or may hold it yet."""
    store.release(event.user_id, event.withdrawal_id, event.reason)


@handler.consumes(BetRejected)
def return_rejected_stake(event: BetRejected, envelope: Envelope) -> None:
    """The backstop of the synchronous release; a hold that comes later is refused."""
    store.release(event.user_id, event.bet_id, event.reason)


@handler.consumes(BetCancelled)
def return_cancelled_stake(event: BetCancelled, envelope: Envelope) -> None:
    """The player took the bet back in time."""
    store.release(event.user_id, event.bet_id, "cancelled")


@handler.consumes(BetSettled)
def settle(event: BetSettled, envelope: Envelope) -> None:
    """Post the bet's absolute payout by its newest result."""
    refunded = event.outcome == "VOID"
    store.settle(event.user_id, event.bet_id, event.result_version, event.payout_cents, refunded=refunded)


@handler.consumes(BetReopened)
def reopen(event: BetReopened, envelope: Envelope) -> None:
    """A corrected result took back what decided the bet: hold its stake again."""
    store.reopen(event.user_id, event.bet_id, event.result_version)
