"""What the notifications service takes in."""

from typing import Any

import pytest

from betsafi.errors import InvalidInput
from notifications import models


@pytest.mark.parametrize("value", [None, [], "note", [""], ["x" * 129], [7], [None], [f"note-{n}" for n in range(51)]])
def test_what_cannot_be_ids_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        models.note_ids(value)


def test_fifty_ids_are_taken() -> None:
    ids = [f"note-{n}" for n in range(50)]
    assert models.note_ids(ids) == ids


def test_a_contact_is_a_number_and_a_language() -> None:
    answer = {"userId": "u", "phoneNumber": "+254712345678", "language": "sw", "status": "ACTIVE"}
    assert models.Contact.of(answer) == models.Contact("+254712345678", "sw")
    assert models.Contact.of({**answer, "status": "SUSPENDED", "email": "a@b.ke"}).email == "a@b.ke"
    assert not models.Contact.of({**answer, "status": "SUSPENDED"}).active
    with pytest.raises(KeyError):
        models.Contact.of({"userId": "u"})
