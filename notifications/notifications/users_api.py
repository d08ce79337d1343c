"""The users service, as notifications calls it: how to reach a player."""

from dataclasses import dataclass

from betsafi.errors import Erased
from betsafi.service_client import Refused, ServiceClient
from betsafi.settings import Url, read_settings
from notifications.models import Contact


@dataclass(frozen=True)
class Settings:
    """Where users is."""

    users_url: Url


_client = ServiceClient(read_settings(Settings).users_url)


def contact(user_id: str) -> Contact:
    """Return how to reach a player, as users says now. Raises Erased, Refused (NOT_FOUND), Unavailable."""
    try:
        return Contact.of(_client.call("GET", f"/users/{user_id}/contact"))
    except Refused as refusal:
        if refusal.code == Erased.code:
            raise Erased(refusal.message) from refusal
        raise
