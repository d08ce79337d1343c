"""What the notifications service takes in, checked."""

from dataclasses import dataclass
from typing import Any, Literal

from betsafi.errors import InvalidInput

Channel = Literal["SMS", "EMAIL", "INBOX"]

DEFAULT_PAGE = 20
MAX_PAGE = 100
MAX_IDS = 50


@dataclass(frozen=True)
class Contact:
    """How to reach a player, as the users service says; never written down here."""

    phone_number: str
    language: str
    email: str | None = None

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Contact":
        """Read the users API's answer. Raises KeyError when the number or the language is missing."""
        return cls(answer["phoneNumber"], answer["language"], answer.get("email"))


def page_limit(value: Any) -> int:
    """Return the size of a page: 20 if nobody said. Raises InvalidInput outside 1 to 100."""
    if value is None:
        return DEFAULT_PAGE
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_PAGE:
        raise InvalidInput(f"Ask for 1 to {MAX_PAGE} notifications.")
    return value


def note_ids(value: Any) -> list[str]:
    """Return the ids to mark. Raises InvalidInput for none, more than 50, or one that cannot be an id."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_IDS:
        raise InvalidInput(f"Give 1 to {MAX_IDS} ids of notifications.")
    if not all(isinstance(note_id, str) and 1 <= len(note_id) <= 128 for note_id in value):
        raise InvalidInput("An id of a notification has 1 to 128 characters.")
    return value
