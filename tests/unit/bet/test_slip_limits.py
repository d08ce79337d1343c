"""Limits by configuration: which row holds, which tier decides, and what no file may say."""

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bet.markets import limits as markets
from bet.markets.tiers import TIERS
from bet.slips import limits
from bet.slips.limits import FaultyLimits, limits_for, read_rows

TODAY = date(2026, 11, 26)
ROW: dict[str, Any] = json.loads(Path(limits.__file__).with_name("limits.json").read_text())[0]


def row(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(ROW), **changes}


def test_the_smallest_stake_is_twenty_shillings() -> None:
    assert {limits_for(TODAY, [tier]).min_stake_cents for tier in TIERS} == {2_000}


def test_the_strictest_tier_decides_and_no_leg_is_the_widest() -> None:
    small, popular = limits_for(TODAY, ["SMALL"]), limits_for(TODAY, ["POPULAR"])
    assert small.max_stake_cents < popular.max_stake_cents
    assert limits_for(TODAY, ["POPULAR", "SMALL", "STANDARD"]) == small
    assert limits_for(TODAY, []) == popular


def test_no_bet_pays_more_than_a_guard_can_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits_for(TODAY, ["POPULAR"]).max_payout_cents <= markets.settings.max_payout_cents
    monkeypatch.setattr(markets, "settings", markets.Settings(max_payout_cents=7_000))
    assert limits_for(TODAY, ["POPULAR"]).max_payout_cents == 7_000


def test_a_row_holds_from_its_day_and_the_first_one_before_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read_rows([row(), row(**{"from": "2027-01-01", "minStakeCents": 3_000})])
    monkeypatch.setattr(limits, "ROWS", rows)
    days = [date(2020, 1, 1), TODAY, date(2026, 12, 31), date(2027, 1, 1), date(2030, 1, 1)]
    assert [limits_for(day, ["SMALL"]).min_stake_cents for day in days] == [2_000, 2_000, 2_000, 3_000, 3_000]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(), row()],
        [row(**{"from": "2027-01-01"}), row()],
        [{name: value for name, value in row().items() if name != "maxLegs"}],
        [row(more=1)],
        [row(tiers={"SMALL": ROW["tiers"]["SMALL"]})],
        [row(minStakeCents=0)],
        [row(minStakeCents="2000")],
        [row(minStakeCents=True)],
        [row(minStakeCents=60_000_000)],
        [row(maxPayoutOfDayCents=99_999_999)],
        [row(maxLegs=41)],
        [row(anyFloorPercent=101)],
    ],
)
def test_limits_that_cannot_be_are_refused_when_they_are_read(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(FaultyLimits):
        read_rows(rows)
