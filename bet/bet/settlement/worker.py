"""How bets are settled once a market has a result: every bet on it takes the result, page after page.

No guard is open when the result is written, so no later bet can be missed. Everything here may run twice, stop anywhere
and start again: a bet takes each version of a result once, and a page whose result is superseded stops.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from bet.markets import exposure, guards
from bet.markets.market import Reservation
from bet.settlement.arithmetic import Step, batches, next_step
from bet.settlement.corrections import begin_to_count, reopen_market
from bet.settlement.results import get_standing
from bet.slips import bets as kept
from bet.table import table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Contention
from betsafi.telemetry import count, logger

_TRIES = 10
_RELEASE_SECONDS = 5.0
_HOPS = 5_000


@dataclass(frozen=True)
class Place:
    """Where the settlement of a market's result has got to."""

    market_id: str
    result_version: int
    shard: int = 0
    cursor: str | None = None
    whole: bool = True
    """Whether the shards behind this one belong to it too; else each is a message of its own."""


class TooManyHops(Exception):
    """A settlement that passes itself on for ever; its message ends in the dead-letter queue."""


def settle_from(place: Place, hops: int, has_time: Callable[[], bool], send: Callable[[Item], None]) -> None:
    """Settle a market's bets from `place` on, which `hops` messages led to, while there is time.

    `send` takes the messages that go on: one with the place where the time was up, and one for each bet that failed, so
    that the bets behind it are not held up and only it is dead-lettered. Raises TooManyHops.
    """
    if hops > _HOPS:
        raise TooManyHops(f"{place}")

    def set_aside(bet: Item) -> None:
        send({"marketId": place.market_id, "userId": bet["user_id"], "betId": bet["bet_id"]})

    def fan_out(shard: int) -> None:
        send({"place": asdict(Place(place.market_id, place.result_version, shard, whole=False)), "hops": hops + 1})

    rest = settle_bets(place, has_time, set_aside, fan_out)
    if rest:
        send({"place": asdict(rest), "hops": hops + 1})
    logger.info("market settled" if rest is None else "settlement goes on", market_id=place.market_id, hops=hops)


def settle_bets(
    place: Place,
    has_time: Callable[[], bool],
    set_aside: Callable[[Item], None],
    fan_out: Callable[[int], None] | None = None,
) -> Place | None:
    """Give the market's result to its bets, from `place` on, while there is time; return where to go on, or None.

    A bet that cannot take it now is handed to `set_aside`, and the others go on. Where a shard has more than a page of
    bets, the shards behind it are handed to `fan_out`, to be settled side by side.
    """
    market = guards.get_market(place.market_id)
    whole, shard, cursor = place.whole, place.shard, place.cursor
    shards = market["guards"] if whole else shard + 1
    while (result := _goes_on(place, market)) is not None:  # each round is a page; a message goes on from there
        page = kept.legs_of(place.market_id, shard, cursor)
        counted = market["status"] != "CLOSED"
        for bet in _settle_page(kept.get_bets(page.items), result, has_time, counted=counted):
            set_aside(bet)
        cursor = page.cursor
        if cursor and fan_out and not result.get("reopen"):
            for other in range(shard + 1, shards):
                fan_out(other)
            whole, shards = False, shard + 1
        if cursor is None:
            shard += 1
        if shard >= shards:
            if result.get("reopen"):
                reopen_market(result)
            return None
        if not has_time():
            return Place(place.market_id, place.result_version, shard, cursor, whole)
    return None


def _goes_on(place: Place, market: Item) -> Item | None:
    """Return the result of a place if its bets still have to take it: it is the newest, and nobody holds it."""
    result, is_held = get_standing(place.market_id)
    if is_held or result["result_version"] != place.result_version:
        why = "results held" if is_held else "result superseded"
        logger.info(why, market_id=place.market_id, result_version=place.result_version)
        return None
    if result.get("reopen"):
        if market["status"] != "CLOSED" or market["version"] != result["market_version"]:
            # Reopened, which is the last thing that a rollback does; bets that came since know no result.
            return None
        begin_to_count(result)
    return result


def settle_one(market_id: str, user_id: str, bet_id: str) -> None:
    """Give one bet the newest result of a market, unless results are held: who releases them begins with all bets.

    Raises Contention, and whatever is wrong with the bet.
    """
    result, is_held = get_standing(market_id)
    if not is_held:
        begin_to_count(result)
        counted = not result.get("reopen") and guards.get_market(market_id)["status"] != "CLOSED"
        settle_bet(kept.get_bet(user_id, bet_id), result, counted=counted)


def settle_bet(bet: Item, result: Item, *, counted: bool = False) -> None:
    """Let one bet take one result; write its decision if that is the last it needed. Raises Contention."""
    for _ in range(_TRIES):
        if (step := next_step(bet, result, clock.stamp(), counted=counted)) is None:
            return
        try:
            save_steps([step])
            return
        except ConditionFailed:
            bet = kept.get_bet(bet["user_id"], bet["bet_id"])
    raise Contention("The bet is busy.")


def save_steps(steps: Sequence[Step]) -> None:
    """Write what a result makes of bets, and what they give back or take again on guards: once a guard, all or nothing.

    What a bet takes again may pass a guard's limit, for a correction must be carried out. A guard whose market is
    closed, or that began to count after the leg last saw a result, does not know the reservation and is left out.
    Raises ConditionFailed if a bet changed meanwhile (its position), Contention.
    """
    changed = [kept.change(step.bet, step.changes)[0] for step in steps]
    if len(changed) == 1 and not steps[0].moved:
        table.write(changed[0])
        return
    moved: Counter[Reservation] = Counter()
    for step in steps:
        moved.update(step.moved)
    places: dict[tuple[str, int], list[tuple[Reservation, int]]] = {}
    for reservation, cents in moved.items():
        places.setdefault((reservation.market_id, reservation.guard), []).append((reservation, cents))
    while True:
        try:
            table.transact(*changed, *map(exposure.move, places.values()), patience_seconds=_RELEASE_SECONDS)
            return
        except ConditionFailed as failure:
            if min(failure.found) < len(changed):
                raise
            written = list(places)
            for position in failure.found:
                del places[written[position - len(changed)]]


def _settle_page(bets: Sequence[Item], result: Item, has_time: Callable[[], bool], *, counted: bool) -> list[Item]:
    """Give a page of bets a result and return those that could not take it.

    Bets that give back what they reserved on other markets do so together: each of those guards is written once.
    Once guards are busy, the bets that wait for them are tried only while there is time.
    """
    alone: list[Item] = []
    waiting: list[Item] = []
    releasing: list[Step] = []
    for bet in bets:
        try:
            step = next_step(bet, result, clock.stamp(), counted=counted)
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
            save_steps(batch)
        except ConditionFailed:
            alone += together
        except Contention:
            waiting += together
    failed = [bet for bet in alone if not _settled(bet, result, counted=counted)]
    return failed + [bet for bet in waiting if not (has_time() and _settled(bet, result, counted=counted))]


def _settled(bet: Item, result: Item, *, counted: bool) -> bool:
    try:
        settle_bet(bet, result, counted=counted)
    except Exception:  # noqa: BLE001  the bet is set aside and tried again alone, at last dead-lettered; the others go on
        logger.exception("bet set aside", bet_id=bet["bet_id"], market_id=result["market_id"])
        count("BetSetAside")
        return False
    return True
