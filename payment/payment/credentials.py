"""What M-Pesa knows us by, from one secret: read when first needed (never at import), kept for a few minutes."""

import json
from dataclasses import dataclass, field

from betsafi import clock
from betsafi.aws import client
from payment import callbacks
from payment.settings import settings

LIFETIME_SECONDS = 300


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
        return all((self.consumer_key, self.consumer_secret, self.shortcode, self.passkey, self.callback_keys[0]))

    @property
    def can_pay(self) -> bool:
        """Whether everything for a B2C payment is there."""
        ours = (self.payout_shortcode, self.initiator_name, self.security_credential, self.callback_keys[0])
        return all((self.consumer_key, self.consumer_secret, *ours))


def callback_url(door: str, about: str) -> str:
    """Return the address at which M-Pesa shall tell us something. Raises BadCallbackUrl, also where none is set."""
    return callbacks.url(settings.callback_base_url, credentials().callback_keys[0], door, about)


_kept: tuple[float, Credentials] | None = None


def credentials() -> Credentials:
    """Return the credentials, at most LIFETIME_SECONDS old, so that a rotated secret is soon in use."""
    global _kept
    now = clock.monotonic()
    if _kept is None or now - _kept[0] > LIFETIME_SECONDS:
        _kept = (now, _read())
    return _kept[1]


def _read() -> Credentials:
    secret = json.loads(client("secretsmanager").get_secret_value(SecretId=settings.daraja_secret_id)["SecretString"])
    previous = secret.get("previousCallbackKey")
    return Credentials(
        consumer_key=secret["consumerKey"],
        consumer_secret=secret["consumerSecret"],
        shortcode=secret["shortcode"],
        passkey=secret["passkey"],
        payout_shortcode=secret["payoutShortcode"],
        initiator_name=secret["initiatorName"],
        security_credential=secret["securityCredential"],
        callback_keys=(secret["callbackKey"], *([previous] if previous else [])),
        nominated_number=secret.get("nominatedNumber", ""),
        initiator_password_set_at=secret.get("initiatorPasswordSetAt", ""),
    )
