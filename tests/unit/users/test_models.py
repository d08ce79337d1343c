"""Who may sign up."""

from datetime import date

import pytest

from betsafi.errors import InvalidInput
from users.models import InvalidPhoneNumber, UnderAge, age_reached, profile_changes, sign_up

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("phone", ["+254712345678", "+254112345678"])
def test_a_kenyan_adult_may_sign_up(phone: str) -> None:
    assert sign_up({"phone_number": phone, "birthdate": "2008-11-22"}, TODAY).phone_number == phone


@pytest.mark.parametrize(
    "phone", ["", "0712345678", "+254812345678", "+2547123456789", "+255712345678", "+25471234567x"]
)
def test_other_numbers_may_not(phone: str) -> None:
    with pytest.raises(InvalidPhoneNumber):
        sign_up({"phone_number": phone, "birthdate": "1990-01-01"}, TODAY)


@pytest.mark.parametrize("birthdate", ["2008-11-23", "2020-01-01", "2030-01-01"])
def test_nobody_below_eighteen_may(birthdate: str) -> None:
    with pytest.raises(UnderAge):
        sign_up({"phone_number": "+254712345678", "birthdate": birthdate}, TODAY)


@pytest.mark.parametrize("birthdate", ["", "22/11/1990", "1990-13-01", "1850-01-01"])
def test_a_birth_date_that_is_none_is_refused(birthdate: str) -> None:
    with pytest.raises(InvalidInput):
        sign_up({"phone_number": "+254712345678", "birthdate": birthdate}, TODAY)


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
