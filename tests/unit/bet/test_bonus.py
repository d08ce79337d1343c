"""Ladders: which is in force, which tier of it, and what configuration cannot say."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from bet.payouts import bonus, taxes
from bet.payouts.bonus import BadLadder, Tier, read_ladder, read_ladders
from tests.support.published import EASY_WIN, JAMBO_BET


def legs(*odds: str) -> list[dict[str, Any]]:
    return [{"odds": text, "result": "WON"} for text in odds]


def test_the_tier_is_that_of_the_legs_which_are_not_void_and_have_the_odds() -> None:
    ladder = read_ladder(JAMBO_BET)
    assert ladder.tier(legs("1.50", "1.50")) is None
    assert ladder.tier(legs("1.50", "1.50", "1.50")) == Tier(3, 5)
    assert ladder.tier(legs("1.50", "1.50", "1.499")) is None
    assert ladder.tier(legs(*["2.00"] * 12)) == Tier(10, 30)
    for result, tier in (("VOID", None), ("HALF_WON", Tier(3, 5)), ("HALF_LOST", Tier(3, 5)), (None, Tier(3, 5))):
        assert ladder.tier([*legs("2.00", "2.00"), {"odds": "2.00", "result": result}]) == tier


def test_both_bases_are_exact_and_neither_is_below_nothing() -> None:
    three = legs("2.00", "2.00", "2.00")
    on_return, on_winnings = (read_ladder({**JAMBO_BET, "base": base}) for base in ("RETURN", "WINNINGS"))
    assert on_return.bonus(333, Fraction(2_665, 2), three) == Fraction(2_665, 40)
    assert on_winnings.bonus(333, Fraction(2_665, 2), three) == Fraction(1_999, 40)
    assert on_winnings.bonus(333, Fraction(100), three) == 0
    assert on_return.bonus(333, Fraction(100), three) == 5


def test_no_bonus_is_above_the_most() -> None:
    ladder = read_ladder({**JAMBO_BET, "mostCents": 100})
    assert [ladder.bonus(0, Fraction(cents), legs(*["2.00"] * 3)) for cents in (1_999, 2_000, 10**9)] == [
        Fraction(1_999, 20), 100, 100,
    ]  # fmt: skip


def test_a_ladder_is_in_force_from_its_day_until_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = {**EASY_WIN, "from": "2026-08-01", "tiers": []}
    monkeypatch.setattr(bonus, "LADDERS", read_ladders([EASY_WIN, {**JAMBO_BET, "from": "2026-06-01"}, ended]))
    in_force = {day: bonus.ladder_on(date.fromisoformat(day)) for day in ("2025-12-31", "2026-01-01", "2026-05-31")}
    assert [ladder and ladder.base for ladder in in_force.values()] == [None, "WINNINGS", "WINNINGS"]
    assert [bonus.ladder_on(date(2026, *day)) is None for day in ((6, 1), (7, 31), (8, 1))] == [False, False, True]
    assert bonus.kept({"bonus": "2026-06-01"}) == bonus.LADDERS[1]
    assert bonus.kept({}) is None


def test_the_ladders_of_the_product_are_oldest_first() -> None:
    assert [ladder.since for ladder in bonus.LADDERS] == sorted({ladder.since for ladder in bonus.LADDERS})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"base": "STAKE"}, "base"),
        ({"base": None}, "base"),
        ({"from": "2026-13-01"}, "from"),
        ({"from": "20260101"}, "from"),
        ({"from": 20260101}, "from"),
        ({"leastOdds": "1.00"}, "leastOdds"),
        ({"leastOdds": 1.5}, "leastOdds"),
        ({"mostCents": 0}, "mostCents"),
        ({"mostCents": "100"}, "mostCents"),
        ({"mostCents": True}, "mostCents"),
        ({"mostCents": 10**12}, "mostCents"),
        ({"tiers": None}, "tiers"),
        ({"tiers": [5]}, "tiers[0]"),
        ({"tiers": [{"legs": 3}]}, "tiers[0]"),
        ({"tiers": [{"legs": 3, "percent": 5, "odds": 2}]}, "tiers[0]"),
        ({"tiers": [{"legs": 1, "percent": 5}]}, "tiers[0].legs"),
        ({"tiers": [{"legs": 2.0, "percent": 5}]}, "tiers[0].legs"),
        ({"tiers": [{"legs": 2, "percent": 0}]}, "tiers[0].percent"),
        ({"tiers": [{"legs": 2, "percent": 1_001}]}, "tiers[0].percent"),
        ({"tiers": [{"legs": 2, "percent": True}]}, "tiers[0].percent"),
        ({"tiers": [{"legs": 3, "percent": 5}, {"legs": 3, "percent": 6}]}, "tiers[1]"),
        ({"tiers": [{"legs": 3, "percent": 5}, {"legs": 4, "percent": 5}]}, "tiers[1]"),
        ({"most": 1}, ""),
    ],
)
def test_a_ladder_that_cannot_be_right_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadLadder) as refusal:
        read_ladder({**EASY_WIN, **changes})
    assert refusal.value.info == {"field": field}


@pytest.mark.parametrize("row", [None, [], "ladder", {}])
def test_what_is_no_ladder_is_refused(row: Any) -> None:
    with pytest.raises(BadLadder):
        read_ladder(row)


@pytest.mark.parametrize("rows", [[EASY_WIN, EASY_WIN], [{**EASY_WIN, "from": "2026-02-01"}, EASY_WIN]])
def test_ladders_out_of_order_are_refused(rows: list[Any]) -> None:
    with pytest.raises(BadLadder):
        read_ladders(rows)


def test_since_july_2025_nothing_is_taken_from_a_bet() -> None:
    with pytest.raises(taxes.NoTariff):
        taxes.tariff_on(date(2025, 6, 30))
    for day in (date(2025, 7, 1), date(2026, 11, 26)):
        assert taxes.tax_cents(10_000, 95_000, "WON", taxes.tariff_on(day)) == 0


def test_a_rate_is_of_the_stake_and_of_what_is_paid_above_it_and_of_nothing_void() -> None:
    """The rates of the Finance Act 2023: 12.5 % of the stake, 20 % of winnings without the stake."""
    tariff = taxes.Tariff(date(2023, 7, 1), stake_bp=1_250, winnings_bp=2_000)
    assert taxes.tax_cents(10_000, 25_000, "WON", tariff) == 1_250 + 3_000
    assert taxes.tax_cents(10_000, 5_000, "WON", tariff) == 1_250
    assert taxes.tax_cents(10_000, 0, "LOST", tariff) == 1_250
    assert taxes.tax_cents(10_000, 10_000, "VOID", tariff) == 0
