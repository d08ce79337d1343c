"""Who a player is: sealed, claimed once, asked of a register; and what they agreed to."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from betsafi.aws import client
from betsafi.dynamodb import ANY, Put
from localcloud import registers
from tests.integration.users.test_accounts import Clock
from tests.support.accounts import RULES, SETTINGS, Accounts, Refusal, new_phone
from tests.support.serving import serve

Script = Callable[[str, str], None]
_numbers = iter(range(20_000_000, 30_000_000))


@pytest.fixture(scope="module")
def register() -> Iterator[str]:
    with serve(registers.create_app(slow_seconds=0.1)) as url:
        yield url


@pytest.fixture(scope="module")
def keys(emulator: str) -> dict[str, str]:
    kms = client("kms")
    document = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    return {"PERSONAL_KEY": kms.create_key()["KeyMetadata"]["KeyId"], "DOCUMENT_KEY": document}


@pytest.fixture
def accounts(emulator: str, register: str, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Accounts:
    for name, value in {**keys, "IDENTITY_REGISTER_URL": register}.items():
        monkeypatch.setenv(name, value)
    return Accounts(emulator, monkeypatch)


@pytest.fixture
def script(register: str) -> Script:
    def say(number: str, answer: str) -> None:
        body = json.dumps({"number": number, "answer": answer}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{register}/identity/_fake/scripts", body)).read()

    return say


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from betsafi import clock

    stands = Clock()
    monkeypatch.setattr(clock, "now", stands.now)
    return stands


def details(**other: str) -> dict[str, str]:
    known = {"documentKind": "NATIONAL_ID", "number": str(next(_numbers)), "firstName": "Amina", "lastName": "Otieno"}
    return {**known, "birthdate": "1990-06-15", **other}


def submit(accounts: Accounts, claims: dict[str, Any], given: dict[str, str]) -> Any:
    return accounts.ask("submitIdentity", claims, input=given)


def error(answer: Any) -> str:
    return str(answer["error"]["type"])


def stands(accounts: Accounts, claims: dict[str, Any]) -> tuple[str, list[str]]:
    found = accounts.ask("identity", claims)["data"]
    return found["state"], found["reasons"]


def test_a_player_is_verified_when_the_register_knows_them(accounts: Accounts) -> None:
    claims = accounts.sign_in(new_phone())
    assert stands(accounts, claims) == ("UNVERIFIED", [])
    given = details(birthdate="1991-01-01")
    assert submit(accounts, claims, given)["data"]["state"] == "PENDING"
    accounts.verify()
    found = accounts.ask("identity", claims)["data"]
    assert (found["state"], found["version"], found["reasons"]) == ("VERIFIED", 2, [])
    assert found["allowed"] == {"depositADay": None, "betADay": None, "withdrawADay": None}
    assert accounts.store.get_profile(claims["sub"])["birthdate"] == "1991-01-01"
    assert submit(accounts, claims, given)["data"]["state"] == "VERIFIED", "the same again changes nothing"
    assert error(submit(accounts, claims, details())) == "IDENTITY_DECIDED"


@pytest.mark.parametrize(("answer", "reason"), [("MISMATCH", "DETAILS_DIFFER"), ("UNKNOWN", "DOCUMENT_UNKNOWN")])
def test_who_is_rejected_is_told_why_and_may_show_another_document(
    accounts: Accounts, script: Script, answer: str, reason: str
) -> None:
    claims, given = accounts.sign_in(new_phone()), details()
    script(given["number"], answer)
    submit(accounts, claims, given)
    accounts.verify()
    assert stands(accounts, claims) == ("REJECTED", [reason])
    submit(accounts, claims, details())
    accounts.verify()
    assert stands(accounts, claims) == ("VERIFIED", [])


@pytest.mark.parametrize("answer", ["DOWN", "SLOW"])
def test_a_register_that_is_down_or_slow_is_asked_again(accounts: Accounts, script: Script, answer: str) -> None:
    claims, given = accounts.sign_in(new_phone()), details()
    script(given["number"], answer)
    submit(accounts, claims, given)
    (message, *_) = list(accounts.to_verify)
    assert accounts.verification.handler(accounts.batch(message)) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert stands(accounts, claims) == ("PENDING", [])
    script(given["number"], "MATCH")
    accounts.verify()
    assert stands(accounts, claims) == ("VERIFIED", [])


def test_one_document_opens_one_account(accounts: Accounts) -> None:
    first, second = accounts.sign_in(new_phone()), accounts.sign_in(new_phone())
    given = details()
    submit(accounts, first, given)
    spaced = {**given, "number": f" {given['number'][:2]}-{given['number'][2:]} ", "firstName": "Another"}
    assert submit(accounts, second, spaced)["data"]["state"] == "PENDING", "nobody is told at once"
    accounts.verify()
    assert stands(accounts, first) == ("VERIFIED", [])
    assert stands(accounts, second) == ("REJECTED", ["DOCUMENT_TAKEN"])
    assert submit(accounts, second, details(documentKind="ALIEN_ID", number=given["number"]))["data"], "of another kind"
    accounts.verify()
    assert stands(accounts, first) == stands(accounts, second) == ("VERIFIED", [])


def test_whoever_tries_numbers_hears_what_the_register_says_and_not_who_plays_here(
    accounts: Accounts, script: Script
) -> None:
    owner, stranger = accounts.sign_in(new_phone()), accounts.sign_in(new_phone())
    known, unknown = details(), details()
    submit(accounts, owner, known)
    accounts.verify()
    for given in (known, unknown):
        script(given["number"], "MISMATCH")
    answers = []
    for given in (known, unknown, known, unknown, known):
        asked = submit(accounts, stranger, {**given, "firstName": "Somebody"})["data"]
        accounts.verify()
        answers.append((asked["state"], asked["reasons"], *stands(accounts, stranger)))
    assert answers == [("PENDING", [], "REJECTED", ["DETAILS_DIFFER"])] * 5
    assert error(submit(accounts, stranger, known)) == "TOO_OFTEN", "each try counts"
    assert stands(accounts, owner) == ("VERIFIED", [])


def test_a_document_that_was_rejected_is_free_for_whom_it_belongs_to(accounts: Accounts, script: Script) -> None:
    thief, owner = accounts.sign_in(new_phone()), accounts.sign_in(new_phone())
    given = details()
    script(given["number"], "MISMATCH")
    submit(accounts, thief, {**given, "firstName": "Somebody"})
    accounts.verify()
    script(given["number"], "MATCH")
    submit(accounts, owner, given)
    submit(accounts, thief, given)
    accounts.verify()
    assert stands(accounts, owner) == ("VERIFIED", [])
    assert stands(accounts, thief) == ("REJECTED", ["DOCUMENT_TAKEN"])


def test_messages_may_come_twice_late_and_in_any_order(accounts: Accounts, script: Script) -> None:
    claims, first, second = accounts.sign_in(new_phone()), details(), details()
    script(first["number"], "UNKNOWN")
    submit(accounts, claims, first)
    early = list(accounts.to_verify)
    accounts.verify()
    submit(accounts, claims, second)
    for message in early * 2:
        assert accounts.verification.handler(accounts.batch(message)) == {"batchItemFailures": []}
    assert stands(accounts, claims) == ("PENDING", []), "of an earlier document"
    accounts.verify(times=3)
    assert stands(accounts, claims) == ("VERIFIED", [])


def test_a_crash_after_the_write_leaves_a_message_that_has_the_register_asked(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    from users.flows import identity

    claims, sent = accounts.sign_in(new_phone()), []

    def once(*given: Any) -> None:
        if sent:
            raise OSError("the function ends here")
        sent.append(given)
        real(*given)

    real = identity._tell
    with monkeypatch.context() as patch:
        patch.setattr(identity, "_tell", once)
        with pytest.raises(OSError, match="ends here"):
            submit(accounts, claims, details())
    accounts.verify()
    assert stands(accounts, claims) == ("VERIFIED", [])


def test_nothing_of_a_document_stands_anywhere_in_plain_words(
    accounts: Accounts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = accounts.sign_in(new_phone())
    given = details(firstName="Wanjirũ", lastName="Ng'ang'a")
    submit(accounts, claims, given)
    accounts.verify()
    monkeypatch.setenv("BUS_NAME", "bus")
    monkeypatch.setenv("PARKING_URL", "http://parking")
    from users.handlers import stream

    items = list(accounts.store.table.scan())
    events = [event.data() for item in items for event in stream.to_events(None, item)]
    seen = capsys.readouterr().out + str(items) + str(events) + str(accounts.ask("identity", claims))
    assert not any(given[name] in seen for name in ("number", "firstName", "lastName"))
    assert {"userId": claims["sub"], "state": "VERIFIED", "identityVersion": 2} in events


def test_what_is_sealed_for_one_player_opens_for_no_other(accounts: Accounts) -> None:
    from betsafi.errors import DomainError
    from users import vault

    sealed = vault.seal("player-1", {"number": "12345678"})
    assert vault.unseal("player-1", sealed) == {"number": "12345678"}
    with pytest.raises(DomainError):
        vault.unseal("player-2", sealed)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"number": "0123456"}, "INVALID_DOCUMENT"),
        ({"number": "12345"}, "INVALID_DOCUMENT"),
        ({"number": "1234567890"}, "INVALID_DOCUMENT"),
        ({"number": "A1234567"}, "INVALID_DOCUMENT"),
        ({"number": "١٢٣٤٥٦٧٨"}, "INVALID_DOCUMENT"),
        ({"documentKind": "PASSPORT", "number": "12345678"}, "INVALID_DOCUMENT"),
        ({"documentKind": "LICENCE"}, "INVALID_INPUT"),
        ({"firstName": "Am1na"}, "INVALID_INPUT"),
        ({"lastName": ""}, "INVALID_INPUT"),
        ({"birthdate": "1990-02-30"}, "INVALID_INPUT"),
        ({"birthdate": "15/06/1990"}, "INVALID_INPUT"),
        ({"birthdate": "2015-01-01"}, "UNDER_AGE"),
    ],
)
def test_what_cannot_be_is_refused_and_claims_nothing(accounts: Accounts, wrong: dict[str, str], code: str) -> None:
    claims = accounts.sign_in(new_phone())
    assert error(submit(accounts, claims, details(**wrong))) == code
    assert stands(accounts, claims) == ("UNVERIFIED", [])


def test_nobody_has_the_register_asked_without_end(accounts: Accounts, script: Script, time: Clock) -> None:
    claims = accounts.sign_in(new_phone())
    for _ in range(5):
        given = details()
        script(given["number"], "UNKNOWN")
        assert submit(accounts, claims, given)["data"]["state"] == "PENDING"
        accounts.verify()
    assert error(submit(accounts, claims, details())) == "TOO_OFTEN"
    time.pass_by(24 * 3600)
    assert submit(accounts, claims, details())["data"]["state"] == "PENDING"


def test_without_a_register_nobody_is_asked_who_they_are(
    emulator: str, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    accounts = Accounts(emulator, monkeypatch)
    claims = accounts.sign_in(new_phone())
    assert error(submit(accounts, claims, details())) == "UNAVAILABLE"
    assert stands(accounts, claims) == ("UNVERIFIED", [])


# --- the document as a second factor


def test_the_number_of_a_verified_document_opens_a_new_device(accounts: Accounts, time: Clock) -> None:
    phone, given = new_phone(), details()
    first, second = "first-device-of-random-bits", "second-device-of-random-bits"
    claims = accounts.sign_in(phone, deviceId=first)
    submit(accounts, claims, given)
    accounts.verify()
    time.pass_by(61)
    sign_in = accounts.ask_code(phone)
    assert accounts.answer(sign_in, accounts.code(phone), deviceId=second) is None
    assert sign_in.public["accepts"] == "DOCUMENT"
    assert accounts.answer(sign_in, str(int(given["number"]) + 1), deviceId=second) is None
    assert accounts.answer(sign_in, given["number"], deviceId=second, kind="PASSWORD") is None, "they have none"
    there = accounts.answer(sign_in, f"{given['number'][:4]} {given['number'][4:]}", deviceId=second, kind="DOCUMENT")
    assert there is not None
    assert there["device"]


def test_a_document_that_nobody_verified_is_no_second_factor(accounts: Accounts, script: Script, time: Clock) -> None:
    phone, given = new_phone(), details()
    claims = accounts.sign_in(phone, deviceId="first-device-of-random-bits")
    submit(accounts, claims, given)
    time.pass_by(61)
    assert accounts.sign_in(phone, deviceId="second-device-of-random-bits")["device"]


# --- what wallet and payment know, and terms


def sent(accounts: Accounts, what: str) -> Any:
    """Return what the wallet and payment know, which is the same."""
    known = [service.kept.get(what) for service in (accounts.wallet, accounts.payment)]
    assert known[0] == known[1]
    return known[0]


def test_what_a_state_allows_is_as_configured_and_holds_where_money_moves(accounts: Accounts, script: Script) -> None:
    claims, given = accounts.sign_in(new_phone()), details()
    script(given["number"], "UNKNOWN")
    assert (sent(accounts, "allowed"), sent(accounts, "terms")) == (RULES["UNVERIFIED"], "-")
    shown = accounts.ask("identity", claims)["data"]["allowed"]
    assert [shown[f"{use}ADay"]["amount"] for use in ("deposit", "bet", "withdraw")] == ["100.00", "50.00", "0.00"]
    submit(accounts, claims, given)
    accounts.verify()
    assert sent(accounts, "allowed") == {"deposit": 0, "bet": 0}
    submit(accounts, claims, details())
    accounts.verify()
    assert sent(accounts, "allowed") is None, "VERIFIED has no limits"


def test_what_waits_is_known_before_the_register_answers(accounts: Accounts, script: Script) -> None:
    claims, given = accounts.sign_in(new_phone()), details()
    rejected = details()
    script(rejected["number"], "UNKNOWN")
    submit(accounts, claims, rejected)
    accounts.verify()
    script(given["number"], "DOWN")
    submit(accounts, claims, given)
    (message, *_) = accounts.to_verify
    assert accounts.verification.handler(accounts.batch(message))["batchItemFailures"]
    assert sent(accounts, "allowed") == RULES["PENDING"]


@pytest.mark.parametrize("which", ["wallet", "payment"])
def test_a_service_that_does_not_answer_is_told_again(accounts: Accounts, which: str) -> None:
    claims = accounts.sign_in(new_phone())
    service = getattr(accounts, which)
    service.silent = "before"
    submit(accounts, claims, details())
    (message, *_) = accounts.to_verify
    assert accounts.verification.handler(accounts.batch(message))["batchItemFailures"]
    given = {"terms": "2026-11-01", "privacy": "2026-10-01"}
    assert error(accounts.ask("acceptTerms", claims, **given)) == "UNAVAILABLE"
    service.silent = ""
    accounts.verify()
    assert stands(accounts, claims) == ("VERIFIED", [])
    assert "data" in accounts.ask("acceptTerms", claims, **given)
    assert (sent(accounts, "allowed"), sent(accounts, "terms")) == (None, "2026-11-01 2026-10-01")


def test_who_was_here_before_is_limited_by_nothing_until_they_say_something(accounts: Accounts, time: Clock) -> None:
    from users.table import protection_key

    phone = new_phone()
    claims = accounts.sign_in(phone)
    item = accounts.store.table.get(protection_key(claims["sub"]))
    before = {name: value for name, value in item.items() if name not in ("allowed", "terms")}
    accounts.store.table.write(Put(before, ANY))
    for service in (accounts.wallet, accounts.payment):
        service.kept = {"version": 1, "limits": {}}
    time.pass_by(61)
    accounts.sign_in(phone)
    assert (sent(accounts, "version"), sent(accounts, "allowed"), sent(accounts, "terms")) == (1, None, None)
    accounts.ask("acceptTerms", claims, terms="2026-11-01", privacy="2026-10-01")
    assert (sent(accounts, "allowed"), sent(accounts, "terms")) == (RULES["UNVERIFIED"], "2026-11-01 2026-10-01")


def test_other_rules_of_the_stage_are_known_with_the_next_token(
    accounts: Accounts, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from users import rules

    phone = new_phone()
    accounts.sign_in(phone)
    other = {**RULES, "UNVERIFIED": {"deposit": 5, "bet": None, "withdraw": 0}}
    monkeypatch.setattr(rules, "in_force", lambda: rules.Settings(["2026-11-02"], ["2026-10-01"], json.dumps(other)))
    time.pass_by(61)
    accounts.sign_in(phone)
    assert (sent(accounts, "allowed"), sent(accounts, "terms")) == ({"deposit": 5, "withdraw": 0}, "-")


def test_terms_are_due_until_what_is_in_force_is_accepted_and_again_when_it_changes(
    emulator: str, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = accounts.sign_in(new_phone())
    assert accounts.ask("terms", claims)["data"] == {
        "terms": "2026-11-01",
        "privacy": "2026-10-01",
        "acceptedTerms": None,
        "acceptedPrivacy": None,
        "acceptedAt": None,
        "due": True,
    }
    for other in ("2026-01-01", "2098-01-01"):
        old = accounts.ask("acceptTerms", claims, terms=other, privacy="2026-10-01")["error"]
        assert (old["type"], old["info"]) == ("TERMS_OUTDATED", {"terms": "2026-11-01", "privacy": "2026-10-01"})
    accepted = accounts.ask("acceptTerms", claims, terms="2026-11-01", privacy="2026-10-01")["data"]
    assert (accepted["due"], accepted["acceptedTerms"]) == (False, "2026-11-01")
    assert sent(accounts, "terms") == "2026-11-01 2026-10-01"
    again = accounts.ask("acceptTerms", claims, terms="2026-11-01", privacy="2026-10-01")["data"]
    assert again["acceptedAt"] == accepted["acceptedAt"]
    kept = [item["sk"] for item in accounts.store.table.scan() if item["sk"].startswith("TERMS#")]
    assert kept == ["TERMS#2026-11-01#2026-10-01"]

    from users import rules

    monkeypatch.setattr(
        rules, "in_force", lambda: rules.Settings(["2026-11-02"], ["2026-10-01"], SETTINGS["IDENTITY_RULES"])
    )
    assert accounts.ask("terms", claims)["data"]["due"]


def test_a_new_version_is_offered_before_its_day_and_due_from_it_on(
    accounts: Accounts, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from users import rules

    early, late = (accounts.sign_in(new_phone()) for _ in range(2))
    for claims in (early, late):
        accounts.ask("acceptTerms", claims, terms="2026-11-01", privacy="2026-10-01")
    days = ["2026-11-01", "2099-01-01"]
    monkeypatch.setattr(rules, "in_force", lambda: rules.Settings(days, ["2026-10-01"], SETTINGS["IDENTITY_RULES"]))
    offered = accounts.ask("terms", early)["data"]
    assert (offered["terms"], offered["due"]) == ("2099-01-01", False)
    old = accounts.ask("acceptTerms", early, terms="2026-11-01", privacy="2026-10-01")["error"]
    assert (old["type"], old["info"]) == ("TERMS_OUTDATED", {"terms": "2099-01-01", "privacy": "2026-10-01"})
    accepted = accounts.ask("acceptTerms", early, terms="2099-01-01", privacy="2026-10-01")["data"]
    assert (accepted["due"], accepted["acceptedTerms"]) == (False, "2099-01-01")
    assert sent(accounts, "terms") == "2099-01-01 2026-10-01"
    time.moment = datetime.fromisoformat("2098-12-31T21:00:00+00:00")
    assert [accounts.ask("terms", claims)["data"]["due"] for claims in (early, late)] == [False, True]


def test_nobody_reads_how_another_stands_who_came_with_an_access_token(accounts: Accounts) -> None:
    with pytest.raises(Refusal):
        accounts.sign_in_by_password(new_phone(), "nobody's")
    assert error(accounts.ask("terms", {"sub": "nobody"})) == "NOT_FOUND"
    assert error(submit(accounts, {"sub": "nobody"}, details())) == "NOT_FOUND"
