"""What traders give of a market, checked by its kind: a new one, its prices, its results. No I/O."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bet import wording
from bet.markets import kinds
from bet.markets.kinds import Definition
from bet.payouts.multipliers import RESULTS, Result, parse_dead_heat
from betsafi.errors import InvalidInput
from betsafi.odds import canonical_odds

_OPPOSITE: dict[str, str] = {
    "WON": "LOST",
    "LOST": "WON",
    "VOID": "VOID",
    "HALF_WON": "HALF_LOST",
    "HALF_LOST": "HALF_WON",
}


class NewMarket(NamedTuple):
    """A market as traders give it: its kind, its specifiers in canonical form, and odds by outcome."""

    definition: Definition
    specifiers: str
    odds: dict[str, str]
    main: bool

    def id_for(self, fixture_id: str) -> str:
        """Return the market's id on a fixture."""
        return kinds.market_id(fixture_id, self.definition, self.specifiers)


class Results(NamedTuple):
    """Results by outcome, of those that are decided, and the dead heats ("n/d") among them."""

    results: dict[str, Result]
    dead_heats: dict[str, str]


def new_market(given: dict[str, Any]) -> NewMarket:
    """Return the checked market of `addMarkets`. Raises InvalidInput, InvalidOdds."""
    definition = kinds.find(given["definitionId"])
    specifiers = kinds.canonical_specifiers(definition, given.get("specifiers") or "")
    main = given.get("main")
    odds = prices(definition, given["odds"])
    return NewMarket(definition, specifiers, odds, definition.main if main is None else bool(main))


def prices(definition: Definition, given: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return canonical odds by outcome: every outcome of the market exactly once. Raises InvalidInput, InvalidOdds."""
    odds = {row["outcomeId"]: canonical_odds(row["odds"]) for row in given}
    outcomes = [outcome.outcome_id for outcome in definition.outcomes]
    if set(odds) != set(outcomes) or len(given) != len(odds):
        raise InvalidInput(wording.each_once("odds", outcomes))
    return {outcome_id: odds[outcome_id] for outcome_id in outcomes}


def results(definition: Definition, given: Sequence[dict[str, Any]]) -> Results:
    """Return results by outcome, as they could be of one game; outcomes that are left out stay open.

    A dead heat shares a win, so more outcomes than usual may win where each has one. Raises InvalidInput.
    """
    found: dict[str, Result] = {}
    shared: dict[str, str] = {}
    for row in given:
        outcome_id, result = kinds.outcome(definition, row["outcomeId"]).outcome_id, row["result"]
        if result not in RESULTS:
            raise InvalidInput(wording.UNKNOWN_RESULT)
        if outcome_id in found:
            raise InvalidInput(wording.RESULT_TWICE)
        found[outcome_id] = result
        if row.get("deadHeat") is not None:
            if result != "WON":
                raise InvalidInput(wording.DEAD_HEAT_WINS)
            parse_dead_heat(row["deadHeat"])
            shared[outcome_id] = row["deadHeat"]
    if not found:
        raise InvalidInput(wording.NO_RESULTS)
    _check_possible(definition, found, shared)
    return Results(found, shared)


def _check_possible(definition: Definition, found: dict[str, Result], shared: dict[str, str]) -> None:
    ids = [outcome.outcome_id for outcome in definition.outcomes]
    if set(found.values()) == {"VOID"} and len(found) == len(ids):
        return
    if definition.graded:
        sides = [found.get(outcome_id) for outcome_id in ids]
        if None not in sides and sides[1] != _OPPOSITE[str(sides[0])]:
            raise InvalidInput(wording.SIDES_MIRROR)
        return
    if set(found.values()) - {"WON", "LOST"}:
        raise InvalidInput(wording.WON_OR_LOST)
    won = [outcome_id for outcome_id in found if found[outcome_id] == "WON"]
    if len(won) > 1 and set(won) == set(shared):
        return
    still_open = len(ids) - len(found)
    if not any(len(won) <= winners <= len(won) + still_open for winners in definition.winners):
        raise InvalidInput(wording.winners(definition.winners))
