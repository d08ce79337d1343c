"""What teams, competitions and countries are called, in both languages, and how people look for them. No I/O."""

import unicodedata
from typing import Any

from bet import wording
from betsafi import inputs
from betsafi.errors import InvalidInput

LANGUAGES = ("en", "sw")
LONGEST = 60
"""How many characters a name has at most; a bet keeps five of them for each of its legs."""
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": "", "'": ""}
)
"""What Unicode does not take apart into a letter and its accent, and what nobody types."""

Names = dict[str, str]


def names(given: Any, field: str) -> Names:
    """Return a name by language; without one in Kiswahili it is the English one. Raises InvalidInput."""
    if not isinstance(given, dict) or not set(given) <= set(LANGUAGES):
        raise InvalidInput(wording.names_by_language(field))
    english = inputs.text(given.get("en"), f"{field}.en", 1, LONGEST)
    kiswahili = given.get("sw")
    return {"en": english, "sw": english if kiswahili is None else inputs.text(kiswahili, f"{field}.sw", 1, LONGEST)}


def folded(text: str) -> str:
    """Return a text as people search for it: small letters and digits without accents, words parted by one space."""
    plain = unicodedata.normalize("NFKD", text)
    for _ in range(2):  # a second time for what only the first one brings to light
        plain = unicodedata.normalize("NFKD", plain.casefold())
    plain = plain.translate(_LETTERS)
    return " ".join(
        "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)).split()
    )


def tokens(*called: Names) -> list[str]:
    """Return the beginnings under which something is found: in each language its name from each of its words on."""
    found: dict[str, None] = {}
    for each in called:
        for language in LANGUAGES:
            words = folded(each[language]).split()
            found.update(dict.fromkeys(" ".join(words[n:]) for n in range(len(words))))
    return list(found)
