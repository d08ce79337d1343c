"""The ledger's laws, over all amounts: entries balance, parts add up, a result is posted once."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi.errors import Conflict, InvalidInput
from wallet.rules import chains, ledger
from wallet.rules.audit import audit_partition
from wallet.rules.chains import Hold, HoldVoided
from wallet.rules.ledger import Entry, Unbalanced

cents = st.integers(1, 10**11)
amounts = st.integers(0, 10**11)
WINDOWS = {"day": "2026-11-26", "week": "2026-W48", "month": "2026-11"}


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
    entry, hold = chains.place_hold("u", "h", "BET", amount)
    released = chains.release(hold, "r")
    assert released is not None
    back, after = released.entry, released.hold
    moved = ledger.balance_changes("u", entry.postings + back.postings)
    assert moved == {"available": 0, "held": 0, "receivable": 0}
    assert parts_add_up(after)
    assert chains.release(after, "r") is None


@given(cents, st.lists(amounts, min_size=1, max_size=6), amounts)
def test_any_chain_of_corrections_ends_as_the_last_result_alone(amount: int, payouts: list[int], spare: int) -> None:
    entry, hold = chains.place_hold("u", "b", "BET", amount)
    postings, available = entry.postings, spare
    for version, payout in enumerate(payouts, start=1):
        step = chains.settle(hold, version, payout, available)
        assert step is not None
        hold = step.hold
        postings += step.entry.postings
        available += ledger.balance_changes("u", step.entry.postings)["available"]
        assert available >= 0
        assert parts_add_up(hold)
        assert chains.settle(hold, version, payout, available) is None
    changes = ledger.balance_changes("u", postings)
    assert changes["held"] == 0
    assert changes["available"] + changes["receivable"] == payouts[-1] - amount
    assert changes["receivable"] <= 0


@given(cents, amounts, amounts)
def test_an_older_result_changes_nothing_and_the_same_one_must_say_the_same(
    amount: int, payout: int, other: int
) -> None:
    _, hold = chains.place_hold("u", "b", "BET", amount)
    step = chains.settle(hold, 5, payout, 0)
    assert step is not None
    assert chains.settle(step.hold, 4, other, 0) is None
    if other != payout:
        with pytest.raises(Conflict):
            chains.settle(step.hold, 5, other, 0)


def test_a_voided_or_released_hold_can_never_be_captured() -> None:
    _, tombstone = chains.void("u", "b", "cancelled")
    with pytest.raises(HoldVoided):
        chains.settle(tombstone, 1, 100, 0)
    with pytest.raises(Conflict):
        chains.pay_out(tombstone, 100, 0, 0)
    stake = chains.release(chains.place_hold("u", "h", "BET", 100)[1], "r")
    withdrawal = chains.release(chains.place_hold("u", "h", "WITHDRAWAL", 100)[1], "r")
    assert stake is not None
    assert withdrawal is not None
    with pytest.raises(Conflict):
        chains.settle(stake.hold, 1, 100, 0)
    with pytest.raises(Conflict):
        chains.pay_out(withdrawal.hold, 100, 0, 0)


@given(st.integers(1, 10**9), st.integers(0, 10**8), st.integers(0, 99))
def test_a_withdrawal_is_captured_in_parts_that_add_up_or_not_at_all(paid: int, tax: int, rest: int) -> None:
    _, hold = chains.place_hold("u", "w", "WITHDRAWAL", paid + tax + rest)
    step = chains.pay_out(hold, paid, tax, rest)
    assert step is not None
    assert ledger.balance_changes("u", step.entry.postings) == {
        "available": rest,
        "held": -(paid + tax + rest),
        "receivable": 0,
    }
    assert parts_add_up(step.hold)
    assert (step.entry.id, step.hold.step) == ("w.1", 1)
    assert chains.pay_out(step.hold, paid, tax, rest) is None
    with pytest.raises(Conflict):
        chains.pay_out(hold, paid + 1, tax, rest)


@given(st.integers(1, 10**9), st.integers(0, 10**8))
def test_a_reversal_is_the_mirror_of_its_deposit_and_posted_once(credit: int, excise: int) -> None:
    came = ledger.deposit("u", "d", credit + excise, credit, excise)
    placed, hold = chains.place_hold("u", "r", "REVERSAL", credit)
    step = chains.reverse_deposit(hold, credit + excise, credit, excise)
    assert step is not None
    assert step.entry.kind == "REVERSAL"
    assert (step.unstaked, step.unlost, step.hold.windows) == (0, 0, {})
    assert parts_add_up(step.hold)
    assert (step.entry.id, step.hold.step) == ("r.1", 1)
    totals: dict[str, int] = {}
    for account, moved in came.postings + placed.postings + step.entry.postings:
        totals[account] = totals.get(account, 0) + moved
    assert not any(totals.values())
    assert chains.reverse_deposit(step.hold, credit + excise, credit, excise) is None
    assert chains.release(step.hold, "late failure") is None


@pytest.mark.parametrize(("amount", "credit", "excise"), [(999, 950, 50), (1_001, 951, 50), (949, 899, 50)])
def test_a_reversal_captures_what_is_held_or_nothing(amount: int, credit: int, excise: int) -> None:
    _, hold = chains.place_hold("u", "r", "REVERSAL", 950)
    with pytest.raises(Conflict):
        chains.reverse_deposit(hold, amount, credit, excise)
    step = chains.reverse_deposit(hold, 1_000, 950, 50)
    assert step is not None
    with pytest.raises(Conflict):
        chains.reverse_deposit(step.hold, amount, credit, excise)


def test_each_kind_of_hold_is_captured_by_its_own_operation_alone() -> None:
    holds = {kind: chains.place_hold("u", "h", kind, 100)[1] for kind in ("BET", "WITHDRAWAL", "REVERSAL")}
    for kind in ("BET", "WITHDRAWAL"):
        with pytest.raises(Conflict):
            chains.reverse_deposit(holds[kind], 100, 100, 0)
    for kind in ("BET", "REVERSAL"):
        with pytest.raises(Conflict):
            chains.pay_out(holds[kind], 100, 0, 0)
    for kind in ("WITHDRAWAL", "REVERSAL"):
        with pytest.raises(HoldVoided):
            chains.settle(holds[kind], 1, 100, 0)
        with pytest.raises(HoldVoided):
            chains.settle_part(holds[kind], "p", 50, 50)
        with pytest.raises(HoldVoided):
            chains.reopen(holds[kind], 1, 0)


@pytest.mark.parametrize("part", [None, 1])
def test_a_reversal_that_was_given_back_cannot_be_captured(part: int | None) -> None:
    _, tombstone = chains.void("u", "r", "refused")
    step = chains.release(chains.place_hold("u", "r", "REVERSAL", 100)[1], "failed", "part", part)
    assert step is not None
    for hold in (tombstone, step.hold):
        with pytest.raises(Conflict):
            chains.reverse_deposit(hold, 100, 100, 0)


def test_two_people_stand_for_an_adjustment_and_a_tax_is_a_tax() -> None:
    with pytest.raises(InvalidInput):
        ledger.adjustment("u", "a", 100, "mistake", ("admin-1", "admin-1"))
    with pytest.raises(InvalidInput):
        ledger.tax_remittance("t", ledger.HOUSE, 1)
    for tax in (ledger.EXCISE, ledger.WITHHOLDING):
        assert ledger.tax_remittance("t", tax, 1).postings == ((tax, -1), ("mpesa:utility", 1))


def test_a_part_is_released_up_to_what_remains_and_no_cent_more() -> None:
    _, hold = chains.place_hold("u", "h", "WITHDRAWAL", 100)
    step = chains.release(hold, "r", "p", 100)
    assert step is not None
    rest = chains.release(hold, "r")
    assert rest is not None
    assert (step.hold.remaining, step.entry.id, rest.entry.id) == (0, "p", "h.1")
    for hold_now, part in ((hold, 101), (step.hold, 1)):
        with pytest.raises(Conflict):
            chains.release(hold_now, "r", "p", part)


def test_only_a_stake_in_windows_counts_in_limits() -> None:
    for windows, counted in ((None, 0), (WINDOWS, 100)):
        _, hold = chains.place_hold("u", "h", "BET", 100, windows)
        step = chains.release(hold, "r")
        assert step is not None
        assert (hold.counted, step.unstaked, step.unlost, step.hold.counted) == (counted, counted, counted, 0)
        settled = chains.settle(hold, 1, 300, 0)
        assert settled is not None
        assert (settled.hold.counted, settled.unstaked, settled.unlost) == (counted, 0, 300)


def test_money_from_a_paybill_is_a_deposit_and_money_from_suspense_an_assignment() -> None:
    for source, kind in (("mpesa:paybill", "DEPOSIT"), (ledger.SUSPENSE, "ASSIGNMENT")):
        entry = ledger.deposit("u", "d", 100, 95, 5, source=source)
        assert (entry.kind, dict(entry.postings)[source]) == (kind, -100)


def test_who_owes_nothing_repays_nothing() -> None:
    two = ("admin-1", "admin-2")
    for entry in (ledger.bonus("u", "b", 100, "welcome"), ledger.adjustment("u", "a", 100, "mistake", two)):
        assert ledger.balance_changes("u", entry.postings) == {"available": 100, "held": 0, "receivable": 0}


# -- cash-outs


def test_a_result_pays_nothing_for_a_stake_that_was_all_cashed_out() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 10_000, WINDOWS)
    step = chains.settle_part(hold, "offer", 10_000, 16_000)
    assert ledger.balance_changes("u", step.entry.postings) == {"available": 16_000, "held": -10_000, "receivable": 0}
    for version in (1, 2):
        assert chains.settle(step.hold, version, 50_000, 0) is None
        assert chains.reopen(step.hold, version, 0) is None


def test_a_result_pays_what_it_says_of_a_stake_that_was_partly_cashed_out() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 10_000, WINDOWS)
    step = chains.settle_part(hold, "offer", 4_000, 6_400)
    rest = chains.settle(step.hold, 1, 30_000, 0)
    assert rest is not None
    both = step.entry.postings + rest.entry.postings
    assert ledger.balance_changes("u", both) == {"available": 36_400, "held": -10_000, "receivable": 0}
    assert chains.settle(rest.hold, 1, 30_000, 0) is None


@pytest.mark.parametrize(("stake", "payout"), [(0, 1), (-1, 0), (1, -1)])
def test_a_cash_out_without_a_stake_or_below_zero_is_refused(stake: int, payout: int) -> None:
    with pytest.raises(InvalidInput):
        chains.settle_part(chains.place_hold("u", "b", "BET", 100)[1], "offer", stake, payout)


def test_a_cash_out_takes_the_whole_stake_or_a_part_and_no_cent_more() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 100)
    assert chains.settle_part(hold, "offer", 100, 0).hold.remaining == 0
    with pytest.raises(Conflict):
        chains.settle_part(hold, "offer", 101, 0)


# -- any order


@dataclass
class Player:
    """A player with one bet, by sums alone: what the ledger must come to, whatever comes in whatever order."""

    hold: Hold
    balances: Counter[str]
    counted: int
    loss: int
    at_stake: int
    returned: int = 0
    version: int = 0
    payout: int | None = None
    refunded: bool = False

    def apply(self, step: chains.Step | None) -> None:
        if step is None:
            return
        assert step.hold.step == self.hold.step + 1
        self.hold = step.hold
        self.balances.update(ledger.balance_changes("u", step.entry.postings))
        self.counted -= step.unstaked
        self.loss -= step.unlost

    def attempt(self, act: str, version: int, cents: int, parts: int) -> None:
        """Do one thing to the ledger and to the sums."""
        spendable, owed = self.balances["available"], -self.balances["receivable"]
        part = self.at_stake if parts == 1 else self.at_stake // parts
        given_back = not self.at_stake and not self.hold.captured
        newer, decided = version > self.version and self.at_stake, self.payout is not None
        if act == "cash out":
            if part and not decided:
                self.apply(chains.settle_part(self.hold, f"offer-{self.hold.step}", part, cents, owed))
                self.at_stake, self.returned = self.at_stake - part, self.returned + cents
            else:
                with pytest.raises(Conflict):
                    chains.settle_part(self.hold, "offer", 1 if decided else self.at_stake + 1, cents, owed)
        elif act == "release":
            if part and not decided:
                self.apply(chains.release(self.hold, "", f"part-{self.hold.step}", part, owed))
                self.at_stake, self.returned = self.at_stake - part, self.returned + part
        elif (version == self.version and cents != (self.payout or 0)) or (version > self.version and given_back):
            with pytest.raises(Conflict):
                chains.settle(self.hold, version, cents, spendable, owed)
        elif act == "reopen":
            if version != self.version or not decided:
                self.apply(chains.reopen(self.hold, version, spendable))
            if newer:
                self.version, self.payout, self.refunded = version, None, False
        else:
            refunded = act == "void"
            self.apply(chains.settle(self.hold, version, cents, spendable, owed, refunded=refunded))
            if newer:
                self.version, self.payout, self.refunded = version, cents, refunded

    def check(self, amount: int, before: int) -> None:
        held = self.at_stake if self.payout is None else 0
        mine = self.returned + (self.payout or 0)
        assert self.balances["held"] == held
        assert self.balances["available"] + self.balances["receivable"] == before + mine
        assert self.balances["available"] >= 0 >= self.balances["receivable"]
        assert not (self.balances["available"] and self.balances["receivable"])
        assert parts_add_up(self.hold)
        staked = held + self.hold.captured - (self.at_stake if self.refunded else 0)
        assert self.counted == self.hold.counted == staked
        assert self.loss == amount - mine


acts = st.tuples(
    st.sampled_from(["cash out", "release", "settle", "void", "reopen"]),
    st.integers(1, 4),
    st.integers(0, 300),
    st.integers(1, 3),
)


@given(st.integers(1, 100), st.integers(-400, 400), st.lists(acts, max_size=12))
def test_any_order_of_parts_results_and_reopenings_ends_as_the_sums_say(
    amount: int, before: int, given_acts: list[tuple[str, int, int, int]]
) -> None:
    """A cashed-out part is paid once at its price, whatever results come; the limit counts what is held and captured;
    what comes in repays a debt first."""
    _, hold = chains.place_hold("u", "b", "BET", amount, WINDOWS)
    balances = Counter(available=max(before, 0), receivable=min(before, 0), held=amount)
    assert hold.step == 0
    player = Player(hold, balances, amount, amount, amount)
    for act in given_acts:
        player.attempt(*act)
        player.check(amount, before)


# -- debts


def credits_to(owed: int, cents: int) -> dict[str, tuple[ledger.Posting, ...]]:
    """What every way in which `cents` can come to a player who owes something posts."""
    stake, withdrawal = (chains.place_hold("u", "h", kind, cents)[1] for kind in ("BET", "WITHDRAWAL"))
    larger = chains.place_hold("u", "h", "WITHDRAWAL", cents + 1_000)[1]
    lost = chains.settle(stake, 1, 0, 0)
    assert lost is not None
    steps = {
        "release": chains.release(stake, "r", owed=owed),
        "part": chains.release(larger, "r", "p", cents, owed),
        "failed withdrawal": chains.release(withdrawal, "r", owed=owed),
        "win": chains.settle(stake, 1, cents, 0, owed),
        "correction": chains.settle(lost.hold, 2, cents, 0, owed),
        "cash-out": chains.settle_part(stake, "p", cents, cents, owed),
        "remainder": chains.pay_out(larger, 900, 100, cents, owed),
    }
    return {
        "deposit": ledger.deposit("u", "d", cents + 1, cents, 1, owed).postings,
        "assignment": ledger.deposit("u", "d", cents + 1, cents, 1, owed, ledger.SUSPENSE).postings,
        "bonus": ledger.bonus("u", "b", cents, "welcome", owed).postings,
        "adjustment": ledger.adjustment("u", "a", cents, "mistake", ("admin-1", "admin-2"), owed).postings,
        **{name: step.entry.postings for name, step in steps.items() if step is not None},
    }


@pytest.mark.parametrize(("owed", "cents"), [(0, 100), (1, 1), (5, 1), (100, 99), (100, 100), (100, 101), (2, 100)])
def test_whatever_comes_in_repays_a_debt_first_to_the_cent(owed: int, cents: int) -> None:
    every = credits_to(owed, cents)
    assert len(every) == 11
    for name, postings in every.items():
        moved = ledger.balance_changes("u", postings)
        assert (moved["available"], moved["receivable"]) == (max(0, cents - owed), min(cents, owed)), name
        assert all(cents for _, cents in postings), name


@pytest.mark.parametrize(("spendable", "owed"), [(0, 100), (1, 99), (99, 1), (100, 0), (101, 0)])
def test_what_is_taken_back_beyond_what_is_there_is_owed_to_the_cent(spendable: int, owed: int) -> None:
    won = chains.settle(chains.place_hold("u", "b", "BET", 50)[1], 1, 100, 0)
    assert won is not None
    steps = (chains.settle(won.hold, 2, 0, spendable), chains.reopen(won.hold, 2, spendable))
    for step in steps:
        assert step is not None
        moved = ledger.balance_changes("u", step.entry.postings)
        assert (moved["available"], moved["receivable"]) == (owed - 100, -owed)


def test_an_adjustment_that_takes_money_makes_no_debt_and_repays_none() -> None:
    entry = ledger.adjustment("u", "a", -100, "mistake", ("admin-1", "admin-2"), 50)
    assert ledger.balance_changes("u", entry.postings) == {"available": -100, "held": 0, "receivable": 0}


def test_money_leaves_suspense_by_the_account_that_it_came_in_by() -> None:
    came, back = ledger.suspense_in("R1", 10_000), ledger.suspense_return("R1", 10_000)
    assert sorted(came.postings) == sorted((account, -moved) for account, moved in back.postings)


def test_no_entry_moves_money_between_two_players() -> None:
    """Each maker of entries takes one player at most; and the trial balance finds an entry that has another."""
    _, hold = chains.place_hold("u", "b", "BET", 100)
    _, back = chains.place_hold("u", "r", "REVERSAL", 95)
    _, out = chains.place_hold("u", "w", "WITHDRAWAL", 100)
    steps = [
        chains.release(hold, "rejected"), chains.settle(hold, 1, 250, 0), chains.settle_part(hold, "p", 50, 40),
        chains.pay_out(out, 90, 5, 5), chains.reverse_deposit(back, 100, 95, 5),
    ]  # fmt: skip
    entries = [
        *(step.entry for step in steps if step), ledger.deposit("u", "d", 100, 95, 5), ledger.bonus("u", "g", 9, "c"),
        ledger.adjustment("u", "a", -9, "r", ("s1", "s2")), ledger.fees("f", 1), ledger.suspense_in("s", 1),
        ledger.float_transfer("t", 1), ledger.tax_remittance("x", ledger.EXCISE, 1),
    ]  # fmt: skip
    owners = [{name.split(":")[1] for name, _ in entry.postings if name.startswith("user:")} for entry in entries]
    assert max(map(len, owners)) == 1
    postings = [["user:u:available", -5], ["user:v:available", 5]]
    item = {"pk": "USER#u", "sk": "GIFT#1", "at": "2026-11-26T08:00:00.000000Z", "postings": postings}
    assert any("touches the account user:v:available" in text for text in audit_partition("USER#u", [item]).problems)
