"""A match record: what happened in a game so far, checked, and what it still leaves open. No I/O.

It holds goals, corners and cards in the order in which they came, and which periods have ended. A period that is not
played (extra time, penalties) ends with the game. What has not ended can still grow; what has not been recorded at all
(corners or cards: null) is open for ever.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bet import wording
from bet.markets.expressions import Interval
from bet.markets.specifiers import MOST
from bet.refusals import Contradiction
from betsafi.errors import InvalidInput
from betsafi.inputs import whole

PERIODS = ("FIRST_HALF", "SECOND_HALF", "EXTRA_TIME", "PENALTIES")
_PLAYED = PERIODS[:3]
_MINUTES = {"FIRST_HALF": (1, 65), "SECOND_HALF": (46, 120), "EXTRA_TIME": (91, 150)}
"""Stoppage time counts on, or stands at 45, 90 and 120."""
SPANS: Mapping[str, Sequence[str]] = {
    "FIRST_HALF": ("FIRST_HALF",),
    "SECOND_HALF": ("SECOND_HALF",),
    "EXTRA_TIME": ("EXTRA_TIME",),
    "REGULAR": ("FIRST_HALF", "SECOND_HALF"),
    "ALL": _PLAYED,
}
"""What a definition's period, or a score, is made of. Penalties are in none of them."""
_BOOKINGS = {"YELLOW": 1, "SECOND_YELLOW": 2, "RED": 2}
"""A second yellow card counts as the red one that it becomes, so no player counts more than 3.

Source: https://help.playandpredict.io/en/articles/686225-booking-markets-cards.
"""
_SIDES = {"HOME": 1, "AWAY": -1}
_FIELDS = ("ended", "goals", "corners", "cards", "penalties", "score")


class Entry(NamedTuple):
    """A goal, a corner or a card: its side (1 home, -1 away), its period, what it counts, and its minute, if known."""

    side: int
    period: str
    counts: int
    minute: int | None = None


class Record(NamedTuple):
    """A checked match record. `entries` by measure; None: not recorded. `ended`: the periods that have ended."""

    ended: tuple[str, ...]
    entries: Mapping[str, tuple[Entry, ...] | None]
    penalties: tuple[int, int] | None


def match_record(given: Any) -> Record:
    """Return the checked record. Raises InvalidInput, and Contradiction where it says two things at once."""
    if not isinstance(given, dict) or set(given) - set(_FIELDS) or "ended" not in given or "goals" not in given:
        raise InvalidInput(wording.record_fields(_FIELDS))
    ended = given["ended"]
    if not isinstance(ended, list) or ended != list(PERIODS[: len(ended)]):
        raise InvalidInput(wording.ended_periods(PERIODS))
    begun = PERIODS[: len(ended) + 1]
    entries = {
        "goals": _entries(given["goals"], "goals", begun),
        "corners": _entries(given.get("corners"), "corners", begun, recorded=False),
        "bookings": _entries(given.get("cards"), "cards", begun, recorded=False),
    }
    record = Record(tuple(ended), entries, _penalties(given.get("penalties"), begun, len(ended) == len(PERIODS)))
    _check_score(record, given.get("score"))
    return record


def _entries(given: Any, name: str, begun: Sequence[str], *, recorded: bool = True) -> tuple[Entry, ...] | None:
    if given is None and not recorded:
        return None
    if not isinstance(given, list) or len(given) > MOST:
        raise InvalidInput(wording.list_of(name, MOST))
    found: list[Entry] = []
    latest = (0, 0)
    for position, row in enumerate(given):
        place = f"{name}[{position}]"
        entry = _entry(row, place, cards=name == "cards")
        if entry.period not in begun:
            raise Contradiction(wording.not_begun(place, entry.period))
        period = PERIODS.index(entry.period)
        now = period, entry.minute or (latest[1] if period == latest[0] else 0)
        if now < latest:
            raise Contradiction(wording.out_of_order(place))
        latest = now
        found.append(entry)
    return tuple(found)


def _entry(row: Any, place: str, *, cards: bool) -> Entry:
    fields = {"side", "period", "minute"} | ({"colour"} if cards else set())
    if not isinstance(row, dict) or set(row) - fields:
        raise InvalidInput(wording.entry_fields(place, sorted(fields)))
    side = _one_of(row.get("side"), f"{place}.side", _SIDES)
    period = _one_of(row.get("period"), f"{place}.period", _PLAYED)
    counts = _BOOKINGS[_one_of(row.get("colour"), f"{place}.colour", _BOOKINGS)] if cards else 1
    minute = row.get("minute")
    if minute is not None:
        minute = whole(minute, f"{place}.minute", *_MINUTES[period])
    return Entry(_SIDES[side], period, counts, minute)


