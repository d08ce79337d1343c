"""What payment does about users' events; it may be called again, in any order."""

from betsafi.consumer import Consumer
from betsafi.events import Envelope
from betsafi.events.users import UserProtectionChanged, UserReinstated, UserSuspended
from payment.stores import protection

handler = Consumer()


@handler.consumes(UserProtectionChanged)
def protect(event: UserProtectionChanged, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    protection.keep_protection(event.user_id, event.protection)


@handler.consumes(UserSuspended)
def suspend(event: UserSuspended, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    protection.keep_status(event.user_id, event.status, event.status_version)


@handler.consumes(UserReinstated)
def reinstate(event: UserReinstated, envelope: Envelope) -> None:
    """The backstop of the synchronous call."""
    protection.keep_status(event.user_id, "ACTIVE", event.status_version)
