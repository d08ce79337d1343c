"""The ledger's laws, over all amounts: entries balance, parts add up, a result is posted once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi.errors import Conflict
from wallet import ledger
from wallet.ledger import Entry, Hold, HoldVoided, Unbalanced

cents = st.integers(1, 10**11)
amounts = st.integers(0, 10**11)


def parts_add_up(hold: Hold) -> bool:
    return (
        hold.amount == hold.remaining + hold.released + hold.captured
        and min(hold.remaining, hold.released, hold.captured) >= 0
    )


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(Unbalanced):
        Entry("e", "DEPOSIT", "e", (("a", 1), ("b", -2)), "")


@given(cents, cents, st.integers(0, 10**12))
def test_a_deposit_repays_a_debt_first_and_only_that(credit: int, excise: int, owed: int) -> None:
    entry = ledger.deposit("u", "d", credit + excise, credit, excise, owed)
    changes = ledger.balance_changes("u", entry.postings)
    assert changes["available"] + changes["receivable"] == credit
    assert changes["receivable"] == min(owed, credit)


def test_a_deposit_whose_parts_do_not_add_up_cannot_be_posted() -> None:
    with pytest.raises(Unbalanced):
        ledger.deposit("u", "d", 1_000, 950, 51)


@given(cents)
def test_a_hold_that_is_released_gives_everything_back_once(amount: int) -> None:
    entry, hold = ledger.place_hold("u", "h", "BET", amount)
    released = ledger.release(hold, "r")
    assert released is not None
    back, after = released.entry, released.hold
    moved = ledger.balance_changes("u", entry.postings + back.postings)
    assert moved == {"available": 0, "held": 0, "receivable": 0}
    assert parts_add_up(after)
    assert ledger.release(after, "r") is None


@given(cents, st.lists(amounts, min_size=1, max_size=6), amounts)
def test_any_chain_of_corrections_ends_as_the_last_result_alone(amount: int, payouts: list[int], spare: int) -> None:
    entry, hold = ledger.place_hold("u", "b", "BET", amount)
    postings, available = entry.postings, spare
    for version, payout in enumerate(payouts, start=1):
        step = ledger.settle(hold, version, payout, available)
        assert step is not None
        hold = step.hold
        postings += step.entry.postings
        available += ledger.balance_changes("u", step.entry.postings)["available"]
        assert available >= 0
        assert parts_add_up(hold)
        assert ledger.settle(hold, version, payout, available) is None
    changes = ledger.balance_changes("u", postings)
    assert changes["held"] == 0
    assert changes["available"] + changes["receivable"] == payouts[-1] - amount
    assert changes["receivable"] <= 0


@given(cents, amounts, amounts)
def test_an_older_result_changes_nothing_and_the_same_one_must_say_the_same(
    amount: int, payout: int, other: int
) -> None:
    _, hold = ledger.place_hold("u", "b", "BET", amount)
    step = ledger.settle(hold, 5, payout, 0)
    assert step is not None
    assert ledger.settle(step.hold, 4, other, 0) is None
    if other != payout:
        with pytest.raises(Conflict):
            ledger.settle(step.hold, 5, other, 0)


def test_a_voided_or_released_hold_can_never_be_captured() -> None:
    _, tombstone = ledger.void("u", "b", "cancelled")
    with pytest.raises(HoldVoided):
        ledger.settle(tombstone, 1, 100, 0)
    with pytest.raises(Conflict):
        ledger.pay_out(tombstone, 100, 0, 0)
    stake = ledger.release(ledger.place_hold("u", "h", "BET", 100)[1], "r")
    withdrawal = ledger.release(ledger.place_hold("u", "h", "WITHDRAWAL", 100)[1], "r")
    assert stake is not None
    assert withdrawal is not None
    with pytest.raises(Conflict):
        ledger.settle(stake.hold, 1, 100, 0)
    with pytest.raises(Conflict):
        ledger.pay_out(withdrawal.hold, 100, 0, 0)


@given(st.integers(1, 10**9), st.integers(0, 10**8), st.integers(0, 99))
def test_a_withdrawal_is_captured_in_parts_that_add_up_or_not_at_all(paid: int, tax: int, rest: int) -> None:
    _, hold = ledger.place_hold("u", "w", "WITHDRAWAL", paid + tax + rest)
    step = ledger.pay_out(hold, paid, tax, rest)
    assert step is not None
    assert ledger.balance_changes("u", step.entry.postings) == {
        "available": rest,
        "held": -(paid + tax + rest),
        "receivable": 0,
    }
    assert parts_add_up(step.hold)
    assert ledger.pay_out(step.hold, paid, tax, rest) is None
    with pytest.raises(Conflict):
        ledger.pay_out(hold, paid + 1, tax, rest)


@given(st.integers(1, 10**9), st.integers(0, 10**8))
def test_a_reversal_is_the_mirror_of_its_deposit_and_posted_once(credit: int, excise: int) -> None:
    came = ledger.deposit("u", "d", credit + excise, credit, excise)
    placed, hold = ledger.place_hold("u", "r", "REVERSAL", credit)
    step = ledger.reverse_deposit(hold, credit + excise, credit, excise)
    assert step is not None
    assert step.entry.kind == "REVERSAL"
    assert (step.unstaked, step.unlost, step.hold.windows) == (0, 0, {})
    assert parts_add_up(step.hold)
    totals: dict[str, int] = {}
    for account, moved in came.postings + placed.postings + step.entry.postings:
        totals[account] = totals.get(account, 0) + moved
    assert not any(totals.values())
    assert ledger.reverse_deposit(step.hold, credit + excise, credit, excise) is None
    assert ledger.release(step.hold, "late failure") is None


@pytest.mark.parametrize(("amount", "credit", "excise"), [(999, 950, 50), (1_001, 951, 50), (949, 899, 50)])
def test_a_reversal_captures_what_is_held_or_nothing(amount: int, credit: int, excise: int) -> None:
    _, hold = ledger.place_hold("u", "r", "REVERSAL", 950)
    with pytest.raises(Conflict):
        ledger.reverse_deposit(hold, amount, credit, excise)
    step = ledger.reverse_deposit(hold, 1_000, 950, 50)
    assert step is not None
    with pytest.raises(Conflict):
        ledger.reverse_deposit(step.hold, amount, credit, excise)


def test_each_kind_of_hold_is_captured_by_its_own_operation_alone() -> None:
    holds = {kind: ledger.place_hold("u", "h", kind, 100)[1] for kind in ("BET", "WITHDRAWAL", "REVERSAL")}
    for kind in ("BET", "WITHDRAWAL"):
        with pytest.raises(Conflict):
            ledger.reverse_deposit(holds[kind], 100, 100, 0)
    for kind in ("BET", "REVERSAL"):
        with pytest.raises(Conflict):
            ledger.pay_out(holds[kind], 100, 0, 0)
    for kind in ("WITHDRAWAL", "REVERSAL"):
        with pytest.raises(HoldVoided):
            ledger.settle(holds[kind], 1, 100, 0)
        with pytest.raises(HoldVoided):
            ledger.settle_part(holds[kind], "p", 50, 50)
        with pytest.raises(HoldVoided):
            ledger.reopen(holds[kind], 1, 0)


@pytest.mark.parametrize("part", [None, 1])
def test_a_reversal_that_was_given_back_cannot_be_captured(part: int | None) -> None:
    _, tombstone = ledger.void("u", "r", "refused")
    step = ledger.release(ledger.place_hold("u", "r", "REVERSAL", 100)[1], "failed", "part", part)
    assert step is not None
    for hold in (tombstone, step.hold):
        with pytest.raises(Conflict):
            ledger.reverse_deposit(hold, 100, 100, 0)


def test_money_leaves_suspense_by_the_account_that_it_came_in_by() -> None:
    came, back = ledger.suspense_in("R1", 10_000), ledger.suspense_return("R1", 10_000)
    assert sorted(came.postings) == sorted((account, -moved) for account, moved in back.postings)
