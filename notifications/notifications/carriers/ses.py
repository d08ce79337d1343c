"""E-mail through SES, to the address that a player has verified with users."""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from betsafi import aws
from betsafi.dynamodb import Item
from betsafi.settings import read_settings
from betsafi.telemetry import misconfigured
from notifications import users_api
from notifications.carriers.base import CarrierMisconfigured, CarrierUnavailable, Undeliverable

_REFUSED_US = {
    "AccountSuspendedException", "MailFromDomainNotVerifiedException", "MessageRejected", "NotFoundException",
    "SendingPausedException",
}  # fmt: skip
_REFUSED_ADDRESS = {"BadRequestException"}


@dataclass(frozen=True)
class Settings:
    """Who e-mails come from; empty: there are none."""

    email_from: str = ""


settings = read_settings(Settings)


def send(note: Item) -> str:
    """Hand a note over as an e-mail; return "". Raises Undeliverable, CarrierUnavailable, CarrierMisconfigured."""
    contact = users_api.contact(note["user_id"])
    if not contact.email or not settings.email_from:
        raise Undeliverable("NO_ADDRESS")
    body = {"Text": {"Data": note["text"], "Charset": "UTF-8"}}
    try:
        aws.client("sesv2").send_email(
            FromEmailAddress=settings.email_from,
            Destination={"ToAddresses": [contact.email]},
            Content={"Simple": {"Subject": {"Data": note["title"], "Charset": "UTF-8"}, "Body": body}},
        )
    except (ClientError, BotoCoreError) as error:
        raise _translated(error) from None
    return ""


def _translated(error: Exception) -> Exception:
    code = aws.error_code(error)
    if aws.is_misconfigured(error) or code in _REFUSED_US:
        misconfigured("SES", error=code)
        return CarrierMisconfigured(code)
    return Undeliverable(code) if code in _REFUSED_ADDRESS else CarrierUnavailable(code)
