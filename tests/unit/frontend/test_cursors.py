"""A cursor says nothing, and is of use to the player and the log that it was given for."""

import base64
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi.errors import InvalidCursor
from frontend.cursors import cursor_at, number_at

USER, OTHER = "6f1c2b9e-8c39-4e0b-9d0e-0f7f0b9a4c11", "0d8a6f57-52d1-4b7c-a3a4-94a0f0f7e2c5"


@given(st.integers(0, 2**31 - 1))
def test_a_cursor_leads_its_player_back_and_nobody_else(number: int) -> None:
    cursor = cursor_at(number, USER, "updates")
    assert number_at(cursor, USER, "updates") == number
    for user_id, log_id in ((OTHER, "updates"), (USER, "updates-restored")):
        with pytest.raises(InvalidCursor):
            number_at(cursor, user_id, log_id)


def test_a_cursor_has_no_id_in_it() -> None:
    cursor = cursor_at(7, USER, "updates")
    read = base64.urlsafe_b64decode(cursor)
    assert USER.encode() not in read
    assert uuid.UUID(USER).bytes not in read
    assert len(cursor) == len(cursor_at(2**31, OTHER, "a table with a long name"))


GOOD = cursor_at(7, USER, "updates")


ODD = ["", "0", GOOD[:-1], GOOD + "A", GOOD[:-1] + "ä", "!" * 20, "=" * 20, GOOD[::-1], GOOD.swapcase(), 7, [GOOD]]


@pytest.mark.parametrize("given_", ODD)
def test_what_was_not_given_out_is_refused(given_: Any) -> None:
    with pytest.raises(InvalidCursor):
        number_at(given_, USER, "updates")
