"""What an API takes in is checked field by field, and says itself what it takes."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from betsafi.bodies import Body, Cents, Id, Version, refusal
from betsafi.errors import InvalidAmount, InvalidInput
from betsafi.money import MAX_CENTS


class Part(Body):
    """A request with a field of each kind, and two that come together."""

    together = ("partId", "partCents")

    user_id: Id
    amount_cents: Cents
    version: Version
    kind: Annotated[Literal["A", "B"], refusal("{name} is A or B.")]
    note: Annotated[str, Field(strict=True, pattern="^[a-z]*$"), refusal("{name} is small letters.")] = ""
    part_id: Id = ""
    part_cents: Cents = 0


GOOD: dict[str, Any] = {"userId": "u.1", "amountCents": 5, "version": 1, "kind": "A"}


def test_what_fits_is_read_and_what_has_no_name_is_passed_over() -> None:
    read = Part.read({**GOOD, "note": "abc", "more": [1]})
    assert (read.user_id, read.amount_cents, read.version, read.kind, read.note) == ("u.1", 5, 1, "A", "abc")
    assert (read.part_id, read.part_cents) == ("", 0)


@pytest.mark.parametrize(
    ("name", "values", "error", "sentence"),
    [
        ("userId", ["", "a b", "x" * 129, "u\n", "ü", 7, None, True, ["u"]], InvalidInput, "userId has 1 to 128"),
        ("amountCents", [0, -1, 1.5, 5.0, "5", True, None, MAX_CENTS + 1, 10**400], InvalidAmount, "amount"),
        ("version", [0, "1", None, False, MAX_CENTS + 1], InvalidInput, "version is a whole number from 1 to"),
        ("kind", ["C", "", None, ["A"], 1], InvalidInput, "kind is A or B."),
        ("note", ["A", None, 1, "a\n", "a" + chr(0xD800)], InvalidInput, "note is small letters."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_own_name_with_its_own_code(
    name: str, values: list[Any], error: type[InvalidInput], sentence: str
) -> None:
    for value in values:
        with pytest.raises(error, match=sentence) as refused:
            Part.read({**GOOD, name: value})
        assert refused.type is error


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_field_is_refused_as_a_wrong_one_is(name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        Part.read({given: value for given, value in GOOD.items() if given != name})


def test_the_first_field_that_does_not_fit_is_the_one_that_is_told() -> None:
    with pytest.raises(InvalidInput, match="userId"):
        Part.read({"kind": "C", "amountCents": 0})


def test_a_field_has_its_name_in_json_alone() -> None:
    with pytest.raises(InvalidInput, match="userId"):
        Part.read({**{name: value for name, value in GOOD.items() if name != "userId"}, "user_id": "u.1"})


@pytest.mark.parametrize(("given", "missing"), [("partId", "partCents"), ("partCents", "partId")])
def test_what_comes_together_comes_whole(given: str, missing: str) -> None:
    part = {"partId": "p", "partCents": 3}
    with pytest.raises(InvalidInput, match=missing):
        Part.read({**GOOD, given: part[given]})
    with pytest.raises(InvalidInput, match=given):
        Part.read({**GOOD, **part, given: None})
    read = Part.read({**GOOD, **part})
    assert (read.part_id, read.part_cents) == ("p", 3)
