"""What a fact is told as, given what its player was told about the same thing before. No I/O."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Fact:
    """What happened to a player: of two facts about one `subject` the one of the higher `version` is news.

    `decided_cents` is what a bet pays by its newest result; None for all that is no result. `turn` tells facts of one
    subject apart that read the same: which reckoning of the bet, which change of the status.
    """

    user_id: str
    subject: str
    version: int
    template: str
    cents: dict[str, int] = field(default_factory=dict)
    decided_cents: int | None = None
    turn: int = 0

    @property
    def name(self) -> str:
        """What the fact is known by, under whatever version: an operator may publish it anew under a later one."""
        return f"{self.template}.{self.turn}"

    def is_told_by(self, note: dict[str, Any]) -> bool:
        """Return whether a note tells this very fact."""
        return bool(note["fact"] == self.name)


class Message(NamedTuple):
    """A template and its amounts in cents."""

    template: str
    cents: dict[str, int]


def message(fact: Fact, earlier: dict[str, Any] | None) -> Message:
    """Return how to tell a fact to somebody who was last told `earlier`.

    A result other than the one that the player knows of is a correction; `taken` is what it takes back.
    """
    told = _told(earlier)
    if told is None:
        return Message(fact.template, fact.cents)
    if fact.decided_cents is not None:
        template = fact.template.replace("BET_", "BET_CORRECTED_")
        return Message(template, {**fact.cents, "taken": max(0, told - fact.decided_cents)})
    taken = {"taken": told} if fact.template == "BET_REOPENED" else {}
    return Message(fact.template, {**fact.cents, **taken})


def told_after(fact: Fact, earlier: dict[str, Any] | None) -> int | None:
    """Return what the player knows that a bet pays by a result, once they are told of the fact; None: of no result."""
    return _told(earlier) if fact.decided_cents is None else fact.decided_cents


def _told(earlier: dict[str, Any] | None) -> int | None:
    return earlier["told_cents"] if earlier else None
