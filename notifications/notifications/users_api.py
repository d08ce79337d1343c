"""The users service, as notifications calls it: how to reach a player."""

from dataclasses import dataclass

from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings
from notifications.models import Contact


@dataclass(frozen=True)
class Settings:
    """Where users is."""

    users_url: Url


_client = ServiceClient(read_settings(Settings).users_url)


def contact(user_id: str) -> Contact:
    """Return how to reach a player, as users says now. Raises Refused (NOT_FOUND), Unavailable."""
    return Contact.of(_client.call("GET", f"/users/{user_id}/contact"))
