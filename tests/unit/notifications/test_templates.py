"""Every fact has words in both languages that fit one SMS."""

import string
from itertools import product
from typing import Any

import pytest

from betsafi.money import MAX_CENTS
from notifications import templates
from notifications.templates import LEXICON, TEMPLATES
from notifications.templates.words import Template, Words
from tools.base import segments

EVERY = sorted(product(TEMPLATES, ("en", "sw")))


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(name, kind or "") for _, name, kind, _ in string.Formatter().parse(text) if name is not None}


def longest(template: str, language: str) -> dict[str, Any]:
    """Return the longest values that a message's placeholders can stand for."""
    words = TEMPLATES[template].words(language)
    by_kind: dict[str, Any] = {
        "": MAX_CENTS,
        "moment": "2026-12-28T20:59:00Z",
        "day": "2026-12-28",
        "count": 9_999,
        "word": max(LEXICON[language], key=lambda word: len(LEXICON[language][word])),
    }
    return {name: by_kind[kind] for name, kind in placeholders(words.text + words.sms)}


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_both_languages_name_the_same_things(template: str) -> None:
    english, swahili = TEMPLATES[template].en, TEMPLATES[template].sw
    assert placeholders(english.text) == placeholders(swahili.text)
    assert english.text != swahili.text
    assert english.title != swahili.title
    assert not placeholders(english.title + swahili.title)
    assert placeholders(english.sms) <= placeholders(english.text)
    assert placeholders(swahili.sms) <= placeholders(swahili.text)


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_the_longest_values_still_fit_one_sms(template: str, language: str) -> None:
    taken = MAX_CENTS if template.startswith(("BET_CORRECTED", "BET_REOPENED")) else 0
    words = templates.render(template, language, {**longest(template, language), "taken": taken})
    counted = segments.count(templates.sms_of(words))
    assert (counted.encoding, counted.segments) == ("GSM-7", 1), f"{counted.places} of 160 places"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_lexicon_has_every_word_in_every_language(language: str) -> None:
    assert set(LEXICON[language]) == set(LEXICON["en"])


def test_other_words_are_another_version_and_the_same_are_the_same() -> None:
    one = Template("BETS", Words("A", "a"), Words("B", "b"))
    assert one.version == Template("LAW", Words("A", "a"), Words("B", "b")).version
    others = [
        Template("BETS", Words("A", "a."), Words("B", "b")),
        Template("BETS", Words("A", "a"), Words("B", "b", "sms")),
    ]
    assert one.version not in {other.version for other in others}
    assert len({template.version for template in TEMPLATES.values()}) == len(TEMPLATES)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Your daily deposit limit is KES 5000.00 from now on."),
        ("sw", "Kuanzia sasa kikomo cha kuweka pesa kwa siku ni KES 5000.00."),
    ],
)
def test_words_of_the_lexicon_are_in_the_player_s_language(language: str, said: str) -> None:
    words = templates.render("LIMIT_SET", language, {"limit": "deposit_day", "amount": 500_000})
    assert words.text == said


def test_times_are_those_of_nairobi() -> None:
    words = templates.render("TIME_OUT_TAKEN", "en", {"until": "2026-12-31T22:30:00.000000Z"})
    assert "until 01/01/2027 01:30." in words.text
    assert "We decide by 31/12/2026." in templates.render("ACCOUNT_STOPPED", "en", {"deadline": "2026-12-31"}).text


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_correction_says_what_it_takes_back_only_if_it_does(language: str) -> None:
    plain = templates.render("BET_REOPENED", language, {"stake": 100, "taken": 0})
    taken = templates.render("BET_REOPENED", language, {"stake": 100, "taken": 25_000})
    assert taken.text.removeprefix(plain.text) == templates.TAKEN_BACK[language].format(taken="250.00")
    assert taken.sms.removeprefix(plain.text) == templates.TAKEN_BACK_SMS[language].format(taken="250.00")


def test_amounts_are_shillings_with_cents() -> None:
    words = templates.render("BET_WON", "en", {"stake": 10_000, "payout": 125_050})
    assert words == Words("You won!", "Your bet of KES 100.00 has won! KES 1250.50 is going to your wallet.")


def test_an_unknown_language_is_told_in_english() -> None:
    assert templates.render("WELCOME", "fr", {}) == TEMPLATES["WELCOME"].en


def test_a_missing_amount_is_an_error_and_not_a_hole_in_the_text() -> None:
    with pytest.raises(KeyError):
        templates.render("BET_WON", "en", {"stake": 10_000})
    with pytest.raises(KeyError):
        templates.render("BET_EATEN", "en", {})
