"""Limits as room that is left: what a stake asks of an account, and what comes back to which window."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wallet.rules import limits
from wallet.stores import changes

NOW = {"day": "2026-11-26", "week": "2026-W48", "month": "2026-11"}
NEXT_DAY = {**NOW, "day": "2026-11-27"}


def account(**changes: Any) -> dict[str, Any]:
    opened = limits.unlimited(datetime(2026, 11, 26, 12, tzinfo=UTC))
    return {**opened, **changes}


def test_a_day_a_week_and_a_month_begin_at_midnight_in_nairobi() -> None:
    before, after = (datetime(2026, 11, 30, 20, 59, 59, tzinfo=UTC), datetime(2026, 11, 30, 21, tzinfo=UTC))
    assert limits.windows_at(before) == {"day": "2026-11-30", "week": "2026-W49", "month": "2026-11"}
    assert limits.windows_at(after) == {"day": "2026-12-01", "week": "2026-W49", "month": "2026-12"}
    assert limits.windows_at(datetime(2027, 1, 1, tzinfo=UTC))["week"] == "2026-W53"
    assert limits.windows_of(account()) == NOW


def test_a_stake_takes_room_from_every_window_and_from_the_limit_where_one_turned_over() -> None:
    change, counted = changes.stake(500, NOW, NEXT_DAY)
    assert counted == NEXT_DAY
    assert "#room_stake_day = #limit_stake_day - :stake" in change.assignments
    assert "#room_loss_week = #room_loss_week - :stake" in change.assignments
    assert {"#limit_loss_day >= :stake", "#room_stake_month >= :stake", "#limit_stake_bet >= :stake"} <= set(
        change.guards
    )
    assert {f"#window_{window} = :seen_{window}" for window in NOW} <= set(change.guards)
    assert "#window_day = :now_day" in change.assignments
    assert (change.values["seen_day"], change.values["now_day"]) == ("2026-11-26", "2026-11-27")
    assert "now_week" not in change.values


def test_a_window_that_is_ahead_of_this_clock_stands() -> None:
    change, counted = changes.stake(500, NEXT_DAY, NOW)
    assert counted == NEXT_DAY
    assert "#room_stake_day = #room_stake_day - :stake" in change.assignments


@pytest.mark.parametrize(("staked", "lost"), [(300, 0), (0, -300), (-1, 1), (0, 0)])
def test_what_comes_back_goes_to_its_own_window_or_nowhere(staked: int, lost: int) -> None:
    change = changes.give_back(staked, lost, NOW, NEXT_DAY)
    assert not any("day" in text for text in change.assignments + change.guards)
    for sort, cents in (("stake", staked), ("loss", lost)):
        wanted = f"#room_{sort}_week = #room_{sort}_week + :back_{sort}"
        assert (wanted in change.assignments) == bool(cents)
        assert change.values.get(f"back_{sort}", 0) == cents
    assert ("#window_week = :seen_week" in change.guards) == bool(staked or lost)


@pytest.mark.parametrize(("amount", "refused"), [(499, None), (500, None), (501, "stake_bet")])
def test_one_bet_may_be_as_large_as_its_limit(amount: int, refused: str | None) -> None:
    said = limits.reached(account(limit_stake_bet=500), amount, NOW)
    assert (said and said.info) == (refused and {"limit": "stake_bet", "leftCents": 500})


@pytest.mark.parametrize("name", [name for name in limits.NAMES if name != "stake_bet"])
def test_a_stake_may_use_all_that_is_left_of_each_limit_and_no_cent_more(name: str) -> None:
    used = account(**{f"limit_{name}": 1_000, f"room_{name}": 300})
    assert limits.reached(used, 300, NOW) is None
    refusal = limits.reached(used, 301, NOW)
    assert refusal is not None
    assert refusal.info == {"limit": name, "leftCents": 300}
    below = limits.reached({**used, f"room_{name}": -200}, 1, NOW)
    assert below is not None
    assert below.info["leftCents"] == 0
    window = name.rpartition("_")[2]
    later = {**NOW, window: "3000"}
    assert limits.reached(used, 1_000, later) is None
    assert limits.reached(used, 1_001, later) is not None


def test_a_new_limit_keeps_what_is_used() -> None:
    change = changes.tighten(account(limit_loss_week=1_000), {"loss_week": 400, "stake_bet": None})
    assert (change.values["limit_loss_week"], change.values["more_loss_week"]) == (400, -600)
    assert change.values["limit_stake_bet"] == limits.UNLIMITED
    assert "more_stake_bet" not in change.values
    assert "#room_loss_week = #room_loss_week + :more_loss_week" in change.assignments
    assert {"#limit_loss_week = :limit_loss_week", "#limit_stake_bet = :limit_stake_bet"} <= set(change.assignments)


def test_what_was_lost_today_is_what_the_day_s_bets_took() -> None:
    moment = datetime(2026, 11, 26, 9, tzinfo=UTC)
    account, now = limits.unlimited(moment), limits.windows_at(moment)
    assert limits.lost_today(account, now) == 0
    account["room_loss_day"] -= 700
    assert limits.lost_today(account, now) == 700
    assert limits.lost_today({**account, "limit_loss_day": 1_000, "room_loss_day": 1_200}, now) == -200
    assert limits.lost_today(account, limits.windows_at(moment + timedelta(days=1))) == 0
