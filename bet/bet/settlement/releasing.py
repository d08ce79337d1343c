"""What follows when results are released: the newest of each market is given to its bets."""

from collections.abc import Callable
from dataclasses import asdict

from bet.catalogue import lines
from bet.markets import kinds
from bet.settlement.results import find_results
from bet.settlement.worker import Place
from betsafi.dynamodb import Item

_PAGE = 50


def go_on(subject_id: str, cursor: str | None, has_time: Callable[[], bool], send: Callable[[Item], None]) -> None:
    """Send a message for each market of those that were released, from `cursor` on, and one for the rest of them.

    Bets that have a result already are left as they are.
    """
    if kinds.fixture_of(subject_id) != subject_id:
        _send([subject_id], send)
        return
    while True:  # until the last page of the fixture's markets, or until the time is up
        page = lines.markets_of(subject_id, _PAGE, cursor)
        _send([line["market_id"] for line in page.items], send)
        if (cursor := page.cursor) is None:
            return
        if not has_time():
            send({"released": subject_id, "cursor": cursor})
            return


def _send(market_ids: list[str], send: Callable[[Item], None]) -> None:
    for market_id, result in find_results(market_ids).items():
        send({"place": asdict(Place(market_id, result["result_version"])), "hops": 0})
