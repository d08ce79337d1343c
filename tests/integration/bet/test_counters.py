"""Whatever the order of bets, cancellations, results and new guards, a guard counts what its open bets could pay.

On the emulator's own tables in this process, so that hundreds of schedules are tried.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from betsafi import dynamodb
from betsafi.errors import DomainError, NotFound
from tests.simulation.dynamodb import DynamoDB
from tests.support.bet import ODDS, OUTCOMES, TRADERS, decide, load_bet, new_market, new_slip

MARKETS = 4
PLAYER = "player-1"
_RESULTS = [{"1": one, "X": other, "2": "LOST"} for one, other in (("WON", "LOST"), ("LOST", "WON"))]
_RESULTS.append(dict.fromkeys(ODDS, "VOID"))


@pytest.fixture(scope="module")
def bet() -> Iterator[SimpleNamespace]:
    """The bet service on in-process tables; every stake is held."""
    wallet: Any = SimpleNamespace(place_hold=lambda *_: None, release=lambda *_: None)
    with pytest.MonkeyPatch.context() as patched:
        yield load_bet("bet", wallet, patched)


def _database() -> SimpleNamespace:
    tables = DynamoDB()
    tables.create_table("bet", "bet")
    operations = ("get_item", "put_item", "update_item", "query", "batch_get_item", "transact_write_items")

    def operation(name: str) -> Any:
        return lambda **request: tables.execute(name, request)[0]

    return SimpleNamespace(**{name: operation(name) for name in operations})


class House:
    """The bet service, and which bets still have to be told which market's newest result."""

    def __init__(self, bet: SimpleNamespace) -> None:
        bet.guards._cache.clear()
        self.bet = bet
        self.markets = [new_market(bet, f"m{n}") for n in range(MARKETS)]
        self.told: list[tuple[str, str]] = []

    def bets(self) -> list[dict[str, Any]]:
        return list(self.bet.table.query_all(f"USER#{PLAYER}", "BET#"))

    def place(self, picks: list[tuple[int, str]]) -> None:
        chosen = {number: selection for number, selection in picks}
        slip = [(self.markets[number], selection, ODDS[selection]) for number, selection in chosen.items()]
        self._tried(lambda: self.bet.placing.place(PLAYER, new_slip(self.bet, *slip, stake="20.00")))

    def cancel(self, number: int) -> None:
        if bets := self.bets():
            self._tried(lambda: self.bet.cancelling.cancel(PLAYER, bets[number % len(bets)]["bet_id"]))

    def result(self, number: int, results: dict[str, str]) -> None:
        market = self.markets[number]
        decide(self.bet, market, results)
        self._tell_all(market)

    def roll_back(self, number: int, reopen: str | None) -> None:
        market = self.markets[number]

        def both() -> None:
            for trader in TRADERS:
                self.bet.deciding.roll_back(market, reopen, trader, "by mistake")

        self._tried(both)
        self._tell_all(market)

    def _tell_all(self, market: str) -> None:
        self.told += [
            (market, item["bet_id"]) for item in self.bets() if any(leg["market_id"] == market for leg in item["legs"])
        ]

    def tell(self, number: int) -> None:
        """One bet takes the newest result of one market, in whatever order."""
        if self.told:
            market, bet_id = self.told.pop(number % len(self.told))
            with contextlib.suppress(NotFound):  # a rollback that was refused left no result
                self.bet.worker.settle_one(market, PLAYER, bet_id)

    def tell_pages(self, number: int) -> None:
        """The worker goes over all bets of a market that has a result."""
        market = self.markets[number]
        try:
            version = self.bet.results.get_result(market)["result_version"]
        except DomainError:
            return
        place = self.bet.worker.Place(market, version)
        while place:
            place = self.bet.worker.settle_bets(place, lambda: False, _failed)

    def add_guards(self, number: int, guards: int) -> None:
        self._tried(lambda: self.bet.changing.add_guards(self.markets[number], guards))

    def check(self) -> None:
        counted: Counter[tuple[str, int, str]] = Counter()
        for item in self.bets():
            for leg in item["legs"]:
                if item["status"] == "ACCEPTED" and not leg.get("result"):
                    counted[leg["market_id"], leg["guard"], leg["outcome_id"]] += item["potential_payout_cents"]
        for market in self.markets:
            for guard in self.bet.guards.guards_of(market):
                if guard["status"] != "CLOSED":
                    for outcome in OUTCOMES.values():
                        assert guard["exposure"][outcome] == counted[market, guard["guard"], outcome]

    def _tried(self, attempt: Any) -> None:
        with contextlib.suppress(DomainError):  # what is refused changes nothing
            attempt()


def _failed(bet: Any) -> None:
    raise AssertionError(f"{bet['bet_id']} was set aside")


_MARKET = st.integers(0, MARKETS - 1)
_STEPS = st.one_of(
    st.tuples(
        st.just("place"), st.lists(st.tuples(_MARKET, st.sampled_from(sorted(ODDS))), min_size=1, max_size=MARKETS)
    ),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("result"), _MARKET, st.sampled_from(_RESULTS)),
    st.tuples(st.just("roll_back"), _MARKET, st.sampled_from([None, "OPEN", "SUSPENDED"])),
    st.tuples(st.just("tell"), st.integers(0, 20)),
    st.tuples(st.just("tell_pages"), _MARKET),
    st.tuples(st.just("add_guards"), _MARKET, st.integers(2, 5)),
)
_OPENING = st.lists(
    st.tuples(
        st.just("place"), st.lists(st.tuples(_MARKET, st.sampled_from(sorted(ODDS))), min_size=2, max_size=MARKETS)
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=120)
@given(_OPENING, st.lists(_STEPS, max_size=25))
def test_a_guard_counts_what_its_open_bets_could_pay_after_any_order_of_events(
    bet: SimpleNamespace, opening: list[Any], steps: list[Any]
) -> None:
    database = _database()
    with patch.object(dynamodb, "client", lambda service: database):
        house = House(bet)
        for name, *arguments in (*opening, *steps):
            getattr(house, name)(*arguments)
            house.check()
