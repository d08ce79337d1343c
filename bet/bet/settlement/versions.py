"""What stands of a market after each decision about it. No I/O.

Whatever is decided, a result, its correction or rollback, a window in which bets are cancelled, a record of the whole
game, makes the market's next version. A version says all that stands: a bet that takes the newest needs no other, in
whatever order they reach it. Results and windows are apart in it, so that neither takes the other back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bet import wording
from betsafi.errors import Conflict, InvalidInput

Window = dict[str, str | None]
"""`from` and `to`: stamps between which, both included, bets were placed; None is an open end."""

MOST_WINDOWS = 20
_NOTHING: Mapping[str, Any] = {"results": {}, "dead_heats": {}, "windows": [], "game_windows": [], "game_version": 0}
"""`windows`: the market's own; `game_windows`: its game's; `game_version`: what of its game's decisions is in this."""


def standing(before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what stands of a market after a version of it, or before the first."""
    return {name: (before or {}).get(name, nothing) for name, nothing in _NOTHING.items()}


# -- windows


def window(begins: str | None, ends: str | None, now: str) -> Window:
    """Return a window between two stamps. Raises InvalidInput for one that ends before it begins, or later than now."""
    if begins is not None and begins > (ends or now):
        raise InvalidInput(wording.WINDOW_ENDS_FIRST)
    if ends is not None and ends > now:
        raise InvalidInput(wording.WINDOW_ENDS_LATER)
    return {"from": begins, "to": ends}


def opened(windows: Sequence[Window], wanted: Window) -> list[Window]:
    """Return the windows with one more, in an order that does not tell how they came. Raises Conflict for too many."""
    if wanted in windows:
        return list(windows)
    if len(windows) >= MOST_WINDOWS:
        raise Conflict(wording.most_windows(MOST_WINDOWS))
    return sorted([*windows, wanted], key=lambda each: (each["from"] or "", each["to"] or ""))


def closed(windows: Sequence[Window], wanted: Window) -> list[Window]:
    """Return the windows without one."""
    return [each for each in windows if each != wanted]


def cancels(result: Mapping[str, Any], accepted_at: str) -> bool:
    """Return whether a bet that was accepted then is cancelled by one of a market's, or its game's, windows."""
    return any(_holds(each, accepted_at) for each in all_windows(result))


def all_windows(result: Mapping[str, Any]) -> list[Window]:
    """Return the windows of a market and of its game, each once."""
    own = result.get("windows", [])
    return [*own, *(each for each in result.get("game_windows", []) if each not in own)]


def is_endless(windows: Iterable[Window]) -> bool:
    """Return whether a window would also cancel bets that are still to come."""
    return any(each["to"] is None for each in windows)


def _holds(window: Window, accepted_at: str) -> bool:
    begins, ends = window["from"], window["to"]
    return (begins is None or begins <= accepted_at) and (ends is None or accepted_at <= ends)


# -- what is decided of a whole game


def after_game(
    before: Mapping[str, Any] | None, game: Mapping[str, Any], computed: Mapping[str, str], outcomes: Iterable[str]
) -> dict[str, Any]:
    """Return what stands of a market once it has taken what is decided of its game, by now, in `game`.

    `computed`: the results that follow from the game's record, of those of the `outcomes` that it decides. They replace
    what stood, unless the market has taken that record, or a trader has decided it since. A version that is older than
    what the market has taken changes nothing: whoever brings it was slow.
    """
    state = standing(before)
    seen = state["game_version"]
    if game["game_version"] < seen:
        return state
    if game["record_version"] > seen:
        state |= {"results": dict(computed), "dead_heats": {}}
    if game["rest_version"] > seen:
        state["results"] = {outcome: "VOID" for outcome in outcomes} | state["results"]
    return {**state, "game_windows": game["windows"], "game_version": game["game_version"]}


def differs(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Return whether a version says anything that the one before does not."""
    was = standing(before)
    return any(was[name] != after[name] for name in ("results", "dead_heats", "windows", "game_windows"))


def corrects(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether something that was decided is decided otherwise, or not any more."""
    shared = (before["dead_heats"], after["dead_heats"])
    return any(after["results"].get(outcome) != result for outcome, result in before["results"].items()) or any(
        shared[0].get(outcome) != shared[1].get(outcome) for outcome in before["results"]
    )


def is_decided(result: Mapping[str, Any] | None, outcomes: Iterable[str]) -> bool:
    """Return whether nothing of a market is open any more: each outcome has a result, or every bet is cancelled."""
    if result is None:
        return False
    everything = {"from": None, "to": None}
    return everything in all_windows(result) or set(outcomes) <= set(result["results"])
