"""What teams, competitions and countries are called, in both languages, and how people look for them. No I/O.

What is found by name has an item of its own for each beginning (`tokens`), below the first two letters of that.
"""

import unicodedata
from typing import Any

from bet import wording
from betsafi import inputs
from betsafi.errors import InvalidInput

LANGUAGES = ("en", "sw")
LONGEST = 60
"""How many characters a name has at most; a bet keeps five of them for each of its legs."""
SHORTEST_SEARCH = 2
_MOST_TOKENS = 16
_LONGEST_TEXT = 64
"""Characters, of at most four bytes; folding makes up to eighteen of one."""
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


def sought(text: str) -> str:
    """Return a text as it is searched for. Raises InvalidInput for one without two letters or digits."""
    if len(wanted := folded(text)) < SHORTEST_SEARCH:
        raise InvalidInput(wording.TOO_SHORT_TO_SEARCH)
    return wanted


def search_keys(among: str, found_id: str, *called: Names) -> list[tuple[str, str]]:
    """Return the keys under which something is found `among` its like by the beginning of a word of its names."""
    long_enough = [token for token in tokens(*called) if len(token) >= SHORTEST_SEARCH]
    keys = [(searched(among, token), f"{search_text(token)}#{found_id}") for token in long_enough]
    return list(dict.fromkeys(keys))[:_MOST_TOKENS]


def searched(among: str, wanted: str) -> str:
    """Return the partition in which a folded text is searched for."""
    return f"SEARCH#{among}{wanted[:SHORTEST_SEARCH]}"


def search_text(wanted: str) -> str:
    """Return as much of a folded text as a key can hold."""
    return wanted[:_LONGEST_TEXT]
