"""What Africa's Talking knows us by, from one secret: read when first needed, kept for a few minutes."""

import json
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from betsafi import clock
from betsafi.aws import client, error_code, is_misconfigured
from betsafi.settings import is_fit, read_settings
from betsafi.telemetry import misconfigured
from notifications.carriers.base import CarrierMisconfigured, CarrierUnavailable

_LIFETIME_SECONDS = 300


@dataclass(frozen=True)
class Settings:
    """Where the secret is; empty where SMS go by another carrier."""

    carrier_secret_id: str = ""


@dataclass(frozen=True)
class Credentials:
    """The account at Africa's Talking, and the key that proves that who posts a report was given its address."""

    username: str
    api_key: str = field(repr=False)
    report_key: str = field(repr=False)


settings = read_settings(Settings)
_kept: list[tuple[float, Credentials]] = []


def credentials() -> Credentials:
    """Return what is in the secret. Raises CarrierMisconfigured where it cannot be right, CarrierUnavailable."""
    if _kept and _kept[0][0] > clock.monotonic():
        return _kept[0][1]
    try:
        text = client("secretsmanager").get_secret_value(SecretId=settings.carrier_secret_id)["SecretString"]
    except (ClientError, BotoCoreError) as error:
        if is_misconfigured(error):
            misconfigured("Secrets Manager", error=error_code(error))
            raise CarrierMisconfigured(error_code(error)) from None
        raise CarrierUnavailable(error_code(error)) from None
    found = _read(text)
    _kept[:] = [(clock.monotonic() + _LIFETIME_SECONDS, found)]
    return found


def _read(text: str) -> Credentials:
    try:
        given = json.loads(text)
        names = [name for name in ("username", "apiKey", "reportKey") if not is_fit(str(given.get(name) or ""))]
    except (ValueError, AttributeError):
        given, names = {}, ["the secret"]
    if names:
        misconfigured("Africa's Talking", lacking=names)
        raise CarrierMisconfigured("CREDENTIALS")
    return Credentials(given["username"], given["apiKey"], given["reportKey"])
