"""What a player says of themselves, of a device and of an address, as it may come in."""

import json
from datetime import datetime
from typing import Any

import pytest

from betsafi import clock
from betsafi.errors import InvalidInput
from users import models, rules

GOOD = {
    "documentKind": "NATIONAL_ID",
    "number": "12345678",
    "firstName": "Amina",
    "lastName": "Otieno",
    "birthdate": "1990-06-15",
}


@pytest.mark.parametrize(
    ("kind", "number", "kept"),
    [
        ("NATIONAL_ID", "123456", "123456"),
        ("NATIONAL_ID", " 12 345-678 ", "12345678"),
        ("PASSPORT", "a1234567", "A1234567"),
        ("PASSPORT", "AK 0123456", "AK0123456"),
        ("ALIEN_ID", "123456789", "123456789"),
    ],
)
def test_a_document_s_number_is_one_however_it_is_spaced(kind: str, number: str, kept: str) -> None:
    document = models.document({**GOOD, "documentKind": kind, "number": number})
    assert (document.number, document.claimed) == (kept, f"{kind} {kept}")
    assert models.same_number(number, kept)
    assert not models.same_number(number + "0", kept)


@pytest.mark.parametrize(
    "number", ["", "12345", "0123456", "1" * 10, "A1234567", "１２３４５６７８", "1" * 400, None, 12345678]
)
def test_what_no_national_id_has_is_refused(number: Any) -> None:
    with pytest.raises(models.InvalidDocument, match=r"^number "):
        models.document({**GOOD, "number": number})


@pytest.mark.parametrize("name", ["Wanjirũ", "Ng'ang'a", "Anne-Marie", "O’Brien", "Mary Jane", "Jr."])
def test_names_of_people_are_taken(name: str) -> None:
    assert models.document({**GOOD, "firstName": name}).first_name == name


@pytest.mark.parametrize("name", ["", "Am1na", "<b>", "-", "Amina--", "a" * 41, "two\nlines", "turned \u202e round"])
def test_what_is_no_name_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="lastName"):
        models.document({**GOOD, "lastName": name})


def test_a_document_is_never_shown_whole() -> None:
    assert "12345678" not in repr(models.document(GOOD))


@pytest.mark.parametrize("text", ["a" * 22, "A-_9" * 16, "x" * 64])
def test_an_id_that_holds_128_bits_is_a_device_s(text: str) -> None:
    assert models.device_id(text) == text


@pytest.mark.parametrize("text", ["a" * 21, "a" * 65, "a b" * 10, "ä" * 30, None, 7])
def test_what_could_not_hold_them_is_none(text: Any) -> None:
    with pytest.raises(InvalidInput, match="deviceId"):
        models.device_id(text)


@pytest.mark.parametrize("address", ["amina@example.com", "A.B+c@Sub.Example.co.ke", "1_2%3@x-y.io"])
def test_an_address_is_kept_in_small_letters(address: str) -> None:
    assert models.email(address) == address.lower()


@pytest.mark.parametrize(
    "address",
    ["", "a@b", ".a@b.co", "a..b@c.co", "a@-b.co", "a@b-.co", "a@b..co", "a b@c.co", "a@b.co\n", "ä@b.co", None],
)
def test_what_is_no_address_is_refused(address: Any) -> None:
    with pytest.raises(InvalidInput, match="email"):
        models.email(address)


RULE = {"deposit": 1, "bet": None, "withdraw": 0}


def test_a_state_allows_what_is_configured() -> None:
    settings = rules.Settings(["2026-11-01"], ["2026-11-01"], json.dumps(dict.fromkeys(rules.STATES, RULE)))
    assert rules.allowed("PENDING", settings) == RULE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"UNVERIFIED": {}}',
        '{"UNVERIFIED": 1, "PENDING": 1, "VERIFIED": 1, "REJECTED": 1}',
        '{"UNVERIFIED": {"deposit": -1, "bet": 1, "withdraw": 1}, "PENDING": {}, "VERIFIED": {}, "REJECTED": {}}',
    ],
)
def test_rules_that_say_too_little_or_nonsense_stop_the_function_before_it_begins(text: str) -> None:
    with pytest.raises(ValueError, match="IDENTITY_RULES"):
        rules.Settings(["2026-11-01"], ["2026-11-01"], text)


@pytest.mark.parametrize(
    ("accepted", "now", "due"),
    [
        (("", ""), "2026-11-20T00:00:00+00:00", True),
        (("2026-11-01", "2026-09-30"), "2026-11-20T00:00:00+00:00", True),
        (("2026-11-01", "2026-10-01"), "2026-11-20T00:00:00+00:00", False),
        (("2026-11-01", "2026-10-01"), "2026-12-14T20:59:59+00:00", False),
        (("2026-11-01", "2026-10-01"), "2026-12-14T21:00:00+00:00", True),
        (("2026-12-15", "2026-10-01"), "2026-11-20T00:00:00+00:00", False),
        (("2026-12-15", "2026-10-01"), "2026-12-14T21:00:00+00:00", False),
    ],
)
def test_terms_are_due_until_both_are_those_whose_day_began_last(
    accepted: tuple[str, str], now: str, due: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(now))
    states = json.dumps(dict.fromkeys(rules.STATES, RULE))
    settings = rules.Settings(["2026-12-15", "2026-11-01"], ["2026-10-01"], states)
    assert rules.terms_due(dict(zip(("terms", "privacy"), accepted, strict=True)), settings) is due
    assert settings.offered == ("2026-12-15", "2026-10-01")
