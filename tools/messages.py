"""Renders every message to one page: `python -m tools.messages [--out build/messages.html]`; `make messages`.

Each template in both languages, with example values and with the longest ones: as it stands in the inbox and goes out
by push and e-mail, and as an SMS with its encoding, places and segments. Exit code 1 if one takes more than one SMS.
"""

import argparse
import json
import string
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from betsafi.money import MAX_CENTS
from notifications import templates
from notifications.categories import RULES
from notifications.templates import LANGUAGES, SMS_PREFIX, TEMPLATES, Values
from notifications.templates.lexicon import LEXICON
from notifications.templates.words import Words
from tools.base import segments
from tools.base.segments import Count

ROOT = Path(__file__).resolve().parent.parent
PRICES = ROOT / "notifications" / "prices.json"
_TAKES_BACK = ("BET_CORRECTED", "BET_REOPENED")
"""Templates of corrections, which may also say what they take back."""
_EXAMPLES: dict[str, int | str] = {
    "": 125_050,
    "moment": "2026-12-05T15:30:00Z",
    "day": "2026-12-05",
}
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 74rem; padding: 1.5rem; color: #17211b; }
h2 { margin: 2.2rem 0 .4rem; } h3 { margin: 1.2rem 0 .3rem; font-size: 1rem; } code { color: #5b6a61; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { text-align: left; color: #5b6a61; font-weight: 500; }
td, th { border: 1px solid #dfe5e1; padding: .4rem .6rem; vertical-align: top; overflow-wrap: anywhere; }
th:first-child, td:first-child { width: 5rem; } .size { color: #0b8a3e; white-space: nowrap; }
.long { color: #b3261e; font-weight: 600; }
"""


@dataclass(frozen=True)
class Rendered:
    """One template in one language with one set of values, `case` by name."""

    template: str
    language: str
    case: str
    words: Words

    @property
    def sms(self) -> str:
        """What goes to a phone."""
        return templates.sms_of(self.words)

    @property
    def count(self) -> Count:
        """What the SMS takes."""
        return segments.count(self.sms)


def rendered() -> Iterator[Rendered]:
    """Yield every template in every language, with example values and with the longest."""
    for name in TEMPLATES:
        for language in LANGUAGES:
            for case in ("example", "longest"):
                yield Rendered(name, language, case, templates.render(name, language, values(name, language, case)))


def values(template: str, language: str, case: str) -> Values:
    """Return what a template's placeholders stand for: examples, or the longest that they can."""
    words = TEMPLATES[template].words(language)
    lexicon = LEXICON[language]
    chosen: dict[str, int | str] = {**_EXAMPLES, "word": "deposit_day"}
    if case == "longest":
        longest_word = max(lexicon, key=lambda word: len(lexicon[word]))
        chosen |= {"": MAX_CENTS, "word": longest_word}
    placeholders = string.Formatter().parse(words.text + words.sms)
    found = {name: chosen[kind or ""] for _, name, kind, _ in placeholders if name is not None}
    return {**found, "taken": chosen[""]} if template.startswith(_TAKES_BACK) else found


def too_long(found: Sequence[Rendered]) -> list[Rendered]:
    """Return what takes more than one SMS."""
    return [each for each in found if each.count.segments > 1]


def page(found: Sequence[Rendered]) -> str:
    """Return the page."""
    parts = [
        f"<h1>Messages to players</h1><p>{len(TEMPLATES)} templates. An SMS begins with “{escape(SMS_PREFIX)}”.</p>"
    ]
    for category, rules in RULES.items():
        of_it = [name for name, template in TEMPLATES.items() if template.category == category]
        by = ", ".join(rules.default) or "the inbox alone"
        parts.append(f"<h2>{category}</h2><p>By {by}{'' if of_it else '. No template yet'}.</p>")
        for name in of_it:
            rows = "".join(_row(each) for each in found if each.template == name)
            parts.append(
                f"<h3>{name} <code>{TEMPLATES[name].version}</code></h3>"
                "<table><tr><th></th><th>inbox, push, e-mail</th>"
                f"<th>SMS</th></tr>{rows}</table>"
            )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Messages to players</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _row(each: Rendered) -> str:
    size, kind = each.count, "long" if each.count.segments > 1 else "size"
    said = f"{size.encoding}, {size.places} places, {size.segments} SMS"
    note = f"<b>{escape(each.words.title)}</b><br>{escape(each.words.text)}"
    sms = f'{escape(each.sms)}<br><span class="{kind}">{said}</span>'
    return f"<tr><td>{each.language}<br>{each.case}</td><td>{note}</td><td>{sms}</td></tr>"


def kes_per_thousand() -> dict[str, float | None]:
    """Return what a thousand messages cost in shillings, by channel and carrier; None where nobody wrote it down."""
    given = json.loads(PRICES.read_text())
    return {
        name: price and price.get("kes", price.get("usd", 0) * given["kesPerUsd"])
        for name, price in given["perThousand"].items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and say how long messages are; return 1 if one takes more than one SMS."""
    parser = argparse.ArgumentParser(description="Every message to players, on one page.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "messages.html")
    options = parser.parse_args(arguments)
    found = list(rendered())
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page(found))
    longest = max(found, key=lambda each: each.count.places)
    print(f"{len(TEMPLATES)} templates in {len(LANGUAGES)} languages: {options.out}")
    print(f"longest SMS: {longest.template} ({longest.language}), {longest.count.places} of 160 places")
    for name, kes in kes_per_thousand().items():
        print(f"1,000 {name}: {'not written down in notifications/prices.json' if kes is None else f'KES {kes:,.2f}'}")
    for each in too_long(found):
        print(f"{each.template} ({each.language}, {each.case}): {each.count.segments} SMS", file=sys.stderr)
    return 1 if too_long(found) else 0


if __name__ == "__main__":
    sys.exit(main())
