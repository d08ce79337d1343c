"""SMS, by the carrier that is configured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from betsafi.dynamodb import Item
from betsafi.settings import Must, read_settings
from notifications import users_api
from notifications.carriers import africastalking, sns_sms
from notifications.templates import SMS_PREFIX

CARRIERS: dict[str, Callable[[str, str], str]] = {"sns": sns_sms.send, "africastalking": africastalking.send}
"""By name: hand a text over to a phone number, at least once; return under which id it will be reported, or ""."""


@dataclass(frozen=True)
class Settings:
    """Who carries SMS."""

    sms_carrier: Annotated[str, Must(like="|".join(CARRIERS))] = "sns"


settings = read_settings(Settings)


def send(note: Item) -> str:
    """Hand a note over as an SMS to the phone that its player has proven, and return the id of its report or "".

    Raises Undeliverable, CarrierUnavailable, CarrierMisconfigured, and what users refuses with.
    """
    contact = users_api.contact(note["user_id"])
    return CARRIERS[settings.sms_carrier](contact.phone_number, SMS_PREFIX + (note.get("sms") or note["text"]))
