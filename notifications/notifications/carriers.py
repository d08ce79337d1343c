"""Those who carry messages to players: a class each, which says its `channel` and sends.

Their own error texts repeat the phone number, so only an error's code leaves the code that calls them.
"""

from betsafi import sms
from betsafi.sms import CarrierMisconfigured, CarrierUnavailable, Undeliverable
from notifications.models import Channel, Contact
from notifications.templates import SMS_PREFIX

__all__ = ["CarrierMisconfigured", "CarrierUnavailable", "Sms", "Undeliverable", "carrier_for", "send_sms"]

send_sms = sms.sender()


class Sms:
    """SMS through SNS, to the phone that the player has proven."""

    channel: Channel = "SMS"

    def send(self, contact: Contact, title: str, text: str) -> None:
        """Hand one message over, at least once. Raises Undeliverable, CarrierUnavailable, CarrierMisconfigured."""
        send_sms(contact.phone_number, SMS_PREFIX + text)


def carrier_for(contact: Contact) -> Sms:
    """Return who carries messages to a player."""
    return Sms()
