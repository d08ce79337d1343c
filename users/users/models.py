"""What the users service takes in, checked."""

import hmac
import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from betsafi import clock, inputs
from betsafi.errors import DomainError, InvalidInput
from users import wording

MINIMUM_AGE = 18
LONGEST_NAME = 40
LONGEST_STOP_DAYS = 90
"""We decide about a stopped account within this time; a later day takes another decision to stop it."""
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 99
Language = Literal["en", "sw"]
LANGUAGES = get_args(Language)
PHONE = r"\+254[17][0-9]{8}"
_PHONE = re.compile(PHONE)
_DEVICE = re.compile(r"[A-Za-z0-9_-]{22,64}")
LONGEST_EMAIL = 254
_EMAIL = re.compile(
    r"[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
CODE = r"[0-9]{6}"
_CODE = re.compile(CODE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_TAGS = 10
_TAG = re.compile(r"[a-z][a-z0-9-]{1,29}")
_ACTION = re.compile(r"[a-z][A-Za-z]{2,63}")


@dataclass(frozen=True, repr=False)
class Document:
    """Who somebody says they are, and by which document; never shown whole."""

    kind: str
    number: str
    first_name: str
    last_name: str
    birthdate: str

    @property
    def named(self) -> dict[str, str]:
        """Its fields by name, as they are sealed and as the register is asked."""
        return asdict(self)

    @property
    def claimed(self) -> str:
        """What is once in all accounts."""
        return f"{self.kind} {self.number}"


_NUMBERS = {
    "NATIONAL_ID": re.compile(r"[1-9][0-9]{5,8}"),
    "PASSPORT": re.compile(r"[A-Z]{1,2}[0-9]{6,8}[A-Z]?"),
    "ALIEN_ID": re.compile(r"[1-9][0-9]{5,8}"),
}
_NAME = re.compile(r"[^\W\d_]+(?:[ '’.-]+[^\W\d_]+)*\.?")


class InvalidDocument(InvalidInput):
    """The number is not one that this kind of document has."""

    code = "INVALID_DOCUMENT"
    sw = "Namba ya kitambulisho si sahihi. Iandike kama ilivyo kwenye kitambulisho."


def document(given: dict[str, Any]) -> Document:
    """Return who somebody says they are. Raises InvalidInput, InvalidDocument; how old they are is asked elsewhere."""
    kind = given["documentKind"]
    if kind not in _NUMBERS:
        raise InvalidInput(wording.DOCUMENT_KIND)
    number = _plain_number(given["number"])
    if not _NUMBERS[kind].fullmatch(number):
        raise InvalidDocument(wording.DOCUMENT_NUMBER[kind])
    first, last = (_name(given[name], name) for name in ("firstName", "lastName"))
    born = inputs.day(given["birthdate"], "birthdate").isoformat()
    return Document(kind, number, first, last, born)


def same_number(answer: str, number: str) -> bool:
    """Return whether an answer is a document's number, however it is spaced."""
    return hmac.compare_digest(_plain_number(answer).encode(), number.encode())


def _plain_number(text: Any) -> str:
    short = text if isinstance(text, str) and len(text) <= LONGEST_NAME and text.isascii() else ""
    return "".join(short.split()).replace("-", "").upper()


def _name(text: Any, name: str) -> str:
    line = inputs.text(text, name, 1, LONGEST_NAME)
    if not _NAME.fullmatch(line):
        raise InvalidInput(wording.PERSON_NAME.format(name=name))
    return line


def version(text: Any, name: str) -> str:
    """Return the version of a text that was accepted: a day. Raises InvalidInput."""
    return inputs.day(text, name).isoformat()


class InvalidPhoneNumber(InvalidInput):
    """The phone number is not a Kenyan mobile number in international form."""

    code = "INVALID_PHONE_NUMBER"
    sw = "Andika namba yako ya simu kama +254712345678."


class UnderAge(DomainError):
    """Betting is for adults."""

    code = "UNDER_AGE"
    sw = "Lazima uwe na umri wa miaka 18 au zaidi ili kubashiri."
    status = 403


def phone_number(text: Any, name: str = "") -> str:
    """Return a phone number unchanged.

    Raises InvalidPhoneNumber (a prefix alone does not name an operator, so only +2547… and +2541… are asked for).
    """
    if not isinstance(text, str) or not _PHONE.fullmatch(text):
        raise InvalidPhoneNumber(wording.phone_number(name))
    return text


def device_id(text: Any) -> str:
    """Return the id that an app made for its device. Raises InvalidInput unless it can hold 128 random bits."""
    if not isinstance(text, str) or not _DEVICE.fullmatch(text):
        raise InvalidInput(wording.DEVICE_ID)
    return text


def email(text: Any) -> str:
    """Return an e-mail address in small letters. Raises InvalidInput unless it looks like one."""
    if not isinstance(text, str) or len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text):
        raise InvalidInput(wording.EMAIL)
    return text.lower()


def code(text: Any, name: str) -> str:
    """Return a code that somebody was sent. Raises InvalidInput unless it has six digits."""
    if not isinstance(text, str) or not _CODE.fullmatch(text):
        raise InvalidInput(wording.CODE_DIGITS.format(name=name))
    return text


def birthdate(text: Any, today: date) -> str:
    """Return an adult's date of birth unchanged.

    Raises InvalidInput unless it is a day written like 1990-12-31, UnderAge below 18 years on that day in Nairobi.
    """
    try:
        born = date.fromisoformat(text) if isinstance(text, str) and _DAY.fullmatch(text) else None
    except ValueError:
        born = None
    if born is None or today.year - born.year > 120:
        raise InvalidInput(wording.BIRTHDATE)
    if not age_reached(born, MINIMUM_AGE, today):
        raise UnderAge(wording.UNDER_AGE)
    return born.isoformat()


def age_reached(born: date, years: int, today: date) -> bool:
    """Return whether the person has completed that many years (born on 29 February: on 1 March)."""
    return (today.year - born.year) - ((today.month, today.day) < (born.month, born.day)) >= years


def action(given: Any) -> str:
    """Return the name of one of the API's fields, ours or another service's. Raises InvalidInput."""
    if not isinstance(given, str) or not _ACTION.fullmatch(given):
        raise InvalidInput("action is the name of a field of the API, for example grantBonus.")
    return given


def deadline(given: Any) -> date:
    """Return the day by which we decide about a stopped account. Raises InvalidInput before tomorrow or too far."""
    day, today = inputs.day(given, "deadline"), clock.now().astimezone(clock.NAIROBI).date()
    if not today < day <= today + timedelta(days=LONGEST_STOP_DAYS):
        raise InvalidInput(f"deadline is a day from tomorrow to {LONGEST_STOP_DAYS} days from now.")
    return day


def tags(given: Any) -> list[str]:
    """Return tags in order, each once. Raises InvalidInput above ten, or for one that is not like vip or call-back."""
    if not isinstance(given, list) or len(given) > MOST_TAGS:
        raise InvalidInput(f"tags are at most {MOST_TAGS}.")
    if not all(isinstance(tag, str) and _TAG.fullmatch(tag) for tag in given):
        raise InvalidInput("tags have 2 to 30 small letters, digits or hyphens each, a letter first, like call-back.")
    return sorted(set(given))


def profile_changes(arguments: dict[str, Any]) -> dict[str, str]:
    """Return the changes of `updateProfile` by attribute. Raises InvalidInput for a value that cannot be."""
    changes = {}
    if (name := arguments.get("displayName")) is not None:
        changes["display_name"] = inputs.text(name, "displayName", 1, LONGEST_NAME)
    if (language := arguments.get("language")) is not None:
        if language.lower() not in LANGUAGES:
            raise InvalidInput(wording.LANGUAGE)
        changes["language"] = language.lower()
    if not changes:
        raise InvalidInput(wording.NO_CHANGE)
    return changes


def password(text: Any) -> str:
    """Return a password that somebody chose. Raises InvalidInput unless it has 10 to 99 characters, none unseen."""
    if not isinstance(text, str) or not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD or not text.isprintable():
        bounds = {"min": SHORTEST_PASSWORD, "max": LONGEST_PASSWORD}
        raise InvalidInput(wording.password_length(*bounds.values()), field="password", **bounds)
    if text != text.strip():
        raise InvalidInput(wording.PASSWORD_SPACE)
    return text
