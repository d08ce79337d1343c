"""What staff of every service did, from the bus into the one trail."""

from betsafi.consumer import Consumer
from betsafi.events import Envelope, bet, payment, wallet
from betsafi.events import users as users_events
from betsafi.events.acts import StaffActed
from users import trail

handler = Consumer()


def keep(event: StaffActed, envelope: Envelope) -> None:
    """Keep what somebody of the staff did, once."""
    trail.keep(event.source.removeprefix("betsafi."), event.data())


for module in (bet, payment, users_events, wallet):
    handler.consumes(module.StaffActed)(keep)
