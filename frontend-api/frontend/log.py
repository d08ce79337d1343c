"""A player's log of updates: which of their things changed under which number, each thing once. No I/O.

Numbers begin with 1 and have no gap. What the log still knows reaches back to its `floor`: whoever has seen all up to
there, or more, is told of everything since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from betsafi.errors import DomainError
from betsafi.languages import Both

Kind = Literal["BET", "WALLET", "PAYMENT", "NOTIFICATION"]

KEPT = 14
"""So many things stay in a log however old they are: the item is then below 1 KB, which is one write unit."""
KEPT_SECONDS = 600
"""What is not older stays too, so that a cut during which many bets are settled is filled."""
MOST = 200
"""And no more than these, whatever happens: some 13 KB."""


class CursorExpired(DomainError):
    """More has changed since than the log still knows; `info` has the cursor to go on from."""

    code = "CURSOR_EXPIRED"
    sw = "Mengi yamebadilika tangu hapo. Pakia kila kitu upya."


@dataclass(frozen=True)
class Thing:
    """One thing of a player's; a wallet has no id.

    `posted`: which result of a bet is known to be posted by the wallet; of a payment 1, if its end is.
    """

    kind: Kind
    id: str = ""
    posted: int | None = None


@dataclass(frozen=True)
class Entry:
    """The newest change of a thing: its number, and when it was noted, in seconds since 1970."""

    number: int
    at: int
    thing: Thing


@dataclass(frozen=True)
class Log:
    """What changed up to the number `last`, ordered by number."""

    last: int = 0
    floor: int = 0
    entries: tuple[Entry, ...] = ()

    def thing(self, kind: Kind, thing_id: str) -> Thing | None:
        """Return a thing as it was noted last; None if that is not known any more."""
        found = (each.thing for each in self.entries if (each.thing.kind, each.thing.id) == (kind, thing_id))
        return next(found, None)


@dataclass(frozen=True)
class Part:
    """Some of what changed since, up to a number, and whether there is more."""

    entries: tuple[Entry, ...]
    up_to: int
    more: bool


def appended(log: Log, updates: Iterable[Sequence[Thing]], moment: int) -> Log:
    """Return the log after updates, each of which takes the next number for all that it is about."""
    entries, last = {(each.thing.kind, each.thing.id): each for each in log.entries}, log.last
    for last, things in enumerate(updates, log.last + 1):
        for thing in things:
            before = entries.pop((thing.kind, thing.id), None)
            posted = _newer(thing.posted, before.thing.posted if before else None)
            entries[thing.kind, thing.id] = Entry(last, moment, replace(thing, posted=posted))
    return _trimmed(Log(last, log.floor, tuple(entries.values())), moment)


def since(log: Log, number: int, limit: int) -> Part:
    """Return what changed after a number, at most `limit` numbers of it. Raises CursorExpired."""
    if number < log.floor:
        raise CursorExpired(
            Both(
                "Too much has changed since then. Load everything again.",
                "Mengi yamebadilika tangu hapo. Pakia kila kitu upya.",
            )
        )
    later = [each for each in log.entries if each.number > number]
    numbers = sorted({each.number for each in later})
    more = len(numbers) > limit
    up_to = numbers[limit - 1] if more else log.last
    return Part(tuple(each for each in later if each.number <= up_to), up_to, more)


def _newer(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else max(one, other)


def _trimmed(log: Log, moment: int) -> Log:
    """Forget what is too old or too much, the oldest first."""
    entries, floor = list(log.entries), log.floor
    while len(entries) > MOST or (len(entries) > KEPT and entries[0].at < moment - KEPT_SECONDS):
        floor = entries.pop(0).number  # each turn forgets one
    return Log(log.last, floor, tuple(entries))
