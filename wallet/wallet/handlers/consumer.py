"""What the wallet does about the other services' events; each handler is safe to call again, in any order."""

from betsafi.consumer import Consumer
from betsafi.errors import InvalidInput
from betsafi.events import Envelope
from betsafi.events.bet import BetCancelled, BetRejected, BetReopened, BetSettled
from betsafi.events.payment import (
    DepositCompleted,
    DepositReversalFailed,
    DepositReversed,
    SuspenseReceived,
    SuspenseReturned,
    WithdrawalCompleted,
    WithdrawalFailed,
    WithdrawalRefused,
)
from betsafi.events.users import UserProtectionChanged, UserRegistered, UserReinstated, UserSuspended
from wallet.rules import ledger
from wallet.rules.providers import provider
from wallet.stores import accounts, credits, holds, suspense

handler = Consumer()


@handler.consumes(UserRegistered)
def open_account(event: UserRegistered, envelope: Envelope) -> None:
    """A registered player has a wallet."""
    accounts.open_account(event.user_id)


@handler.consumes(UserSuspended)
def suspend(event: UserSuspended, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    accounts.set_status(event.user_id, event.status, event.status_version)


@handler.consumes(UserReinstated)
def reinstate(event: UserReinstated, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    accounts.set_status(event.user_id, "ACTIVE", event.status_version)


@handler.consumes(UserProtectionChanged)
def protect(event: UserProtectionChanged, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    accounts.protect(event.user_id, event.protection)


@handler.consumes(DepositCompleted)
def credit_deposit(event: DepositCompleted, envelope: Envelope) -> None:
    """A provider took the money: credit it, less excise; out of suspense where it stood there.

    An assignment that overtook its SuspenseReceived raises NotFound and is tried again.
    """
    if not event.from_suspense:
        parts = (event.amount_cents, event.credit_cents, event.excise_cents)
        credits.deposit(event.user_id, event.deposit_id, *parts, provider(event.provider))
        return
    if event.receipt is None:
        raise InvalidInput("Money is assigned from suspense under its receipt.")
    credit, excise = event.credit_cents, event.excise_cents
    credits.assign_suspense(event.receipt, event.user_id, credit, excise, event.deposit_id, event.named)


@handler.consumes(DepositReversed)
def reverse_deposit(event: DepositReversed, envelope: Envelope) -> None:
    """Its provider gave a mistaken deposit back: capture what is held of it."""
    parts = (event.amount_cents, event.credit_cents, event.excise_cents)
    holds.reverse_deposit(event.user_id, event.reversal_id, *parts, event.named, provider(event.provider))


@handler.consumes(DepositReversalFailed)
def keep_deposit(event: DepositReversalFailed, envelope: Envelope) -> None:
    """The deposit stays: give back what is held of it, or refuse the hold if it has not come."""
    holds.release(event.user_id, event.reversal_id, event.reason, holder="payment", named=event.named)


@handler.consumes(SuspenseReceived)
def receive_suspense(event: SuspenseReceived, envelope: Envelope) -> None:
    """A provider took money that belongs to nobody we know."""
    suspense.post_system(ledger.suspense_in(event.receipt, event.amount_cents, provider(event.provider)))


@handler.consumes(SuspenseReturned)
def return_suspense(event: SuspenseReturned, envelope: Envelope) -> None:
    """Its provider gave money in suspense back; before its SuspenseReceived this raises NotFound and is tried again."""
    suspense.return_suspense(event.receipt, event.amount_cents, event.named, provider(event.provider))


@handler.consumes(WithdrawalCompleted)
def pay_out(event: WithdrawalCompleted, envelope: Envelope) -> None:
    """The provider paid: capture the hold; what is not a whole shilling goes back."""
    parts = (event.paid_cents, event.withholding_cents, event.remainder_cents)
    holds.pay_out(event.user_id, event.withdrawal_id, *parts, event.named, provider(event.provider))


@handler.consumes(WithdrawalFailed)
def return_withdrawal(event: WithdrawalFailed, envelope: Envelope) -> None:
    """The provider will not pay, or people said no: give the money back."""
    holds.release(event.user_id, event.withdrawal_id, event.reason, holder="payment", named=event.named)


@handler.consumes(WithdrawalRefused)
def void_refused_withdrawal(event: WithdrawalRefused, envelope: Envelope) -> None:
    """We said no, and an earlier call of the same withdrawal may have held the money or may hold it yet."""
    holds.release(event.user_id, event.withdrawal_id, event.reason, holder="payment")


@handler.consumes(BetRejected)
def return_rejected_stake(event: BetRejected, envelope: Envelope) -> None:
    """The backstop of the synchronous release; a hold that comes later is refused."""
    holds.release(event.user_id, event.bet_id, event.reason, holder="bet")


@handler.consumes(BetCancelled)
def return_cancelled_stake(event: BetCancelled, envelope: Envelope) -> None:
    """The player took the bet back in time."""
    holds.release(event.user_id, event.bet_id, "cancelled", holder="bet")


@handler.consumes(BetSettled)
def settle(event: BetSettled, envelope: Envelope) -> None:
    """Post the bet's absolute payout by its newest result."""
    refunded = event.outcome == "VOID"
    holds.settle(event.user_id, event.bet_id, event.result_version, event.payout_cents, refunded=refunded)


@handler.consumes(BetReopened)
def reopen(event: BetReopened, envelope: Envelope) -> None:
    """A corrected result took back what decided the bet: hold its stake again."""
    holds.reopen(event.user_id, event.bet_id, event.result_version)
