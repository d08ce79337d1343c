"""Money is cents and odds are exact, or they are refused."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi.errors import InvalidAmount, InvalidOdds
from betsafi.money import MAX_CENTS, format_amount, money_in, parse_amount, share
from betsafi.odds import canonical_odds, parse_odds


@given(st.integers(1, MAX_CENTS))
def test_an_amount_that_is_written_and_read_is_the_same(cents: int) -> None:
    assert parse_amount(format_amount(cents)) == cents


@pytest.mark.parametrize(
    "text", ["", "0", "0.00", "-1", "+1", "1.", ".5", "1.234", "1,000", "1e3", "٣", " 1", "1 ", "01", "1" * 11, "NaN"]
)
def test_anything_but_a_plain_positive_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text)


@pytest.mark.parametrize("value", [None, 5, 5.0, True, [], {}])
def test_an_amount_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(value)


def test_other_currencies_are_refused() -> None:
    assert money_in({"currency": "KES", "amount": "12.5"}) == 1250
    with pytest.raises(InvalidAmount):
        money_in({"currency": "USD", "amount": "12.5"})


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_share_and_its_rest_are_the_whole(cents: int, points: int) -> None:
    part = share(cents, points)
    assert 0 <= part <= cents
    assert part * 10_000 <= cents * points < (part + 1) * 10_000


def test_negative_amounts_are_written_with_their_sign() -> None:
    assert [format_amount(cents) for cents in (0, 5, -5, -12345)] == ["0.00", "0.05", "-0.05", "-123.45"]


@given(st.integers(1010, 1_000_000))
def test_odds_keep_their_value_in_canonical_form(thousandths: int) -> None:
    text = f"{thousandths // 1000}.{thousandths % 1000:03d}"
    assert parse_odds(canonical_odds(text)) == Fraction(thousandths, 1000) == parse_odds(text)
    assert canonical_odds(canonical_odds(text)) == canonical_odds(text)


def test_odds_may_leave_out_what_is_zero() -> None:
    texts = ("2", "2.1", "2.10", "1.01", "1000", "1000.0")
    assert [parse_odds(text) for text in texts] == [
        2,
        Fraction(21, 10),
        Fraction(21, 10),
        Fraction(101, 100),
        1000,
        1000,
    ]


@pytest.mark.parametrize(
    "text", ["1", "1.00", "1.009", "1000.001", "0.5", "2.1234", "-2", "2,5", "evens", "", None, 2.5]
)
def test_odds_outside_the_range_or_form_are_refused(text: object) -> None:
    with pytest.raises(InvalidOdds):
        parse_odds(text)
