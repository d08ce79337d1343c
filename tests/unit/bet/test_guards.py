"""Which guards a bet reads: its own, and guard 0 only of a market that this process has not met."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

from bet.markets import kinds
from bet.markets.given import NewMarket
from betsafi import clock
from betsafi.dynamodb import marshal
from tests.bench.meter import item_bytes
from tests.support.services import load

MARKET = "f/1"
SPECIFIERS = {"total": "10.75", "hcp": "-10.75", "goalnr": "12"}

GAME = {"definition_id": "1", "specifiers": "", "fixture_status": "SCHEDULED", "fixture_version": 1}


class Table:
    """A market's guards, and which of them were read, call by call."""

    def __init__(self, guards: int) -> None:
        self.guards = guards
        self.read: list[list[int]] = []

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        numbers = [int(pk.split("#")[2]) for pk, _ in keys if pk.startswith(f"GUARD#{MARKET}#")]
        if keys:
            self.read.append(numbers)
        return [self.guard(n) for n in numbers if n < self.guards]

    def guard(self, n: int) -> dict[str, Any]:
        about = {"market_id": MARKET, "fixture_id": "f", "guard": n, "guards": self.guards, "version": 1}
        more = {
            "status": "OPEN",
            **GAME,
            "starts_at": "2099-01-01T00:00:00.000000Z",
            "limit_cents": 100,
            "counts_from": 0,
        }
        return {**about, **more, "odds": {"1": "2.00"}, "exposure": {"1": 0}}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, guards: ModuleType) -> Table:
    found = Table(4)
    monkeypatch.setattr(guards, "table", found)
    return found


@pytest.fixture
def guards(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("bet.markets.guards", TABLE_NAME="bets")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: moment[0])
    return moment


def guard_used(guards: ModuleType, bet: int, **how: bool) -> int:
    return int(guards.markets_for(f"{bet:08x}", [MARKET], **how)[MARKET].guard)


def test_guard_0_is_read_once_to_learn_how_many_there_are(guards: ModuleType, table: Table, later: list[float]) -> None:
    assert guard_used(guards, 3) == 3
    assert table.read == [[0], [3]]
    assert [guard_used(guards, n) for n in (3, 2, 0)] == [3, 2, 0]
    assert table.read == [[0], [3], [2]]
    later[0] = 2.0
    assert [guard_used(guards, n) for n in (3, 3)] == [3, 3]
    assert table.read == [[0], [3], [2], [3]]


def test_a_fresh_look_reads_the_bets_own_guard_and_that_once(
    guards: ModuleType, table: Table, later: list[float]
) -> None:
    assert guard_used(guards, 0, fresh=True) == 0
    assert guard_used(guards, 1, fresh=True) == 1
    assert guard_used(guards, 1, fresh=True) == 1
    assert table.read == [[0], [1], [1]]


def test_more_guards_are_learnt_from_whichever_is_read(guards: ModuleType, table: Table, later: list[float]) -> None:
    assert guard_used(guards, 6) == 2
    table.guards = 8
    assert guard_used(guards, 6) == 2, "a guard that there was is one that there is"
    later[0] = 2.0
    assert [guard_used(guards, n) for n in (6, 6)] == [6, 6]
    assert table.read == [[0], [2], [2], [6]]


def test_a_bet_that_looks_again_finds_the_guard_that_came_meanwhile(
    guards: ModuleType, table: Table, later: list[float]
) -> None:
    assert guard_used(guards, 6) == 2
    table.guards = 8
    assert guard_used(guards, 6, fresh=True) == 6, "the old one may have no room left, and the new one has"
    assert table.read == [[0], [2], [2], [6]]
    assert guard_used(guards, 6, fresh=True) == 6
    assert table.read == [[0], [2], [2], [6], [6]]


def test_an_unknown_market_is_missing(guards: ModuleType, table: Table) -> None:
    assert guards.markets_for("00000001", ["nothing"]) == {}


@pytest.mark.parametrize("definition", kinds.definitions().values(), ids=lambda definition: definition.definition_id)
def test_a_guard_of_any_kind_fits_into_a_kilobyte(guards: ModuleType, definition: kinds.Definition) -> None:
    """With ids as UOF has them, long odds and a full limit: a bet's write of it is the same for each kind."""
    values = {name: "2:0" if form == "score" else SPECIFIERS[name] for name, form in definition.specifiers.items()}
    values |= {name: "10.5" for name, form in definition.specifiers.items() if form == "half"}
    odds = {outcome.outcome_id: "101.00" for outcome in definition.outcomes}
    market = NewMarket(definition, kinds.canonical_specifiers(definition, values), odds, definition.main)
    fixture = {"fixture_id": "sr:match:41234567", "starts_at": clock.stamp(), "status": "INTERRUPTED", "version": 12}
    (first, *_) = guards.new_guards({**fixture, "tier": "POPULAR"}, market)
    ids = {
        "correlation_id": "0b0e7f0e-5d0b-5b43-9a55-7f2f1b6f6e10",
        "causation_id": "0b0e7f0e-5d0b-5b43-9a55-7f2f1b6f6e10",
    }
    item = {**first.item, "trace": ids, "version": 99, "status": "SUSPENDED"}
    assert item_bytes(marshal({**item, "exposure": dict.fromkeys(odds, 20_000_000_001)})) <= 1_024


def test_the_main_markets_of_a_page_are_one_batch() -> None:
    assert 20 * sum(definition.main for definition in kinds.definitions().values()) <= 100
