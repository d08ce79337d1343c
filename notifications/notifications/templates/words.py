"""What a template is: its category, and its words in each of our languages. No I/O."""

import hashlib
import json
from dataclasses import astuple, dataclass

from notifications.categories import Category


@dataclass(frozen=True)
class Words:
    """One template in one language, or, with its values filled in, one message.

    `sms` is what the SMS says where that is not the text: one SMS is one segment, a note may be longer.
    """

    title: str
    text: str
    sms: str = ""


@dataclass(frozen=True)
class Template:
    """What one fact says, by language."""

    category: Category
    en: Words
    sw: Words

    def words(self, language: str) -> Words:
        """Return the words in a language; in English where it is not one of ours."""
        return self.sw if language == "sw" else self.en

    @property
    def version(self) -> str:
        """What these words are known by: other words have another version, without anybody's thinking of it."""
        words = json.dumps([astuple(self.en), astuple(self.sw)], ensure_ascii=False)
        return hashlib.sha256(words.encode()).hexdigest()[:8]
