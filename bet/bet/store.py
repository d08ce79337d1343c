"""Fixtures, markets and bets as the table keeps them."""

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from bet.acceptance import Leg
from bet.markets import changing, exposure
from bet.markets.guards import guards_of, is_closed
from bet.markets.market import Market, Reservation
from bet.models import Slip
from bet.settlement import Step
from bet.table import assignments, bet_key, legs_on, result_key, table
from bet.table import bets_of as bets_partition
from betsafi import clock
from betsafi.dynamodb import Check, ConditionFailed, Item, Key, Page, Put, Update, Write
from betsafi.errors import NotFound
from betsafi.ids import derive_id
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


def legs_of(market_id: str, shard: int, cursor: str | None) -> Page:
    """Return a page of the bets on a market in one shard: items with `user_id` and `bet_id`."""
    return table.query(legs_on(market_id, shard), cursor=cursor)


# -- bets


def bet_id_of(user_id: str, request_id: str) -> str:
    """Return the id of the bet that a player's request asks for, for ever the same."""
    return derive_id("bet", user_id, request_id)


def put_pending(user_id: str, slip: Slip, accept_seconds: int) -> Item:
    """Write the bet as PENDING and return it, or the bet that this request made before."""
    bet_id = bet_id_of(user_id, slip.request_id)
    now = clock.now()
    pk, sk = bet_key(user_id, bet_id)
    item = {
        "pk": pk,
        "sk": sk,
        "at": clock.stamp(now),
        "user_id": user_id,
        "bet_id": bet_id,
        "status": "PENDING",
        "stake_cents": slip.stake_cents,
        "policy": slip.policy,
        "legs": [
            {"market_id": pick.market_id, "selection_id": pick.selection_id, "odds": pick.odds}
            for pick in slip.selections
        ],
        "accept_before": clock.stamp(now + timedelta(seconds=accept_seconds)),
        "fingerprint": slip.fingerprint,
        "revision": 0,
        "settlement_version": 0,
        "trace": trace(),
    }
    return table.put_new(item) or item


def accept(bet: Item, legs: Sequence[Leg], payout_cents: int, on_conflict: Callable[[Market], None]) -> Item:
    """Accept a PENDING bet in one transaction: the bet, one guard a leg, one index item a leg. Return the bet.

    Each guard reserves what the bet could pay, and is one whose game has not begun at the moment of the write.
    `on_conflict` is called with a market whose guard was being written by others, once a try.
    Raises ConditionFailed: position 0 is the bet (not pending any more, or too late), then guards and index items.
    """
    taken = [
        {
            "market_id": leg.market.market_id,
            "fixture_id": leg.market.fixture_id,
            "selection_id": leg.selection_id,
            "odds": leg.odds,
            "guard": leg.market.guard,
            # On a market that was reopened this bet is counted already, and knows the result that was taken back.
            **({"result_version": leg.market.counts_from} if leg.market.counts_from else {}),
        }
        for leg in legs
    ]
    accepted: Item = {
        "status": "ACCEPTED",
        "legs": taken,
        "potential_payout_cents": payout_cents,
        "starts_at": clock.stamp(min(leg.market.starts_at for leg in legs)),
        "accepted_at": clock.stamp(),
        **_changed_once_more(bet),
    }
    writes: list[Write] = [
        Update(
            _key(bet),
            assignments(accepted),
            condition="#status = :pending AND #accept_before > :now",
            values={**accepted, "pending": "PENDING", "now": clock.stamp},
        )
    ]
    markets: dict[int, Market] = {}
    for leg in legs:
        market = leg.market
        markets[len(writes)] = market
        writes.append(exposure.reserve(market, leg.selection_id, payout_cents))
        index = {"user_id": bet["user_id"], "bet_id": bet["bet_id"], "selection_id": leg.selection_id}
        writes.append(Put({"pk": legs_on(market.market_id, market.guard), "sk": bet["bet_id"], **index}))

    def met(position: int) -> None:
        if position in markets:
            on_conflict(markets[position])

    table.transact(*writes, on_conflict=met)
    return {**bet, **accepted}


