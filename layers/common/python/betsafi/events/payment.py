"""Facts about deposits and withdrawals, about paybill payments that nobody is known for, and about reversals.

They say why in a stable `reason` and in no sentence: who notifies a player has the words for it. `provider` is who
moved the money, and so in which accounts of the ledger it stands; one that names none is about M-Pesa. Of two facts
about one payment, the one of the lower `payment_version` is discarded. Version 1 had a sentence in `message`, which
nobody read.
"""

from typing import Literal

from betsafi.events import acts
from betsafi.events.model import Cents, Event, Id


class _DepositEvent(Event):
    source = "betsafi.payment"
    version = 2
    reads = frozenset({1, 2})
    deposit_id: Id
    user_id: Id
    amount_cents: Cents
    payment_version: int | None = None


class DepositRequested(_DepositEvent):
    """A prompt was asked for; nothing is paid yet."""


class DepositCompleted(_DepositEvent, acts.ByHand):
    """M-Pesa took the amount: `credit_cents` belongs to the player, `excise_cents` to the tax authority.

    With `from_suspense` the amount stood in suspense under its receipt and was assigned to the player by hand.
    """

    credit_cents: Cents
    excise_cents: Cents
    receipt: str | None = None
    from_suspense: bool = False
    provider: str | None = None


class DepositFailed(_DepositEvent):
    """The attempt ended unpaid. A later success still wins and is published as DepositCompleted."""

    reason: str


class _WithdrawalEvent(Event):
    source = "betsafi.payment"
    version = 2
    reads = frozenset({1, 2})
    withdrawal_id: Id
    user_id: Id
    amount_cents: Cents
    payment_version: int | None = None


class WithdrawalRequested(_WithdrawalEvent, acts.ByHand):
    """The amount is held and M-Pesa is being asked to pay."""


class WithdrawalCompleted(_WithdrawalEvent, acts.ByHand):
    """M-Pesa paid `paid_cents`; `withholding_cents` is tax; the remainder goes back to the wallet. They add up."""

    paid_cents: Cents
    withholding_cents: Cents
    remainder_cents: Cents
    receipt: str | None = None
    provider: str | None = None


class WithdrawalRefused(_WithdrawalEvent):
    """The wallet would not hold the amount, so nothing is paid; a hold that landed all the same goes back."""

    reason: str


class WithdrawalFailed(_WithdrawalEvent, acts.ByHand):
    """M-Pesa will not pay; the amount held goes back to the wallet."""

    reason: str


class PaymentProgressed(Event):
    """A payment entered a state that moves nothing in its player's wallet: the prompt is on the phone, a person looks
    at it, what was paid by hand goes back, …"""

    source = "betsafi.payment"
    version = 2
    reads = frozenset({1, 2})
    payment_id: Id
    user_id: Id
    kind: Literal["DEPOSIT", "WITHDRAWAL"]
    status: str
    amount_cents: Cents
    reason: str | None = None
    payment_version: int | None = None


class SuspenseReceived(Event):
    """M-Pesa took a paybill payment whose account number is nobody's; it stands in suspense under its receipt."""

    source = "betsafi.payment"
    receipt: Id
    amount_cents: Cents
    provider: str | None = None


class SuspenseReturned(Event, acts.ByHand):
    """Money in suspense went back to its sender by a reversal. An assigned one is published as DepositCompleted."""

    source = "betsafi.payment"
    receipt: Id
    amount_cents: Cents
    provider: str | None = None


class _ReversalEvent(Event, acts.ByHand):
    source = "betsafi.payment"
    reversal_id: Id
    deposit_id: Id
    user_id: Id
    amount_cents: Cents
    credit_cents: Cents
    excise_cents: Cents


class DepositReversed(_ReversalEvent):
    """M-Pesa gave a mistaken deposit back: `credit_cents`, held in the wallet under `reversal_id`, leaves it."""

    provider: str | None = None


class DepositReversalFailed(_ReversalEvent):
    """The deposit stays; what is held under `reversal_id` goes back to the wallet."""

    reason: str


class PaymentStaffActed(acts.StaffActed):
    """Somebody of the staff did, proposed or refused something in this service: see `acts.StaffActed`."""

    source = "betsafi.payment"


del _DepositEvent, _WithdrawalEvent, _ReversalEvent
