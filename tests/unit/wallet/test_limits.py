"""Limits as room that is left: what a stake asks of an account, and what comes back to which window."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from betsafi.errors import DomainError
from betsafi.protection import STAKE_LIMITS, Protection, window_ends, windows_at
from wallet.rules import limits
from wallet.stores import changes

NOW = {"day": "2026-11-26", "week": "2026-W48", "month": "2026-11"}
MOMENT = datetime(2026, 11, 26, 12, tzinfo=UTC)
NEXT_DAY = {**NOW, "day": "2026-11-27"}


def account(**changes: Any) -> dict[str, Any]:
    opened = limits.unlimited(MOMENT)
    return {**opened, **changes}


def test_a_day_a_week_and_a_month_begin_at_midnight_in_nairobi() -> None:
    before, after = (datetime(2026, 11, 30, 20, 59, 59, tzinfo=UTC), datetime(2026, 11, 30, 21, tzinfo=UTC))
    assert windows_at(before) == {"day": "2026-11-30", "week": "2026-W49", "month": "2026-11"}
    assert windows_at(after) == {"day": "2026-12-01", "week": "2026-W49", "month": "2026-12"}
    assert windows_at(datetime(2027, 1, 1, tzinfo=UTC))["week"] == "2026-W53"
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


def reached(account: dict[str, Any], amount: int, now: dict[str, str]) -> DomainError | None:
    return next((refusal for left, refusal in limits.caps(account, now) if amount > left), None)


@pytest.mark.parametrize(("amount", "refused"), [(499, None), (500, None), (501, "stake_bet")])
def test_one_bet_may_be_as_large_as_its_limit(amount: int, refused: str | None) -> None:
    said = reached(account(limit_stake_bet=500), amount, NOW)
    assert (said and said.info) == (refused and {"limit": "stake_bet", "leftCents": 500})


@pytest.mark.parametrize("name", [name for name in STAKE_LIMITS if name != "stake_bet"])
def test_a_stake_may_use_all_that_is_left_of_each_limit_and_no_cent_more(name: str) -> None:
    used = account(**{f"limit_{name}": 1_000, f"room_{name}": 300})
    assert reached(used, 300, NOW) is None
    refusal = reached(used, 301, NOW)
    assert refusal is not None
    assert refusal.info == {"limit": name, "leftCents": 300}
    below = reached({**used, f"room_{name}": -200}, 1, NOW)
    assert below is not None
    assert below.info["leftCents"] == 0
    window = name.rpartition("_")[2]
    later = {**NOW, window: "3000"}
    assert reached(used, 1_000, later) is None
    assert reached(used, 1_001, later) is not None


def test_of_what_a_player_and_their_identity_allow_the_least_holds_and_says_whose_it_is() -> None:
    for own, allowed, holds, of_identity in (
        (None, 40, 40, 40),
        (90, 40, 40, 40),
        (30, 40, 30, None),
        (40, 40, 40, None),
    ):
        given = Protection(1, {"stake_day": own} if own else {}, allowed={"bet": allowed})
        change = changes.protected(account(), given)
        assert (change.values["limit_stake_day"], change.values.get("allowed")) == (holds, of_identity)
        assert ("allowed" in change.removed) == (of_identity is None)
    (cap,) = limits.caps(account(limit_stake_day=40, room_stake_day=-5, allowed=40), NOW)
    assert (cap[0], cap[1].code, cap[1].info) == (-5, "IDENTITY_LIMIT", {"leftCents": 0})
    both = account(limit_stake_day=40, room_stake_day=40, limit_loss_day=30, room_loss_day=30, allowed=40)
    assert {left: refused.code for left, refused in limits.caps(both, NOW)} == {
        40: "IDENTITY_LIMIT",
        30: "LIMIT_REACHED",
    }


def test_a_new_limit_keeps_what_is_used() -> None:
    limited = account(limit_loss_week=1_000, limit_stake_bet=50)
    change = changes.protected(limited, Protection(1, {"loss_week": 400, "deposit_day": 5}))
    assert (change.values["limit_loss_week"], change.values["more_loss_week"]) == (400, -600)
    assert change.values["limit_stake_bet"] == limits.UNLIMITED
    assert "more_stake_bet" not in change.values
    assert "#room_loss_week = #room_loss_week + :more_loss_week" in change.assignments
    assert {"#limit_loss_week = :limit_loss_week", "#limit_stake_bet = :limit_stake_bet"} <= set(change.assignments)
    assert not [name for name in change.values if "stake_day" in name or "deposit" in name]


@pytest.mark.parametrize(
    ("moment", "day", "week", "month"),
    [
        (datetime(2026, 11, 30, 20, 59, tzinfo=UTC), "2026-11-30T21", "2026-12-06T21", "2026-11-30T21"),
        (datetime(2026, 11, 30, 21, tzinfo=UTC), "2026-12-01T21", "2026-12-06T21", "2026-12-31T21"),
        (datetime(2028, 2, 27, 12, tzinfo=UTC), "2028-02-27T21", "2028-02-27T21", "2028-02-29T21"),
        (datetime(2027, 1, 3, 21, tzinfo=UTC), "2027-01-04T21", "2027-01-10T21", "2027-01-31T21"),
    ],
)
def test_a_window_ends_where_the_next_one_begins(moment: datetime, day: str, week: str, month: str) -> None:
    for window, ends in (("day", day), ("week", week), ("month", month)):
        end = window_ends(window, moment)
        assert end == f"{ends}:00:00.000000Z"
        at = datetime.fromisoformat(end)
        assert windows_at(at - timedelta(microseconds=1))[window] == windows_at(moment)[window]
        assert windows_at(at)[window] > windows_at(moment)[window]


def test_what_was_lost_today_is_what_the_day_s_bets_took() -> None:
    moment = datetime(2026, 11, 26, 9, tzinfo=UTC)
    account, now = limits.unlimited(moment), windows_at(moment)
    assert limits.lost_today(account, now) == 0
    account["room_loss_day"] -= 700
    assert limits.lost_today(account, now) == 700
    assert limits.lost_today({**account, "limit_loss_day": 1_000, "room_loss_day": 1_200}, now) == -200
    assert limits.lost_today(account, windows_at(moment + timedelta(days=1))) == 0
