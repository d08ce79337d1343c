"""What traders decided of a fixture or a market and stands: results that wait, and windows of bets that are void."""

from typing import NamedTuple

from bet.catalogue.fixtures import get_fixture
from bet.settlement import versions
from bet.settlement.games import find_game, markets_with_results
from bet.settlement.holds import find_holds
from bet.settlement.versions import Window
from betsafi.dynamodb import Item


class Standing(NamedTuple):
    """What stands of a fixture or of one of its markets by itself; `hold` is None where no results wait."""

    subject_id: str
    hold: Item | None
    windows: list[Window]


def standing(fixture_id: str) -> list[Standing]:
    """Return what stands of a fixture, then of its markets in the order of their ids, where something does.

    What stands of the fixture holds for its markets too, and is not among theirs. Raises NotFound.
    """
    get_fixture(fixture_id)
    windows = {fixture_id: find_game(fixture_id)["windows"]}
    windows |= {market: versions.standing(result)["windows"] for market, result in markets_with_results(fixture_id)}
    held = find_holds(list(windows))
    return [Standing(each, held.get(each), windows[each]) for each in windows if each in held or windows[each]]
