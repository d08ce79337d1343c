"""What a market could cost: by selection, what its open bets would pay together, counted on its guards.

Reserving and giving back are returned as writes, for the transaction that changes the bet.
"""

from collections.abc import Sequence

from bet.markets.market import Market, Reservation
from bet.table import guard_key
from betsafi import clock
from betsafi.dynamodb import Item, Update, assign

NEVER = 2**40
"""`counts_from` of a guard whose exposure is not kept up, because its market is closed."""


def attribute(selection_id: str) -> str:
    """Return the name under which a guard counts a selection."""
    return f"exposure_{selection_id}"


def exposure_of(guard: Item, selection_id: str) -> int:
    """Return what a guard's open bets with a selection would pay together, in cents."""
    return int(guard[attribute(selection_id)])


def most(guard: Item) -> int:
    """Return what a guard's dearest selection would pay, in cents."""
    return max(exposure_of(guard, selection) for selection in guard["odds"])


def liability(guards: Sequence[Item]) -> int:
    """Return what the dearest selection of each of a market's guards may cost, together, in cents."""
    return sum(map(most, guards))


def used_percent(guard: Item) -> float:
    """Return how much of its limit a guard's fullest selection has used."""
    return 100 * most(guard) / int(guard["limit_cents"])


def reserve(market: Market, selection_id: str, cents: int) -> Update:
    """Return the write that reserves on a selection, while the guard is as the market was seen.

    Its game has not begun at the moment of the write, and there is room.
    """
    name = attribute(selection_id)
    return Update(
        guard_key(market.market_id, market.guard),
        f"SET #{name} = #{name} + :payout",
        condition="#version = :seen AND #status = :open AND #starts_at > :now"
        f" AND #limit_cents = :limit AND #{name} <= :room",
        values={
            "seen": market.version,
            "limit": market.limit_cents,
            "open": "OPEN",
            "now": clock.stamp,
            "payout": cents,
            "room": market.limit_cents - cents,
        },
    )


def give_back(place: Reservation, cents: int) -> Update:
    """Return the write that gives back a reservation, while the market takes bets, before its game begins."""
    name = attribute(place.selection_id)
    return Update(
        guard_key(place.market_id, place.guard),
        f"SET #{name} = #{name} - :payout",
        condition="#status = :open AND #starts_at > :now AND #counts_from <= :decided",
        values={"payout": cents, "open": "OPEN", "now": clock.stamp, "decided": place.result_version},
    )


def move(moved: Sequence[tuple[Reservation, int]]) -> Update:
    """Return the write that lets reservations on one guard grow, or shrink, by cents, even above its limit.

    Their legs have seen the same result, and the guard does not count from a later one on.
    """
    place = moved[0][0]
    changes = {f"by_{n}": cents for n, (_, cents) in enumerate(moved)}
    terms = [
        f"#{attribute(reservation.selection_id)} = #{attribute(reservation.selection_id)} + :by_{n}"
        for n, (reservation, _) in enumerate(moved)
    ]
    return Update(
        guard_key(place.market_id, place.guard),
        "SET " + ", ".join(terms),
        condition="#counts_from <= :decided",
        values={**changes, "decided": place.result_version},
    )


def count_anew(guard: Item, result_version: int, closed_version: int) -> Update:
    """Return the write that lets a guard count from a result on, from nothing, while its market is closed as seen."""
    anew = {"counts_from": result_version, **{attribute(selection): 0 for selection in guard["odds"]}}
    return Update(
        (guard["pk"], guard["sk"]),
        assign(anew),
        condition="(#counts_from = :never OR #counts_from < :counts_from) AND #version = :closed",
        values={**anew, "never": NEVER, "closed": closed_version},
    )
