"""What a market's specifiers say, in one canonical text such as `hcp=-0.75|score=1:0`. No I/O.

Numbers are whole numbers of quarters, here and in expressions, so that every line is exact: 2.5 is 10.
"""

import re
from collections.abc import Mapping

from bet import wording
from betsafi.errors import InvalidInput

FORMS = ("quarter", "half", "handicap", "count", "score")
"""A line above 0 by quarters; one between two whole numbers; one by quarters of either sign; 1, 2, 3 …; and `2:1`."""
MOST = 99
"""The highest whole number that a value has; as many goals of a side as a match record takes."""
LONGEST_VALUES = {"quarter": 5, "half": 4, "handicap": 6, "count": 2, "score": 5}

_NUMBER = re.compile(r"([+-]?)([0-9]{1,3})(?:\.([0-9]{1,2}))?")
_SCORE = re.compile(r"([0-9]{1,2}):([0-9]{1,2})")
_FRACTIONS = ("", ".25", ".5", ".75")


def quarters(text: str) -> int | None:
    """Return a decimal number in quarters ("-0.75" is -3), or None for what is no number or falls between two."""
    if (match := _NUMBER.fullmatch(text)) is None:
        return None
    sign, whole, fraction = match.groups(default="")
    rest, between = divmod(int(fraction.ljust(2, "0")), 25)
    return None if between else (int(whole) * 4 + rest) * (-1 if sign == "-" else 1)


def number(value: int, *, signed: bool = False) -> str:
    """Return quarters as decimal text, the shortest that there is; `signed`: with a plus above zero."""
    whole, rest = divmod(abs(value), 4)
    return f"{'-' if value < 0 else '+' if signed and value else ''}{whole}{_FRACTIONS[rest]}"


def canonical_value(form: str, text: str) -> str | None:
    """Return the one text of a value of that form, or None for what is no such value."""
    if form == "score":
        match = _SCORE.fullmatch(text)
        return f"{int(match[1])}:{int(match[2])}" if match else None
    value = quarters(text)
    if value is None or abs(value) >= (MOST + 1) * 4 or (form != "handicap" and value <= 0):
        return None
    if (form == "count" and value % 4) or (form == "half" and value % 4 != 2):
        return None
    return number(value)


def given_as_text(text: str) -> dict[str, str]:
    """Return values by name of `name=value|name=value`. Raises InvalidInput for anything else, or a name twice."""
    pairs = [part.partition("=") for part in text.split("|")] if text else []
    values = {name: value for name, _, value in pairs}
    if len(values) != len(pairs):
        raise InvalidInput(wording.SPECIFIER_TWICE)
    return values


def canonical(forms: Mapping[str, str], defaults: Mapping[str, str], given: str | Mapping[str, str]) -> str:
    """Return the canonical text of the values: by name, without those that stand at their default.

    Raises InvalidInput for a name that is not in `forms`, a value of another form, and one that lacks.
    """
    values = given_as_text(given) if isinstance(given, str) else given
    if set(values) - set(forms):
        raise InvalidInput(wording.specifiers_known(list(forms)))
    found = {}
    for name, form in sorted(forms.items()):
        text = values.get(name, defaults.get(name, ""))
        value = canonical_value(form, text) if isinstance(text, str) else None
        if value is None:
            raise InvalidInput(wording.specifier_form(name, form))
        if value != defaults.get(name):
            found[name] = value
    return "|".join(f"{name}={value}" for name, value in found.items())


def all_values(defaults: Mapping[str, str], canonical_text: str) -> dict[str, str]:
    """Return every value by name, defaults included, of a canonical text."""
    return {**defaults, **given_as_text(canonical_text)}


def in_quarters(name: str, value: str) -> dict[str, int]:
    """Return what expressions call a canonical value: `total`, or `score.home` and `score.away`."""
    home, colon, away = value.partition(":")
    if colon:
        return {f"{name}.home": int(home) * 4, f"{name}.away": int(away) * 4}
    return {name: quarters(value) or 0}
