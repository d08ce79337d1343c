"""What a text takes as SMS, as the standard counts it."""

import pytest

from tools.base.segments import Count, count


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", Count("GSM-7", 0, 1)),
        ("a" * 160, Count("GSM-7", 160, 1)),
        ("a" * 161, Count("GSM-7", 161, 2)),
        ("a" * 306, Count("GSM-7", 306, 2)),
        ("a" * 307, Count("GSM-7", 307, 3)),
        ("[" * 80, Count("GSM-7", 160, 1)),
        ("[" * 81, Count("GSM-7", 162, 2)),
        ("a" * 158 + "€", Count("GSM-7", 160, 1)),
        # The escape and its character stay together, so the first SMS has a place left.
        ("a" * 152 + "{" + "a" * 7, Count("GSM-7", 161, 2)),
        ("a" * 152 + "{" + "a" * 152, Count("GSM-7", 306, 3)),
        ("’" * 70, Count("UCS-2", 70, 1)),
        ("’" + "a" * 70, Count("UCS-2", 71, 2)),
        ("’" + "a" * 134, Count("UCS-2", 135, 3)),
        ("😀" * 35, Count("UCS-2", 70, 1)),
        ("😀" * 36, Count("UCS-2", 72, 2)),
    ],
)
def test_places_and_segments_are_counted_as_the_standard_does(text: str, counted: Count) -> None:
    assert count(text) == counted


def test_one_character_outside_the_alphabet_costs_all_the_others() -> None:
    assert count("ñ" * 160).segments == 1
    assert count("ñ" * 159 + "ũ").segments == 3
