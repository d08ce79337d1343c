"""Two selections of one game that are one selection of a kind of market which combines theirs. No I/O.

They depend on each other, so that their odds may not be multiplied: what both together cost has a price of its own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from bet.markets.kinds import (
    Definition,
    canonical_specifiers,
    definitions,
    fixture_of,
    market_id,
    specifiers_of,
)
from bet.markets.specifiers import given_as_text
from betsafi.errors import InvalidInput


class Combination(NamedTuple):
    """The market and the outcome that say the same as two legs of a slip (positions) together."""

    legs: tuple[int, int]
    market_id: str
    outcome_id: str


def combinations(picks: Sequence[tuple[str, str]]) -> list[Combination]:
    """Return a combination for each fixture of which there are just two picks (market, outcome), if any kind has it.

    Whether its market is offered is not said.
    """
    positions = defaultdict(list)
    for position, (market, _) in enumerate(picks):
        positions[fixture_of(market)].append(position)
    found = (_combination(picks, *legs) for legs in positions.values() if len(legs) == 2)
    return [each for each in found if each]


def _combination(picks: Sequence[tuple[str, str]], first: int, second: int) -> Combination | None:
    markets = [picks[first][0], picks[second][0]]
    kinds = [market.split("/")[1] if "/" in market else "" for market in markets]
    said = frozenset(zip(kinds, (picks[first][1], picks[second][1]), strict=True))
    if said not in _of_pairs():
        return None
    definition, outcome_id = _of_pairs()[said]
    try:
        values = {name: value for each in markets for name, value in given_as_text(specifiers_of(each)).items()}
        specifiers = canonical_specifiers(definition, values)
    except InvalidInput:  # a line that the combination does not have, such as 2.25
        return None
    return Combination((first, second), market_id(fixture_of(markets[0]), definition, specifiers), outcome_id)


@cache
def _of_pairs() -> Mapping[frozenset[tuple[str, str]], tuple[Definition, str]]:
    """Return each outcome of each kind that combines two, by what it combines: kinds and their outcomes."""
    return {
        frozenset(zip(definition.combines, outcome.combines, strict=True)): (definition, outcome.outcome_id)
        for definition in definitions().values()
        for outcome in definition.outcomes
        if outcome.combines
    }
