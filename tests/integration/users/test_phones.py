"""A phone number that changes: by codes to both, or by two people; the claim moves once, and the old number rests."""

import threading
from typing import Any

import pytest

from tests.integration.users.test_accounts import Clock
from tests.support.accounts import Accounts, Refusal, new_phone
from tests.support.people import just_now, pools_that_know_everybody

pytestmark = pytest.mark.both_emulators

WHY = "my SIM card was stolen with the phone"


@pytest.fixture
def accounts(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return Accounts(emulator, monkeypatch)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from betsafi import clock

    stands = Clock()
    monkeypatch.setattr(clock, "now", stands.now)
    return stands


@pytest.fixture(autouse=True)
def staff() -> Any:
    with pools_that_know_everybody():
        yield


def signed_in(accounts: Accounts, phone: str) -> dict[str, Any]:
    return {**accounts.sign_in(phone), **just_now()}


def changed(accounts: Accounts, claims: dict[str, Any], old: str, new: str) -> Any:
    """Ask for a change and answer with the codes that both phones got."""
    assert accounts.ask("changePhone", claims, newNumber=new) == {"data": True}
    codes = {"oldCode": accounts.code(old), "newCode": accounts.code(new)}
    return accounts.ask("confirmPhoneChange", claims, **codes)


def listed(accounts: Accounts, user_id: str) -> None:
    """Have the register list a player since they signed in."""
    from users import protection as rules
    from users.flows import protecting

    def hear(now: Any, moment: Any) -> Any:
        return rules.hear_register(now, listed=True, moment=moment, cleared_for=protecting.CLEARED_FOR)

    protecting.changed(user_id, hear)


def error(answer: Any) -> str:
    return str(answer["error"]["type"])


def test_both_codes_move_the_player_to_the_new_number(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)
    for _ in range(2):  # the same again
        assert accounts.ask("changePhone", claims, newNumber=new) == {"data": True}
    codes = {"oldCode": accounts.code(old), "newCode": accounts.code(new)}
    for _ in range(2):
        assert accounts.ask("confirmPhoneChange", claims, **codes)["data"]["phoneNumber"] == new
    accounts.follow()
    assert accounts.sign_in(new)["sub"] == claims["sub"]
    assert accounts.users[claims["sub"]].attributes["phone_number_verified"] == "true"
    profile = accounts.store.get_profile(claims["sub"])
    assert (profile["phone_number"], accounts.store.find_claim(old)) == (new, None)
    assert profile["phone_changed_at"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("EN", ["confirms what you asked", "takes this number OFF", "puts this number on", "has another number now"]),
        ("SW", ["inathibitisha ulichoomba", "inaondoa namba hii", "inaweka namba hii", "ina namba nyingine"]),
    ],
)
def test_every_sms_to_a_player_is_in_the_language_of_their_profile(
    accounts: Accounts, language: str, words: list[str]
) -> None:
    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)
    assert accounts.ask("updateProfile", claims, input={"language": language})["data"]
    already = len(accounts.sms)
    assert accounts.ask("requestFreshCode", claims) == {"data": True}
    changed(accounts, claims, old, new)
    told = accounts.sms[already:]
    assert [to for to, _ in told] == [old, old, new, old]
    assert [word in text for word, (_, text) in zip(words, told, strict=True)] == [True] * 4
    assert all(len(text) <= 160 and ("Never share" in text) == (language == "EN") for _, text in told[:3])


def test_a_code_that_is_wrong_or_the_other_s_moves_nobody(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)
    accounts.ask("changePhone", claims, newNumber=new)
    right = {"oldCode": accounts.code(old), "newCode": accounts.code(new)}
    assert "OFF your BETSAFI account" in next(text for to, text in reversed(accounts.sms) if to == old)
    for wrong in (
        {"oldCode": accounts.wrong(old)},
        {"newCode": accounts.wrong(new)},
    ):
        assert error(accounts.ask("confirmPhoneChange", claims, **{**right, **wrong})) == "WRONG_CODE"
        assert accounts.store.get_profile(claims["sub"])["phone_number"] == old
    assert accounts.ask("confirmPhoneChange", claims, **right)["data"]["phoneNumber"] == new


def test_a_number_that_another_player_has_is_not_taken_and_only_its_owner_s_code_shows_that(accounts: Accounts) -> None:
    old, taken = new_phone(), new_phone()
    other = accounts.sign_in(taken)
    claims = signed_in(accounts, old)
    assert error(changed(accounts, claims, old, taken)) == "NUMBER_TAKEN"
    accounts.follow()
    assert accounts.sign_in(taken)["sub"] == other["sub"]
    assert accounts.sign_in(old)["sub"] == claims["sub"]


def test_the_old_number_rests_and_then_opens_a_new_account(accounts: Accounts, time: Clock) -> None:
    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)
    changed(accounts, claims, old, new)
    accounts.follow()
    time.pass_by(89 * 86_400)
    with pytest.raises(Refusal, match=r"^NUMBER_RESTS: "):
        accounts.sign_in(old)
    time.pass_by(2 * 86_400)
    assert accounts.sign_in(old)["sub"] != claims["sub"]
    assert accounts.sign_in(new)["sub"] == claims["sub"]


