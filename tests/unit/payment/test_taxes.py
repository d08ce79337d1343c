"""Taxes by date, and splits that add up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment.taxes import TARIFFS, NoTariff, Tariff, split_deposit, split_withdrawal, tariff_on

NOW = date(2026, 11, 22)
cents = st.integers(min_value=1, max_value=250_000_000)
tariffs = st.sampled_from(TARIFFS)


@pytest.mark.parametrize(
    ("day", "excise_bp", "withholding_bp"),
    [(date(2023, 7, 1), 0, 0), (date(2025, 6, 30), 0, 0), (date(2025, 7, 1), 500, 500), (NOW, 500, 500)],
)
def test_a_tariff_is_in_force_from_its_first_day_until_the_next(day: date, excise_bp: int, withholding_bp: int) -> None:
    tariff = tariff_on(day)
    assert (tariff.excise_bp, tariff.withholding_bp) == (excise_bp, withholding_bp)


def test_a_day_before_every_tariff_is_an_error_and_not_free_of_tax() -> None:
    with pytest.raises(NoTariff):
        tariff_on(date(2023, 6, 30))


def test_tariffs_are_ordered_by_date() -> None:
    assert [tariff.since for tariff in TARIFFS] == sorted({tariff.since for tariff in TARIFFS})


def test_the_published_example_of_a_hundred_shillings() -> None:
    """In and straight out again: https://www.yogonet.com/international/news/2025/10/15/115817-kenya-betting-taxes-set-to-more-than-double-despite-rate-cuts."""
    deposit = split_deposit(100_00, tariff_on(NOW))
    assert (deposit.excise_cents, deposit.credit_cents) == (5_00, 95_00)
    withdrawal = split_withdrawal(deposit.credit_cents, tariff_on(NOW))
    assert withdrawal.withholding_cents == 4_75
    assert withdrawal.paid_cents + withdrawal.remainder_cents == 90_25  # the page's 90.25; M-Pesa moves 90, and 25 stay
    assert deposit.excise_cents + withdrawal.withholding_cents == 9_75


def test_rule_22_only_whole_shillings_are_paid_and_the_rest_stays_in_cents() -> None:
    split = split_withdrawal(101_00, tariff_on(NOW))
    assert (split.paid_cents, split.withholding_cents, split.remainder_cents) == (95_00, 5_05, 95)


@given(cents, tariffs)
def test_a_deposit_is_split_without_losing_a_cent(amount: int, tariff: Tariff) -> None:
    split = split_deposit(amount, tariff)
    assert split.credit_cents + split.excise_cents == amount
    assert 0 <= split.excise_cents <= amount * tariff.excise_bp / 10_000


@given(cents, tariffs)
def test_a_withdrawal_is_split_without_losing_a_cent(amount: int, tariff: Tariff) -> None:
    split = split_withdrawal(amount, tariff)
    assert split.paid_cents + split.withholding_cents + split.remainder_cents == amount
    assert split.paid_cents % 100 == 0
    assert 0 <= split.remainder_cents < 100
    assert split.paid_cents >= 0
    assert split.withholding_cents >= 0
