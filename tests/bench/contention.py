"""What contention costs, by a model: DynamoDB refuses a write of an item that another transaction is writing.

The emulator never refuses one, so this is computed: writers come at random moments, hold their items for as long as a
transaction takes, and try again by the product's own rules (its attempts, pauses, guards and patience) when an item is
held. HOLD_SECONDS is chosen so that one guard refuses about 1 % of bets at 50 a second, and many more at 75.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from bet.markets import limits
from bet.settlement import arithmetic
from betsafi import clock, dynamodb
from tests.bench.rows import Row

HOLD_SECONDS = 0.0135
ROUND_TRIP_SECONDS = 0.004
RUN_SECONDS = 120
PATIENCE_SECONDS = 12.0


@dataclass
class Market:
    """Guards of markets by name, each held until a moment; and the agenda of who comes next."""

    random: Random
    held_until: dict[str, float] = field(default_factory=dict)
    agenda: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    number: int = 0

    def at(self, moment: float, action: Callable[[float], None]) -> None:
        """Do something at a moment."""
        self.number += 1
        heapq.heappush(self.agenda, (moment, self.number, action))

    def run(self) -> None:
        """Work the agenda off."""
        while self.agenda:
            moment, _, action = heapq.heappop(self.agenda)
            action(moment)

    def hold(self, now: float, guards: Sequence[str]) -> bool:
        """Write all guards in one transaction; False if one of them is held."""
        if any(self.held_until.get(guard, 0.0) > now for guard in guards):
            return False
        until = now + HOLD_SECONDS * self.random.uniform(0.6, 1.4)
        self.held_until.update(dict.fromkeys(guards, until))
        return True

    def write(
        self, now: float, guards: Sequence[str], ended: Callable[[float, bool], None], patience: float | None = None
    ) -> None:
        """Write guards as `Table.transact` does: bounded tries that spread out, or short steps within a patience."""
        deadline = now + (patience or 0.0)

        def attempt(moment: float, tries: int) -> None:
            if self.hold(moment, guards):
                ended(moment, True)
            elif moment > deadline if patience else tries + 1 >= dynamodb._ATTEMPTS:
                ended(moment, False)
            else:
                pause = self.random.uniform(*clock.jitter_seconds(0 if patience else tries))
                self.at(moment + ROUND_TRIP_SECONDS + pause, lambda later: attempt(later, tries + 1))

        attempt(now, 0)


def one_market(bets_a_second: float, guards: int) -> tuple[float, float]:
    """Return how many of a hundred bets on one market are refused for contention, and of a hundred suspensions."""
    market = Market(Random(20))
    bets: list[bool] = []
    suspensions: list[bool] = []

    def bet(now: float) -> None:
        market.write(now, [f"g{market.random.randrange(guards)}"], lambda _, done: bets.append(done))

    def suspend(now: float, n: int = 0) -> None:
        def ended(later: float, done: bool) -> None:
            if done and n + 1 < guards:
                suspend(later, n + 1)
            else:
                suspensions.append(done)

        market.write(now, [f"g{n}"], ended, PATIENCE_SECONDS)

    _poisson(market, bets_a_second, bet)
    _poisson(market, 1.0, suspend)
    market.run()
    return 100 * bets.count(False) / len(bets), 100 * suspensions.count(False) / len(suspensions)


def while_multis_settle(multis: int, legs: int, markets: int, bets_a_second: float) -> tuple[float, float]:
    """Return how many of a hundred live bets are refused while dead multis give back what they reserved, and how many
    items of guards a multi writes. Live bets have as many legs as the multis, on the same markets."""
    split = limits.split("POPULAR")
    market = Market(Random(21))
    bets: list[bool] = []
    written = [0]

    def picks() -> list[int]:
        return market.random.sample(range(markets), legs)

    def bet(now: float) -> None:
        guard = market.random.randrange(split.guards)
        market.write(now, [f"m{n}g{guard}" for n in picks()], lambda _, done: bets.append(done))

    def settle(now: float, shard: int, left: int) -> None:
        """One batch after the other, as the worker does: bets of one shard until the transaction is full."""
        touched: set[int] = set()
        batch = 0
        while left > batch and batch + 1 + len(touched | (more := set(picks()))) <= arithmetic.MOST_WRITES:
            touched |= more
            batch += 1

        def ended(later: float, done: bool) -> None:
            written[0] += len(touched)
            rest = left - batch if done else left
            if rest:
                market.at(later + HOLD_SECONDS, lambda then: settle(then, shard, rest))
            elif shard + 1 < split.guards:
                settle(later, shard + 1, multis // split.guards)

        market.write(now, [f"m{n}g{shard}" for n in touched], ended, 5.0)

    _poisson(market, bets_a_second, bet)
    settle(0.0, 0, multis // split.guards)
    market.run()
    return 100 * bets.count(False) / len(bets), written[0] / multis


def measure() -> list[Row]:
    """Return the rows of the model."""
    rows = []
    for bets, guards, aim in ((50, 1, None), (75, 1, None), (50, 2, None), (100, limits.split("POPULAR").guards, 0.1)):
        refused, suspensions = one_market(bets, guards)
        what = f"{bets} bets/s on one market, {guards} guards"
        rows.append(Row(f"contention.bets.{bets}.{guards}", f"refused of {what}", refused, "%", aim, 0))
        aim = None if aim is None else 0
        rows.append(Row(f"contention.suspensions.{bets}.{guards}", "  suspensions refused", suspensions, "%", aim, 0))
    refused, items = while_multis_settle(10_000, 9, 40, 60)
    rows.append(Row("contention.release.bets", "live bets refused while 10,000 multis settle", refused, "%", 0.1, 0))
    rows.append(Row("contention.release.items", "  guards written by each of them", items, "items", 1, 0))
    return rows


def _poisson(market: Market, a_second: float, action: Callable[[float], None]) -> None:
    moment = 0.0
    while (moment := moment + market.random.expovariate(a_second)) < RUN_SECONDS:
        market.at(moment, action)
