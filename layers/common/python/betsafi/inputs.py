"""What comes from outside, checked: texts, times and whole numbers (ids: `betsafi.ids`, amounts: `betsafi.money`).

Each check names the field in its sentence and raises InvalidInput. Handlers check everything that they were given
before they look anything up, so bad input changes nothing, and its refusal shows nothing of what is kept.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from betsafi import clock
from betsafi.errors import InvalidInput
from betsafi.languages import Both

LONGEST_TEXT = 4_000
"""Above the longest text of any field, which is a cursor."""
DEEPEST = 10
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2099, 12, 31)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Far from the years 1 and 9999, so that no zone and no period reaches beyond what a calendar holds."""

FROM_AFTER_TO = Both(
    "from is after to. Give the earlier moment first.",
    "from iko baada ya to. Anza na muda wa mapema.",
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]"
)
"""Control characters, line breaks, and what shows nothing and yet counts as printable: fillers, joiners, selectors."""
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = re.compile(
    _DAY + r"T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)",
)


def check_storable(given: Any) -> None:
    """Raise InvalidInput for what no field takes and no table keeps, wherever it stands in JSON-like input.

    That is a text or a name above LONGEST_TEXT, NUL or half of a surrogate pair in one, and nesting below DEEPEST.
    """
    waiting: list[tuple[str, Any, int]] = [("", given, 0)]
    while waiting:
        place, value, depth = waiting.pop()
        if isinstance(value, str):
            _check_text(value, place)
        elif depth > DEEPEST:
            raise InvalidInput(
                Both(f"{place[:100]} is nested too deeply.", f"{place[:100]} ina tabaka nyingi mno ndani yake.")
            )
        elif isinstance(value, dict):
            for name, member in value.items():
                _check_text(name, "The name of a field")
                waiting.append((f"{place}.{name}".lstrip("."), member, depth + 1))
        elif isinstance(value, list):
            waiting += [(place, member, depth + 1) for member in value]


def _check_text(value: str, place: str) -> None:
    if len(value) > LONGEST_TEXT:
        raise InvalidInput(
            Both(
                f"{place} has at most {LONGEST_TEXT} characters.",
                f"{place} ina herufi {LONGEST_TEXT} kwa wingi.",
            ),
            field=place[:100],
            max=LONGEST_TEXT,
        )
    if _UNSTORABLE.search(value):
        sentence = Both(f"{place} has a character that is none.", f"{place} ina alama ambayo si herufi.")
        raise InvalidInput(sentence, field=place[:100])


def text(value: Any, name: str, shortest: int, longest: int) -> str:
    """Return a text of one line that people will read; blanks are cut at its ends and are one space each inside.

    Raises InvalidInput unless that leaves `shortest` to `longest` characters, none of which breaks the line, controls
    something, changes the direction of writing or shows nothing: what is kept is what is seen.
    """
    line = " ".join(value.split()) if isinstance(value, str) and not _UNSEEN.search(value) else ""
    if not shortest <= len(line) <= longest or not line.isprintable():
        raise InvalidInput(
            Both(
                f"{name} has {shortest} to {longest} characters on one line, all of them visible.",
                f"{name} ina herufi {shortest} hadi {longest} kwenye mstari mmoja, zote zinazoonekana.",
            ),
            field=name,
            min=shortest,
            max=longest,
        )
    return line


def moment(value: Any, name: str) -> datetime:
    """Return a moment in UTC. Raises InvalidInput unless it is a date and a time with a zone, from 1970 to 2099."""
    try:
        found = clock.parse_stamp(value) if isinstance(value, str) and _MOMENT.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found < LATEST:
        raise InvalidInput(
            Both(
                f"{name} is a date and time with a zone, from 1970 to 2099, for example 2026-12-01T16:00:00Z.",
                f"{name} ni tarehe na saa yenye ukanda wake, 1970 hadi 2099, kwa mfano 2026-12-01T16:00:00Z.",
            ),
            field=name,
        )
    return found


def between(arguments: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the stamps of `from` and `to`, both included, each None where it is not given. Raises InvalidInput."""
    given = {name: arguments.get(name) for name in ("from", "to")}
    since, until = (None if each is None else clock.stamp(moment(each, name)) for name, each in given.items())
    if since and until and since > until:
        raise InvalidInput(FROM_AFTER_TO)
    return since, until


def day(value: Any, name: str) -> date:
    """Return a day. Raises InvalidInput unless it is written like 2026-12-31 and from 1900 to 2099."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and re.fullmatch(_DAY, value) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST_DAY <= found <= LATEST_DAY:
        raise InvalidInput(
            Both(
                f"{name} is a day from 1900 to 2099, written like 2026-12-31.",
                f"{name} ni siku kuanzia 1900 hadi 2099, ikiandikwa kama 2026-12-31.",
            ),
            field=name,
        )
    return found


def whole(value: Any, name: str, lowest: int, highest: int) -> int:
    """Return a whole number. Raises InvalidInput unless it is one from `lowest` to `highest`."""
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise InvalidInput(
            Both(
                f"{name} is a whole number from {lowest} to {highest}.",
                f"{name} ni namba nzima kuanzia {lowest} hadi {highest}.",
            ),
            field=name,
            min=lowest,
            max=highest,
        )
    return value
