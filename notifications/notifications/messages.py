"""Which template notifies a player of a fact, given what they were notified of before. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Values = Mapping[str, int | str]


@dataclass(frozen=True)
class Fact:
    """What happened to a player: of two facts about one `subject` the lower `version` is discarded.

    `values` are what the template's placeholders stand for: cents, moments, words of the lexicon, counts.
    `decided_cents` is what a bet pays by its newest result; None for all that is no result. `turn` separates facts
    of one subject that read the same: which reckoning of the bet, which change of the status.
    """

    user_id: str
    subject: str
    version: int
    template: str
    values: Values = field(default_factory=dict)
    decided_cents: int | None = None
    turn: int = 0

    @property
    def name(self) -> str:
        """What the fact is known by, under whatever version: an operator may publish it anew under a later one."""
        return f"{self.template}.{self.turn}"

    def is_in(self, note: dict[str, Any]) -> bool:
        """Return whether a note is about this very fact."""
        return bool(note["fact"] == self.name)


class Message(NamedTuple):
    """A template and what its placeholders stand for."""

    template: str
    values: Values


def message(fact: Fact, earlier: dict[str, Any] | None) -> Message:
    """Return how to notify somebody of a fact, whose last note about the subject is `earlier`.

    A result other than the one that the player knows of is a correction; `taken` is what it takes back.
    """
    told = _told(earlier)
    if told is None:
        return Message(fact.template, fact.values)
    if fact.decided_cents is not None:
        template = fact.template.replace("BET_", "BET_CORRECTED_")
        return Message(template, {**fact.values, "taken": max(0, told - fact.decided_cents)})
    taken: dict[str, int | str] = {"taken": told} if fact.template == "BET_REOPENED" else {}
    return Message(fact.template, {**fact.values, **taken})


def known_after(fact: Fact, earlier: dict[str, Any] | None) -> int | None:
    """Return what the player knows that a bet pays, once they are notified of the fact; None: they know no result."""
    return _told(earlier) if fact.decided_cents is None else fact.decided_cents


def _told(earlier: dict[str, Any] | None) -> int | None:
    return earlier["told_cents"] if earlier else None
