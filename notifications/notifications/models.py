"""What the notifications service takes in, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from betsafi.errors import DomainError, InvalidInput
from betsafi.ids import identifier
from notifications import wording
from notifications.categories import OUTSIDE, RULES, Category, Channel

Platform = Literal["ANDROID", "IOS"]

MAX_IDS = 50
PLATFORMS: tuple[Platform, ...] = ("ANDROID", "IOS")
_TOKEN = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9:_.=/+-]{16,1000}")
"""FCM's and APNs's tokens, whose form neither promises; none is a mere number."""


class CannotSwitchOff(DomainError):
    """A message about money must reach its player outside of the inbox."""

    code = "CANNOT_SWITCH_OFF"
    sw = "Ujumbe huu lazima ukufikie pia nje ya programu. Chagua njia nyingine moja au zaidi."


class CategoryFixed(DomainError):
    """How messages of this category go out is not for choosing."""

    code = "CATEGORY_FIXED"
    sw = "Njia za ujumbe wa aina hii haziwezi kuchaguliwa."


class TooManyDevices(DomainError):
    """A player has as many apps as are kept."""

    code = "TOO_MANY_DEVICES"
    sw = "Una vifaa vingi mno. Tafadhali wasiliana nasi."


@dataclass(frozen=True)
class Contact:
    """How to reach a player, as the users service says; never written down here."""

    phone_number: str
    language: str
    email: str = ""
    active: bool = True

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Contact":
        """Read the users API's answer. Raises KeyError when the number or the language is missing."""
        return cls(
            answer["phoneNumber"],
            answer["language"],
            answer.get("email") or "",
            answer.get("status", "ACTIVE") == "ACTIVE",
        )


def note_ids(value: Any) -> list[str]:
    """Return the ids to mark. Raises InvalidInput for none, more than 50, or one that cannot be an id."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_IDS:
        raise InvalidInput(wording.IDS.format(first=1, last=MAX_IDS))
    return [identifier(note_id, name="ids") for note_id in value]


def object_of(value: Any, name: str) -> Mapping[str, Any]:
    """Return an input object unchanged. Raises InvalidInput for what is none."""
    if not isinstance(value, Mapping):
        raise InvalidInput(wording.OBJECT.format(name=name))
    return value


def choices(value: Any) -> dict[Category, list[Channel]]:
    """Return the channels of each category that a player chooses, in the order in which they are tried.

    Raises InvalidInput for what is no such list, CategoryFixed, CannotSwitchOff.
    """
    given = [] if value is None else value
    if not isinstance(given, list) or len(given) > len(RULES):
        raise InvalidInput(wording.CATEGORIES)
    found: dict[Category, list[Channel]] = {}
    for each in given:
        category, channels = _choice(each)
        if category in found:
            raise InvalidInput(wording.CATEGORIES)
        found[category] = channels
    return found


def _choice(value: Any) -> tuple[Category, list[Channel]]:
    if not isinstance(value, Mapping) or value.get("category") not in RULES:
        raise InvalidInput(wording.CATEGORY.format(known=", ".join(RULES)))
    category: Category = value["category"]
    given = value.get("channels")
    if not isinstance(given, list) or not all(isinstance(channel, str) for channel in given):
        raise InvalidInput(wording.CHANNEL_LIST)
    if len(set(given)) != len(given) or not set(given) <= {*OUTSIDE, "INBOX"}:
        raise InvalidInput(wording.CHANNELS)
    rules = RULES[category]
    if not rules.chosen:
        raise CategoryFixed(wording.BY_SMS, category=category)
    outside: list[Channel] = [channel for channel in given if channel != "INBOX"]
    if rules.must_reach and not outside:
        raise CannotSwitchOff(wording.ABOUT_MONEY, category=category)
    return category, outside


def consent(value: Any) -> bool | None:
    """Return whether a player wants offers; None where they do not say. Raises InvalidInput."""
    if value is not None and not isinstance(value, bool):
        raise InvalidInput(wording.CONSENT)
    return value


def push_token(value: Any) -> str:
    """Return a device's token unchanged. Raises InvalidInput for what cannot be one."""
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise InvalidInput(wording.TOKEN)
    return value


def platform(value: Any) -> Platform:
    """Return whose push service a token is of. Raises InvalidInput."""
    if value not in PLATFORMS:
        raise InvalidInput(wording.PLATFORM)
    found: Platform = value
    return found
