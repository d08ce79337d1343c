"""Real games as openfootball publishes them, and what had to be invented so that every market has a result.

Of the league, teams, half-time and full-time scores are real; minutes, the order of goals within a half, corners and
cards are invented, by the seed. The World Cup is as it is published: goals with their minutes, extra time, penalties;
nothing is invented, so its games have no corners and no cards.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.support.openfootball import match_record_of

LEAGUE, WORLD_CUP = "2023-24-en.1.json", "worldcup-2022.json"
INVENTED = "of the league: minutes and order of goals within a half, corners, cards; of the World Cup: nothing"
CONTRADICTORY = (("Netherlands", "Argentina"), ("Japan", "Spain"), ("Serbia", "Switzerland"))
"""Games of the World Cup whose published half-time score is not that of their published goals.

Each is settled without its half-time score, once it was refused with it.
"""
_HALVES = {"FIRST_HALF": (1, 45), "SECOND_HALF": (46, 90)}
_AT_ONCE = 8
"""How many games of the World Cup make a round here: its own have 1 to 8."""


class Entry(NamedTuple):
    """A goal, a corner or a card: HOME or AWAY, its period, its minute, and a card's colour."""

    side: str
    period: str
    minute: int
    colour: str = ""


@dataclass(frozen=True)
class Game:
    """A game that is over. Without corners and cards none are recorded."""

    goals: tuple[Entry, ...]
    corners: tuple[Entry, ...] | None = None
    cards: tuple[Entry, ...] | None = None
    penalties: tuple[int, int] | None = None

    def record(self, ended: int = 4) -> dict[str, Any]:
        """Return its match record at the end of so many periods; what is only known after the game comes then."""
        periods = ("FIRST_HALF", "SECOND_HALF", "EXTRA_TIME", "PENALTIES")[:ended]
        over = ended == 4
        return {
            "ended": list(periods),
            "goals": [_row(goal) for goal in self.goals if goal.period in periods],
            "corners": [_row(entry) for entry in self.corners] if over and self.corners is not None else None,
            "cards": [_row(entry) for entry in self.cards] if over and self.cards is not None else None,
            "penalties": {"home": self.penalties[0], "away": self.penalties[1]} if over and self.penalties else None,
        }

    def but_for_one_goal(self) -> "Game":
        """Return the game as somebody has it who missed its last goal, or saw one that never was."""
        if self.goals and self.penalties is None:
            return replace(self, goals=self.goals[:-1])
        return replace(self, goals=(Entry("HOME", "FIRST_HALF", 1), *self.goals))


class Fixture(NamedTuple):
    """A game to bet on. `score` is what the publisher has to check its goals by; `contradictory`: they differ."""

    fixture_id: str
    home: str
    away: str
    kick_off: datetime
    world_cup: bool
    game: Game
    score: dict[str, Any]
    contradictory: bool

    @property
    def record(self) -> dict[str, Any]:
        """Its match record, with the published scores to check it by where they are sound."""
        score = {k: v for k, v in self.score.items() if not (self.contradictory and k == "FIRST_HALF")}
        return {**self.game.record(), "score": score}

    @property
    def published(self) -> dict[str, Any]:
        """Its match record with the scores as they are published."""
        return {**self.game.record(), "score": self.score}


def read(world_cup: Path, league: Path, seed: int) -> list[list[Fixture]]:
    """Return the rounds of the World Cup and of the league, as in two files; the same for the same seed."""
    return [*_world_cup(_matches(world_cup)), *_league(_matches(league), seed)]


def _matches(file: Path) -> list[dict[str, Any]]:
    """Return the games of a file of openfootball's, or of an excerpt, which is a list."""
    found = json.loads(file.read_text(encoding="utf-8"))
    matches: list[dict[str, Any]] = found["matches"] if isinstance(found, dict) else found
    return matches


def _world_cup(matches: list[dict[str, Any]]) -> list[list[Fixture]]:
    matches = sorted(matches, key=_kick_off)
    rounds = [matches[at : at + _AT_ONCE] for at in range(0, len(matches), _AT_ONCE)]
    return [[_real(match, f"wc-{number}-{n}") for n, match in enumerate(each)] for number, each in enumerate(rounds)]


def _real(match: dict[str, Any], name: str) -> Fixture:
    """Return a game whose goals have minutes."""
    published = match_record_of({"goals1": [], "goals2": [], **match})
    goals = tuple(Entry(goal["side"], goal["period"], goal["minute"]) for goal in published["goals"])
    shoot_out = published["penalties"]
    game = Game(goals, penalties=(shoot_out["home"], shoot_out["away"]) if shoot_out else None)
    teams = match["team1"], match["team2"]
    return Fixture(name, *teams, _kick_off(match), True, game, published["score"], teams in CONTRADICTORY)


def _league(matches: list[dict[str, Any]], seed: int) -> list[list[Fixture]]:
    rounds: dict[str, list[Fixture]] = {}
    for number, match in enumerate(matches):
        full = match["score"]["ft"]
        half = match["score"].get("ht", full if full == [0, 0] else None)
        if half is None:
            raise ValueError(f"{match['team1']} against {match['team2']} has no half-time score")
        game = invented(half, full, Random(f"{seed}|{number}"))
        score = {"FIRST_HALF": _pair(half), "REGULAR": _pair(full)}
        teams = match["team1"], match["team2"]
        fixture = Fixture(f"en-{number}", *teams, _kick_off(match), False, game, score, False)
        rounds.setdefault(match["round"], []).append(fixture)
    return [sorted(each, key=lambda fixture: fixture.kick_off) for each in rounds.values()]


def invented(half: list[int], full: list[int], random: Random) -> Game:
    """Return a game with these real scores; whatever else is in it is invented."""
    goals = [Entry(side, "FIRST_HALF", 0) for n, side in enumerate(("HOME", "AWAY")) for _ in range(half[n])]
    goals += [
        Entry(side, "SECOND_HALF", 0) for n, side in enumerate(("HOME", "AWAY")) for _ in range(full[n] - half[n])
    ]
    return Game(
        _timed(goals, random),
        corners=_timed([_somewhere(random) for _ in range(random.randint(4, 16))], random),
        cards=_timed([_somewhere(random, _colour(random)) for _ in range(random.randint(0, 8))], random),
    )


def _somewhere(random: Random, colour: str = "") -> Entry:
    return Entry(random.choice(("HOME", "AWAY")), random.choice(tuple(_HALVES)), 0, colour)


def _colour(random: Random) -> str:
    return random.choices(("YELLOW", "SECOND_YELLOW", "RED"), (90, 5, 5))[0]


def _timed(entries: list[Entry], random: Random) -> tuple[Entry, ...]:
    timed = [entry._replace(minute=random.randint(*_HALVES[entry.period])) for entry in entries]
    return tuple(sorted(timed, key=lambda entry: entry.minute))


def _row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"side": entry.side, "period": entry.period, "minute": entry.minute}
    return {**row, "colour": entry.colour} if entry.colour else row


def _pair(pair: list[int]) -> dict[str, int]:
    return {"home": pair[0], "away": pair[1]}


def _kick_off(match: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(f"{match['date']}T{match.get('time', '12:00')}:00+00:00")


def on_the_calendar(fixtures: list[Fixture], begins: datetime, most: timedelta) -> list[Fixture]:
    """Return a round as played from a moment on, its games as far apart as they were, but at most so much."""
    first = fixtures[0].kick_off
    return [each._replace(kick_off=begins + min(each.kick_off - first, most)) for each in fixtures]
