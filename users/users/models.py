"""What the users service takes in, checked."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from betsafi import inputs
from betsafi.errors import DomainError, InvalidInput

MINIMUM_AGE = 18
LANGUAGES = ("en", "sw")
_PHONE = re.compile(r"\+254[17]\d{8}")
_ACTION = re.compile(r"[a-z][A-Za-z]{2,63}")

CONTACT = {
    "title": "Contact",
    "type": "object",
    "required": ["userId", "phoneNumber", "language", "status"],
    "properties": {
        "userId": {"type": "string"},
        "phoneNumber": {"type": "string", "pattern": f"^{_PHONE.pattern}$"},
        "language": {"enum": list(LANGUAGES)},
        "status": {"enum": ["ACTIVE", "SUSPENDED"]},
    },
}
"""How to reach a person, as the API tells it, in JSON Schema."""


class InvalidPhoneNumber(InvalidInput):
    """The phone number is not a Kenyan mobile number in international form."""

    code = "INVALID_PHONE_NUMBER"


class UnderAge(DomainError):
    """Betting is for adults."""

    code = "UNDER_AGE"
    status = 403


@dataclass(frozen=True)
class SignUp:
    """A person who wants to sign up, fit to do so."""

    phone_number: str
    birthdate: date


def sign_up(attributes: dict[str, Any], today: date) -> SignUp:
    """Return the checked sign-up of Cognito's user attributes.

    Raises InvalidPhoneNumber (a prefix alone does not name an operator, so only +2547… and +2541… are asked for),
    InvalidInput for a birth date that is none, UnderAge below 18 years on that day in Nairobi.
    """
    phone = attributes.get("phone_number") or ""
    if not _PHONE.fullmatch(phone):
        raise InvalidPhoneNumber("Write your phone number like +254712345678.")
    try:
        birthdate = date.fromisoformat(attributes.get("birthdate") or "")
    except ValueError as error:
        raise InvalidInput("Write your date of birth like 1990-12-31.") from error
    if not age_reached(birthdate, MINIMUM_AGE, today):
        raise UnderAge("You must be at least 18 years old to bet.")
    if today.year - birthdate.year > 120:
        raise InvalidInput("Check your date of birth.")
    return SignUp(phone, birthdate)


def age_reached(birthdate: date, years: int, today: date) -> bool:
    """Return whether the person has completed that many years (born on 29 February: on 1 March)."""
    return (today.year - birthdate.year) - ((today.month, today.day) < (birthdate.month, birthdate.day)) >= years


def action(given: Any) -> str:
    """Return the name of one of the API's fields, ours or another service's. Raises InvalidInput."""
    if not isinstance(given, str) or not _ACTION.fullmatch(given):
        raise InvalidInput("action is the name of a field of the API, for example grantBonus.")
    return given


def profile_changes(arguments: dict[str, Any]) -> dict[str, str]:
    """Return the changes of `updateProfile` by attribute. Raises InvalidInput for an empty or over-long value."""
    changes = {}
    if (name := arguments.get("displayName")) is not None:
        changes["display_name"] = inputs.text(name, "displayName", 1, 40)
    if (language := arguments.get("language")) is not None:
        if language.lower() not in LANGUAGES:
            raise InvalidInput("Choose English (EN) or Kiswahili (SW).")
        changes["language"] = language.lower()
    if not changes:
        raise InvalidInput("Say what to change: displayName or language.")
    return changes
