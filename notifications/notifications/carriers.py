"""Those who carry messages to phones and mailboxes: SNS and SES.

Their own error texts repeat the phone number or the address, so only an error's code leaves this file.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from betsafi import aws
from betsafi.settings import read_settings

_SMS_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""Fewer attempts than elsewhere: a lost answer that is asked for again is a second SMS; the queue tries again too."""

_REFUSED_NUMBER = {"InvalidParameter", "ParameterValueInvalid", "OptedOut", "UserError"}
_REFUSED_ADDRESS = {"MessageRejected", "InvalidParameterValue"}


@dataclass(frozen=True)
class Settings:
    """Who messages come from, and where SMS go on a laptop."""

    email_from: str
    sms_sender_id: str = ""
    sms_endpoint_url: str = ""


settings = read_settings(Settings)


class Undeliverable(Exception):
    """The carrier refuses this recipient for good. `code` is the carrier's error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CarrierUnavailable(Exception):
    """The carrier did not take the message now (throttled, spent limit, outage); it must be tried again."""


@cache
def _sns() -> Any:
    return aws.session().create_client("sns", endpoint_url=settings.sms_endpoint_url or None, config=_SMS_CONFIG)


def send_sms(phone_number: str, text: str) -> None:
    """Hand one SMS to SNS, at least once. Raises Undeliverable, CarrierUnavailable."""
    attributes = {"AWS.SNS.SMS.SMSType": "Transactional"}
    if settings.sms_sender_id:
        attributes["AWS.SNS.SMS.SenderID"] = settings.sms_sender_id
    try:
        _sns().publish(
            PhoneNumber=phone_number,
            Message=text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
    except (ClientError, BotoCoreError) as error:
        raise _translated(error, _REFUSED_NUMBER) from None


def send_email(address: str, subject: str, text: str) -> None:
    """Hand one plain-text e-mail to SES, at least once. Raises Undeliverable, CarrierUnavailable."""
    try:
        aws.client("ses").send_email(
            Source=settings.email_from,
            Destination={"ToAddresses": [address]},
            Message={
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
            },
        )
    except (ClientError, BotoCoreError) as error:
        raise _translated(error, _REFUSED_ADDRESS) from None


def _translated(error: Exception, refusals: set[str]) -> Exception:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    return Undeliverable(code) if code in refusals else CarrierUnavailable(code)
