"""Every event has words in both languages that fit one SMS."""

import string
from itertools import product

import pytest

from betsafi.money import MAX_CENTS
from notifications import templates
from notifications.templates import TEMPLATES, Words

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM 03.38 without its extension table: each of these takes one of an SMS's 160 places."""

EVERY = sorted(product(TEMPLATES, ("en", "sw")))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_both_languages_name_the_same_amounts(template: str) -> None:
    assert set(TEMPLATES[template]) == {"en", "sw"}
    english, swahili = TEMPLATES[template]["en"], TEMPLATES[template]["sw"]
    assert placeholders(english.text) == placeholders(swahili.text)
    assert english.text != swahili.text
    assert not placeholders(english.title + swahili.title)


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_the_largest_amounts_still_fit_one_sms(template: str, language: str) -> None:
    names = placeholders(TEMPLATES[template][language].text)
    words = templates.render(template, language, dict.fromkeys(names, MAX_CENTS))
    sms = templates.SMS_PREFIX + words.text
    assert len(sms) <= 160
    assert set(sms) <= GSM_7


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_correction_says_what_it_takes_back_only_if_it_does(language: str) -> None:
    plain = templates.render("BET_REOPENED", language, {"stake": 100, "taken": 0})
    taken = templates.render("BET_REOPENED", language, {"stake": 100, "taken": 25_000})
    assert taken.text.removeprefix(plain.text) == templates.TAKEN_BACK[language].format(taken="250.00")


def test_amounts_are_shillings_with_cents() -> None:
    words = templates.render("BET_WON", "en", {"stake": 10_000, "payout": 125_050})
    assert words == Words("You won!", "Your bet of KES 100.00 has won! KES 1250.50 is going to your wallet.")


def test_an_unknown_language_is_told_in_english() -> None:
    assert templates.render("WELCOME", "fr", {}) == TEMPLATES["WELCOME"]["en"]


def test_a_missing_amount_is_an_error_and_not_a_hole_in_the_text() -> None:
    with pytest.raises(KeyError):
        templates.render("BET_WON", "en", {"stake": 10_000})
    with pytest.raises(KeyError):
        templates.render("BET_EATEN", "en", {})
