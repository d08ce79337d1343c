"""What M-Pesa knows us by, from one secret: read when first needed (never at import), kept for a few minutes.

People fill the secret in, so each field is checked when it is read. One that cannot be right is logged by its name,
never its value, and counts as blank: what needs it is refused before anything is sent, and the rest goes on.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from botocore.exceptions import BotoCoreError, ClientError

from betsafi import clock
from betsafi.aws import client, error_code, is_misconfigured
from betsafi.errors import Misconfigured, Unavailable
from betsafi.settings import is_fit
from betsafi.telemetry import misconfigured
from payment import callbacks, wording
from payment.settings import settings
from payment.states import DEPOSIT

LIFETIME_SECONDS = 300
_RSA_BYTES = (128, 256, 384, 512)


@dataclass(frozen=True)
class Credentials:
    """The secret's fields. `callback_keys`: the present key first, then the one before it, while it is rotated.

    `nominated_number` is the phone that M-Pesa wants to know for pulls. `initiator_password_set_at` is the date (ISO)
    of the password inside the security credential, which lasts 90 days.
    """

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    shortcode: str
    passkey: str = field(repr=False)
    payout_shortcode: str
    initiator_name: str
    security_credential: str = field(repr=False)
    callback_keys: tuple[str, ...] = field(repr=False)
    nominated_number: str = field(default="", repr=False)
    initiator_password_set_at: str = ""

    @property
    def can_take(self) -> bool:
        """Whether everything for an STK push is there (a new deployment's secret has blanks)."""
        return not self.lacking_to_take

    @property
    def can_pay(self) -> bool:
        """Whether everything for a B2C payment is there."""
        return not self.lacking_to_pay

    @property
    def lacking_to_take(self) -> list[str]:
        """The fields of an STK push that are blank, or cannot be right."""
        return self._lacking({"shortcode": self.shortcode, "passkey": self.passkey})

    @property
    def lacking_to_pay(self) -> list[str]:
        """The fields of a B2C payment that are blank, or cannot be right."""
        payout = {"payoutShortcode": self.payout_shortcode, "initiatorName": self.initiator_name}
        return self._lacking(payout | {"securityCredential": self.security_credential})

    def _lacking(self, ours: dict[str, str]) -> list[str]:
        keys = {"consumerKey": self.consumer_key, "consumerSecret": self.consumer_secret}
        return [name for name, value in (keys | ours | {"callbackKey": self.callback_keys[0]}).items() if not value]


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _is_sealed(text: str) -> bool:
    """Whether it is base64 of what an RSA key encrypted; a password in the clear is not."""
    try:
        return len(base64.b64decode(text, validate=True)) in _RSA_BYTES
    except binascii.Error:
        return False


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text) is not None
    except ValueError:
        return False


FIELDS: dict[str, Callable[[str], bool]] = {
    "consumerKey": _like(r"[!-~]{8,128}"),
    "consumerSecret": _like(r"[!-~]{8,128}"),
    "shortcode": _like(r"\d{5,7}"),
    "passkey": _like(r"[!-~]{32,128}"),
    "payoutShortcode": _like(r"\d{5,7}"),
    "initiatorName": _like(r"[!-~]{1,64}"),
    "securityCredential": _is_sealed,
    "callbackKey": _like(r"[!-~]{16,128}"),
    "previousCallbackKey": _like(r"[!-~]{16,128}"),
    "nominatedNumber": _like(r"254[17]\d{8}"),
    "initiatorPasswordSetAt": _is_date,
}
"""The secret's fields, and what each can be. A blank is not filled in yet, which is no mistake."""


def callback_url(kind: str, about: str) -> str:
    """Return the address at which M-Pesa shall call us. Raises BadCallbackUrl, also where none is set.

    Raises Misconfigured without a key: we would not believe what comes back.
    """
    if not credentials().callback_keys[0]:
        raise Misconfigured
    return callbacks.url(settings.callback_base_url, credentials().callback_keys[0], kind, about)


def lacking(kind: str) -> list[str]:
    """Return the settings and fields without which no DEPOSIT is taken, or no WITHDRAWAL paid."""
    ours = credentials().lacking_to_take if kind == DEPOSIT else credentials().lacking_to_pay
    return ours + ([] if settings.callback_base_url else ["CALLBACK_BASE_URL"])


_kept: tuple[float, Credentials] | None = None


def credentials() -> Credentials:
    """Return the credentials, at most LIFETIME_SECONDS old, so that a rotated secret is soon in use.

    Raises Unavailable, Misconfigured where there is no such secret, we may not read it, or it is none of ours.
    """
    global _kept
    now = clock.monotonic()
    if _kept is None or now - _kept[0] > LIFETIME_SECONDS:
        _kept = (now, _read())
    return _kept[1]


def _read() -> Credentials:
    try:
        text = client("secretsmanager").get_secret_value(SecretId=settings.daraja_secret_id)["SecretString"]
    except (ClientError, BotoCoreError) as error:
        if not is_misconfigured(error):
            raise Unavailable(wording.KEYS_UNREADABLE) from error
        misconfigured("Secrets Manager", error=error_code(error))
        raise Misconfigured from error
    return parse(text)


def parse(text: str) -> Credentials:
    """Return what a secret says; a field that cannot be right is counted, named and blank. Raises Misconfigured."""
    try:
        secret = dict(json.loads(text))
    except (ValueError, TypeError):
        misconfigured("M-Pesa's secret", problem="it is no JSON object")
        raise Misconfigured from None
    given = {name: secret.get(name) or "" for name in FIELDS}
    wrong = [name for name, value in given.items() if value and not _can_be(name, value)]
    if wrong:
        misconfigured("M-Pesa's secret", fields=wrong)
    good = given | dict.fromkeys(wrong, "")
    return Credentials(
        consumer_key=good["consumerKey"],
        consumer_secret=good["consumerSecret"],
        shortcode=good["shortcode"],
        passkey=good["passkey"],
        payout_shortcode=good["payoutShortcode"],
        initiator_name=good["initiatorName"],
        security_credential=good["securityCredential"],
        callback_keys=(good["callbackKey"], *filter(None, [good["previousCallbackKey"]])),
        nominated_number=good["nominatedNumber"],
        initiator_password_set_at=good["initiatorPasswordSetAt"],
    )


def _can_be(name: str, value: object) -> bool:
    return isinstance(value, str) and is_fit(value) and FIELDS[name](value)
