"""What became of a market, as one would tell a player: the judge of the product's expressions, of which it knows none.

`result` is of a game that is over. `certain` is of one that is at half-time: it plays every second half that there can
be, and what comes out of all of them is certain.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import product

from tests.season.games import Entry, Game

Spec = Mapping[str, str]
_BOOKINGS = {"YELLOW": 1, "RED": 2, "SECOND_YELLOW": 2}
_REGULAR = ("FIRST_HALF", "SECOND_HALF")
_MOST_GOALS = 8
"""Of a second half that is played to see what is certain: more than any line here is away from a half-time score."""


class Facts:
    """What can be said of a game: goals by side in a period, who scored which, who led by how much."""

    def __init__(self, game: Game) -> None:
        self.game = game

    def goals(self, side: str, *periods: str) -> int:
        """Count a side's goals."""
        return sum(goal.side == side and goal.period in periods for goal in self.game.goals)

    @cached_property
    def full(self) -> tuple[int, int]:
        """Goals in regular time."""
        return self.goals("HOME", *_REGULAR), self.goals("AWAY", *_REGULAR)

    @cached_property
    def half(self) -> tuple[int, int]:
        """Goals in the first half."""
        return self.goals("HOME", "FIRST_HALF"), self.goals("AWAY", "FIRST_HALF")

    @cached_property
    def second(self) -> tuple[int, int]:
        """Goals in the second half."""
        return self.full[0] - self.half[0], self.full[1] - self.half[1]

    @cached_property
    def scorers(self) -> list[str]:
        """The sides that scored in regular time, one after the other."""
        return [goal.side for goal in self.game.goals if goal.period in _REGULAR]

    @cached_property
    def two_up(self) -> set[str]:
        """The sides that were two goals ahead at some moment of regular time."""
        ahead, found = 0, set()
        for side in self.scorers:
            ahead += 1 if side == "HOME" else -1
            if abs(ahead) == 2:
                found.add("HOME" if ahead > 0 else "AWAY")
        return found

    @cached_property
    def corners(self) -> int:
        """Corners in regular time."""
        return len(self.game.corners or ())

    @cached_property
    def bookings(self) -> int:
        """Cards in regular time, as they count."""
        return sum(_BOOKINGS[card.colour] for card in self.game.cards or ())

    @cached_property
    def winner(self) -> str:
        """The side that won in the end, penalties included; empty where nobody did."""
        home, away = (self.goals(side, *_REGULAR, "EXTRA_TIME") for side in ("HOME", "AWAY"))
        if home == away and self.game.penalties:
            home, away = self.game.penalties
        return "HOME" if home > away else "AWAY" if away > home else ""


def _sign(score: tuple[int, int]) -> int:
    """0 the home team, 1 a draw, 2 the away team."""
    return 0 if score[0] > score[1] else 1 if score[0] == score[1] else 2


def _both(score: tuple[int, int]) -> bool:
    return min(score) > 0


def _handicap(g: Facts, s: Spec) -> int:
    given = [int(goals) for goals in s["hcp"].split(":")]
    return _sign((g.full[0] + given[0], g.full[1] + given[1]))


def _over(g: Facts, s: Spec) -> bool:
    return sum(g.full) > float(s["total"])


def _scorer(g: Facts, s: Spec) -> str:
    number = int(s["goalnr"])
    return g.scorers[number - 1] if number <= len(g.scorers) else ""


def _asian(score: tuple[int, int], s: Spec) -> float:
    before = [int(goals) for goals in s.get("score", "0:0").split(":")]
    return score[0] - before[0] - score[1] + before[1] + float(s["hcp"])


_Wins = Callable[[Facts, Spec], bool]
_SCORES = [(home, away) for away in range(5) for home in range(5)]
WINS: dict[str, dict[str, _Wins]] = {
    "1": {
        "1": lambda g, s: _sign(g.full) == 0,
        "2": lambda g, s: _sign(g.full) == 1,
        "3": lambda g, s: _sign(g.full) == 2,
    },
    "60200": {
        "1": lambda g, s: _sign(g.full) == 0 or "HOME" in g.two_up,
        "2": lambda g, s: _sign(g.full) == 1,
        "3": lambda g, s: _sign(g.full) == 2 or "AWAY" in g.two_up,
    },
    "10": {
        "9": lambda g, s: _sign(g.full) != 2,
        "10": lambda g, s: _sign(g.full) != 1,
        "11": lambda g, s: _sign(g.full) != 0,
    },
    "8": {
        "6": lambda g, s: _scorer(g, s) == "HOME",
        "7": lambda g, s: _scorer(g, s) == "",
        "8": lambda g, s: _scorer(g, s) == "AWAY",
    },
    "26": {"70": lambda g, s: sum(g.full) % 2 == 1, "72": lambda g, s: sum(g.full) % 2 == 0},
    "29": {"74": lambda g, s: _both(g.full), "76": lambda g, s: not _both(g.full)},
    "14": {
        "1711": lambda g, s: _handicap(g, s) == 0,
        "1712": lambda g, s: _handicap(g, s) == 1,
        "1713": lambda g, s: _handicap(g, s) == 2,
    },
    "60": {
        "1": lambda g, s: _sign(g.half) == 0,
        "2": lambda g, s: _sign(g.half) == 1,
        "3": lambda g, s: _sign(g.half) == 2,
    },
    "47": {
        str(418 + 2 * (3 * half + full)): lambda g, s, half=half, full=full: (  # type: ignore[misc]
            (_sign(g.half), _sign(g.full)) == (half, full)
        )
        for half in range(3)
        for full in range(3)
    },
    "35": {
        "78": lambda g, s: _sign(g.full) == 0 and _both(g.full),
        "80": lambda g, s: _sign(g.full) == 0 and not _both(g.full),
        "82": lambda g, s: _sign(g.full) == 1 and _both(g.full),
        "84": lambda g, s: _sign(g.full) == 1 and not _both(g.full),
        "86": lambda g, s: _sign(g.full) == 2 and _both(g.full),
        "88": lambda g, s: _sign(g.full) == 2 and not _both(g.full),
    },
    "36": {
        "90": lambda g, s: _over(g, s) and _both(g.full),
        "92": lambda g, s: not _over(g, s) and _both(g.full),
        "94": lambda g, s: _over(g, s) and not _both(g.full),
        "96": lambda g, s: not _over(g, s) and not _both(g.full),
    },
    "37": {
        "794": lambda g, s: _sign(g.full) == 0 and not _over(g, s),
        "796": lambda g, s: _sign(g.full) == 0 and _over(g, s),
        "798": lambda g, s: _sign(g.full) == 1 and not _over(g, s),
        "800": lambda g, s: _sign(g.full) == 1 and _over(g, s),
        "802": lambda g, s: _sign(g.full) == 2 and not _over(g, s),
        "804": lambda g, s: _sign(g.full) == 2 and _over(g, s),
    },
    "45": {str(274 + 2 * n): lambda g, s, score=score: g.full == score for n, score in enumerate(_SCORES)}
    | {"324": lambda g, s: max(g.full) > 4},
}
"""By kind of market and outcome: whether it has won; else it has lost."""

