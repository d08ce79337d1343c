"""Match records in short: `match("HH/AA/HA", penalties=(4, 2))`, and any match that Hypothesis can think of.

A period's goals, corners or cards are letters, H or A, periods are parted by slashes; cards are y, r and s (a second
yellow) of the home team, and capitals of the away team.
"""

from typing import Any

from hypothesis import strategies as st

from bet.markets.record import PERIODS, Record, match_record

OVER = len(PERIODS)
_COLOURS = {"Y": "YELLOW", "R": "RED", "S": "SECOND_YELLOW"}


def _entries(text: str) -> list[dict[str, Any]]:
    return [
        {"side": "HOME" if letter == "H" else "AWAY", "period": period}
        for period, letters in zip(PERIODS, text.split("/"), strict=False)
        for letter in letters
    ]


def _cards(text: str) -> list[dict[str, Any]]:
    return [
        {"side": "AWAY" if letter.isupper() else "HOME", "period": period, "colour": _COLOURS[letter.upper()]}
        for period, letters in zip(PERIODS, text.split("/"), strict=False)
        for letter in letters
    ]


def match(
    goals: str = "",
    *,
    ended: int = OVER,
    corners: str | None = None,
    cards: str | None = None,
    penalties: tuple[int, int] | None = None,
) -> Record:
    """Return the record of a match of which the first `ended` periods have ended; by default it is over."""
    return match_record(
        {
            "ended": list(PERIODS[:ended]),
            "goals": _entries(goals),
            "corners": None if corners is None else _entries(corners),
            "cards": None if cards is None else _cards(cards),
            "penalties": None if penalties is None else {"home": penalties[0], "away": penalties[1]},
        }
    )


def _periods(letters: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.text(letters, max_size=4), min_size=3, max_size=3)


def _cut(periods: list[str], ended: int, of_next: float) -> str:
    """The periods that ended, and a part of the one that is being played."""
    shown = [
        text if position < ended else text[: round(len(text) * of_next)] if position == ended else ""
        for position, text in enumerate(periods)
    ]
    return "/".join(shown)


@st.composite
def moments(draw: st.DrawFn) -> tuple[Record, Record, Record]:
    """Draw one match at two moments of it and at its end, everything recorded by then."""
    goals, corners, cards = draw(_periods("HA")), draw(_periods("HA")), draw(_periods("yrsYRS"))
    penalties = draw(st.none() | st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] != p[1]))
    places = sorted(
        draw(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 0.3, 0.7, 1])), min_size=2, max_size=2))
    )
    counted = draw(st.sampled_from([(False, False), (False, True), (True, True)]))
    found = []
    for (ended, part), recorded in zip([*places, (OVER, 1.0)], [*counted, True], strict=True):
        taken = None
        if penalties and ended >= 3:
            taken = penalties if ended == OVER else (round(penalties[0] * part), round(penalties[1] * part))
        found.append(
            match(
                _cut(goals, ended, part),
                ended=ended,
                corners=_cut(corners, ended, part) if recorded else None,
                cards=_cut(cards, ended, part) if recorded else None,
                penalties=taken,
            )
        )
    return found[0], found[1], found[2]
