"""What payment asks the users service: the phone to prompt or pay, and whether its owner is active. Never kept."""

from dataclasses import dataclass, field

from betsafi.service_client import ServiceClient
from payment.models import msisdn
from payment.settings import settings

_users = ServiceClient(settings.users_url)


@dataclass(frozen=True)
class Contact:
    """A player's number as M-Pesa writes it (254…) and status."""

    phone: str = field(repr=False)
    status: str


def contact(user_id: str) -> Contact:
    """Return the player's contact. Raises Refused (NOT_FOUND), Unavailable."""
    answer = _users.call("GET", f"/users/{user_id}/contact")
    return Contact(msisdn(answer["phoneNumber"]), answer["status"])
