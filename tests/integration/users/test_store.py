"""Profiles in a real table."""

import uuid
from types import ModuleType

import pytest

from betsafi.errors import NotFound
from tests.support.accounts import new_phone
from tests.support.emulator import create_table
from tests.support.services import load, stores

pytestmark = pytest.mark.both_emulators


@pytest.fixture(scope="module")
def store(emulator: str) -> ModuleType:
    load("users.table", TABLE_NAME=create_table(emulator, f"users-{uuid.uuid4()}", "users"))
    return stores("users")


def test_a_number_that_is_claimed_twice_is_the_first_one_s(store: ModuleType) -> None:
    user_id, phone = str(uuid.uuid4()), new_phone()
    first = store.register(phone, user_id, "1990-01-01")
    profile = store.get_profile(user_id)
    assert store.register(phone, user_id, "1980-01-01") == first
    assert store.register(phone, str(uuid.uuid4()), "1980-01-01") == first
    assert store.get_profile(user_id) == profile


def test_a_player_has_one_number(store: ModuleType) -> None:
    user_id, second = str(uuid.uuid4()), new_phone()
    store.register(new_phone(), user_id, "1990-01-01")
    with pytest.raises(store.NumberChanged):
        store.register(second, user_id, "1990-01-01")
    assert store.find_claim(second) is None


def test_a_status_gets_a_new_version_only_when_it_changes(store: ModuleType) -> None:
    user_id = str(uuid.uuid4())
    store.register(new_phone(), user_id, "1990-01-01")
    assert store.reinstate(store.get_profile(user_id))
    assert store.get_profile(user_id)["status_version"] == 0
    stops = (("SUSPENDED", "2026-12-24"), ("SUSPENDED", "2026-12-31"), ("FROZEN", "2026-12-31"))
    for version, (status, deadline) in enumerate(stops, 1):
        seen = store.get_profile(user_id)
        for _ in range(2):
            assert store.stop(store.get_profile(user_id), status, "REQUEST", deadline, "support-1")
            profile = store.get_profile(user_id)
            assert (profile["status"], profile["status_version"]) == (status, version)
        assert not store.stop(seen, "SUSPENDED", "LAW", deadline, "support-1"), "it is not as it was seen any more"
        assert seen["status"] == "ACTIVE" or not store.reinstate(seen)
    for _ in range(2):
        assert store.reinstate(store.get_profile(user_id))
        back = store.get_profile(user_id)
        assert (back["status"], back["status_version"], "stop_code" in back) == ("ACTIVE", 4, False)


def test_an_unknown_player_cannot_be_changed(store: ModuleType) -> None:
    with pytest.raises(NotFound):
        store.change_profile("nobody", {"language": "sw"})
    assert store.find_profile("nobody") is None
