"""Fixtures, markets and bets as the table keeps them."""

import contextlib
from collections import Counter
from collections.abc import Sequence

from bet.markets import changing, exposure
from bet.markets.guards import guards_of, is_closed
from bet.markets.market import Reservation
from bet.settlement import Step
from bet.slips import bets
from bet.table import result_key, table
from betsafi import clock
from betsafi.dynamodb import Check, ConditionFailed, Item, Put, Write
from betsafi.errors import NotFound
from betsafi.telemetry import trace

_RELEASE_SECONDS = 5.0


# -- fixtures and markets


def market_exposure(market_id: str) -> Item:
    """Return what a market could cost: by selection over all guards, with the limit of each. Raises NotFound."""
    guards = guards_of(market_id)
    return {
        **{name: guards[0][name] for name in ("market_id", "status", "guards")},
        "limit_cents": sum(guard["limit_cents"] for guard in guards),
        "exposure": {key: sum(exposure.exposure_of(guard, key) for guard in guards) for key in guards[0]["odds"]},
    }


def put_result(guard: Item, seen_version: int, given: Item, *also: Write) -> Item:
    """Write a market's result under the version after the one seen (0: none), and return it. No `results`: taken back.

    `also` is written with it, or neither.

    Raises ConditionFailed if there is a newer result, or if the market is not closed as `guard` 0 says.
    """
    pk, sk = result_key(guard["market_id"])
    item = {
        "pk": pk,
        "sk": sk,
        "market_id": guard["market_id"],
        "fixture_id": guard["fixture_id"],
        "result_version": seen_version + 1,
        "market_version": guard["version"],
        "decided_at": clock.stamp(),
        "trace": trace(),
        **given,
    }
    newest = "#result_version = :seen" if seen_version else "attribute_not_exists(pk)"
    table.transact(Put(item, newest, {"seen": seen_version} if seen_version else {}), is_closed(guard), *also)
    return item


def find_result(market_id: str) -> Item | None:
    """Return a market's newest result, or None."""
    return table.get(result_key(market_id))


def get_result(market_id: str) -> Item:
    """Return a market's newest result. Raises NotFound."""
    if (found := find_result(market_id)) is None:
        raise NotFound("This market has no result.")
    return found


def market_liability(market_id: str) -> int:
    """Return what the dearest outcome of each guard may cost, together, in cents. Raises NotFound."""
    return sum(map(exposure.most, guards_of(market_id)))


def reopen_market(result: Item) -> None:
    """Let a closed market take bets again, in the status that a result taken back asks for, under the next version.

    Does nothing where the market has moved since that result was written, or the result is not the newest any more.
    """
    changing.reopen_market(result["market_id"], result["reopen"], result["market_version"], _is_newest(result))


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
            table.transact(update, _is_newest(result))


def _is_newest(result: Item) -> Check:
    return Check(result_key(result["market_id"]), "#result_version = :seen", {"seen": result["result_version"]})


def save_steps(steps: Sequence[Step]) -> None:
    """Write what a result makes of bets, and what they give back or take again on guards: once a guard, all or nothing.

    What a bet takes again may pass a guard's limit, for a correction must be carried out. A guard whose market is
    closed, or that began to count after the leg last saw a result, does not know the reservation and is left out.
    Raises ConditionFailed if a bet changed meanwhile (its position), Contention.
    """
    changed = [bets.change(step.bet, step.changes)[0] for step in steps]
    if len(changed) == 1 and not steps[0].moved:
        table.write(changed[0])
        return
    moved: Counter[Reservation] = Counter()
    for step in steps:
        moved.update(step.moved)
    guards: dict[tuple[str, int], list[tuple[Reservation, int]]] = {}
    for reservation, cents in moved.items():
        guards.setdefault((reservation.market_id, reservation.guard), []).append((reservation, cents))
    while True:
        try:
            table.transact(*changed, *map(exposure.move, guards.values()), patience_seconds=_RELEASE_SECONDS)
            return
        except ConditionFailed as failure:
            if min(failure.found) < len(changed):
                raise
            places = list(guards)
            for position in failure.found:
                del guards[places[position - len(changed)]]
