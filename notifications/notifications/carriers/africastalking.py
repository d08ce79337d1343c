"""SMS through Africa's Talking, an aggregator that reaches every Kenyan network, as its documentation describes it.

POST <url>/version1/messaging: form fields username, to, message, from; header apiKey. It answers 201 with one recipient
and a `statusCode` for it, and posts a report under `messageId` when the network says how it ended.
"""

from dataclasses import dataclass
from typing import Any

import requests

from betsafi import sms
from betsafi.settings import Url, read_settings
from betsafi.telemetry import misconfigured
from notifications.carriers.base import CarrierMisconfigured, CarrierUnavailable, Undeliverable
from notifications.carriers.credentials import credentials

_TAKEN = {100, 101, 102}
_REFUSED_NUMBER = {403, 404, 406, 409}
"""InvalidPhoneNumber, UnsupportedNumberType, UserInBlacklist, DoNotDisturbRejection."""
_REFUSED_US = {401, 402, 405}
"""RiskHold, InvalidSenderId, InsufficientBalance. All other codes may pass: 407 CouldNotRoute, 500 to 502."""
_WAIT_SECONDS = (2, 8)


@dataclass(frozen=True)
class Settings(sms.Settings):
    """Where it is; the sender name is the one that is registered with it."""

    africastalking_url: Url = "https://api.africastalking.com"


settings = read_settings(Settings)


def send(phone_number: str, text: str) -> str:
    """Hand one SMS over, at least once; return the id of its report.

    Raises Undeliverable, CarrierUnavailable, CarrierMisconfigured.
    """
    ours = credentials()
    form = {"username": ours.username, "to": phone_number, "message": text, "bulkSMSMode": "1"}
    if settings.sms_sender_id:
        form["from"] = settings.sms_sender_id
    headers = {"apiKey": ours.api_key, "Accept": "application/json"}
    address = f"{settings.africastalking_url}/version1/messaging"
    try:
        answer = requests.post(address, data=form, headers=headers, timeout=_WAIT_SECONDS)
    except requests.RequestException as error:
        raise CarrierUnavailable(type(error).__name__) from None
    if answer.status_code in (401, 403):
        raise _refused_us(f"HTTP_{answer.status_code}")
    if answer.status_code >= 300:
        raise CarrierUnavailable(f"HTTP_{answer.status_code}")
    return _read(answer)


def _read(answer: requests.Response) -> str:
    try:
        data: dict[str, Any] = answer.json()["SMSMessageData"]
        recipients = data["Recipients"]
        if not recipients:
            raise _refused_us(str(data["Message"])[:40])  # a word for all, such as InvalidSenderId
        code, carrier_id = int(recipients[0]["statusCode"]), str(recipients[0].get("messageId") or "")
    except (ValueError, KeyError, TypeError, IndexError):
        raise CarrierUnavailable("UNREADABLE") from None
    if code in _TAKEN:
        return carrier_id if carrier_id != "None" else ""
    if code in _REFUSED_US:
        raise _refused_us(str(code))
    raise Undeliverable(str(code)) if code in _REFUSED_NUMBER else CarrierUnavailable(str(code))


def _refused_us(code: str) -> CarrierMisconfigured:
    misconfigured("Africa's Talking", error=code)
    return CarrierMisconfigured(code)
