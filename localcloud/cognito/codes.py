"""The codes that Cognito sends: by which medium, to whom, in which words.

MiniStack 1.5.33 has fixed ones, sends none by SMS, and speaks of e-mail where it means a phone.
Source: Amazon Cognito developer guide, "Signing up and confirming user accounts" and "Verifying updates to email
addresses and phone numbers"; API reference, CodeDeliveryDetailsType.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SIGN_UP_CODE, RESET_CODE = "123456", "654321"
MEDIA = {"phone_number": "SMS", "email": "EMAIL"}
"""What may be verified; where there is a choice, Cognito prefers the phone."""


@dataclass(frozen=True)
class Delivery:
    """Where a code goes: to the value of this attribute."""

    attribute: str
    to: str

    @property
    def medium(self) -> str:
        """SMS or EMAIL."""
        return MEDIA[self.attribute]

    def details(self) -> dict[str, str]:
        """Return the CodeDeliveryDetails of an answer, its destination masked."""
        return {
            "AttributeName": self.attribute,
            "DeliveryMedium": self.medium,
            "Destination": masked(self.to),
        }


def masked(address: str) -> str:
    """Return an address as Cognito shows it: `+********0001`, `a***@e***`."""
    if "@" in address:
        local, _, domain = address.partition("@")
        return f"{local[:1]}***@{domain[:1]}***"
    return "+" + "*" * max(0, len(address) - 5) + address[-4:]


def at_sign_up(pool: Mapping[str, Any], attributes: Mapping[str, str]) -> Delivery | None:
    """Return where the code of a sign-up goes; None where the pool verifies nothing that the user has."""
    return _first(attributes, [name for name in MEDIA if name in (pool.get("AutoVerifiedAttributes") or ())])


def at_recovery(pool: Mapping[str, Any], attributes: Mapping[str, str]) -> Delivery | None:
    """Return where the code for a new password goes: to what is verified alone, in the pool's order."""
    mechanisms = (pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms") or []
    chosen = [m["Name"].removeprefix("verified_") for m in sorted(mechanisms, key=lambda m: int(m["Priority"]))]
    names = [name for name in chosen or MEDIA if attributes.get(f"{name}_verified") == "true"]
    return _first(attributes, [name for name in names if name in MEDIA])


def sms(pool: Mapping[str, Any], code: str) -> str:
    """Return the text of the SMS."""
    template = (pool.get("VerificationMessageTemplate") or {}).get("SmsMessage") or pool.get("SmsVerificationMessage")
    return (template or "Your verification code is {####}.").replace("{####}", code)


def by_name(attributes: list[dict[str, str]]) -> dict[str, str]:
    """Return a user's attributes by their names."""
    return {attribute["Name"]: attribute["Value"] for attribute in attributes}


def _first(attributes: Mapping[str, str], names: list[str]) -> Delivery | None:
    return next((Delivery(name, attributes[name]) for name in names if attributes.get(name)), None)