_Ahead = Callable[[Facts, Spec], float]
LINES: dict[str, dict[str, _Ahead]] = {
    "11": {"4": lambda g, s: g.full[0] - g.full[1], "5": lambda g, s: g.full[1] - g.full[0]},
    "186": {
        "4": lambda g, s: {"HOME": 1, "AWAY": -1, "": 0}[g.winner],
        "5": lambda g, s: {"HOME": -1, "AWAY": 1, "": 0}[g.winner],
    },
    "18": {
        "12": lambda g, s: sum(g.full) - float(s["total"]),
        "13": lambda g, s: float(s["total"]) - sum(g.full),
    },
    "19": {
        "12": lambda g, s: g.full[0] - float(s["total"]),
        "13": lambda g, s: float(s["total"]) - g.full[0],
    },
    "20": {
        "12": lambda g, s: g.full[1] - float(s["total"]),
        "13": lambda g, s: float(s["total"]) - g.full[1],
    },
    "68": {
        "12": lambda g, s: sum(g.half) - float(s["total"]),
        "13": lambda g, s: float(s["total"]) - sum(g.half),
    },
    "90": {
        "12": lambda g, s: sum(g.second) - float(s["total"]),
        "13": lambda g, s: float(s["total"]) - sum(g.second),
    },
    "166": {
        "12": lambda g, s: g.corners - float(s["total"]),
        "13": lambda g, s: float(s["total"]) - g.corners,
    },
    "139": {
        "12": lambda g, s: g.bookings - float(s["total"]),
        "13": lambda g, s: float(s["total"]) - g.bookings,
    },
    "16": {"1714": lambda g, s: _asian(g.full, s), "1715": lambda g, s: -_asian(g.full, s)},
    "66": {"1714": lambda g, s: _asian(g.half, s), "1715": lambda g, s: -_asian(g.half, s)},
}
"""By kind of market and outcome: how far it is ahead of the line. Quarters are exact in floating point."""
OUTCOMES: dict[str, tuple[str, ...]] = {kind: tuple(of) for kind, of in (WINS | LINES).items()}
_NOT_OF_GOALS = ("166", "139")


def result(kind: str, spec: Spec, outcome: str, facts: Facts) -> str:
    """Return what an outcome of a market came to in a game that is over."""
    if kind in WINS:
        return "WON" if WINS[kind][outcome](facts, spec) else "LOST"
    ahead = LINES[kind][outcome](facts, spec)
    # A line between two is two bets, each with half of the stake, on the lines beside it.
    lines = (ahead - 0.25, ahead + 0.25) if ahead * 4 % 2 else (ahead, ahead)
    won = sum((line > 0) - (line < 0) for line in lines)
    return {2: "WON", 1: "HALF_WON", 0: "VOID", -1: "HALF_LOST", -2: "LOST"}[won]


def certain(kind: str, spec: Spec, outcome: str, game: Game) -> str | None:
    """Return what an outcome comes to whatever happens after half-time; None where that is open."""
    if kind in _NOT_OF_GOALS:
        return None
    first: str | None = None
    for facts in _continued(tuple(goal for goal in game.goals if goal.period == "FIRST_HALF")):
        found = result(kind, spec, outcome, facts)
        if first is not None and found != first:
            return None
        first = found
    return first


@lru_cache(maxsize=64)
def _continued(goals: tuple[Entry, ...]) -> list[Facts]:
    return [Facts(Game((*goals, *(Entry(side, "SECOND_HALF", 90) for side in sides)))) for sides in _second_halves()]


def _second_halves() -> Iterator[tuple[str, ...]]:
    for number in range(_MOST_GOALS, -1, -1):
        yield from product(("HOME", "AWAY"), repeat=number)
