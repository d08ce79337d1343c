"""What a profile as it stands implies to others is what its changes published."""

from typing import Any

import pytest

from tests.support.services import load

NEW = {"pk": "USER#u", "sk": "PROFILE", "user_id": "u", "status": "ACTIVE", "status_version": 0, "language": "sw"}
REGISTERED = {**NEW, "registered_at": "2026-11-26T08:30:00.000000Z"}
SUSPENDED = {**REGISTERED, "status": "SUSPENDED", "status_version": 1}
FROZEN = {**SUSPENDED, "status": "FROZEN", "stop_code": "LAW", "stop_deadline": "2026-12-24"}
REINSTATED = {**REGISTERED, "status_version": 2}


@pytest.mark.parametrize(
    ("life", "names"),
    [
        ([REGISTERED], ["UserRegistered"]),
        ([REGISTERED, SUSPENDED], ["UserRegistered", "UserSuspended"]),
        ([REGISTERED, FROZEN], ["UserRegistered", "UserSuspended"]),
        ([REGISTERED, SUSPENDED, REINSTATED], ["UserRegistered", "UserReinstated"]),
    ],
    ids=["new", "suspended", "frozen", "reinstated"],
)
def test_a_profile_as_it_stands_implies_its_registration_and_its_newest_status(
    life: list[dict[str, Any]], names: list[str]
) -> None:
    stream = load("users.handlers.stream", BUS_NAME="bus", PARKING_URL="http://127.0.0.1:1")
    published = [event for old, new in zip([None, *life], life, strict=False) for event in stream.to_events(old, new)]
    standing = stream.to_events(None, life[-1])
    assert [type(event).__name__ for event in standing] == names
    assert [event.data() for event in standing] == [event.data() for event in (published[0], *published[1:][-1:])]
    assert getattr(standing[-1], "money_held", False) is (life[-1]["status"] == "FROZEN")
    assert stream.to_events(life[-1], {**life[-1], "language": "en"}) == []


DEVICE = {
    "pk": "USER#u",
    "sk": "DEVICE#d",
    "user_id": "u",
    "device_id": "d",
    "name": "Amina's phone",
    "later": True,
    "added_at": "2026-11-26T08:30:00.000000Z",
}
OUT = {**DEVICE, "out_at": "2026-11-26T09:30:00.000000Z"}
BACK = {**DEVICE, "added_at": "2026-11-26T10:30:00.000000Z"}


@pytest.mark.parametrize(
    ("old", "new", "added_at"),
    [
        (None, DEVICE, DEVICE["added_at"]),
        (OUT, BACK, BACK["added_at"]),
        (DEVICE, {**DEVICE, "last": "later"}, None),
        (DEVICE, OUT, None),
        (None, OUT, None),
        (None, {**DEVICE, "later": False}, None),
    ],
    ids=["new", "back", "used", "signed out", "stands signed out", "the first"],
)
def test_a_device_is_published_when_it_is_added_to_others_and_without_its_name(
    old: dict[str, Any] | None, new: dict[str, Any], added_at: str | None
) -> None:
    stream = load("users.handlers.stream", BUS_NAME="bus", PARKING_URL="http://127.0.0.1:1")
    published = [(type(event).__name__, event.data()) for event in stream.to_events(old, new)]
    expected = ("UserDeviceAdded", {"userId": "u", "deviceId": "d", "addedAt": added_at})
    assert published == ([expected] if added_at else [])


def test_a_version_of_what_protects_a_player_is_published_once_and_as_all_of_it() -> None:
    stream = load("users.handlers.stream", BUS_NAME="bus", PARKING_URL="http://127.0.0.1:1")
    item = {
        "pk": "USER#u", "sk": "PROTECTION", "user_id": "u", "version": 3, "limits": {"stake_day": 500},
        "looser": {"stake_day": [None, "2026-11-26T08:30:00.000000Z", "2026-11-27T08:30:00.000000Z"]},
        "stop": ["EXCLUSION", "2026-11-26T08:30:00.000000Z", "2027-05-26T08:30:00.000000Z", None],
        "reality_minutes": 20, "changed": ["stop"], "reached": 2, "allowed": {"bet": 700}, "terms": "-",
    }  # fmt: skip
    (event,) = stream.to_events({**item, "version": 2}, item)
    assert type(event).__name__ == "UserProtectionChanged"
    assert event.data() == {
        "userId": "u", "protectionVersion": 3, "limits": {"stake_day": 500}, "stopKind": "EXCLUSION",
        "stoppedUntil": "9999-12-31T00:00:00.000000Z", "realityMinutes": 20, "changed": ["stop"],
        "allowed": {"bet": 700}, "terms": "-",
    }  # fmt: skip
    assert event.protection.stopped_until == event.stopped_until
    assert (event.protection.limit("stake_day"), event.protection.terms) == (500, "-")
    assert stream.to_events(None, item) == [event]
    assert stream.to_events(item, {**item, "reached": 3}) == []
