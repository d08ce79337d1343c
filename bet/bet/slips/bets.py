"""The bets that are kept: each with its player, and by market who bet on it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bet import wording
from bet.table import bet_key, bets_by, legs_on, table
from betsafi import clock
from betsafi.dynamodb import Item, Key, Page, Put, Update, assign
from betsafi.errors import NotFound
from betsafi.ids import derive_id
from betsafi.telemetry import trace


def bet_id_of(user_id: str, request_id: str) -> str:
    """Return the id of the bet that a player's request asks for, for ever the same."""
    return derive_id("bet", user_id, request_id)


def find_bet(user_id: str, bet_id: str) -> Item | None:
    """Return a player's own bet or None."""
    return table.get(bet_key(user_id, bet_id))


def get_bet(user_id: str, bet_id: str) -> Item:
    """Return a player's own bet. Raises NotFound, also for somebody else's."""
    if (bet := find_bet(user_id, bet_id)) is None:
        raise NotFound(wording.NO_BET)
    return bet


def get_bets(legs: Sequence[Item]) -> list[Item]:
    """Return the bets of at most 100 legs, read consistently."""
    return table.get_many([key(leg) for leg in legs])


def bets_of(
    user_id: str,
    limit: int,
    cursor: str | None,
    statuses: Collection[str] = (),
    since: str | None = None,
    until: str | None = None,
) -> Page:
    """Return a page of a player's bets, newest first, of some statuses (none: all) and placed between two stamps.

    As `Table.query_wanted`.
    """

    def wanted(bet: Item) -> bool:
        return not statuses or bet["status"] in statuses

    between = {"index": "by_time", "newest_first": True, "starting_at": since, "ending_at": until}
    return table.query_wanted(bets_by(user_id), wanted, limit, cursor, **between)


def has_bet_on(user_id: str, subject_id: str) -> bool:
    """Return whether a player has a bet on a market or a fixture, decided or not, neither rejected nor taken back.

    Reads the player's bets until one is found.
    """
    return any(
        bet["status"] not in ("REJECTED", "CANCELLED")
        and any(subject_id in (leg["market_id"], leg.get("fixture_id")) for leg in bet["legs"])
        for bet in table.query_all(bets_by(user_id), "BET#")
    )


def legs_of(market_id: str, shard: int, cursor: str | None) -> Page:
    """Return a page of the bets on a market in one shard: items with `user_id` and `bet_id`."""
    return table.query(legs_on(market_id, shard), cursor=cursor)


def put_legs(bet: Item, legs: Sequence[Item], receipt: str) -> list[Put]:
    """Return the writes that list a bet among those on the market of each leg; the first one has its receipt, once."""
    writes = []
    for n, leg in enumerate(legs):
        pk, sk = leg_key(bet, leg)
        about = {"user_id": bet["user_id"], "bet_id": bet["bet_id"], "outcome_id": leg["outcome_id"]}
        writes.append(Put({"pk": pk, "sk": sk, **about, **({} if n else {"receipt": receipt})}))
    return writes


def leg_key(bet: Mapping[str, Any], leg: Mapping[str, Any]) -> Key:
    """Return the key under which the market of one of its legs lists an accepted bet."""
    return legs_on(leg["market_id"], leg["guard"]), bet["bet_id"]


def change(bet: Item, changes: Item) -> tuple[Update, Item]:
    """Return the write that changes a bet that is as it was seen, and the bet after it."""
    names = {**changes, **changed_once_more(bet)}
    update = Update(
        key(bet),
        assign(names),
        condition="#revision = :seen AND #status = :was",
        values={**names, "seen": bet["revision"], "was": bet["status"]},
    )
    return update, {**bet, **names}


def changed_once_more(bet: Item) -> Item:
    """Return what every change of a bet changes."""
    return {"revision": bet["revision"] + 1, "updated_at": clock.stamp(), "trace": trace()}


def key(bet: Item) -> Key:
    """Return the key of a bet, also by one of its legs as a market lists them."""
    return bet_key(bet["user_id"], bet["bet_id"])
