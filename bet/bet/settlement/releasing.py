"""What follows when results are released: the newest of each market is published anew, as if it came only now.

So it is given to its bets, and told to whoever follows the market.
"""

from collections.abc import Callable, Sequence

from bet.catalogue import lines
from bet.markets import kinds
from bet.settlement import holds
from bet.settlement.results import find_results, tell_anew
from betsafi.dynamodb import Item

_PAGE = 50


def go_on(subject_id: str, cursor: str | None, has_time: Callable[[], bool], send: Callable[[Item], None]) -> None:
    """Publish the results of those markets anew that were released, from `cursor` on, and send a message for the rest.

    Once all are, the same message again publishes nothing. Bets that have a result already are left as they are.
    """
    if (released := holds.find_released(subject_id)) is None:
        return
    if kinds.fixture_of(subject_id) != subject_id:
        _tell([subject_id])
        holds.note_told(released)
        return
    while True:  # until the last page of the fixture's markets, or until the time is up
        page = lines.markets_of(subject_id, _PAGE, cursor)
        _tell([line["market_id"] for line in page.items])
        if (cursor := page.cursor) is None:
            holds.note_told(released)
            return
        if not has_time():
            send({"released": subject_id, "cursor": cursor})
            return


def _tell(market_ids: Sequence[str]) -> None:
    for result in find_results(market_ids).values():
        tell_anew(result)
