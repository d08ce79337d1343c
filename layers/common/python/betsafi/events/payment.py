"""Facts about deposits and withdrawals."""

from betsafi.events.model import Cents, Event, Id


class _DepositEvent(Event):
    source = "betsafi.payment"
    deposit_id: Id
    user_id: Id
    amount_cents: Cents


class DepositRequested(_DepositEvent):
    """A prompt was asked for; nothing is paid yet."""


class DepositCompleted(_DepositEvent):
    """M-Pesa took the amount: `credit_cents` belongs to the player, `excise_cents` to the tax authority."""

    credit_cents: Cents
    excise_cents: Cents
    receipt: str | None = None


class DepositFailed(_DepositEvent):
    """The attempt ended unpaid. A later success still wins and is told as DepositCompleted."""

    reason: str


class _WithdrawalEvent(Event):
    source = "betsafi.payment"
    withdrawal_id: Id
    user_id: Id
    amount_cents: Cents


class WithdrawalRequested(_WithdrawalEvent):
    """The amount is held and M-Pesa is being asked to pay."""


class WithdrawalCompleted(_WithdrawalEvent):
    """M-Pesa paid `paid_cents`; `withholding_cents` is tax; the remainder goes back to the wallet. They add up."""

    paid_cents: Cents
    withholding_cents: Cents
    remainder_cents: Cents
    receipt: str | None = None


class WithdrawalRefused(_WithdrawalEvent):
    """The wallet would not hold the amount, so nothing is paid; a hold that landed all the same goes back."""

    reason: str


class WithdrawalFailed(_WithdrawalEvent):
    """M-Pesa will not pay; the amount held goes back to the wallet."""

    reason: str


del _DepositEvent, _WithdrawalEvent
