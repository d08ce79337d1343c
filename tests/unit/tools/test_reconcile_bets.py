"""The bets against their holds: consistent books have no difference, one fault has its own, and youth excuses."""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi import clock
from tests.unit.tools.test_reconcile import AROUND_A_FAULT
from tools.reconcile.bets import Bets
from tools.reconcile.findings import Adjustment, Difference, Findings
from wallet.rules import chains, ledger

Item = dict[str, Any]
THEN = datetime(2026, 11, 26, 8, tzinfo=UTC)
NOW = THEN + timedelta(hours=1)
GRACE = timedelta(minutes=15)


class Books:
    """Both tables as plain items, written as bet and wallet write them."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.results: dict[str, Item] = {}
        self.chains: dict[str, list[Item]] = {}

    # -- the lookups of `bets.Lookup`

    def bets(self, user_id: str) -> list[Item]:
        return [item for item in self.items.values() if item["user_id"] == user_id]

    def holds(self, user_id: str) -> list[Item]:
        return [item for chain in self.chains.values() for item in chain if item["pk"] == f"USER#{user_id}"]

    def result(self, market_id: str) -> Item | None:
        return self.results.get(market_id)

    # -- what happens

    def place(self, stake: int = 10_000, markets: tuple[str, ...] = ("m-1",)) -> str:
        bet_id = f"b-{len(self.items) + 1}"
        self.items[bet_id] = {
            "pk": f"USER#u-{len(self.items) % 3}", "sk": f"BET#{bet_id}", "bet_id": bet_id, "status": "ACCEPTED",
            "user_id": f"u-{len(self.items) % 3}", "stake_cents": stake, "settlement_version": 0,
            "at": clock.stamp(THEN), "accept_before": clock.stamp(THEN + timedelta(seconds=10)),
            "updated_at": clock.stamp(THEN), "legs": [{"market_id": market} for market in markets],
        }  # fmt: skip
        self.post(bet_id, *chains.place_hold(self.items[bet_id]["user_id"], bet_id, "BET", stake))
        return bet_id

    def post(self, bet_id: str, entry: ledger.Entry, hold: chains.Hold) -> None:
        chain = self.chains.setdefault(bet_id, [])
        chain.append({"pk": f"USER#{hold.user_id}", "sk": f"HOLD#{bet_id}#{hold.step:04d}", "hold": asdict(hold)})

    def hold(self, bet_id: str) -> chains.Hold:
        return chains.Hold(**self.chains[bet_id][-1]["hold"])

    def step(self, bet_id: str, step: chains.Step | None) -> None:
        if step is not None:
            self.post(bet_id, step.entry, step.hold)

    def change(self, bet_id: str, status: str, **facts: Any) -> None:
        self.items[bet_id].update(status=status, updated_at=clock.stamp(THEN + timedelta(minutes=1)), **facts)

    def decide(self, bet_id: str, payout: int, *, told: bool = True) -> None:
        version = self.items[bet_id]["settlement_version"] + 1
        outcome = "WON" if payout else "LOST"
        self.change(bet_id, "SETTLED", settlement_version=version, payout_cents=payout, outcome=outcome)
        if told:
            self.step(bet_id, chains.settle(self.hold(bet_id), version, payout, spendable=10**9))

    def take_back(self, bet_id: str, *, told: bool = True) -> None:
        version = self.items[bet_id]["settlement_version"] + 1
        self.change(bet_id, "ACCEPTED", settlement_version=version, outcome=None)
        if told:
            self.step(bet_id, chains.reopen(self.hold(bet_id), version, spendable=10**9))

    def end(self, bet_id: str, status: str = "CANCELLED", *, told: bool = True) -> None:
        self.change(bet_id, status)
        if told:
            self.step(bet_id, chains.release(self.hold(bet_id), status))

    def cash_out(self, bet_id: str, stake: int) -> None:
        part = f"c-{len(self.chains[bet_id])}"
        self.step(bet_id, chains.settle_part(self.hold(bet_id), part, stake, stake * 2))

    def know(self, market_id: str, version: int, *bet_ids: str) -> None:
        """A market has a result, and these bets took it."""
        self.results[market_id] = {
            "pk": f"RESULT#{market_id}", "sk": "RESULT", "market_id": market_id, "result_version": version,
            "decided_at": clock.stamp(THEN),
        }  # fmt: skip
        for bet_id in bet_ids:
            for leg in self.items[bet_id]["legs"]:
                if leg["market_id"] == market_id:
                    leg["result_version"] = version

    # -- the comparison

    def compare(self, now: datetime = NOW) -> Findings:
        comparison = Bets(now, GRACE)
        for item in [*self.items.values(), *self.results.values()]:
            comparison.bet(item)
        for item in sorted((item for chain in self.chains.values() for item in chain), key=lambda item: item["pk"]):
            comparison.ledger(item)
        return comparison.result(self)


def codes(found: list[Difference]) -> list[str]:
    return sorted(item.code for item in found)


def happen(operations: list[tuple[str, int, int]]) -> Books:
    books = Books()
    for name, stake, payout in operations:
        bet_id = books.place(stake)
        if name in ("cashed", "half-cashed"):
            books.cash_out(bet_id, stake if name == "cashed" else stake // 2)
        if name in ("REJECTED", "CANCELLED"):
            books.end(bet_id, name)
        elif name != "open":
            books.decide(bet_id, payout)
        if name in ("reopened", "corrected"):
            books.take_back(bet_id)
        if name == "corrected":
            books.decide(bet_id, payout + 1)
    return books


HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(["open", "settled", "reopened", "corrected", "REJECTED", "CANCELLED", "cashed", "half-cashed"]),
        st.integers(1_000, 100_000),
        st.sampled_from([0, 1, 25_000]),
    ),
    max_size=12,
).map(happen)


@given(HISTORIES)
def test_consistent_books_have_no_difference(books: Books) -> None:
    found = books.compare()
    assert (found.differences, found.pending) == ([], [])
    assert found.seen == {"bets": len(books.items), "stakes in the ledger": len(books.chains)}


# -- one fault, one difference


def lose_settlement(books: Books) -> str:
    bet_id = books.place()
    books.decide(bet_id, 25_000, told=False)
    return bet_id


def lose_correction(books: Books) -> str:
    bet_id = books.place()
    books.decide(bet_id, 25_000)
    books.decide(bet_id, 0, told=False)
    return bet_id


def lose_settlement_of_the_rest(books: Books) -> str:
    bet_id = books.place()
    books.cash_out(bet_id, 4_000)
    books.decide(bet_id, 15_000, told=False)
    return bet_id


def lose_reopening(books: Books) -> str:
    bet_id = books.place()
    books.decide(bet_id, 25_000)
    books.take_back(bet_id, told=False)
    return bet_id


def lose_end(status: str) -> Callable[[Books], str]:
    def fault(books: Books) -> str:
        bet_id = books.place()
        books.end(bet_id, status, told=False)
        return bet_id

    return fault


def lose_hold(books: Books) -> str:
    bet_id = books.place()
    del books.chains[bet_id]
    return bet_id


def give_back(payout: int | None) -> Callable[[Books], str]:
    def fault(books: Books) -> str:
        bet_id = books.place()
        books.step(bet_id, chains.release(books.hold(bet_id), "by mistake"))
        if payout is not None:
            books.decide(bet_id, payout, told=False)
        return bet_id

    return fault


def give_back_a_part(books: Books) -> str:
    bet_id = books.place()
    books.step(bet_id, chains.release(books.hold(bet_id), "by mistake", "part", 1))
    return bet_id


def pay_another_amount(books: Books) -> str:
    bet_id = books.place()
    books.decide(bet_id, 25_000)
    books.items[bet_id]["payout_cents"] = 26_000
    return bet_id


def hold_another_amount(books: Books) -> str:
    bet_id = books.place()
    books.items[bet_id]["stake_cents"] += 1
    return bet_id


def settle_alone(status: str) -> Callable[[Books], str]:
    """The ledger settles what the bet does not."""

    def fault(books: Books) -> str:
        bet_id = books.place()
        books.step(bet_id, chains.settle(books.hold(bet_id), 1, 25_000, spendable=0))
        books.change(bet_id, status)
        return bet_id

    return fault


def lose_bet(books: Books) -> str:
    bet_id = books.place()
    books.items[bet_id] = books.items.pop(bet_id) | {"sk": "LOST", "user_id": "nobody"}
    return bet_id


def forget(books: Books) -> str:
    bet_id = books.place()
    books.items[bet_id]["status"] = "PENDING"
    return bet_id


def hold_anothers_money(books: Books) -> str:
    bet_id = books.place()
    del books.chains[bet_id]
    books.post(bet_id, *chains.place_hold("u-9", bet_id, "BET", 10_000))
    return bet_id


FAULTS: list[tuple[list[str], Callable[[Books], str]]] = [
    (["BET_SETTLEMENT_MISSING"], lose_settlement),
    (["BET_SETTLEMENT_MISSING"], lose_correction),
    (["BET_SETTLEMENT_MISSING"], lose_settlement_of_the_rest),
    (["BET_REOPENING_MISSING"], lose_reopening),
    (["BET_STAKE_NOT_RELEASED"], lose_end("CANCELLED")),
    (["BET_STAKE_NOT_RELEASED"], lose_end("REJECTED")),
    (["BET_STAKE_MISSING"], lose_hold),
    (["BET_STAKE_MISSING"], give_back(None)),
    (["BET_STAKE_OTHER_AMOUNT"], give_back_a_part),
    (["BET_STAKE_OTHER_AMOUNT"], hold_another_amount),
    (["BET_SETTLED_AFTER_RELEASE"], give_back(25_000)),
    (["BET_PAYOUT_OTHER_AMOUNT"], pay_another_amount),
    (["BET_RESULT_NOT_DUE"], settle_alone("ACCEPTED")),
    (["BET_RESULT_NOT_DUE"], settle_alone("CANCELLED")),
    (["BET_NOT_DECIDED"], forget),
    (["STAKE_WITHOUT_BET"], lose_bet),
    (["BET_STAKE_MISSING", "STAKE_WITHOUT_BET"], hold_anothers_money),
]


@pytest.mark.parametrize(("expected", "fault"), FAULTS, ids=[f"{n}-{names[-1]}" for n, (names, _) in enumerate(FAULTS)])
@AROUND_A_FAULT
@given(history=HISTORIES)
def test_one_fault_has_its_own_difference_with_the_bet_s_id(
    expected: list[str], fault: Callable[[Books], str], history: Books
) -> None:
    bet_id = fault(history)
    # A hold for another player is known by that player's partition, which is looked at when it differs.
    found = history.compare()
    assert (codes(found.differences), found.pending) == (expected, [])
    assert {difference.id for difference in found.differences} == {bet_id}
    assert all(difference.amounts for difference in found.differences)


def test_a_stake_that_was_given_back_to_a_bet_that_pays_just_that_is_right() -> None:
    books = Books()
    give_back(10_000)(books)
    assert books.compare().differences == []


@pytest.mark.parametrize(
    "fault", [lose_settlement, lose_reopening, lose_end("REJECTED"), lose_hold, forget], ids=lambda f: f.__name__
)
def test_what_changed_a_moment_ago_is_on_its_way_and_an_hour_later_is_a_difference(
    fault: Callable[[Books], str],
) -> None:
    books = Books()
    bet_id = fault(books)
    bet = books.items[bet_id]
    changed = clock.parse_stamp(bet["accept_before"] if bet["status"] == "PENDING" else bet["updated_at"])
    soon = books.compare(changed + GRACE - timedelta(seconds=1))
    assert (soon.differences, [found.id for found in soon.pending]) == ([], [bet_id])
    late = books.compare(changed + GRACE + timedelta(seconds=1))
    assert ([found.id for found in late.differences], late.pending) == ([bet_id], [])


def test_a_pending_bet_within_its_time_is_nobody_s_business_held_or_not() -> None:
    books = Books()
    held, bare = forget(books), forget(books)
    del books.chains[bare]
    assert books.items[held]["accept_before"] > clock.stamp(THEN)
    found = books.compare(THEN)
    assert (found.differences, found.pending) == ([], [])


def test_a_bet_that_moved_while_the_tables_were_read_is_no_difference() -> None:
    books = Books()
    bet_id = books.place()
    comparison = Bets(NOW, GRACE)
    comparison.bet(dict(books.items[bet_id]))
    books.decide(bet_id, 25_000)
    for item in books.chains[bet_id]:
        comparison.ledger(item)
    found = comparison.result(books)
    assert (found.differences, found.pending) == ([], [])


def test_a_bet_that_moves_between_the_two_second_looks_is_late_in_the_ledger_and_never_ahead() -> None:
    class Moving(Books):
        """A bet is settled, and its payout posted, after the first of the two looks."""

        moved = False

        def after(self, looked: list[Item]) -> list[Item]:
            seen = [dict(item) for item in looked]
            if not self.moved:
                self.moved = True
                self.decide("b-1", 25_000)
            return seen

        def bets(self, user_id: str) -> list[Item]:
            return self.after(super().bets(user_id))

        def holds(self, user_id: str) -> list[Item]:
            return self.after(super().holds(user_id))

    books = Moving()
    books.items[books.place()]["updated_at"] = clock.stamp(THEN - timedelta(hours=1))
    comparison = Bets(THEN + timedelta(minutes=2), GRACE)
    comparison.bet(dict(books.items["b-1"]))  # the wallet was read before the bet's hold was in it
    found = comparison.result(books)
    assert (found.differences, codes(found.pending)) == ([], ["BET_SETTLEMENT_MISSING"])


# -- markets


def test_a_market_whose_result_some_bets_never_heard_of_is_named_with_one_of_them() -> None:
    books = Books()
    knows, behind, other, dead = (books.place() for _ in range(4))
    books.items[other]["legs"] = [{"market_id": "m-2"}]
    books.end(dead)
    books.know("m-1", 1, knows)
    (found,) = books.compare().differences
    assert (found.code, found.id, dict(found.amounts)) == ("MARKET_NOT_SETTLED", "m-1", {"stakes": 10_000})
    assert behind in found.detail
    assert "--market m-1" in found.action("dev")
    assert codes(books.compare(THEN + GRACE - timedelta(seconds=1)).pending) == ["MARKET_NOT_SETTLED"]
    books.know("m-1", 1, behind)
    assert books.compare().differences == []


def test_bets_that_know_different_results_are_counted_together() -> None:
    books = Books()
    books.know("m-1", 1, books.place(), books.place())
    books.place()
    books.know("m-1", 2, books.place())
    (found,) = books.compare().differences
    assert dict(found.amounts) == {"stakes": 30_000}
    assert found.detail.startswith("result 2 is not known to 3 bets")


# -- what is said


def test_what_was_lost_is_republished_by_the_id_in_the_line() -> None:
    books = Books()
    bet_id = lose_correction(books)
    (found,) = books.compare().differences
    line = found.line("prod")
    assert "payout 0.00  posted 250.00  held 0.00  SETTLED, result 2 and in the ledger 1" in line
    assert f"-> python -m tools.republish --stage prod --service bet --id {bet_id}" in line


@pytest.mark.parametrize(
    ("fault", "cents"), [(pay_another_amount, 1_000), (give_back(25_000), 15_000), (give_back(0), -10_000)]
)
def test_an_adjustment_that_names_the_bet_settles_what_nothing_else_can(
    fault: Callable[[Books], str], cents: int
) -> None:
    books = Books()
    bet_id = fault(books)
    for adjusted, left in ((cents + 1, 1), (cents, 0)):
        found = books.compare()
        found.adjusted([Adjustment(str(uuid.uuid4()), books.items[bet_id]["user_id"], adjusted, f"for {bet_id}")])
        assert len(found.differences) == left


def test_bets_that_came_to_an_open_market_after_some_were_cancelled_need_not_know_of_it() -> None:
    books = Books()
    late, early = books.place(), books.place()
    books.items[late]["accepted_at"] = clock.stamp(THEN + timedelta(seconds=1))
    books.items[early]["accepted_at"] = clock.stamp(THEN - timedelta(seconds=1))
    books.know("m-1", 1)
    (found,) = books.compare().differences
    assert early in found.detail
    books.know("m-1", 1, early)
    assert books.compare().differences == []
