"""Who may sign up, and what people may call themselves."""

from datetime import date

import pytest

from betsafi.errors import InvalidInput
from users.models import InvalidPhoneNumber, UnderAge, age_reached, birthdate, password, phone_number, profile_changes

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("phone", ["+254712345678", "+254112345678"])
def test_a_kenyan_mobile_number_may_sign_up(phone: str) -> None:
    assert phone_number(phone) == phone


@pytest.mark.parametrize(
    "phone",
    ["", None, "0712345678", "+254812345678", "+2547123456789", "+255712345678", "+25471234567x", "+25471234567٨"],
)
def test_other_numbers_may_not(phone: str | None) -> None:
    with pytest.raises(InvalidPhoneNumber):
        phone_number(phone)


def test_an_adult_may_bet() -> None:
    assert birthdate("2008-11-22", TODAY) == "2008-11-22"


@pytest.mark.parametrize("day", ["2008-11-23", "2020-01-01", "2030-01-01"])
def test_nobody_below_eighteen_may(day: str) -> None:
    with pytest.raises(UnderAge):
        birthdate(day, TODAY)


@pytest.mark.parametrize(
    "day", ["", None, "22/11/1990", "1990-13-01", "1850-01-01", "19901231", "1990-W01-1", "1990-12-31 ", "١٩٩٠-١٢-٣١"]
)
def test_a_birth_date_has_one_form(day: str | None) -> None:
    with pytest.raises(InvalidInput):
        birthdate(day, TODAY)


def test_who_is_born_on_a_leap_day_is_of_age_on_the_first_of_march() -> None:
    assert not age_reached(date(2008, 2, 29), 18, date(2026, 2, 28))
    assert age_reached(date(2008, 2, 29), 18, date(2026, 3, 1))


def test_a_profile_changes_only_as_it_may() -> None:
    assert profile_changes({"displayName": "  Amina  W ", "language": "SW"}) == {
        "display_name": "Amina W",
        "language": "sw",
    }
    for bad in ({}, {"displayName": " "}, {"displayName": "x" * 41}, {"language": "FR"}):
        with pytest.raises(InvalidInput):
            profile_changes(bad)


@pytest.mark.parametrize("name", ["Wanjikũ wa Ngũgĩ", "Ng'ang'a", "阿米娜", "أمينة", "M🙂"])
def test_people_are_called_as_they_are(name: str) -> None:
    assert profile_changes({"displayName": name}) == {"display_name": name}


@pytest.mark.parametrize(
    "hidden",
    ["\x00", "\x07", "\x1b", "\x7f", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\u061c", "\u00ad",
     chr(0xD800), chr(0xDFFF), "\ue000", "\u3164", "\u115f", "\u2800", "\U000e0041"],
)  # fmt: skip
def test_a_name_has_nothing_that_cannot_be_seen(hidden: str) -> None:
    for name in (hidden, f"Amina{hidden}", f"{hidden}Amina", f"Ami{hidden}na"):
        with pytest.raises(InvalidInput):
            profile_changes({"displayName": name})


def test_a_password_has_ten_characters_or_more() -> None:
    assert password("ten chars!") == "ten chars!"
    for bad in ("nine char", "x" * 100, " ten chars!", "ten\x00 chars!", None, 1234567890):
        with pytest.raises(InvalidInput):
            password(bad)