def test_who_left_a_number_may_come_back_to_it_at_once(accounts: Accounts, time: Clock) -> None:
    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)
    changed(accounts, claims, old, new)
    accounts.follow()
    time.pass_by(61)
    assert changed(accounts, {**claims, **just_now()}, new, old)["data"]["phoneNumber"] == old
    accounts.follow()
    assert accounts.sign_in(old)["sub"] == claims["sub"]


def test_a_stranger_s_sign_up_with_the_new_number_does_not_keep_its_owner_out(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)
    accounts.ask("changePhone", claims, newNumber=new)
    stranger = accounts.sign_up(new)
    codes = {"oldCode": accounts.code(old), "newCode": accounts.code(new)}
    accounts.ask("confirmPhoneChange", claims, **codes)
    accounts.follow()
    assert stranger not in accounts.users
    assert accounts.sign_in(new)["sub"] == claims["sub"]


def test_a_crash_after_the_move_leaves_a_message_that_has_the_pool_follow(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    from users.flows import phones

    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)

    def crash(*_: object) -> None:
        raise OSError("the function ends here")

    accounts.ask("changePhone", claims, newNumber=new)
    codes = {"oldCode": accounts.code(old), "newCode": accounts.code(new)}
    with monkeypatch.context() as patch:
        patch.setattr(phones.people, "get_profile", _after(1, phones.people.get_profile, crash))
        with pytest.raises(OSError, match="ends here"):
            accounts.ask("confirmPhoneChange", claims, **codes)
    assert accounts.store.get_profile(claims["sub"])["phone_number"] == new
    assert [message["number"] for message in accounts.to_follow] == [new, new]


def _after(times: int, real: Any, then: Any) -> Any:
    left = [times]

    def call(*given: Any) -> Any:
        left[0] -= 1
        return real(*given) if left[0] >= 0 else then(*given)

    return call


