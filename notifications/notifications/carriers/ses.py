"""E-mail through SES, to the address that a player has verified with users."""

from betsafi import mail
from betsafi.dynamodb import Item
from notifications import users_api
from notifications.carriers.base import Undeliverable

_send = mail.sender()


def send(note: Item) -> str:
    """Hand a note over as an e-mail; return "". Raises Undeliverable, CarrierUnavailable, CarrierMisconfigured."""
    contact = users_api.contact(note["user_id"])
    if not contact.email:
        raise Undeliverable("NO_ADDRESS")
    _send(contact.email, note["title"], note["text"])
    return ""
