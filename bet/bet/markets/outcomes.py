"""What became of a market: the result of each outcome, computed from a match record. No I/O.

A result stands as soon as nothing that can still happen would change it, and only then.
"""

import re
from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from pathlib import Path
from typing import Literal

from bet.markets import expressions, kinds
from bet.markets.expressions import FaultyExpression, Interval, Names
from bet.markets.kinds import Definition, FaultyDefinition, Outcome
from bet.markets.record import NAMES, Record, names
from bet.markets.specifiers import all_values, in_quarters

OutcomeResult = Literal["WON", "LOST", "VOID", "HALF_WON", "HALF_LOST"]
_GRADES: tuple[OutcomeResult, ...] = ("LOST", "HALF_LOST", "VOID", "HALF_WON", "WON")
"""By quarters of a goal ahead of the line: -2 or fewer, -1, 0, 1, 2 or more."""
_NUMBERED = "goalnr"
"""The specifier that says which goal `scorer` scored."""


def results(definition: Definition, specifiers: str, record: Record) -> dict[str, OutcomeResult | None]:
    """Return the result of every outcome, by its id; None: still open."""
    given = {
        name: value
        for specifier, text in all_values(definition.defaults, specifiers).items()
        for name, value in in_quarters(specifier, text).items()
    }
    number = given[_NUMBERED] // 4 if _NUMBERED in given else None
    known: dict[str, Interval] = names(record, definition.of, definition.period, number)
    known |= {name: (value, value) for name, value in given.items()}
    return {outcome.outcome_id: _rule(outcome, frozenset(known))(known) for outcome in definition.outcomes}


def load(path: Path) -> dict[str, Definition]:
    """Return the definitions of a file, checked to the last expression. Raises FaultyDefinition."""
    found = kinds.load(path)
    for definition in found.values():
        check(definition)
    return found


def check(definition: Definition) -> None:
    """Read every expression of a definition. Raises FaultyDefinition."""
    place = f"definition {definition.definition_id!r}"
    numbered = definition.specifiers.get(_NUMBERED)
    if numbered not in (None, "count"):
        raise FaultyDefinition(f"{place}: {_NUMBERED} is a count")
    known = NAMES - (set() if numbered else {"scorer"})
    for specifier, form in definition.specifiers.items():
        known |= {f"{specifier}.home", f"{specifier}.away"} if form == "score" else {specifier}
    for outcome in definition.outcomes:
        try:
            _rule(outcome, known)
        except FaultyExpression as error:
            raise FaultyDefinition(f"{place}, outcome {outcome.outcome_id!r}: {error}") from error
    decided_by = " ".join(outcome.wins + outcome.graded for outcome in definition.outcomes)
    for specifier in definition.specifiers:
        if not re.search(rf"\b{'scorer' if specifier == _NUMBERED else specifier}\b", decided_by):
            raise FaultyDefinition(f"{place}: {specifier} decides nothing")


def _rule(outcome: Outcome, known: Set[str]) -> Callable[[Names], OutcomeResult | None]:
    return _compiled(outcome.wins, outcome.graded, frozenset(known))


@lru_cache(maxsize=2048)
def _compiled(wins: str, graded: str, known: frozenset[str]) -> Callable[[Names], OutcomeResult | None]:
    if wins:
        condition = expressions.condition(wins, known)
        return lambda names: _RESULTS[condition(names)]
    quantity = expressions.quantity(graded, known)
    return lambda names: _grade(quantity(names))


_RESULTS: Mapping[bool | None, OutcomeResult | None] = {True: "WON", False: "LOST", None: None}


def _grade(ahead: Interval) -> OutcomeResult | None:
    """Grade a distance to the line in the backed direction. Source: DOMAIN, Asian lines (bet365, Pinnacle)."""
    least = -2 if ahead[0] is None else max(-2, min(2, ahead[0]))
    most = 2 if ahead[1] is None else max(-2, min(2, ahead[1]))
    return _GRADES[least + 2] if least == most else None