def reject(bet: Item, code: str) -> Item:
    """Turn a PENDING bet into a REJECTED one; return the bet as it then stands, whoever decided it."""
    rejected = {"status": "REJECTED", "reason": code, **_changed_once_more(bet)}
    update = Update(
        _key(bet),
        assignments(rejected),
        condition="#status = :pending",
        values={**rejected, "pending": "PENDING"},
    )
    try:
        return table.write(update)
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item


def cancel(bet: Item) -> Item:
    """Take an ACCEPTED bet back, and what it reserves.

    Raises ConditionFailed: position 0 is the bet (it changed meanwhile), then the guards of markets that take no bets.
    """
    changes = {"status": "CANCELLED", "cancelled_at": clock.stamp()}
    update, cancelled = _change_bet(bet, changes)
    writes: list[Write] = [update]
    for leg in bet["legs"]:
        place = Reservation(leg["market_id"], leg["guard"], leg["selection_id"], leg.get("result_version", 0))
        writes.append(exposure.give_back(place, bet["potential_payout_cents"]))
    table.transact(*writes)
    return cancelled


def save_steps(steps: Sequence[Step]) -> None:
    """Write what a result makes of bets, and what they give back or take again on guards: once a guard, all or nothing.

    What a bet takes again may pass a guard's limit, for a correction must be carried out. A guard whose market is
    closed, or that began to count after the leg last saw a result, does not know the reservation and is left out.
    Raises ConditionFailed if a bet changed meanwhile (its position), Contention.
    """
    bets = [_change_bet(step.bet, step.changes)[0] for step in steps]
    if len(bets) == 1 and not steps[0].moved:
        table.write(bets[0])
        return
    moved: Counter[Reservation] = Counter()
    for step in steps:
        moved.update(step.moved)
    guards: dict[tuple[str, int], list[tuple[Reservation, int]]] = {}
    for reservation, cents in moved.items():
        guards.setdefault((reservation.market_id, reservation.guard), []).append((reservation, cents))
    while True:
        try:
            table.transact(*bets, *map(exposure.move, guards.values()), patience_seconds=_RELEASE_SECONDS)
            return
        except ConditionFailed as failure:
            if min(failure.found) < len(bets):
                raise
            places = list(guards)
            for position in failure.found:
                del guards[places[position - len(bets)]]


def _change_bet(bet: Item, changes: Item) -> tuple[Update, Item]:
    """Return the update of a bet that is as it was seen, and the bet after it."""
    names = {**changes, **_changed_once_more(bet)}
    update = Update(
        _key(bet),
        assignments(names),
        condition="#revision = :seen AND #status = :was",
        values={**names, "seen": bet["revision"], "was": bet["status"]},
    )
    return update, {**bet, **names}


def _changed_once_more(bet: Item) -> Item:
    return {"revision": bet["revision"] + 1, "updated_at": clock.stamp(), "trace": trace()}


def get_bets(legs: Sequence[Item]) -> list[Item]:
    """Return the bets of at most 100 legs, read consistently."""
    return table.get_many([_key(leg) for leg in legs])


def find_bet(user_id: str, bet_id: str) -> Item | None:
    """Return a player's own bet or None."""
    return table.get(bet_key(user_id, bet_id))


def get_bet(user_id: str, bet_id: str) -> Item:
    """Return a player's own bet. Raises NotFound, also for somebody else's."""
    if (bet := find_bet(user_id, bet_id)) is None:
        raise NotFound("There is no such bet.")
    return bet


def bets_of(user_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of a player's bets, newest first. Raises InvalidCursor."""
    return table.query(bets_partition(user_id), index="by_time", newest_first=True, limit=limit, cursor=cursor)


def has_bet_on(user_id: str, market_id: str) -> bool:
    """Return whether a player has a bet on a market, decided or not, that was neither rejected nor taken back.

    Reads the player's bets until one is found.
    """
    return any(
        bet["status"] not in ("REJECTED", "CANCELLED") and any(leg["market_id"] == market_id for leg in bet["legs"])
        for bet in table.query_all(bets_partition(user_id), "BET#")
    )


def _key(bet: Item) -> Key:
    return bet_key(bet["user_id"], bet["bet_id"])