def _one_of(value: Any, name: str, choices: Mapping[str, Any] | Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise InvalidInput(wording.one_of(name, list(choices)))
    return value


def _pair(given: Any, name: str) -> tuple[int, int]:
    if not isinstance(given, dict) or set(given) != {"home", "away"}:
        raise InvalidInput(wording.home_and_away(name))
    return whole(given["home"], f"{name}.home", 0, MOST), whole(given["away"], f"{name}.away", 0, MOST)


def _penalties(given: Any, begun: Sequence[str], over: bool) -> tuple[int, int] | None:
    if given is None:
        return None
    scored = _pair(given, "penalties")
    if "PENALTIES" not in begun:
        raise Contradiction(wording.not_begun("penalties", "PENALTIES"))
    if over and scored[0] == scored[1]:
        raise Contradiction(wording.LEVEL_PENALTIES)
    return scored


def _check_score(record: Record, given: Any) -> None:
    """Compare a score with the goals, period by period. Raises Contradiction with the first that differs."""
    if given is None:
        return
    if not isinstance(given, dict) or set(given) - set(SPANS):
        raise InvalidInput(wording.score_periods(list(SPANS)))
    for period, score in given.items():
        said, goals = _pair(score, f"score.{period}"), tuple(_count(record, "goals", period, side) for side in (1, -1))
        if said != goals:
            raise Contradiction(wording.score_differs(period, said, goals), period=period)


def score(record: Record) -> dict[str, list[int]]:
    """Return the goals of both sides, home first: `REGULAR`, each half that has begun, and `PENALTIES` where given.

    `EXTRA_TIME` only where a goal was scored in it: one that was not played has ended too.
    """
    shown = ["REGULAR", *PERIODS[: min(2, len(record.ended) + 1)], "EXTRA_TIME"]
    found = {name: [_count(record, "goals", name, side) for side in (1, -1)] for name in shown}
    if not any(found["EXTRA_TIME"]):
        del found["EXTRA_TIME"]
    return {**found, **({"PENALTIES": [*record.penalties]} if record.penalties else {})}


def newest_minute(record: Record) -> int | None:
    """Return the minute of the newest goal, corner or card whose minute was recorded, or None."""
    entries = [entry for found in record.entries.values() for entry in found or () if entry.minute is not None]
    return max(entries, key=lambda entry: (PERIODS.index(entry.period), entry.minute)).minute if entries else None


def _count(record: Record, measure: str, period: str, side: int) -> int:
    entries = record.entries[measure] or ()
    return sum(entry.counts for entry in entries if entry.side == side and entry.period in SPANS[period])


def _from(least: int, *, final: bool) -> Interval:
    return least * 4, least * 4 if final else None


def _is_final(record: Record, measure: str, period: str) -> bool:
    return record.entries[measure] is not None and set(SPANS[period]) <= set(record.ended)


def names(record: Record, measure: str, period: str, number: int | None = None) -> dict[str, Interval]:
    """Return, in quarters, all that expressions know of the record, for a definition's measure and period.

    `number`: of which goal (corner, card) of that period `scorer` is the side; without it there is no scorer.
    """
    found: dict[str, Interval] = {}
    for prefix, span in (("", period), *_PREFIXES.items()):
        for side, name in ((1, "home"), (-1, "away")):
            count = _count(record, measure, span, side)
            found[prefix + name] = _from(count, final=_is_final(record, measure, span))
    for position, name in enumerate(("home", "away")):
        scored = record.penalties[position] if record.penalties else 0
        found[f"penalties.{name}"] = _from(scored, final="PENALTIES" in record.ended)
    final = _is_final(record, measure, "REGULAR")
    found["lead.home"], found["lead.away"] = (_from(_lead(record, measure, side), final=final) for side in (1, -1))
    if number is not None:
        found["scorer"] = _scorer(record, measure, period, number)
    return found


_PREFIXES = {
    "first.": "FIRST_HALF",
    "second.": "SECOND_HALF",
    "regular.": "REGULAR",
    "extra.": "EXTRA_TIME",
    "all.": "ALL",
}
NAMES = frozenset(
    f"{prefix}{side}" for prefix in ("", *_PREFIXES, "penalties.", "lead.") for side in ("home", "away")
) | {"scorer"}
"""Every name that `names` gives."""


def _lead(record: Record, measure: str, side: int) -> int:
    """The greatest lead of a side at any moment of regular time so far; 0 if it never led."""
    lead = greatest = 0
    for entry in record.entries[measure] or ():
        if entry.period in SPANS["REGULAR"]:
            lead += entry.counts * entry.side * side
            greatest = max(greatest, lead)
    return greatest


def _scorer(record: Record, measure: str, period: str, number: int) -> Interval:
    sides = [entry.side for entry in record.entries[measure] or () if entry.period in SPANS[period]]
    if number <= len(sides):
        return sides[number - 1] * 4, sides[number - 1] * 4
    return (0, 0) if _is_final(record, measure, period) else (-4, 4)
