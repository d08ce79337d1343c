"""What staff of every service did, from the bus into the one trail; and marks of harm, from what is paid in
and what protects a player.
"""

from betsafi.consumer import Consumer
from betsafi.events import Envelope
from betsafi.events.acts import StaffActed
from betsafi.events.bet import BetStaffActed
from betsafi.events.payment import DepositCompleted, DepositFailed, PaymentStaffActed
from betsafi.events.users import UserProtectionChanged, UsersStaffActed
from betsafi.events.wallet import WalletStaffActed
from users import harm
from users.flows import watching
from users.stores import trail

handler = Consumer()


def keep(event: StaffActed, envelope: Envelope) -> None:
    """Keep what somebody of the staff did, once."""
    trail.keep(event.source.removeprefix("betsafi."), event.data())


_ACTS: tuple[type[StaffActed], ...] = (BetStaffActed, PaymentStaffActed, UsersStaffActed, WalletStaffActed)
for model in _ACTS:
    handler.consumes(model)(keep)


@handler.consumes(DepositCompleted)
def deposit_completed(event: DepositCompleted, envelope: Envelope) -> None:
    """Look whether a deposit is a mark of harm."""
    watching.deposited(envelope.id, envelope.time, event.user_id, event.amount_cents)


@handler.consumes(DepositFailed)
def deposit_failed(event: DepositFailed, envelope: Envelope) -> None:
    """A deposit that the player had no money for is a mark of harm; one that they cancelled is none."""
    if event.reason == harm.NO_MONEY:
        watching.declined(envelope.id, envelope.time, event.user_id)


@handler.consumes(UserProtectionChanged)
def protection_changed(event: UserProtectionChanged, envelope: Envelope) -> None:
    """A looser limit that came into force is a mark of harm; a stop of the player's own, or a register's, is logged."""
    if any(change.startswith("loosened.") for change in event.changed):
        watching.limit_raised(envelope.id, envelope.time, event.user_id)
    if event.stop_kind and {"stop", "register"} & set(event.changed):
        watching.protected(envelope.id, envelope.time, event.user_id, event.stop_kind)
