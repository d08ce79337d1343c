"""Those who carry messages to phones and mailboxes: SNS and SES.

Their own error texts repeat the phone number or the address, so only an error's code leaves this file.
"""

from dataclasses import dataclass
from typing import Annotated

from botocore.exceptions import BotoCoreError, ClientError

from betsafi import aws, sms
from betsafi.settings import Must, read_settings
from betsafi.sms import CarrierMisconfigured, CarrierUnavailable, Undeliverable

__all__ = ["CarrierMisconfigured", "CarrierUnavailable", "Undeliverable", "send_email", "send_sms"]

_ADDRESS = r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+"
_REFUSED_ADDRESS = {"MessageRejected", "InvalidParameterValue"}


@dataclass(frozen=True)
class Settings:
    """Who e-mails come from."""

    email_from: Annotated[str, Must(like=rf"{_ADDRESS}|[^<>@]+ <{_ADDRESS}>")]


settings = read_settings(Settings)
send_sms = sms.sender()


def send_email(address: str, subject: str, text: str) -> None:
    """Hand one plain-text e-mail to SES, at least once. Raises as `send_sms`."""
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
        raise sms.translated("SES", error, _REFUSED_ADDRESS) from None
