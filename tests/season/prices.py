"""A model that prices the markets of a game: goals by Poisson, each team's share by the season's table, and a margin.

A price is worked out on games that are drawn from the model, so that every kind of market has one that fits the others.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import exp
from random import Random

from tests.season.games import Entry, Fixture, Game, invented
from tests.season.outcomes import OUTCOMES, Facts, result
from tests.support.books import shortened

_DRAWN = 240
_MARGIN = 0.07
_LEAST_BOOK = "1.05"
"""What a small competition's must be."""
_LEAST, _MOST = 1.02, 40.0
_FIRST_HALF = 0.45
_SHRINK = 5
"""Games of an average team that are added to each team's own."""

Strength = dict[str, tuple[float, float]]
Market = tuple[str, str]
"""A kind of market and its specifiers."""


def strengths(fixtures: Sequence[Fixture]) -> Strength:
    """Return by team how many times the average goals it scores, and lets in."""
    scored, against, games = Counter[str](), Counter[str](), Counter[str]()
    for fixture in fixtures:
        home, away = Facts(fixture.game).full
        for team, own, other in ((fixture.home, home, away), (fixture.away, away, home)):
            scored[team] += own
            against[team] += other
            games[team] += 1
    average = sum(scored.values()) / sum(games.values())

    def times(goals: Counter[str], team: str) -> float:
        return (goals[team] + _SHRINK * average) / (games[team] + _SHRINK) / average

    return {team: (times(scored, team), times(against, team)) for team in games}


def markets(fixture: Fixture, random: Random) -> list[Market]:
    """Return the markets of a game: one or more of every kind; corners and cards where they are recorded."""

    def line(*values: str) -> str:
        return f"total={random.choice(values)}"

    def handicap(*values: str) -> str:
        return f"hcp={random.choice(values)}"

    low = ("0.5", "0.75", "1", "1.25", "1.5")
    found = [(kind, "") for kind in ("1", "60200", "10", "11", "186", "26", "29", "60", "47", "35", "45")]
    found += [("8", f"goalnr={number}") for number in (1, random.choice((2, 3)))]
    found += [("18", line("1.5", "2", "2.25")), ("18", "total=2.5"), ("18", line("2.75", "3", "3.25", "3.5"))]
    found += [("19", line(*low)), ("20", line(*low)), ("68", line(*low)), ("90", line(*low, "1.75", "2"))]
    found += [("14", handicap("0:1", "1:0", "0:2")), ("66", handicap("-0.25", "0", "0.25", "0.5"))]
    found += [("16", handicap("-1.5", "-1", "-0.75", "-0.5", "-0.25")), ("16", handicap("0", "0.25", "0.75", "1.25"))]
    found += [("36", line("1.5", "2.5", "3.5")), ("37", line("1.5", "2.5", "3.5"))]
    if random.random() < 0.1:
        found.append(("16", handicap("-0.75", "0.25") + "|score=1:0"))
    if not fixture.world_cup:
        found += [("166", line("8.5", "9.5", "9.75", "10", "10.25")), ("139", line("2.5", "3", "3.25", "4.5"))]
    return found


def odds(fixture: Fixture, market: Market, table: Strength) -> dict[str, str]:
    """Return a market's odds by outcome; where the longest and the shortest price eat the margin up, all shorter."""
    (home, home_lets), (away, away_lets) = table[fixture.home], table[fixture.away]
    return _odds(round(1.55 * home * away_lets, 1), round(1.25 * away * home_lets, 1), market)


@lru_cache(maxsize=65_536)
def _odds(home: float, away: float, market: Market) -> dict[str, str]:
    kind, specifiers = market
    spec = dict(pair.split("=") for pair in specifiers.split("|")) if specifiers else {}
    priced = {outcome: _price(kind, spec, outcome, _drawn(home, away)) for outcome in OUTCOMES[kind]}
    return shortened(priced, _LEAST_BOOK, winners=2 if kind == "10" else 1)


def _price(kind: str, spec: dict[str, str], outcome: str, drawn: list[Facts]) -> str:
    """Return the odds at which a stake would come back whole, on average, less the margin."""
    came = Counter(result(kind, spec, outcome, facts) for facts in drawn)
    comes_back = came["VOID"] + (came["HALF_WON"] + came["HALF_LOST"]) / 2
    times = came["WON"] + came["HALF_WON"] / 2
    fair = (len(drawn) - comes_back) / max(times, 1)
    return f"{min(_MOST, max(_LEAST, fair * (1 - _MARGIN))):.2f}"


@lru_cache(maxsize=1024)
def _drawn(home: float, away: float) -> list[Facts]:
    random = Random(f"{home}|{away}")
    return [Facts(_draw(home, away, random)) for _ in range(_DRAWN)]


def _draw(home: float, away: float, random: Random) -> Game:
    half = [_poisson(mean * _FIRST_HALF, random) for mean in (home, away)]
    full = [n + _poisson(mean * (1 - _FIRST_HALF), random) for n, mean in zip(half, (home, away), strict=True)]
    game = invented(half, full, random)
    if full[0] != full[1]:
        return game
    return Game((*game.goals, Entry(random.choice(("HOME", "AWAY")), "EXTRA_TIME", 105)), game.corners, game.cards)


def _poisson(mean: float, random: Random) -> int:
    least, number, drawn = exp(-mean), 0, random.random()
    while drawn > least:
        number += 1
        drawn *= random.random()
    return number
