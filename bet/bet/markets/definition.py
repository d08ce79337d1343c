"""What a market is: its kind, its selections, and the prices and results that it can have. No I/O."""

from typing import Any, Literal, get_args

from bet import wording
from betsafi.errors import InvalidInput
from betsafi.ids import LONGEST, identifier
from betsafi.odds import canonical_odds

Result = Literal["WON", "LOST", "VOID"]
Tier = Literal["SMALL", "STANDARD", "POPULAR"]
TIERS: tuple[Tier, ...] = get_args(Tier)
STATUSES = ("OPEN", "SUSPENDED")
MARKET_TYPE = "1X2"
SELECTIONS = ("1", "X", "2")
_RESULTS = get_args(Result)
_SUFFIX = "-1x2"
LONGEST_FIXTURE_ID = LONGEST - len(_SUFFIX)


def market_of(fixture_id: str) -> str:
    """Return the id of a fixture's market: an id as any other, because a fixture's leaves room for the suffix."""
    return fixture_id + _SUFFIX


def selection_id(market_id: str, key: str) -> str:
    """Return the id of a market's selection, which no other market's selection has."""
    return f"{market_id}/{key}"


def key_of(market_id: str, selection: Any) -> str:
    """Return a selection's key in its market, empty for what is no selection of it. Raises InvalidInput for no id."""
    longest = LONGEST + len(selection_id("", "X"))
    prefix, chosen = selection_id(market_id, ""), identifier(selection, longest, name="selectionId")
    return chosen.removeprefix(prefix) if chosen.startswith(prefix) else ""


def prices(given: list[dict[str, Any]]) -> dict[str, str]:
    """Return canonical odds by selection: every selection of the market exactly once. Raises InvalidInput."""
    odds = {price["key"]: canonical_odds(price["odds"]) for price in given}
    if sorted(odds) != sorted(SELECTIONS) or len(given) != len(odds):
        raise InvalidInput(wording.each_once("odds", SELECTIONS))
    return odds


def results(given: list[dict[str, Any]]) -> dict[str, Result]:
    """Return results by selection: all void, or one WON and the others LOST. Raises InvalidInput."""
    outcome: dict[str, Result] = {}
    for row in given:
        if row["result"] not in _RESULTS:
            raise InvalidInput(wording.UNKNOWN_RESULT)
        outcome[row["key"]] = row["result"]
    values = sorted(outcome.values())
    if sorted(outcome) != sorted(SELECTIONS) or len(given) != len(outcome):
        raise InvalidInput(wording.each_once("results", SELECTIONS))
    if values not in (["LOST", "LOST", "WON"], ["VOID", "VOID", "VOID"]):
        raise InvalidInput(wording.ONE_WINS)
    return outcome
