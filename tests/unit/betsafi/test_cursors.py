"""A cursor can be read by who knows its list alone, and leads to a place of that list or nowhere."""

import base64
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi.cursors import after_key, cursor_to, place_of, start_key
from betsafi.errors import InvalidCursor

USER, OTHER = "6f1c2b9e-8c39-4e0b-9d0e-0f7f0b9a4c11", "0d8a6f57-52d1-4b7c-a3a4-94a0f0f7e2c5"
MINE, THEIRS = f"by_time USER#{USER}", f"by_time USER#{OTHER}"
PLACE = ["2026-11-27T10:00:00.000000Z", "BET#0b1946ac92492d2347c6235b4d2611184"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
GOOD = cursor_to(PLACE, MINE)


@given(st.lists(TEXT, min_size=1, max_size=3), TEXT)
def test_a_cursor_leads_back_to_its_place_in_its_own_list_alone(place: list[str], name: str) -> None:
    cursor = cursor_to(place, name)
    assert place_of(cursor, name, len(place)) == place
    for other, texts in ((f"{name}.", len(place)), (name, len(place) + 1)):
        with pytest.raises(InvalidCursor):
            place_of(cursor, other, texts)


def test_nothing_of_the_place_or_the_player_can_be_read() -> None:
    read = base64.urlsafe_b64decode(GOOD + "=" * (-len(GOOD) % 4))
    for told in (USER, *PLACE, "BET#", "2026"):
        assert told.encode() not in read
    assert uuid.UUID(USER).bytes not in read


def test_two_places_of_one_list_are_masked_each_in_its_own_way() -> None:
    """Else what two cursors have in common, and where they differ, could be read of both together."""
    one, other = (base64.urlsafe_b64decode(cursor_to(["same" * 6, last], MINE) + "==") for last in ("1", "2"))
    assert one[10:34] != other[10:34]


def old_form(pk: str) -> str:
    """Return a cursor as they were once: the whole key, readable."""
    key = {"pk": {"S": pk}, "sk": {"S": "BET#b"}, "at": {"S": PLACE[0]}}
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "nonsense", "e30", GOOD[:-1], GOOD + "A", GOOD + "=", f" {GOOD}", GOOD[:-2] + "äö", GOOD[::-1],
        GOOD.swapcase(), "!" * 40, "A" * 3_000, 7, None, [GOOD], cursor_to(PLACE, THEIRS), old_form(f"USER#{USER}"),
    ],
)  # fmt: skip
def test_what_this_list_did_not_give_out_is_refused(cursor: object) -> None:
    with pytest.raises(InvalidCursor):
        place_of(cursor, MINE, 2)


def test_every_character_of_a_cursor_counts() -> None:
    for at, letter in enumerate(GOOD):
        changed = GOOD[:at] + ("A" if letter != "A" else "B") + GOOD[at + 1 :]
        with pytest.raises(InvalidCursor):
            place_of(changed, MINE, 2)


def test_a_key_goes_out_without_its_partition_and_comes_back_with_the_one_that_is_asked() -> None:
    key = {"pk": {"S": f"USER#{USER}"}, "sk": {"S": PLACE[1]}, "at": {"S": PLACE[0]}}
    cursor = after_key(key, "pk", MINE)
    assert cursor == GOOD
    assert start_key(GOOD, {"pk": f"USER#{USER}"}, set(key), MINE) == key
    assert after_key(None, "pk", MINE) is None