@pytest.mark.concurrent
def test_of_two_players_with_codes_for_one_number_one_gets_it(accounts: Accounts) -> None:
    new, players = new_phone(), []
    for _ in range(2):
        old = new_phone()
        players.append((old, signed_in(accounts, old)))
    changes = []
    for _, claims in players:
        assert accounts.store.ask_change(claims["sub"], new, "2026-11-26", 5)
        changes.append(accounts.store.find_change(claims["sub"]))
    together, ended = threading.Barrier(2), []

    def move(change: Any, phone: str) -> None:
        claim = accounts.store.find_claim(phone)
        together.wait(60)
        try:
            accounts.store.move_number(change, claim, "2027-01-01T00:00:00.000000Z")
            ended.append("MOVED")
        except accounts.store.NumberTaken:
            ended.append("TAKEN")

    threads = [
        threading.Thread(target=move, args=(change, phone)) for change, (phone, _) in zip(changes, players, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["MOVED", "TAKEN"]


def test_an_old_sign_in_changes_no_number_without_a_code(accounts: Accounts) -> None:
    phone = new_phone()
    claims = accounts.sign_in(phone)
    assert error(accounts.ask("changePhone", claims, newNumber=new_phone())) == "SIGN_IN_AGAIN"
    told = accounts.ask("requestPhoneReview", claims, newNumber=new_phone(), reason=WHY)["error"]
    assert (told["type"], "code" in told["message"]) == ("SIGN_IN_AGAIN", False), "it takes none"
    accounts.ask("requestFreshCode", claims)
    code = accounts.code(phone)
    assert error(accounts.ask("changePhone", claims, newNumber=new_phone(), code=accounts.wrong(phone))) == "WRONG_CODE"
    assert accounts.ask("changePhone", claims, newNumber=new_phone(), code=code) == {"data": True}


def test_nobody_has_codes_sent_to_any_number_of_numbers(accounts: Accounts, time: Clock) -> None:
    claims = {**accounts.sign_in(new_phone()), "auth_time": time.now().timestamp()}
    for n in range(7):
        answer = accounts.ask("changePhone", claims, newNumber=new_phone())
        assert answer == {"data": True} if n < 5 else error(answer) == "TOO_OFTEN"
        time.pass_by(61)
    assert len(accounts.sms) == 1 + 2 * 5


@pytest.mark.parametrize("number", ["+255712345678", "0712345678", "", "+25471234567٨", "own"])
def test_a_number_of_elsewhere_or_one_s_own_is_refused_by_its_name(accounts: Accounts, number: str) -> None:
    phone = new_phone()
    claims = signed_in(accounts, phone)
    given = phone if number == "own" else number
    for field, more in (("changePhone", {}), ("requestPhoneReview", {"reason": WHY})):
        refused = accounts.ask(field, claims, newNumber=given, **more)["error"]
        assert refused["type"] in ("INVALID_PHONE_NUMBER", "INVALID_INPUT")
        assert "newNumber" in refused["message"]


# --- where the old number is lost


def in_review(accounts: Accounts, phone: str, new: str) -> dict[str, Any]:
    claims = signed_in(accounts, phone)
    assert accounts.ask("requestPhoneReview", claims, newNumber=new, reason=WHY) == {"data": "CODE_SENT"}
    asked = accounts.ask("requestPhoneReview", claims, newNumber=new, reason=WHY, newCode=accounts.code(new))
    assert asked == {"data": "IN_REVIEW"}
    return claims


def decide(accounts: Accounts, by: str, user_id: str, approve: bool = True, **more: Any) -> Any:
    reason = "the document was shown on a call"
    return accounts.staff("decidePhoneChange", by, userId=user_id, approve=approve, reason=reason, **more)


def test_two_people_give_a_player_the_number_that_they_proved(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    claims = in_review(accounts, old, new)
    (waits,) = [
        one
        for one in accounts.staff("phoneReviews", "support-1", limit=100)["data"]["items"]
        if one["userId"] == claims["sub"]
    ]
    assert (waits["reason"], waits["newNumber"]) == (WHY, new[:4] + "******" + new[-3:])
    assert decide(accounts, "support-1", claims["sub"])["data"]["status"] == "PROPOSED"
    assert decide(accounts, "support-1", claims["sub"])["data"]["status"] == "PROPOSED", "one is not two"
    assert accounts.store.get_profile(claims["sub"])["phone_number"] == old
    assert decide(accounts, "support-2", claims["sub"], clientRequestId="request-1")["data"]["status"] == "MOVED"
    assert decide(accounts, "support-2", claims["sub"], clientRequestId="request-1")["data"]["status"] == "MOVED"
    accounts.follow()
    assert accounts.sign_in(new)["sub"] == claims["sub"]
    left = accounts.staff("phoneReviews", "support-1", limit=100)["data"]["items"]
    assert claims["sub"] not in [one["userId"] for one in left]


def test_one_person_refuses_and_nothing_moves_after_it(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    claims = in_review(accounts, old, new)
    assert decide(accounts, "support-1", claims["sub"])["data"]["status"] == "PROPOSED"
    assert decide(accounts, "support-2", claims["sub"], approve=False)["data"]["status"] == "REFUSED"
    assert error(decide(accounts, "support-2", claims["sub"])) == "NOT_FOUND"
    assert accounts.store.get_profile(claims["sub"])["phone_number"] == old


def test_nobody_decides_their_own_change(accounts: Accounts) -> None:
    claims = in_review(accounts, new_phone(), new_phone())
    assert error(decide(accounts, claims["sub"], claims["sub"])) == "FORBIDDEN"


def test_a_review_of_a_number_that_nobody_proved_never_begins(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    claims = signed_in(accounts, old)
    given = {"newNumber": new, "reason": WHY}
    assert error(accounts.ask("requestPhoneReview", claims, **given, newCode="123456")) == "NOT_FOUND"
    accounts.ask("requestPhoneReview", claims, **given)
    assert error(accounts.ask("requestPhoneReview", claims, **given, newCode=accounts.wrong(new))) == "WRONG_CODE"
    other = {**given, "newNumber": new_phone(), "newCode": accounts.code(new)}
    assert error(accounts.ask("requestPhoneReview", claims, **other)) == "NOT_FOUND"
    assert error(decide(accounts, "support-1", claims["sub"])) == "NOT_FOUND"


def test_no_number_is_in_what_is_published_of_a_change(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = new_phone(), new_phone()
    claims = in_review(accounts, old, new)
    for by in ("support-1", "support-2"):
        decide(accounts, by, claims["sub"])
    monkeypatch.setenv("BUS_NAME", "bus")
    monkeypatch.setenv("PARKING_URL", "http://parking")
    from users.handlers import stream

    items = list(accounts.store.table.scan())
    events = [event for item in items for event in stream.to_events(None, item)]
    changed = {"UserRegistered", "UserPhoneChanged", "UsersStaffActed"}
    assert {type(event).__name__ for event in events} == {*changed, "UserProtectionChanged"}
    assert not any(number in str(event.data()) for event in events for number in (old, new))


def test_the_number_that_was_left_is_told(accounts: Accounts) -> None:
    old, new = new_phone(), new_phone()
    changed(accounts, signed_in(accounts, old), old, new)
    assert [text for to, text in accounts.sms if to == old][-1].startswith("BETSAFI: your account has another number")


def test_who_is_on_the_exclusion_register_leaves_no_number_that_it_knows(accounts: Accounts) -> None:
    old = new_phone()
    claims = signed_in(accounts, old)
    listed(accounts, claims["sub"])
    assert error(accounts.ask("changePhone", claims, newNumber=new_phone())) == "EXCLUDED"
    assert error(accounts.ask("requestPhoneReview", claims, newNumber=new_phone(), reason=WHY)) == "EXCLUDED"
    assert accounts.sms[-1][0] == old, "nothing was sent for it"
