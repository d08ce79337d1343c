"""How bets are settled once a market has a result (`deciding.py`): every bet on it takes the result, page after page.

No guard is open when the result is written, so no later bet can be missed. Everything here may run twice, stop anywhere
and start again: a bet takes each version of a result once, and a page whose result is superseded stops.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bet import store
from bet.markets import guards
from bet.settlement import Step, batches, next_step
from bet.slips import bets as kept
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Contention
from betsafi.telemetry import count, logger

_TRIES = 10


@dataclass(frozen=True)
class Place:
    """Where the settlement of a market's result has got to."""

    market_id: str
    result_version: int
    shard: int = 0
    cursor: str | None = None


def settle_bets(place: Place, has_time: Callable[[], bool], set_aside: Callable[[Item], None]) -> Place | None:
    """Give the market's result to its bets, from `place` on, while there is time; return where to go on, or None.

    A bet that cannot take it now is handed to `set_aside`, and the others go on.
    """
    result = store.get_result(place.market_id)
    if result["result_version"] != place.result_version:
        logger.info("result superseded", market_id=place.market_id, result_version=place.result_version)
        return None
    market = guards.get_market(place.market_id)
    if market["status"] != "CLOSED" or (result.get("reopen") and market["version"] != result["market_version"]):
        # Reopened, which is the last thing that a rollback does; bets that came since know no result.
        return None
    store.begin_to_count(result)
    shards = market["guards"]
    shard, cursor = place.shard, place.cursor
    while shard < shards:  # each round is a page; where time is up, a message goes on from there
        page = kept.legs_of(place.market_id, shard, cursor)
        for bet in _settle_page(kept.get_bets(page.items), result, has_time):
            set_aside(bet)
        cursor = page.cursor
        if cursor is None:
            shard += 1
        if shard < shards and not has_time():
            return Place(place.market_id, place.result_version, shard, cursor)
    if result.get("reopen"):
        store.reopen_market(result)
    return None


def settle_one(market_id: str, user_id: str, bet_id: str) -> None:
    """Give one bet the newest result of a market. Raises Contention, and whatever is wrong with the bet."""
    result = store.get_result(market_id)
    store.begin_to_count(result)
    settle_bet(kept.get_bet(user_id, bet_id), result)


def settle_bet(bet: Item, result: Item) -> None:
    """Let one bet take one result; write its decision if that is the last it needed. Raises Contention."""
    for _ in range(_TRIES):
        if (step := next_step(bet, result, clock.stamp())) is None:
            return
        try:
            store.save_steps([step])
            return
        except ConditionFailed:
            bet = kept.get_bet(bet["user_id"], bet["bet_id"])
    raise Contention("The bet is busy.")


def _settle_page(bets: Sequence[Item], result: Item, has_time: Callable[[], bool]) -> list[Item]:
    """Give a page of bets a result and return those that could not take it.

    Bets that give back what they reserved on other markets do so together: each of those guards is written once.
    Once guards are busy, the bets that wait for them are tried only while there is time.
    """
    alone: list[Item] = []
    waiting: list[Item] = []
    releasing: list[Step] = []
    for bet in bets:
        try:
            step = next_step(bet, result, clock.stamp())
        except Exception:  # noqa: BLE001  whatever is wrong with this bet is logged and raised below, where it is alone
            step = Step(bet, {}, {})
        if step and step.moved:
            releasing.append(step)
        elif step:
            alone.append(bet)
    for batch in batches(releasing):
        together = [step.bet for step in batch]
        try:
            if waiting and not has_time():
                raise Contention("The guards are busy, and the time is up.")
            store.save_steps(batch)
        except ConditionFailed:
            alone += together
        except Contention:
            waiting += together
    failed = [bet for bet in alone if not _settled(bet, result)]
    return failed + [bet for bet in waiting if not (has_time() and _settled(bet, result))]


def _settled(bet: Item, result: Item) -> bool:
    try:
        settle_bet(bet, result)
    except Exception:  # noqa: BLE001  the bet is set aside and tried again alone, at last dead-lettered; the others go on
        logger.exception("bet set aside", bet_id=bet["bet_id"], market_id=result["market_id"])
        count("BetSetAside")
        return False
    return True
