"""Sentences for people in our two languages."""

from typing import Any, Literal

Language = Literal["en", "sw"]


class Both(str):
    """A sentence in English that has the same in Kiswahili with it (`sw`)."""

    sw: str

    def __new__(cls, en: str, sw: str) -> "Both":
        sentence = super().__new__(cls, en)
        sentence.sw = sw
        return sentence

    def said(self, language: Language) -> str:
        """Return it in one of our languages."""
        return self.sw if language == "sw" else str(self)

    def format(self, *values: Any, **named: Any) -> "Both":
        """Return both sentences with their values filled in."""
        return Both(str(self).format(*values, **named), self.sw.format(*values, **named))


def preferred(wanted: Any) -> Language:
    """Return Kiswahili where it is wanted first: `sw`, as tokens say it, or `Accept-Language: sw-KE,en;q=0.5`."""
    return "sw" if isinstance(wanted, str) and wanted.strip().lower()[:2] == "sw" else "en"
