"""What a profile as it stands implies to others is what its changes published."""

from typing import Any

import pytest

from tests.support.services import load

NEW = {"pk": "USER#u", "sk": "PROFILE", "user_id": "u", "status": "ACTIVE", "status_version": 0, "language": "sw"}
REGISTERED = {**NEW, "registered_at": "2026-11-26T08:30:00.000000Z"}
SUSPENDED = {**REGISTERED, "status": "SUSPENDED", "status_version": 1}
REINSTATED = {**REGISTERED, "status_version": 2}


@pytest.mark.parametrize(
    ("life", "names"),
    [
        ([REGISTERED], ["UserRegistered"]),
        ([REGISTERED, SUSPENDED], ["UserRegistered", "UserSuspended"]),
        ([REGISTERED, SUSPENDED, REINSTATED], ["UserRegistered", "UserReinstated"]),
    ],
    ids=["new", "suspended", "reinstated"],
)
def test_a_profile_as_it_stands_implies_its_registration_and_its_newest_status(
    life: list[dict[str, Any]], names: list[str]
) -> None:
    stream = load("users.handlers.stream", BUS_NAME="bus", PARKING_URL="http://127.0.0.1:1")
    published = [event for old, new in zip([None, *life], life, strict=False) for event in stream.to_events(old, new)]
    standing = stream.to_events(None, life[-1])
    assert [type(event).__name__ for event in standing] == names
    assert [event.data() for event in standing] == [event.data() for event in (published[0], *published[1:][-1:])]
    assert stream.to_events(life[-1], {**life[-1], "language": "en"}) == []
