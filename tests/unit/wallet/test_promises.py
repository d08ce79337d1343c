"""What a player could be paid for a day, and on equal bets: counted by the rules that hold, settle and give back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet.test_limits import MOMENT, NOW, account
from wallet.rules import audit, chains, promises, refusals
from wallet.rules.chains import Step
from wallet.rules.ledger import AccountNotActive, InsufficientFunds
from wallet.rules.promises import PayoutLimit, Promise
from wallet.stores import changes

DAY = "2026-11-27"
OF_DAY, OF_SAME = promises.counters(DAY, "abc")


def promise(cents: int = 1_000, most_of_day: int = 3_000, most_of_same: int = 2_000, same: str = "abc") -> Promise:
    return Promise(cents, DAY, most_of_day, same, most_of_same)


def standing(**facts: Any) -> dict[str, Any]:
    return account(available=10**6, held=0, receivable=0, status="ACTIVE", **facts)


def test_counters_are_names_that_an_expression_can_have() -> None:
    assert (OF_DAY, OF_SAME) == ("payout_20261127", "same_20261127_abc")


@pytest.mark.parametrize(
    ("counted", "factor", "refused"),
    [
        ({}, None, None),
        ({OF_DAY: 2_000}, None, None),
        ({OF_DAY: 2_001}, None, ("day", 999)),
        ({OF_SAME: 1_000}, None, None),
        ({OF_SAME: 1_001}, None, ("same", 999)),
        ({OF_DAY: 3_000, OF_SAME: 2_500}, None, ("same", 0)),
        ({}, 50, None),
        ({}, 49, ("same", 980)),
        ({OF_DAY: 501}, 50, ("day", 999)),
        ({"payout_20261128": 9_000, "same_20261127_abd": 9_000}, None, None),
    ],
)
def test_a_bet_fits_into_what_is_left_of_both(
    counted: dict[str, int], factor: int | None, refused: tuple[str, int] | None
) -> None:
    item = standing(**counted, **({promises.FACTOR: factor} if factor else {}))
    found = refusals.why_not(item, "BET", 100, MOMENT, promise())
    assert (found and (found.info["limit"], found.info["leftCents"])) == refused
    assert found is None or isinstance(found, PayoutLimit)


def test_the_balance_comes_before_what_could_be_paid_and_a_withdrawal_promises_nothing() -> None:
    full = {OF_DAY: 10**9}
    poor = {**standing(**full), "available": 99}
    assert isinstance(refusals.why_not(poor, "BET", 100, MOMENT, promise()), InsufficientFunds)
    limited = refusals.why_not(standing(**full, limit_stake_bet=1), "BET", 100, MOMENT, promise())
    assert limited is not None
    assert limited.info["limit"] == "stake_bet"
    assert refusals.why_not(standing(**full), "WITHDRAWAL", 100, MOMENT) is None


def test_everything_that_bounds_a_stake_is_listed_in_the_order_of_refusals() -> None:
    item = standing(limit_stake_bet=500, limit_loss_week=900, room_loss_week=300)
    item |= {"status": "FROZEN", "receivable": -70}
    caps = list(refusals.caps(item, "BET", MOMENT))
    assert [most for most, _ in caps] == [0, 0, 10**6, 500, 300]
    assert [type(refusal) for _, refusal in caps[:3]] == [AccountNotActive] * 2 + [InsufficientFunds]
    assert [refusal.info["limit"] for _, refusal in caps[3:]] == ["stake_bet", "loss_week"]
    assert [most for most, _ in refusals.caps(item, "REVERSAL", MOMENT)] == [0, 10**6]


@given(st.integers(1, 10**6), st.data())
def test_the_caps_of_a_stake_and_its_refusal_say_the_same(amount: int, data: st.DataObject) -> None:
    item = standing(limit_stake_day=data.draw(st.integers(0, 10**6)), room_stake_day=data.draw(st.integers(0, 10**6)))
    item["available"] = data.draw(st.integers(0, 10**6))
    fits = amount <= min(most for most, _ in refusals.caps(item, "BET", MOMENT))
    assert (refusals.why_not(item, "BET", amount, MOMENT) is None) is fits


def after(step: Step | None) -> chains.Hold:
    assert step is not None
    return step.hold


def test_a_result_puts_what_was_paid_in_the_place_of_what_could_be() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 100, dict(NOW), promise())
    assert (hold.day, hold.same, hold.potential, hold.promised) == (DAY, "abc", 1_000, 1_000)
    won = chains.settle(hold, 1, 400, 0)
    assert won is not None
    assert (won.promised, won.repeated, won.hold.promised) == (-600, -1_000, 400)
    corrected = chains.settle(won.hold, 2, 0, 1_000)
    assert corrected is not None
    assert (corrected.promised, corrected.repeated, corrected.hold.promised) == (-400, 0, 0)
    reopened = chains.reopen(corrected.hold, 3, 1_000)
    assert reopened is not None
    assert (reopened.promised, reopened.repeated, reopened.hold.promised) == (1_000, 1_000, 1_000)
    assert after(chains.settle(reopened.hold, 4, 1_000, 0)).promised == 1_000


def test_a_stake_that_goes_back_promises_nothing_any_more() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 100, dict(NOW), promise())
    back = chains.release(hold, "cancelled")
    assert back is not None
    assert (back.promised, back.repeated, back.hold.promised) == (-1_000, -1_000, 0)
    part = chains.release(hold, "cancelled", "part-1", 40)
    assert part is not None
    assert (part.promised, part.hold.promised) == (0, 1_000)


def test_a_cash_out_of_all_leaves_the_equal_bets_and_one_of_a_part_does_not() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 100, dict(NOW), promise())
    part = chains.settle_part(hold, "offer-1", 40, 64)
    assert (part.repeated, part.hold.repeated) == (0, 1_000)
    rest = chains.settle_part(part.hold, "offer-2", 60, 96)
    assert (rest.repeated, rest.hold.repeated) == (-1_000, 0)


def test_a_hold_without_a_promise_counts_nowhere() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 100, dict(NOW))
    assert after(chains.settle(hold, 1, 400, 0)).promised == 0
    assert changes.promised("", "", 0, -1, {}) == changes.Change()


def test_a_bet_that_was_never_decided_is_counted_once_when_it_is_reopened() -> None:
    _, hold = chains.place_hold("u", "b", "BET", 100, dict(NOW), promise())
    reopened = chains.reopen(hold, 2, 0)
    assert reopened is not None
    assert (reopened.promised, reopened.repeated) == (0, 0)


@pytest.mark.parametrize(
    ("seen", "assigned", "guarded", "removed"),
    [
        ({OF_SAME: 1_000}, [], f"#{OF_SAME} = :all", [OF_SAME]),
        ({OF_SAME: 1_001}, [f"#{OF_SAME} = #{OF_SAME} - :less"], f"#{OF_SAME} > :less", []),
        ({}, [], f"attribute_not_exists(#{OF_SAME})", []),
    ],
    ids=["the last of equal bets", "others are open", "a day long over"],
)
def test_a_result_takes_a_bet_from_the_counter_of_its_equals(
    seen: dict[str, int], assigned: list[str], guarded: str, removed: list[str]
) -> None:
    change = changes.promised(DAY, "abc", -600, -1_000, seen)
    assert change.assignments == [f"#{OF_DAY} = if_not_exists(#{OF_DAY}, :nothing) + :by_payout", *assigned]
    assert (change.guards, change.removed) == ([guarded], removed)
    assert changes.promised(DAY, "abc", 0, 0, seen) == changes.Change()


def test_a_promise_is_written_under_its_limits_and_an_account_without_a_factor() -> None:
    change = changes.promise(promise(), None)
    assert change.guards == [
        "attribute_not_exists(#payout_factor)",
        f"(attribute_not_exists(#{OF_DAY}) OR #{OF_DAY} <= :left_day)",
        f"(attribute_not_exists(#{OF_SAME}) OR #{OF_SAME} <= :left_same)",
    ]
    assert change.values == {"left_day": 2_000, "left_same": 1_000, "nothing": 0, "by_payout": 1_000, "by_same": 1_000}
    assert change.assignments == [
        f"#{OF_DAY} = if_not_exists(#{OF_DAY}, :nothing) + :by_payout",
        f"#{OF_SAME} = if_not_exists(#{OF_SAME}, :nothing) + :by_same",
    ]


def test_a_bet_above_a_limit_by_itself_never_fits() -> None:
    change = changes.promise(promise(), 10)
    assert "#payout_factor = :factor" in change.guards
    assert f"(#{OF_DAY} <= :left_day)" in change.guards
    assert (change.values["factor"], change.values["left_day"], change.values["left_same"]) == (10, -700, -800)


def test_the_counters_of_days_long_over_are_forgotten() -> None:
    now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    names = ["payout_20261127", "payout_20261128", "same_20261127_abc", "same_20261129_abc", "payout_factor", "status"]
    assert promises.forgotten(names, now) == ["payout_20261127", "same_20261127_abc"]
    assert len(promises.forgotten([f"same_20261101_{n}" for n in range(99)], now)) == 50


@given(st.lists(st.tuples(st.integers(1, 500), st.booleans()), max_size=12))
def test_the_trial_balance_knows_what_is_promised(bets: list[tuple[int, bool]]) -> None:
    report = audit.Report()
    chained: list[list[dict[str, Any]]] = []
    counted = open_ones = 0
    for n, (cents, settled) in enumerate(bets):
        _, hold = chains.place_hold("u", f"b{n}", "BET", 100, dict(NOW), promise(cents))
        hold = after(chains.settle(hold, 1, cents // 2, 0)) if settled else hold
        counted += hold.promised
        open_ones += 0 if settled else cents
        chained.append([{"hold": vars(hold)}])
    names = {name: cents for name, cents in ((OF_DAY, counted), (OF_SAME, open_ones)) if cents}
    audit._audit_promises("u", standing(**names), chained, DAY, report)
    assert report.problems == []
    audit._audit_promises("u", standing(**names | {OF_DAY: counted + 1}), chained, "2026-11-28", report)
    assert report.problems == []  # a day that is over may be forgotten
    if bets:
        for wrong in ({OF_DAY: counted + 1}, {OF_SAME: open_ones + 1}, {OF_SAME: -1}):
            report = audit.Report()
            audit._audit_promises("u", standing(**names | wrong), chained, DAY, report)
            assert len(report.problems) == 1
