"""What the notifications service takes in, checked."""

from dataclasses import dataclass
from typing import Any, Literal

from betsafi.errors import InvalidInput
from betsafi.ids import identifier

Channel = Literal["SMS", "INBOX"]

MAX_IDS = 50


@dataclass(frozen=True)
class Contact:
    """How to reach a player, as the users service says; never written down here."""

    phone_number: str
    language: str

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Contact":
        """Read the users API's answer. Raises KeyError when the number or the language is missing."""
        return cls(answer["phoneNumber"], answer["language"])


def note_ids(value: Any) -> list[str]:
    """Return the ids to mark. Raises InvalidInput for none, more than 50, or one that cannot be an id."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_IDS:
        raise InvalidInput(f"Give 1 to {MAX_IDS} ids of notifications.")
    return [identifier(note_id, name="Each of ids") for note_id in value]
