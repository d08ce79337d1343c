"""Games as openfootball publishes them, as match records."""

from typing import Any

from bet.markets.record import PERIODS

_SCORES = {"FIRST_HALF": "ht", "REGULAR": "ft"}
_LAST_MINUTES = {"FIRST_HALF": 45, "SECOND_HALF": 90, "EXTRA_TIME": 120}


def match_record_of(game: dict[str, Any]) -> dict[str, Any]:
    """Return what `match_record` takes, for a game whose goals have minutes, with its scores to check them by."""
    goals = sorted(
        (goal["minute"], goal.get("offset", 0), side)
        for side, goals in (("HOME", game["goals1"]), ("AWAY", game["goals2"]))
        for goal in goals
    )
    score = {period: game["score"][name] for period, name in _SCORES.items() if name in game["score"]}
    score["ALL"] = game["score"].get("et", game["score"]["ft"])
    return {
        "ended": list(PERIODS),
        "goals": [{"side": side, "period": _period(minute), "minute": minute} for minute, _, side in goals],
        "penalties": _pair(game["score"]["p"]) if "p" in game["score"] else None,
        "score": {period: _pair(pair) for period, pair in score.items()},
    }


def _period(minute: int) -> str:
    return next(period for period, last in _LAST_MINUTES.items() if minute <= last)


def _pair(pair: list[int]) -> dict[str, int]:
    return {"home": pair[0], "away": pair[1]}
