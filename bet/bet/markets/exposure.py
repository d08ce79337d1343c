"""What a market could cost: by selection, what its open bets would pay together, counted on its guards.

Reserving and giving back are returned as writes, for the transaction that changes the bet.
"""

from collections.abc import Iterable, Sequence

from bet.markets.market import Market, Reservation
from bet.markets.status import PLAYABLE
from bet.table import guard_key
from betsafi import clock
from betsafi.dynamodb import Item, Update, assign

NEVER = 2**40
"""`counts_from` of a guard whose exposure is not kept up, because its market is closed."""


def nothing(selections: Iterable[str]) -> dict[str, int]:
    """Return the exposure of a guard on which nothing is reserved, by selection."""
    return dict.fromkeys(selections, 0)


def most(guard: Item) -> int:
    """Return what a guard's dearest selection would pay, in cents."""
    return int(max(guard["exposure"].values()))


def liability(guards: Sequence[Item]) -> int:
    """Return what the dearest selection of each of a market's guards may cost, together, in cents."""
    return sum(map(most, guards))


def used_percent(guard: Item) -> float:
    """Return how much of its limit a guard's fullest selection has used."""
    return 100 * most(guard) / int(guard["limit_cents"])


def reserve(market: Market, outcome_id: str, cents: int) -> Update:
    """Return the write that reserves on a selection, while the guard is as the market was seen.

    Its game has not begun at the moment of the write, and there is room.
    """
    return Update(
        guard_key(market.market_id, market.guard),
        "SET #exposure.#selection = #exposure.#selection + :payout",
        condition="#version = :seen AND #status = :open AND #fixture_status = :playable AND #starts_at > :now"
        " AND #limit_cents = :limit AND #exposure.#selection <= :room",
        values={
            "seen": market.version,
            "limit": market.limit_cents,
            "open": "OPEN",
            "playable": PLAYABLE,
            "now": clock.stamp,
            "payout": cents,
            "room": market.limit_cents - cents,
        },
        names={"selection": outcome_id},
    )


def give_back(place: Reservation, cents: int) -> Update:
    """Return the write that gives back a reservation, while the market takes bets, before its game begins."""
    return Update(
        guard_key(place.market_id, place.guard),
        "SET #exposure.#selection = #exposure.#selection - :payout",
        condition="#status = :open AND #fixture_status = :playable AND #starts_at > :now AND #counts_from <= :decided",
        values={
            "payout": cents,
            "open": "OPEN",
            "playable": PLAYABLE,
            "now": clock.stamp,
            "decided": place.result_version,
        },
        names={"selection": place.outcome_id},
    )


def move(moved: Sequence[tuple[Reservation, int]]) -> Update:
    """Return the write that lets reservations on one guard grow, or shrink, by cents, even above its limit.

    Their legs have seen the same result, and the guard does not count from a later one on.
    """
    place = moved[0][0]
    changes = {f"by_{n}": cents for n, (_, cents) in enumerate(moved)}
    terms = [f"#exposure.#selection_{n} = #exposure.#selection_{n} + :by_{n}" for n in range(len(moved))]
    return Update(
        guard_key(place.market_id, place.guard),
        "SET " + ", ".join(terms),
        condition="#counts_from <= :decided",
        values={**changes, "decided": place.result_version},
        names={f"selection_{n}": reservation.outcome_id for n, (reservation, _) in enumerate(moved)},
    )


def count_anew(guard: Item, result_version: int, closed_version: int) -> Update:
    """Return the write that lets a guard count from a result on, from nothing, while its market is closed as seen."""
    anew = {"counts_from": result_version, "exposure": nothing(guard["odds"])}
    return Update(
        (guard["pk"], guard["sk"]),
        assign(anew),
        condition="(#counts_from = :never OR #counts_from < :counts_from) AND #version = :closed",
        values={**anew, "never": NEVER, "closed": closed_version},
    )
