"""SMS through SNS, for the services that send them: notifications, and users its codes.

SNS repeats the phone number in its error texts, so only an error's code leaves this file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from betsafi import aws
from betsafi.settings import Must, Url, read_settings
from betsafi.telemetry import misconfigured

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""Fewer attempts than elsewhere: a lost answer that is asked for again is a second SMS; who called tries again too."""

_REFUSED_NUMBER = {"InvalidParameter", "ParameterValueInvalid", "OptedOut", "UserError"}
_REFUSED_US = {
    "EndpointDisabled", "KMSAccessDenied", "KMSDisabled", "KMSInvalidState", "KMSNotFound", "KMSOptInRequired",
}  # fmt: skip
_REFUSED_US_IN_WORDS = ("is not verified", "sandbox", "senderid", "sender id")
"""What makes a refusal ours to mend though its code is also one for a recipient: in the sandbox, a number that nobody
verified; a sender id that is not registered."""


@dataclass(frozen=True)
class Settings:
    """Who SMS come from, and where they go on a laptop."""

    sms_sender_id: Annotated[str, Must(like="(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}")] = ""
    sms_endpoint_url: Url = ""


class Undeliverable(Exception):
    """The carrier refuses this recipient for good. `code` is the carrier's error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CarrierUnavailable(Exception):
    """The carrier did not take the message now (throttled, spent limit, outage); it must be tried again."""


class CarrierMisconfigured(CarrierUnavailable):
    """The carrier takes no message of ours until a person mends a permission, a sender, or leaves the sandbox.

    It raises an alarm at once and is tried again: at last it waits in the dead-letter queue for the mending.
    """


Send = Callable[[str, str], None]
"""(phone number, text): hand one SMS to SNS, at least once. Raises Undeliverable, CarrierUnavailable,
CarrierMisconfigured."""


def sender() -> Send:
    """Return the function that sends an SMS, its settings read now."""
    settings = read_settings(Settings)
    attributes = {"AWS.SNS.SMS.SMSType": "Transactional"}
    if settings.sms_sender_id:
        attributes["AWS.SNS.SMS.SenderID"] = settings.sms_sender_id
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}

    @cache
    def client() -> Any:
        return aws.session().create_client("sns", endpoint_url=settings.sms_endpoint_url or None, config=_CONFIG)

    def send(phone_number: str, text: str) -> None:
        try:
            client().publish(PhoneNumber=phone_number, Message=text, MessageAttributes=typed)
        except (ClientError, BotoCoreError) as error:
            raise _translated(error) from None

    return send


def _translated(error: Exception) -> Exception:
    """Return what SNS's refusal means."""
    code = aws.error_code(error)
    if aws.is_misconfigured(error) or code in _REFUSED_US or (code in _REFUSED_NUMBER and _is_about_us(error)):
        misconfigured("SNS", error=code)
        return CarrierMisconfigured(code)
    return Undeliverable(code) if code in _REFUSED_NUMBER else CarrierUnavailable(code)


def _is_about_us(error: Exception) -> bool:
    """Read SNS's own words, which go no further: they repeat the number."""
    words = str(error).casefold()
    return any(part in words for part in _REFUSED_US_IN_WORDS)
