"""Signing in on devices: locks after wrong answers, the second factor on a new device, and being signed out."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.integration.users.test_accounts import Clock
from tests.support.accounts import Accounts, Refusal, new_phone
from tests.support.signed import ACCOUNT, session_of

pytestmark = pytest.mark.both_emulators

FIRST, SECOND, THIRD = ("first-device-of-random-bits", "second-device-of-random-bits", "third-device-of-random-bits")
PASSWORD = "long enough"


@pytest.fixture
def accounts(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return Accounts(emulator, monkeypatch)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from betsafi import clock

    stands = Clock()
    monkeypatch.setattr(clock, "now", stands.now)
    return stands


def signed_in(accounts: Accounts, phone: str, time: Clock, password: str = PASSWORD) -> dict[str, Any]:
    """Somebody on their first device, with a password."""
    claims: dict[str, Any] = accounts.sign_in(phone, deviceId=FIRST, deviceName="Amina's phone")
    claims = {**claims, "auth_time": time.now().timestamp()}
    if password:
        assert accounts.ask("setPassword", claims, password=password) == {"data": True}
    return claims


def names(answer: dict[str, Any]) -> list[tuple[str, bool, bool]]:
    return [(one["name"], one["current"], one["signedOutAt"] is not None) for one in answer["data"]]


def wrong_nine_times(accounts: Accounts, phone: str, time: Clock) -> None:
    for _ in range(3):
        time.pass_by(61)
        sign_in = accounts.ask_code(phone)
        for _ in range(3):
            assert accounts.answer(sign_in, accounts.wrong(phone)) is None


# --- wrong codes


def test_a_number_that_nobody_has_is_told_that_it_is_locked_in_both_languages(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    wrong_nine_times(accounts, phone, time)
    assert "too many wrong codes" in accounts.sms[-1][1]
    assert "nyingi mno" in accounts.sms[-1][1]


def test_nine_wrong_codes_lock_a_number_for_a_day_and_tell_its_owner_alone(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time)
    assert accounts.ask("updateProfile", claims, input={"language": "SW"})["data"]
    time.pass_by(61)
    wrong_nine_times(accounts, phone, time)
    sent = len(accounts.sms)
    assert accounts.sms[-1][1].startswith("BETSAFI: namba za siri nyingi mno")
    time.pass_by(120)
    locked, unknown = accounts.ask_code(phone), accounts.ask_code(new_phone())
    assert len(accounts.sms) == sent, "no code is sent, and nothing is told twice"
    assert locked.public == unknown.public, "nobody sees that a number is locked"
    assert accounts.sign_in_by_password(phone, PASSWORD, deviceId=FIRST)["sub"] == claims["sub"], "a way back"
    time.pass_by(24 * 3600)
    assert accounts.sign_in(phone, deviceId=FIRST)


def test_a_locked_number_is_in_the_trail_of_its_player_once(accounts: Accounts, time: Clock) -> None:
    from users import presenting

    phone = new_phone()
    user_id = signed_in(accounts, phone, time)["sub"]
    wrong_nine_times(accounts, phone, time)
    assert accounts.answer(accounts.ask_code(phone), "000000") is None
    (act,) = accounts.store.page(accounts.store.Filter(user_id=user_id), 10, None).items
    shown = presenting.act(act)
    assert (shown["action"], shown["userId"], shown["staffId"]) == ("signInLocked", user_id, "SYSTEM")
    assert phone not in str(act)
    assert accounts.store.page(accounts.store.Filter(action="signInLocked"), 10, None).items[0]["actId"] == act["actId"]


def test_the_last_code_is_not_taken_once_a_number_is_locked(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    signed_in(accounts, phone, time)
    wrong_nine_times(accounts, phone, time)
    last = [text[:6] for to, text in accounts.sms if to == phone and text[0].isdigit()][-1]
    assert accounts.answer(accounts.ask_code(phone), last, deviceId=FIRST) is None


def test_a_right_code_and_a_day_forget_wrong_ones(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    signed_in(accounts, phone, time)
    for n in range(5):
        time.pass_by(61)
        sign_in = accounts.ask_code(phone)
        for _ in range(2):
            assert accounts.answer(sign_in, accounts.wrong(phone)) is None
        if n % 2:
            assert accounts.answer(sign_in, accounts.code(phone), deviceId=FIRST), f"after {n} rounds"
    for _ in range(4):
        time.pass_by(13 * 3600)
        sign_in = accounts.ask_code(phone)
        for _ in range(3):
            assert accounts.answer(sign_in, accounts.wrong(phone)) is None
    assert "too many" not in accounts.sms[-1][1], "six within a day"


def test_the_challenge_says_how_many_tries_are_left(accounts: Accounts, time: Clock) -> None:
    known, unknown = new_phone(), new_phone()
    signed_in(accounts, known, time)
    asked = [accounts.ask_code(phone) for phone in (known, unknown)]
    for left in ("3", "2", "1"):
        assert [sign_in.public for sign_in in asked] == [{"step": "CODE", "digits": "6", "tries": left}] * 2
        for sign_in, answer in zip(asked, (accounts.wrong(known), "123456"), strict=True):
            accounts.answer(sign_in, answer)


# --- a new device


def test_a_new_device_needs_the_second_factor_and_a_known_one_does_not(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time)
    assert accounts.sign_in(phone, deviceId=FIRST)["device"] == claims["device"]
    time.pass_by(1)
    sign_in = accounts.ask_code(phone)
    assert accounts.answer(sign_in, accounts.code(phone), deviceId=SECOND) is None
    assert sign_in.public == {"step": "SECOND", "tries": "3", "accepts": "PASSWORD"}
    assert accounts.answer(sign_in, "not the password", deviceId=SECOND) is None
    assert sign_in.public["tries"] == "2"
    there = accounts.answer(sign_in, PASSWORD, deviceId=SECOND, deviceName="A tablet")
    assert there is not None
    assert there["device"] not in (claims["device"], SECOND)
    assert names(accounts.ask("devices", there)) == [("A tablet", True, False), ("Amina's phone", False, False)]
    assert accounts.sign_in(phone, deviceId=SECOND)["device"] == there["device"]


def test_no_code_is_no_second_factor(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    signed_in(accounts, phone, time)
    sign_in = accounts.ask_code(phone)
    code = accounts.code(phone)
    assert accounts.answer(sign_in, code, deviceId=SECOND) is None
    assert accounts.answer(sign_in, code, deviceId=SECOND) is None
    with pytest.raises(Refusal, match=r"^DEVICE_NEEDED: "):
        accounts.sign_in_by_password(phone, PASSWORD, deviceId=SECOND)


def test_an_account_with_devices_has_no_token_for_who_names_none(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    signed_in(accounts, phone, time)
    with pytest.raises(Refusal, match=r"^DEVICE_NEEDED: "):
        accounts.sign_in_by_password(phone, PASSWORD)
    assert accounts.sign_in_by_password(phone, PASSWORD, deviceId=FIRST)
    sign_in = accounts.ask_code(phone)
    with pytest.raises(Refusal, match=r"^DEVICE_NEEDED: "):
        accounts.answer(sign_in, accounts.code(phone))
    assert accounts.answer(accounts.ask_code(phone), accounts.code(phone), deviceId=FIRST), "it cost no code"


def test_three_wrong_second_factors_within_a_day_lock_new_devices_and_known_ones_go_on(
    accounts: Accounts, time: Clock
) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time)
    sign_in = accounts.ask_code(phone)
    accounts.answer(sign_in, accounts.code(phone), deviceId=SECOND)
    for _ in range(3):
        assert accounts.answer(sign_in, "not the password", deviceId=SECOND) is None
    assert sign_in.ended
    sign_in = accounts.ask_code(phone)
    accounts.answer(sign_in, accounts.code(phone), deviceId=THIRD)
    with pytest.raises(Refusal, match=r"^DEVICE_LOCKED: "):
        accounts.answer(sign_in, PASSWORD, deviceId=THIRD)
    assert accounts.sign_in(phone, deviceId=FIRST)["device"] == claims["device"]
    time.pass_by(24 * 3600)
    sign_in = accounts.ask_code(phone)
    accounts.answer(sign_in, accounts.code(phone), deviceId=SECOND)
    assert accounts.answer(sign_in, PASSWORD, deviceId=SECOND)


def test_who_has_no_second_factor_is_let_in_and_told(
    accounts: Accounts, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time, password="")
    there = accounts.sign_in(phone, deviceId=SECOND)
    monkeypatch.setenv("BUS_NAME", "bus")
    monkeypatch.setenv("PARKING_URL", "http://parking")
    from users.handlers import stream

    kept = {one["device_id"]: one for one in accounts.store.list_devices(claims["sub"])}
    published = {key: stream.to_events(None, one) for key, one in kept.items()}
    assert published[claims["device"]] == [], "the first device is the account's own beginning"
    (event,) = published[there["device"]]
    assert type(event).__name__ == "UserDeviceAdded"
    again = {**kept[there["device"]], "last": "later"}
    assert stream.to_events(kept[there["device"]], again) == [], "a sign-in on a known device is no news"
    assert SECOND not in str(event.data())


@pytest.mark.parametrize("device_id", ["short", "a" * 65, "spaces are not taken here", "ä" * 30, "\0" * 30])
def test_a_device_id_that_no_app_makes_is_refused_and_costs_no_code(accounts: Accounts, device_id: str) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    sign_in = accounts.ask_code(phone)
    with pytest.raises(Refusal, match=r"^INVALID_INPUT: deviceId"):
        accounts.answer(sign_in, accounts.code(phone), deviceId=device_id, birthdate="1990-06-15")
    assert accounts.answer(accounts.ask_code(phone), accounts.code(phone), birthdate="1990-06-15")


def test_a_name_that_cannot_be_shown_does_not_keep_anybody_out(accounts: Accounts) -> None:
    claims = accounts.sign_in(new_phone(), deviceId=FIRST, deviceName="turned \u202e round")
    assert names(accounts.ask("devices", claims)) == [("A device", True, False)]


# --- signing out


def test_a_device_that_was_signed_out_is_not_refreshed_and_needs_the_second_factor(
    accounts: Accounts, time: Clock
) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time)
    sign_in = accounts.ask_code(phone)
    accounts.answer(sign_in, accounts.code(phone), deviceId=SECOND)
    there = accounts.answer(sign_in, PASSWORD, deviceId=SECOND)
    assert there is not None
    assert accounts.refresh(there) == {"sub": claims["sub"], "language": "en"}, (
        "no device was signed out, so none need be named"
    )
    answer = accounts.ask("signOutDevice", claims, id=there["device"])
    assert [out for _, current, out in names(answer) if not current] == [True]
    for metadata in ({}, {"deviceId": SECOND}, {"deviceId": THIRD}):
        with pytest.raises(Refusal, match=r"^SIGNED_OUT: "):
            accounts.refresh(there, **metadata)
    assert accounts.refresh(claims, deviceId=FIRST)["device"] == claims["device"]
    sign_in = accounts.ask_code(phone)
    assert accounts.answer(sign_in, accounts.code(phone), deviceId=SECOND) is None
    assert accounts.answer(sign_in, PASSWORD, deviceId=SECOND)
    assert accounts.refresh(claims, deviceId=SECOND)["device"] == there["device"]


def test_an_old_sign_out_asks_no_refresh_for_its_device_any_more(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time, password="")
    there = accounts.sign_in(phone, deviceId=SECOND)
    accounts.ask("signOutDevice", claims, id=there["device"])
    time.pass_by(30 * 86_400)
    assert accounts.refresh(claims) == {"sub": claims["sub"], "language": "en"}


def test_signing_out_everywhere_ends_every_refresh_token(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time)
    for _ in range(2):  # the same again goes on where it stopped
        assert [out for _, _, out in names(accounts.ask("signOutEverywhere", claims))] == [True]
    assert accounts.signed_out == {claims["sub"]}
    assert accounts.store.get_profile(claims["sub"])["signed_out_at"]
    with pytest.raises(Refusal, match="NotAuthorized"):
        accounts.refresh(claims, deviceId=FIRST)
    with pytest.raises(Refusal, match=r"^DEVICE_NEEDED: "):
        accounts.sign_in_by_password(phone, PASSWORD, deviceId=FIRST)


def test_a_token_that_was_signed_out_gives_the_account_away_no_more(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time, password="")
    there = {**accounts.sign_in(phone, deviceId=SECOND), "auth_time": time.now().timestamp()}
    asked = {"newNumber": new_phone()}
    accounts.ask("signOutDevice", claims, id=there["device"])
    assert accounts.ask("changePhone", there, **asked)["error"]["type"] == "SIGNED_OUT"
    assert accounts.ask("changePhone", claims, **asked) == {"data": True}
    time.pass_by(61)
    accounts.ask("signOutEverywhere", claims)
    for field, given in (("changePhone", asked), ("setEmail", {"email": "amina@example.com"})):
        assert accounts.ask(field, claims, **given)["error"]["type"] == "SIGNED_OUT"
    time.pass_by(61)
    again = {**accounts.sign_in(phone, deviceId=FIRST), "auth_time": time.now().timestamp()}
    assert accounts.ask("changePhone", again, newNumber=new_phone()) == {"data": True}


def test_a_second_factor_without_a_device_signs_nobody_in(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    signed_in(accounts, phone, time)
    sign_in = accounts.ask_code(phone)
    accounts.answer(sign_in, accounts.code(phone), deviceId=SECOND)
    with pytest.raises(Refusal, match=r"^DEVICE_NEEDED: "):
        accounts.answer(sign_in, PASSWORD)
    assert [one["device_id"] for one in accounts.store.list_devices(accounts.store.find_claim(phone)["user_id"])] != [
        ""
    ]


def test_nobody_signs_out_what_is_another_s(accounts: Accounts, time: Clock) -> None:
    claims, other = (signed_in(accounts, new_phone(), time) for _ in range(2))
    for device_id in (other["device"] + "0", "nothing"):
        assert accounts.ask("signOutDevice", claims, id=device_id)["error"]["type"] == "NOT_FOUND"
    assert names(accounts.ask("devices", other)) == [("Amina's phone", True, False)]


def test_nobody_has_more_devices_than_are_read_at_a_sign_in(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone, time, password="")
    for n in range(49):
        accounts.store.keep_device(claims["sub"], f"device-{n}", "one more", True, "2026-11-26T08:00:00.000000Z")
    sign_in = accounts.ask_code(phone)
    with pytest.raises(Refusal, match=r"^TOO_MANY_DEVICES: "):
        accounts.answer(sign_in, accounts.code(phone), deviceId=SECOND)
    assert accounts.answer(sign_in, accounts.code(phone), deviceId=FIRST)


def test_who_came_back_without_their_password_is_not_asked_for_it(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    first = signed_in(accounts, phone, time)
    accounts.delete_user(first["sub"])
    claims = accounts.sign_in(phone, deviceId=SECOND)
    assert claims["player"] == first["sub"]
    assert claims["device"]


# --- a code in place of a sign-in just now


def confirm(accounts: Accounts, user_id: str, code: str, used_for: str) -> tuple[int, str]:
    event = {
        "routeKey": "POST /users/{userId}/confirmations",
        "pathParameters": {"userId": user_id},
        "requestContext": {"accountId": ACCOUNT, "authorizer": {"iam": {"userArn": session_of("payment")}}},
        "body": json.dumps({"code": code, "usedFor": used_for}),
    }
    answer = accounts.api.handler(event)
    return answer["statusCode"], json.loads(answer["body"]).get("error", "")


def test_a_code_confirms_one_thing_however_often_it_is_asked(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = accounts.sign_in(phone)
    assert accounts.ask("requestFreshCode", claims) == {"data": True}
    assert accounts.ask("requestFreshCode", claims) == {"data": False}, "one a minute"
    code = accounts.code(phone)
    assert "confirms" in accounts.sms[-1][1]
    assert confirm(accounts, claims["sub"], accounts.wrong(phone), "payment-1") == (403, "WRONG_CODE")
    for _ in range(2):
        assert confirm(accounts, claims["sub"], code, "payment-1") == (200, "")
    assert confirm(accounts, claims["sub"], code, "payment-2") == (403, "WRONG_CODE")
    accounts.ask("requestFreshCode", claims)
    time.pass_by(300)
    assert confirm(accounts, claims["sub"], accounts.code(phone), "payment-2") == (403, "WRONG_CODE")


def test_a_code_for_one_thing_opens_nothing_else(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = accounts.sign_in(phone)
    accounts.ask("requestFreshCode", claims)
    code = accounts.code(phone)
    time.pass_by(61)
    sign_in = accounts.ask_code(phone)
    if accounts.code(phone) != code:
        assert accounts.answer(sign_in, code) is None
        assert confirm(accounts, claims["sub"], accounts.code(phone), "payment-1") == (403, "WRONG_CODE")
    assert confirm(accounts, claims["sub"], code, "payment-1") == (200, "")


# --- what a sign-in reads


def test_no_trigger_reads_a_player_s_devices_identity_or_profile_twice(
    accounts: Accounts, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, read = new_phone(), Counter[tuple[str, str]]()
    signed_in(accounts, phone, time)
    table, call = accounts.store.table, accounts.call
    get, query = table.get, table.query

    def counted(trigger: str, *given: Any) -> Any:
        read.clear()
        answer = call(trigger, *given)
        twice = {kind for (kind, _), times in read.items() if times > 1}
        assert not twice & {"DEVICE#", "IDENTITY", "PROFILE", "SECOND"}, trigger
        return answer

    def counted_get(key: tuple[str, str]) -> Any:
        read[key[1], key[0]] += 1
        return get(key)

    def counted_query(pk: str, *given: Any, **options: Any) -> Any:
        read[str(given[0]) if given else "", pk] += 1
        return query(pk, *given, **options)

    monkeypatch.setattr(accounts, "call", counted)
    monkeypatch.setattr(table, "get", counted_get)
    monkeypatch.setattr(table, "query", counted_query)
    for device in (FIRST, SECOND):
        time.pass_by(61)
        sign_in = accounts.ask_code(phone)
        accounts.answer(sign_in, accounts.code(phone), deviceId=device)
    assert not sign_in.ended, "a new device is asked for a second factor"
    assert accounts.answer(sign_in, PASSWORD, deviceId=SECOND, kind="PASSWORD")
