"""What staff of every service did, from the bus into the one trail."""

from betsafi.consumer import Consumer
from betsafi.events import Envelope
from betsafi.events.acts import StaffActed
from betsafi.events.bet import BetStaffActed
from betsafi.events.payment import PaymentStaffActed
from betsafi.events.users import UsersStaffActed
from betsafi.events.wallet import WalletStaffActed
from users.stores import trail

handler = Consumer()


def keep(event: StaffActed, envelope: Envelope) -> None:
    """Keep what somebody of the staff did, once."""
    trail.keep(event.source.removeprefix("betsafi."), event.data())


_ACTS: tuple[type[StaffActed], ...] = (BetStaffActed, PaymentStaffActed, UsersStaffActed, WalletStaffActed)
for model in _ACTS:
    handler.consumes(model)(keep)
