"""What players are notified of, in English and Kiswahili: plain format strings, no code. One file a subject.

Texts name amounts, times and words of the lexicon, never people, numbers or reasons that a person typed. A placeholder
says what it stands for: `{stake}` an amount of shillings, `{until:moment}` a time in Nairobi, `{deadline:day}` a day,
`{limit:word}` a word of the lexicon. An SMS is `SMS_PREFIX` and the text; with the longest
values it stays within one segment, so it is one message and one charge.
"""

import string
from collections.abc import Mapping
from datetime import date

from betsafi import clock
from betsafi.money import format_amount
from notifications.templates import account, bets, money, protection, security
from notifications.templates.lexicon import LEXICON
from notifications.templates.words import Template, Words

SMS_PREFIX = "BETSAFI: "
LANGUAGES = ("en", "sw")
DEFAULT_LANGUAGE = "en"

Values = Mapping[str, int | str]
"""What placeholders stand for: cents, moments (`clock.stamp`), days (ISO 8601), words of the lexicon."""

TEMPLATES: dict[str, Template] = {
    name: template
    for subject in (account, bets, money, protection, security)
    for name, template in subject.TEMPLATES.items()
}
"""By name."""

TAKEN_BACK = {
    "en": " KES {taken} is taken back; what your balance does not cover is owed, and repaid first by what comes in.",
    "sw": " KES {taken} zinachukuliwa tena; zisizo kwenye salio lako ni deni, litakalolipwa kwanza na pesa zijazo.",
}
"""What a correction adds, by language, where it takes money back."""

TAKEN_BACK_SMS = {"en": " KES {taken} is taken back.", "sw": " KES {taken} zinachukuliwa tena."}
"""And what its SMS adds."""


def render(template: str, language: str, values: Values) -> Words:
    """Return a message with its values filled in; English where the language is not one of ours.

    Raises KeyError for an unknown template or a missing value.
    """
    found = TEMPLATES[template]
    language = language if language in LANGUAGES else DEFAULT_LANGUAGE
    words = found.words(language)
    text, sms = words.text, words.sms or words.text
    if values.get("taken"):
        text, sms = text + TAKEN_BACK[language], sms + TAKEN_BACK_SMS[language]
    text, sms = (_filled(part, language, values) for part in (text, sms))
    return Words(words.title, text, "" if sms == text else sms)


def sms_of(words: Words) -> str:
    """Return the SMS of a rendered message, as it is sent."""
    return SMS_PREFIX + (words.sms or words.text)


def _filled(text: str, language: str, values: Values) -> str:
    parts = []
    for literal, name, kind, _ in string.Formatter().parse(text):
        parts.append(literal)
        if name is not None:
            parts.append(_said(values[name], kind or "", language))
    return "".join(parts)


def _said(value: int | str, kind: str, language: str) -> str:
    if kind == "moment":
        return f"{clock.parse_stamp(str(value)).astimezone(clock.NAIROBI):%d/%m/%Y %H:%M}"
    if kind == "day":
        return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    if kind == "word":
        return LEXICON[language][str(value)]
    return format_amount(int(value))
