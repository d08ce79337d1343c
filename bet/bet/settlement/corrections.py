"""What taking a result back does to its market: its guards count anew, and it may take bets again."""

import contextlib

from bet.markets import changing, exposure
from bet.markets.guards import guards_of
from bet.settlement.results import is_newest
from bet.table import table
from betsafi.dynamodb import ConditionFailed, Item


def begin_to_count(result: Item) -> None:
    """Let the guards of a market that a result reopens count anew, from that result on.

    Each of its bets is counted when it takes the result. Does nothing for other results, the second time, or where the
    market has moved since.
    """
    for guard in guards_of(result["market_id"]) if result.get("reopen") else []:
        if guard["counts_from"] == result["result_version"]:
            continue
        update = exposure.count_anew(guard, result["result_version"], result["market_version"])
        with contextlib.suppress(ConditionFailed):  # another worker was first, or there is a newer result
            table.transact(update, is_newest(result))


def reopen_market(result: Item) -> None:
    """Let a closed market take bets again, in the status that a result taken back asks for, under the next version.

    Does nothing where the market has moved since that result was written, or the result is not the newest any more.
    """
    changing.reopen_market(result["market_id"], result["reopen"], result["market_version"], is_newest(result))
