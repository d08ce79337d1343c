"""What a competition's rules say of games that are late, broken off or without a result. No I/O.

Rules have a date from which they hold; what counts is the rule of the day on which the game was to begin, when its
bets were placed. A competition without rules of its own has the operator's (`competition_rules.json`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bet import wording
from betsafi import clock, inputs
from betsafi.errors import InvalidInput

_A_YEAR = 24 * 366
_MOST = 10


@dataclass(frozen=True)
class Rules:
    """Rules from a day on (Nairobi).

    `shortest_play_minutes`: how long after its start a game cannot be over. `wait_hours`: how long a game that was
    postponed, interrupted or abandoned is waited for, counted from its start; what is decided by then stands, the rest
    is void. `void_after_hours`: when a game without any result is void, counted from its start (None: traders decide).
    """

    begins: date
    shortest_play_minutes: int
    wait_hours: int
    void_after_hours: int | None

    @property
    def shortest_play(self) -> timedelta:
        """How long after its start a game cannot be over."""
        return timedelta(minutes=self.shortest_play_minutes)

    @property
    def wait(self) -> timedelta:
        """How long after its start a game that did not take place, or not to its end, is waited for."""
        return timedelta(hours=self.wait_hours)

    @property
    def void_after(self) -> timedelta | None:
        """How long after its start a game without any result is void."""
        return None if self.void_after_hours is None else timedelta(hours=self.void_after_hours)


def rules(given: Any, field: str = "rules") -> list[Rules]:
    """Return rules in the order of their days. Raises InvalidInput for two of one day, or numbers that cannot be."""
    if not isinstance(given, list) or len(given) > _MOST:
        raise InvalidInput(wording.rules(field, _MOST))
    found = sorted((_rule(row, f"{field}.{n}") for n, row in enumerate(given)), key=lambda rule: rule.begins)
    if len({rule.begins for rule in found}) < len(found):
        raise InvalidInput(wording.rules(field, _MOST))
    return found


def _rule(row: dict[str, Any], field: str) -> Rules:
    void_after = row.get("voidAfterHours")
    return Rules(
        inputs.day(row.get("from"), f"{field}.from"),
        inputs.whole(row.get("shortestPlayMinutes"), f"{field}.shortestPlayMinutes", 1, 60 * 24 * 7),
        inputs.whole(row.get("waitHours"), f"{field}.waitHours", 1, _A_YEAR),
        None if void_after is None else inputs.whole(void_after, f"{field}.voidAfterHours", 1, _A_YEAR),
    )


def as_rows(found: Sequence[Rules]) -> list[dict[str, Any]]:
    """Return rules as they are given and kept."""
    return [
        {
            "from": rule.begins.isoformat(),
            "shortestPlayMinutes": rule.shortest_play_minutes,
            "waitHours": rule.wait_hours,
            "voidAfterHours": rule.void_after_hours,
        }
        for rule in found
    ]


def rules_of(own: Sequence[Rules], starts_at: datetime) -> Rules:
    """Return the rule for a game: its competition's newest that holds on the day of its start, else the operator's.

    The operator's first rule holds for all days before it too.
    """
    day = starts_at.astimezone(clock.NAIROBI).date()
    for rows in (own, OPERATORS):
        if holding := [rule for rule in rows if rule.begins <= day]:
            return holding[-1]
    return OPERATORS[0]


def waited_until(fixture: Mapping[str, Any]) -> str | None:
    """Return until when bets were placed on a start that a postponed fixture has been moved too far from, or None.

    A game is waited for by the rule of the start that the bets saw.
    """
    own, begins = rules(fixture["rules"]), clock.parse_stamp(fixture["starts_at"])
    untils = [
        past["until"]
        for past in fixture.get("postponed", [])
        if begins - (saw := clock.parse_stamp(past["starts_at"])) >= rules_of(own, saw).wait
    ]
    return max(untils, default=None)


OPERATORS = rules(json.loads(Path(__file__).with_name("competition_rules.json").read_text()))
