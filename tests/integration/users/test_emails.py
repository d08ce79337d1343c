"""An e-mail address: nobody needs one, only a proven one is kept, and it goes when its player says so."""

from typing import Any

import pytest

from betsafi.protection import window_ends
from tests.integration.users.test_accounts import Clock
from tests.support.accounts import Accounts, new_phone
from tests.support.people import just_now

pytestmark = pytest.mark.both_emulators

ADDRESS = "amina@example.com"


@pytest.fixture
def accounts(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return Accounts(emulator, monkeypatch)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from betsafi import clock

    stands = Clock()
    monkeypatch.setattr(clock, "now", stands.now)
    return stands


def signed_in(accounts: Accounts) -> dict[str, Any]:
    return {**accounts.sign_in(new_phone()), **just_now()}


def error(answer: Any) -> str:
    return str(answer["error"]["type"])


def test_an_address_is_the_player_s_once_its_code_was_answered(accounts: Accounts) -> None:
    claims = signed_in(accounts)
    assert accounts.ask("me", claims)["data"]["email"] is None
    assert accounts.ask("setEmail", claims, email="Amina@Example.com") == {"data": True}
    assert accounts.ask("me", claims)["data"]["email"] is None
    assert error(accounts.ask("confirmEmail", claims, code=accounts.wrong(ADDRESS))) == "WRONG_CODE"
    for _ in range(2):
        assert accounts.ask("confirmEmail", claims, code=accounts.code(ADDRESS))["data"]["email"] == ADDRESS
    for _ in range(2):
        assert accounts.ask("removeEmail", claims)["data"]["email"] is None


def test_another_address_takes_its_place_only_when_it_is_proven(accounts: Accounts) -> None:
    claims, other = signed_in(accounts), "otieno@example.com"
    accounts.ask("setEmail", claims, email=ADDRESS)
    accounts.ask("confirmEmail", claims, code=accounts.code(ADDRESS))
    accounts.ask("setEmail", claims, email=other)
    assert error(accounts.ask("confirmEmail", claims, code=accounts.wrong(other))) == "WRONG_CODE"
    assert accounts.ask("me", claims)["data"]["email"] == ADDRESS
    assert accounts.ask("confirmEmail", claims, code=accounts.code(other))["data"]["email"] == other


def test_each_change_is_published_once_and_without_the_address(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = signed_in(accounts)
    accounts.ask("setEmail", claims, email=ADDRESS)
    accounts.ask("confirmEmail", claims, code=accounts.code(ADDRESS))
    monkeypatch.setenv("BUS_NAME", "bus")
    monkeypatch.setenv("PARKING_URL", "http://parking")
    from users.handlers import stream

    events = [event for item in accounts.store.table.scan() for event in stream.to_events(None, item)]
    names = {type(event).__name__ for event in events}
    assert names == {"UserRegistered", "UserEmailChanged", "UserProtectionChanged"}
    assert len(events) == 3
    assert ADDRESS not in str([event.data() for event in events])


def test_without_a_fresh_sign_in_or_a_code_no_address_is_asked_for(accounts: Accounts) -> None:
    phone = new_phone()
    claims = accounts.sign_in(phone)
    assert error(accounts.ask("setEmail", claims, email=ADDRESS)) == "SIGN_IN_AGAIN"
    assert error(accounts.ask("confirmEmail", claims, code="123456")) == "NOT_FOUND"
    accounts.ask("requestFreshCode", claims)
    assert accounts.ask("setEmail", claims, email=ADDRESS, code=accounts.code(phone)) == {"data": True}


def test_nobody_has_e_mails_sent_to_any_number_of_addresses(accounts: Accounts, time: Clock) -> None:
    claims = {**accounts.sign_in(new_phone()), "auth_time": time.now().timestamp()}
    for n in range(6):
        answer = accounts.ask("setEmail", claims, email=f"a{n}@example.com")
        assert answer == {"data": True} if n < 5 else error(answer) == "TOO_OFTEN"
    assert answer["error"]["info"] == {"most": 5, "ends": window_ends("day", time.now())}
    time.pass_by(24 * 3600)
    claims["auth_time"] = time.now().timestamp()
    assert accounts.ask("setEmail", claims, email=ADDRESS) == {"data": True}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "amina",
        "amina@example",
        "a b@example.com",
        "amina@@example.com",
        "a@-x.com",
        "ämina@example.com",
        "a" * 250 + "@b.co",
    ],
)
def test_what_is_no_address_is_refused_by_its_name(accounts: Accounts, address: str) -> None:
    refused = accounts.ask("setEmail", signed_in(accounts), email=address)["error"]
    assert refused["type"] == "INVALID_INPUT"
    assert "email" in refused["message"]
