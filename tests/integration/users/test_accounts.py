"""One person, one account: sign-up, codes, claims and tokens, on real tables and through Cognito's own triggers."""

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from betsafi import clock, sms
from tests.support.accounts import POOL, Accounts, Refusal, new_phone

pytestmark = pytest.mark.both_emulators


@pytest.fixture
def accounts(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return Accounts(emulator, monkeypatch)


class Clock:
    """The present moment, which a test moves."""

    def __init__(self) -> None:
        self.moment = datetime.fromisoformat("2026-11-26T08:00:00+00:00")

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stands = Clock()
    monkeypatch.setattr(clock, "now", stands.now)
    return stands


# --- a person and their number


def test_the_first_code_makes_a_profile_and_claims_the_number(accounts: Accounts) -> None:
    phone = new_phone()
    sub = accounts.sign_up(phone)
    assert accounts.sms == [], "a sign-up sends nothing"
    assert accounts.store.find_profile(sub) is None
    sign_in = accounts.ask_code(phone)
    assert accounts.answer(sign_in, accounts.code(phone), birthdate="1990-06-15") == {"sub": sub, "language": "en"}
    profile = accounts.store.get_profile(sub)
    assert (profile["phone_number"], profile["birthdate"], profile["status"]) == (phone, "1990-06-15", "ACTIVE")
    assert accounts.store.find_claim(phone)["user_id"] == sub
    assert accounts.users[sub].attributes["phone_number_verified"] == "true"
    assert accounts.ask("me", {"sub": sub})["data"]["phoneNumber"] == phone


def test_a_token_says_in_which_language_its_player_is_refused(accounts: Accounts) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    claims = accounts.sign_in(phone, birthdate="1990-06-15")
    assert claims["language"] == "en"
    accounts.ask("updateProfile", claims, input={"language": "SW"})
    assert accounts.sign_in(phone)["language"] == "sw"


def test_a_suspended_player_who_deletes_the_sign_in_and_comes_back_is_still_suspended(accounts: Accounts) -> None:
    phone = new_phone()
    first = accounts.sign_in(phone)["sub"]
    accounts.store.stop(accounts.store.get_profile(first), "SUSPENDED", "REQUEST", "2026-12-24", "support-1")
    accounts.delete_user(first)
    claims = accounts.sign_in(phone)
    assert claims["sub"] != first
    assert claims["player"] == first, "the token is for the account that the number had"
    assert accounts.ask("me", claims)["data"] | {"registeredAt": "", "stop": None} == {
        "id": first,
        "phoneNumber": phone,
        "email": None,
        "displayName": None,
        "language": "EN",
        "status": "SUSPENDED",
        "registeredAt": "",
        "hasPassword": False,
        "stop": None,
    }
    accounts.store.change_profile(first, {"has_password": True})
    assert accounts.ask("me", claims)["data"]["hasPassword"] is True
    assert accounts.store.find_profile(claims["sub"]) is None, "there is no second profile, and so no second wallet"


def test_who_deleted_the_sign_in_gets_the_account_back_however_often(accounts: Accounts) -> None:
    phone = new_phone()
    first = accounts.sign_in(phone)["sub"]
    for _ in range(3):
        accounts.delete_user(accounts.store.find_claim(phone)["sub"])
        claims = accounts.sign_in(phone)
        assert claims["player"] == first
        assert accounts.ask("updateProfile", claims, input={"displayName": "Amina"})["data"]["id"] == first


def test_a_number_that_left_its_sign_in_makes_no_second_account_and_gives_none_away(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    first = accounts.sign_in(old)["sub"]
    accounts.users[first].attributes["phone_number"] = new  # as an administrator can, and no client
    with pytest.raises(Refusal, match=r"^NUMBER_CHANGED: "):
        accounts.sign_in(new)
    with pytest.raises(Refusal, match=r"^NUMBER_CHANGED: "):
        accounts.sign_in(old)
    assert accounts.store.find_claim(new) is None
    assert accounts.store.find_claim(old)["sub"] == first
    assert accounts.store.get_profile(first)["phone_number"] == old


@pytest.mark.concurrent
def test_of_two_proofs_of_one_number_at_once_one_makes_the_account(accounts: Accounts) -> None:
    phone, subs = new_phone(), [f"sub-{n}" for n in range(8)]
    together, claims = threading.Barrier(len(subs)), []

    def register(sub: str) -> None:
        together.wait(60)
        claims.append(accounts.store.register(phone, sub, "1990-06-15"))

    threads = [threading.Thread(target=register, args=[sub]) for sub in subs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (owner,) = {claim["user_id"] for claim in claims}
    assert [sub for sub in subs if accounts.store.find_profile(sub)] == [owner]


# --- what a sign-up is worth before the phone is proven


def test_a_password_that_a_stranger_chose_never_works(accounts: Accounts) -> None:
    phone = new_phone()
    sub = accounts.sign_up(phone, "the stranger's")
    with pytest.raises(Refusal, match=r"^CODE_NEEDED: "):
        accounts.sign_in_by_password(phone, "the stranger's")
    with pytest.raises(Refusal, match="UsernameExists"):
        accounts.sign_up(phone, "the owner's")  # an app goes on to the code
    assert accounts.sign_in(phone) == {"sub": sub, "language": "en"}
    for password in ("the stranger's", "the owner's"):
        with pytest.raises(Refusal, match="NotAuthorized"):
            accounts.sign_in_by_password(phone, password)


def test_a_stranger_gets_no_token_for_a_claimed_number_whose_sign_in_is_gone(accounts: Accounts) -> None:
    phone = new_phone()
    first = accounts.sign_in(phone)["sub"]
    accounts.delete_user(first)
    accounts.sign_up(phone, "the stranger's")
    with pytest.raises(Refusal, match=r"^CODE_NEEDED: "):
        accounts.sign_in_by_password(phone, "the stranger's")
    assert accounts.sign_in(phone)["player"] == first
    with pytest.raises(Refusal, match="NotAuthorized"):
        accounts.sign_in_by_password(phone, "the stranger's")


def test_a_stranger_s_password_is_gone_before_the_number_is_claimed(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = new_phone()
    accounts.sign_up(phone, "the stranger's")

    def crash(*_: object) -> None:
        raise OSError("the function ends here")

    sign_in = accounts.ask_code(phone)
    monkeypatch.setattr(accounts.people, "register", crash)
    with pytest.raises(OSError, match="ends here"):
        accounts.answer(sign_in, accounts.code(phone), birthdate="1990-06-15")
    with pytest.raises(Refusal, match="NotAuthorized"):
        accounts.sign_in_by_password(phone, "the stranger's")


def test_a_password_may_be_set_after_a_sign_in_just_now(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    claims = {**accounts.sign_in(phone), "auth_time": time.now().timestamp()}
    assert accounts.ask("setPassword", claims, password="short-one")["error"]["type"] == "INVALID_INPUT"
    assert accounts.ask("setPassword", claims, password="long enough") == {"data": True}
    assert accounts.sign_in_by_password(phone, "long enough") == {"sub": claims["sub"], "language": "en"}
    time.pass_by(601)
    refused = accounts.ask("setPassword", claims, password="another one")["error"]
    assert refused["type"] == "SIGN_IN_AGAIN"
    assert accounts.sign_in_by_password(phone, "long enough")


def test_a_sign_up_that_nobody_proves_disappears_and_others_stay(accounts: Accounts) -> None:
    stale, proven, returned = new_phone(), new_phone(), new_phone()
    gone = accounts.sign_up(stale)
    kept = accounts.sign_in(proven)["sub"]
    accounts.delete_user(accounts.sign_in(returned)["sub"])
    back = accounts.sign_in(returned)["sub"]
    records = [{"messageId": str(n), "body": json.dumps(m)} for n, m in enumerate(accounts.signed_up)]
    assert [message["poolId"] for message in accounts.signed_up] == [POOL] * 4
    for _ in range(2):
        assert accounts.unproven.handler({"Records": records}) == {"batchItemFailures": []}
        assert accounts.users.keys() == {kept, back}
    assert gone != accounts.sign_up(stale), "the number is free again"


# --- codes


def test_a_wrong_code_has_three_tries(accounts: Accounts) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    sign_in = accounts.ask_code(phone)
    for _ in range(3):
        assert accounts.answer(sign_in, accounts.wrong(phone), birthdate="1990-06-15") is None
    assert sign_in.ended
    again = accounts.ask_code(phone)
    assert len(accounts.sms) == 1, "within a minute no other code is sent"
    assert accounts.answer(again, accounts.code(phone), birthdate="1990-06-15") is None, "the tries are the code's"
    assert accounts.store.find_claim(phone) is None


def test_a_code_is_good_for_one_sign_in_and_repeating_that_trigger_changes_nothing(accounts: Accounts) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    first, second = accounts.ask_code(phone), accounts.ask_code(phone)
    code = accounts.code(phone)
    request = {"challengeAnswer": code, "privateChallengeParameters": first.private}
    metadata = {"birthdate": "1990-06-15"}
    for _ in range(3):
        assert accounts._trigger("VerifyAuthChallengeResponse", first, request, metadata) == {"answerCorrect": True}
    assert accounts.answer(second, code, **metadata) is None
    assert len(accounts.sms) == 1


def test_of_two_right_answers_at_once_one_has_the_code(accounts: Accounts, time: Clock) -> None:
    phone, codes = new_phone(), accounts.codes
    accounts.sign_up(phone)
    accounts.ask_code(phone)
    first, second = (codes.find_right(phone, accounts.code(phone), challenge) for challenge in ("first", "second"))
    assert codes.spend(first, "first")
    assert not codes.spend(second, "second")
    assert codes.spend(first, "first"), "the same trigger again"
    accounts.ask_code(phone)
    late = codes.find_right(phone, accounts.code(phone), "late")
    time.pass_by(60)
    accounts.ask_code(phone)
    assert not codes.spend(late, "late"), "another code has taken its place"


def test_a_code_lives_for_five_minutes(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    sign_in = accounts.ask_code(phone)
    time.pass_by(299)
    second = accounts.ask_code(phone)
    late = accounts.code(phone)
    assert accounts.answer(second, late, birthdate="1990-06-15"), "a new code after a minute takes the old one's place"
    time.pass_by(61)
    sign_in = accounts.ask_code(phone)
    time.pass_by(300)
    assert accounts.answer(sign_in, accounts.code(phone)) is None


def test_a_number_gets_eight_codes_a_day_and_one_a_minute(accounts: Accounts, time: Clock) -> None:
    phone, other = new_phone(), new_phone()
    accounts.sign_up(phone)
    for n in range(12):
        accounts.ask_code(phone)
        accounts.ask_code(phone)
        assert len(accounts.sms) == min(n + 1, 8)
        time.pass_by(60)
    accounts.sign_up(other)
    accounts.ask_code(other)
    assert len(accounts.sms) == 9, "the limit is the number's own"
    time.pass_by(24 * 3600)
    accounts.ask_code(phone)
    assert len(accounts.sms) == 10


def test_the_limit_is_the_number_s_whoever_signs_up_with_it(accounts: Accounts, time: Clock) -> None:
    phone = new_phone()
    for _ in range(12):
        sub = accounts.sign_up(phone)
        accounts.ask_code(phone)
        accounts.delete_user(sub)
        time.pass_by(60)
    assert len(accounts.sms) == 8


def test_who_used_a_code_may_have_another_at_once(accounts: Accounts) -> None:
    phone = new_phone()
    assert accounts.sign_in(phone) == accounts.sign_in(phone)
    assert len({text for _, text in accounts.sms}) == 2


def test_only_the_phone_has_the_code(accounts: Accounts, capsys: pytest.CaptureFixture[str]) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    sign_in = accounts.ask_code(phone)
    code = accounts.code(phone)
    kept = accounts.store.find_code(phone)
    assert code not in str({name: value for name, value in kept.items() if name not in ("hash", "salt")})
    assert code not in str(sign_in.private)
    printed = capsys.readouterr().out
    assert code not in printed
    assert phone not in printed


def test_no_number_and_no_code_ever_becomes_an_event(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = new_phone()
    monkeypatch.setenv("BUS_NAME", "bus")
    monkeypatch.setenv("PARKING_URL", "http://parking")
    from users.handlers import stream

    accounts.sign_in(phone)
    items = [(item["sk"], stream.to_events(None, item)) for item in accounts.store.table.scan()]
    assert {sk for sk, events in items if events} == {"PROFILE", "PROTECTION"}
    assert not any(phone in str(event.data()) for _, events in items for event in events)
    assert len(items) == 4


def test_a_carrier_that_takes_nothing_is_said_and_counted(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = new_phone()
    accounts.sign_up(phone)

    def refuse(to: str, text: str) -> None:
        raise sms.CarrierUnavailable("Throttling")

    monkeypatch.setattr(accounts.codes, "send_sms", refuse)
    with pytest.raises(Refusal, match=r"^UNAVAILABLE: "):
        accounts.ask_code(phone)
    assert '"CodeNotSent"' in capsys.readouterr().out


# --- nobody learns who has an account


def test_an_unknown_number_is_asked_for_a_code_in_the_same_words(accounts: Accounts) -> None:
    known, unknown = new_phone(), new_phone()
    accounts.sign_in(known)
    sent = len(accounts.sms)
    asked = [accounts.ask_code(phone) for phone in (known, unknown)]
    assert len(accounts.sms) == sent + 1
    assert asked[0].session == asked[1].session
    assert asked[0].private.keys() == asked[1].private.keys()
    for _ in range(3):
        for sign_in, answer in zip(asked, (accounts.wrong(known), "123456"), strict=True):
            assert accounts.answer(sign_in, answer) is None
    assert [sign_in.ended for sign_in in asked] == [True, True]


# --- the same checks on every way to a profile


@pytest.mark.parametrize(
    ("birthdate", "refusal"),
    [
        ("2009-11-27", "UNDER_AGE"),
        ("19900615", "INVALID_INPUT"),
        ("1990-W24-5", "INVALID_INPUT"),
        ("15/06/1990", "INVALID_INPUT"),
        ("", "INVALID_INPUT"),
        ("1990-02-30", "INVALID_INPUT"),
        ("١٩٩٠-٠٦-١٥", "INVALID_INPUT"),
        ("1850-01-01", "INVALID_INPUT"),
    ],
)
def test_who_is_no_adult_gets_no_profile_and_a_slip_of_the_pen_costs_no_code(
    accounts: Accounts, time: Clock, birthdate: str, refusal: str
) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    sign_in = accounts.ask_code(phone)
    with pytest.raises(Refusal, match=rf"^{refusal}: "):
        accounts.answer(sign_in, accounts.code(phone), birthdate=birthdate)
    assert accounts.store.find_claim(phone) is None
    again = accounts.ask_code(phone)
    assert len(accounts.sms) == 1
    assert accounts.answer(again, accounts.code(phone), birthdate="1990-06-15")


@pytest.mark.parametrize("phone", ["+255712345678", "+254612345678", "0712345678", "+2547123456789", "+25471234567٨"])
def test_a_number_of_elsewhere_neither_signs_up_nor_costs_an_sms(accounts: Accounts, phone: str) -> None:
    with pytest.raises(Refusal, match=r"^INVALID_PHONE_NUMBER: "):
        accounts.sign_up(phone)
    assert accounts.signed_up == []


def test_nothing_is_written_for_a_sign_in_with_other_challenges(accounts: Accounts) -> None:
    phone = new_phone()
    accounts.sign_up(phone)
    past: list[dict[str, Any]] = [{"challengeName": "SRP_A", "challengeResult": True}]
    request = {"userAttributes": {"phone_number": phone}, "session": past}
    answer = accounts.call("DefineAuthChallenge_Authentication", phone, request)
    assert answer == {"issueTokens": False, "failAuthentication": True}
