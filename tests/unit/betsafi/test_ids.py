"""One rule for ids: what passes where an id is made passes in every event; and what a person called it stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi.errors import InvalidInput
from betsafi.events.bet import MarketSuspended
from betsafi.ids import LONGEST, PATTERN, identifier, path_identifier


@given(st.from_regex(r"[A-Za-z0-9:._/=|+-]{1,128}", fullmatch=True))
def test_every_id_passes_in_an_event(text: str) -> None:
    assert identifier(text) == text
    assert MarketSuspended(fixture_id=text, market_id=text, market_version=1).market_id == text


@given(st.from_regex(PATTERN, fullmatch=True))
def test_what_fits_into_a_path_is_an_id(text: str) -> None:
    assert identifier(text) == text


@pytest.mark.parametrize(
    "text", ["", "a" * (LONGEST + 1), "a#b", "a b", "a\n", "\na", "ä", "a?b", "a%20b", None, 1, b"a"]
)
def test_anything_else_is_refused_in_words(text: object) -> None:
    with pytest.raises(InvalidInput, match="letters, digits"):
        identifier(text)


@pytest.mark.parametrize("text", ["", "a" * (LONGEST + 1), "a/b", "a|b", "a=b", "a b", "a\n", "ä", "١٢٣", None, 1])
def test_what_does_not_fit_into_a_path_is_refused_by_its_name(text: object) -> None:
    assert path_identifier("sr:match:1.2_3-4", "userId") == "sr:match:1.2_3-4"
    with pytest.raises(InvalidInput, match=r"^userId has 1 to 128 letters"):
        path_identifier(text, "userId")


def test_an_id_that_others_grow_from_may_have_to_be_shorter() -> None:
    assert identifier("a" * 10, 10) == "a" * 10
    with pytest.raises(InvalidInput, match="1 to 10 letters"):
        identifier("a" * 11, 10)
