"""Limits on deposits and stops as a player's item says them: what is left, what is refused, what may be forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from betsafi import clock
from betsafi.protection import FOREVER
from payment import protection

NOW = datetime(2026, 11, 18, 7, tzinfo=UTC)
COUNTED = {"day_20261118": 300, "week_2026W47": 500, "month_202611": 900}


def test_counters_are_names_that_an_expression_can_have_and_follow_nairobi() -> None:
    assert protection.counters_at(NOW) == list(COUNTED)
    assert protection.counters_at(datetime(2026, 11, 30, 21, tzinfo=UTC)) == [
        "day_20261201",
        "week_2026W49",
        "month_202612",
    ]


@pytest.mark.parametrize(
    ("limits", "amount", "refused"),
    [
        ({}, 10**9, None),
        ({"deposit_day": 1_000}, 700, None),
        ({"deposit_day": 1_000}, 701, ("deposit_day", "7.00")),
        ({"deposit_week": 1_000, "deposit_day": 1_000}, 501, ("deposit_week", "5.00")),
        ({"deposit_month": 800}, 1, ("deposit_month", "0.00")),
    ],
)
def test_a_deposit_fits_into_what_is_left(limits: Any, amount: int, refused: tuple[str, str] | None) -> None:
    said = protection.why_not({**COUNTED, "limits": limits}, amount, NOW)
    assert (said and (said.info["name"], said.info["left"])) == refused
    assert said is None or said.message.startswith("Your limit on deposits is ")


def test_a_deposit_above_what_an_identity_allows_says_so_and_one_above_an_own_limit_that() -> None:
    item = {**COUNTED, "limits": {"deposit_day": 1_000}, "allowed": {"deposit": 1_000, "withdraw": 5}}
    refusal = protection.why_not(item, 701, NOW)
    assert refusal is not None
    told = {"use": "deposit", "limit": "10.00", "left": "7.00", "ends": "2026-11-18T21:00:00.000000Z"}
    assert (refusal.code, refusal.info) == ("IDENTITY_LIMIT", told)
    own = protection.why_not({**item, "allowed": {"deposit": 1_001}}, 701, NOW)
    assert own is not None
    assert own.code == "DEPOSIT_LIMIT"
    assert (protection.allowed(item, "withdraw"), protection.allowed({}, "withdraw")) == (5, None)


@pytest.mark.parametrize(
    ("kind", "until", "said"),
    [
        (
            "TIME_OUT",
            clock.stamp(NOW + timedelta(hours=2)),
            "You are taking a time-out until 18.11.2026, 12:00, so you",
        ),
        ("EXCLUSION", FOREVER, "You have excluded yourself, so you"),
        ("REGISTER", FOREVER, "You are on the register of excluded players, so you"),
    ],
)
def test_a_stop_says_why_and_that_money_can_be_withdrawn(kind: str, until: str, said: str) -> None:
    item = {"stopped": until, "stop_kind": kind, "limits": {"deposit_day": 0}}
    refusal = protection.why_not(item, 1, NOW)
    assert refusal is not None
    assert (refusal.code, refusal.info["kind"]) == ("PLAYER_STOPPED", kind)
    assert refusal.message.startswith(said)
    assert refusal.message.endswith("You can withdraw your money.")
    over = protection.why_not({**item, "stopped": clock.stamp(NOW)}, 1, NOW)
    assert over is not None
    assert over.code == "DEPOSIT_LIMIT"


def test_counters_of_windows_that_are_over_for_days_may_be_forgotten() -> None:
    old = {"day_20261114": 1, "week_2026W45": 1, "month_202610": 1}
    kept = {"day_20261115": 1, "week_2026W46": 1, "day_20261119": 1, "protection_version": 3, "stop_kind": "REGISTER"}
    assert protection.forgotten({**COUNTED, **old, **kept}, NOW) == sorted(old)
