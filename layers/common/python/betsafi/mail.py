"""E-mails through SES. It may repeat the address in its error texts, so only an error's code leaves this file."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from betsafi import aws
from betsafi.settings import read_settings
from betsafi.sms import CarrierMisconfigured, CarrierUnavailable, Undeliverable
from betsafi.telemetry import misconfigured

_REFUSED_US = {
    "AccountSuspendedException", "MailFromDomainNotVerifiedException", "MessageRejected", "NotFoundException",
    "SendingPausedException",
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Who e-mails come from; empty: there are none."""

    email_from: str = ""


Send = Callable[[str, str, str], None]
"""(address, subject, text): hand one e-mail to SES, at least once. Raises as `sms.Send`."""


def sender() -> Send:
    """Return the function that sends an e-mail, its settings read now; where they name no sender, it sends none."""
    settings = read_settings(Settings)

    def send(address: str, subject: str, text: str) -> None:
        if not settings.email_from:
            raise Undeliverable("NO_SENDER")
        body = {"Text": {"Data": text, "Charset": "UTF-8"}}
        try:
            aws.client("sesv2").send_email(
                FromEmailAddress=settings.email_from,
                Destination={"ToAddresses": [address]},
                Content={"Simple": {"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body}},
            )
        except (ClientError, BotoCoreError) as error:
            raise _translated(error) from None

    return send


def _translated(error: Exception) -> Exception:
    """Return what SES's refusal means."""
    code = aws.error_code(error)
    if aws.is_misconfigured(error) or code in _REFUSED_US:
        misconfigured("SES", error=code)
        return CarrierMisconfigured(code)
    return Undeliverable(code) if code == "BadRequestException" else CarrierUnavailable(code)
