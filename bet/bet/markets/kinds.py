"""The kinds of markets: the rows of definitions.json, checked, and the ids and names that are made of them.

Placing a bet needs no more than this; how an outcome is decided is text here, which `outcomes` reads.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from bet import wording
from bet.markets.specifiers import FORMS, LONGEST_VALUES, all_values, canonical, canonical_value, number, quarters
from betsafi.errors import InvalidInput, NotFound
from betsafi.ids import identifier

Language = Literal["en", "sw"]
LANGUAGES = ("en", "sw")
GROUPS = ("MAIN", "GOALS", "HANDICAP", "HALVES", "COMBINED", "SCORE", "CORNERS", "CARDS")
MEASURES = ("goals", "corners", "bookings")
PERIODS = ("REGULAR", "FIRST_HALF", "SECOND_HALF", "EXTRA_TIME", "ALL")

LONGEST_FIXTURE_ID = 64
LONGEST_DEFINITION_ID = 10
LONGEST_SPECIFIERS = 32
LONGEST_OUTCOME_ID = 19
LONGEST_MARKET_ID = LONGEST_FIXTURE_ID + LONGEST_DEFINITION_ID + LONGEST_SPECIFIERS + 2
LONGEST_SELECTION_ID = LONGEST_MARKET_ID + LONGEST_OUTCOME_ID + 1
"""With the slashes between its parts as long as any id may be (`betsafi.ids.LONGEST`)."""
LONGEST_NAME = 80
"""Of a market or an outcome, in characters, its placeholders not yet filled."""
LONGEST_NOTE = 300
MOST_OUTCOMES = 60

DEFINITIONS = Path(__file__).with_name("definitions.json")

_PATTERNS = {
    "id": re.compile(rf"[0-9A-Za-z_]{{1,{LONGEST_DEFINITION_ID}}}"),
    "outcome": re.compile(rf"[0-9A-Za-z:._-]{{1,{LONGEST_OUTCOME_ID}}}"),
    "key": re.compile(r"[0-9A-Z:/&]{1,12}"),
    "specifier": re.compile(r"[a-z][a-z0-9]{0,9}"),
}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NEEDED = {"id", "name", "group", "main", "of", "period", "specifiers", "outcomes"}
_MAY_HAVE = {"combines", "defaults", "note", "winners"}


class FaultyDefinition(ValueError):
    """definitions.json cannot be used; the message names the definition and what is wrong with it."""


class Outcome(NamedTuple):
    """What can be bet on: its id (UOF's), the key that people are shown, names by language, and how it is decided.

    One of `wins` (a condition) and `graded` (a quantity) is an expression, the other empty. `combines`: two outcomes
    which it says both, one of each kind that its own combines.
    """

    outcome_id: str
    key: str
    name: Mapping[str, str]
    wins: str
    graded: str
    combines: tuple[str, ...] = ()


class Definition(NamedTuple):
    """A kind of market; with a fixture and specifiers it is a market. `specifiers`: their forms by name.

    `winners`: how many outcomes can win together, where none is graded. `combines`: the two kinds of which each pair of
    outcomes is an outcome here, or none.
    """

    definition_id: str
    name: Mapping[str, str]
    group: str
    main: bool
    of: str
    period: str
    specifiers: Mapping[str, str]
    defaults: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    winners: tuple[int, ...]
    note: str
    combines: tuple[str, ...] = ()

    @property
    def graded(self) -> bool:
        """Whether its outcomes are two sides of a line, of which one gains what the other loses."""
        return all(each.graded for each in self.outcomes)


@cache
def definitions() -> Mapping[str, Definition]:
    """Return all kinds of markets by id, in the file's order. Raises FaultyDefinition."""
    return load(DEFINITIONS)


def load(path: Path) -> dict[str, Definition]:
    """Return the definitions in a file, by id, checked but for what their expressions say. Raises FaultyDefinition."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FaultyDefinition(f"{path.name} is no JSON: {error}") from error
    if not isinstance(rows, list):
        raise FaultyDefinition(f"{path.name} is no list")
    found: dict[str, Definition] = {}
    for position, row in enumerate(rows):
        name = row.get("id") if isinstance(row, dict) else None
        fault = _Fault(f"definition {name!r}" if name else f"definition number {position + 1}")
        definition = _definition(row, fault)
        fault.unless(definition.definition_id not in found, "is there twice")
        found[definition.definition_id] = definition
    pairs: set[frozenset[str]] = set()
    for definition in found.values():
        _check_combination(definition, found, pairs, _Fault(f"definition {definition.definition_id!r}"))
    return found


def find(definition_id: Any) -> Definition:
    """Return a kind of market. Raises InvalidInput for an id that is none's."""
    found = definitions().get(definition_id) if isinstance(definition_id, str) else None
    if found is None:
        raise InvalidInput(wording.NO_KIND)
    return found


def outcome(definition: Definition, outcome_id: Any) -> Outcome:
    """Return an outcome of a definition by its id. Raises InvalidInput."""
    for found in definition.outcomes:
        if found.outcome_id == outcome_id:
            return found
    raise InvalidInput(wording.NO_OUTCOME)


# -- ids


def canonical_specifiers(definition: Definition, given: str | Mapping[str, str]) -> str:
    """Return the canonical text of a market's specifiers, empty if there are none. Raises InvalidInput."""
    return canonical(definition.specifiers, definition.defaults, given)


def market_id(fixture_id: str, definition: Definition, specifiers: str) -> str:
    """Return a market's id, which no other market has: no definition's id has a slash or an equals sign in it."""
    rest = f"/{specifiers}" if specifiers else ""
    return f"{fixture_id}/{definition.definition_id}{rest}"


def fixture_of(market: str) -> str:
    """Return the fixture of a market by its id: no fixture's id has a slash in it."""
    return market.partition("/")[0]


def definition_of(market: str) -> Definition:
    """Return the kind of a market by its id. Raises NotFound for an id that no market has."""
    found = definitions().get(market.split("/")[1]) if "/" in market else None
    if found is None:
        raise NotFound(wording.NO_MARKET)
    return found


def specifiers_of(market: str) -> str:
    """Return the specifiers of a market by its id, empty if it has none."""
    return "".join(market.split("/", 2)[2:])


def key_of(market: str, outcome_id: str) -> str:
    """Return what people are shown as the key of a market's outcome. Raises NotFound, InvalidInput."""
    return outcome(definition_of(market), outcome_id).key


def outcome_of(market: str, selection: Any) -> str:
    """Return a selection's outcome, empty for what is no selection of the market. Raises InvalidInput for no id."""
    prefix, chosen = selection_id(market, ""), identifier(selection, LONGEST_SELECTION_ID, name="selectionId")
    return chosen.removeprefix(prefix) if chosen.startswith(prefix) else ""


def selection_id(market: str, outcome_id: str) -> str:
    """Return the id of an outcome of a market, which no other market's outcome has."""
    return f"{market}/{outcome_id}"


# -- names


def market_name(definition: Definition, specifiers: str, language: Language, home: str, away: str) -> str:
    """Return what people are shown as the market's name; `home` and `away` are the teams'."""
    return filled(definition.name[language], definition, specifiers, home, away)


def outcome_name(
    definition: Definition, outcome_id: str, specifiers: str, language: Language, home: str, away: str
) -> str:
    """Return what people are shown as an outcome's name. Raises InvalidInput for no outcome of it."""
    template = outcome(definition, outcome_id).name[language]
    return filled(template, definition, specifiers, home, away)


def filled(template: str, definition: Definition, specifiers: str, home: str, away: str) -> str:
    """Return a name of a definition or an outcome with its placeholders filled."""
    values = {"home": home, "away": away, **all_values(definition.defaults, specifiers)}
    for name, form in definition.specifiers.items():
        if form == "handicap":
            value = quarters(values[name]) or 0
            values |= {f"+{name}": number(value, signed=True), f"-{name}": number(-value, signed=True)}
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


# -- checks, when definitions are loaded


class _Fault:
    def __init__(self, place: str) -> None:
        self.place = place

    def unless(self, fine: object, what: str) -> None:
        if not fine:
            raise FaultyDefinition(f"{self.place}: {what}")

    def within(self, place: str) -> "_Fault":
        return _Fault(f"{self.place}, {place}")


def _matches(pattern: str, value: Any) -> bool:
    return isinstance(value, str) and _PATTERNS[pattern].fullmatch(value) is not None


def _definition(row: Any, fault: _Fault) -> Definition:
    given = set(row) if isinstance(row, dict) else set()
    fault.unless(given >= _NEEDED, f"lacks {', '.join(sorted(_NEEDED - given))}")
    fault.unless(
        given <= _NEEDED | _MAY_HAVE, f"has {', '.join(sorted(given - _NEEDED - _MAY_HAVE))}, which is nothing here"
    )
    fault.unless(_matches("id", row["id"]), "its id has letters, digits and _")
    for field, choices in (("group", GROUPS), ("of", MEASURES), ("period", PERIODS)):
        fault.unless(row[field] in choices, f"{field} is one of {', '.join(choices)}")
    fault.unless(isinstance(row["main"], bool), "main is true or false")
    note = row.get("note", "")
    fault.unless(isinstance(note, str) and len(note) <= LONGEST_NOTE, f"note has at most {LONGEST_NOTE} characters")
    winners = row.get("winners", [1])
    counts = isinstance(winners, list) and winners and all(type(n) is int and n > 0 for n in winners)
    fault.unless(counts, "winners are numbers of outcomes")
    forms, defaults = _specifiers(row, fault)
    placeholders = _placeholders(forms)
    name = _name(row["name"], placeholders, fault)
    outcomes = _outcomes(row["outcomes"], placeholders, fault)
    for specifier in forms:
        for language in LANGUAGES:
            shown = _shows(name[language], specifier) or all(_shows(o.name[language], specifier) for o in outcomes)
            fault.unless(shown, f"no name shows {specifier} ({language})")
    sides = [bool(each.graded) for each in outcomes]
    fault.unless(not any(sides) or (all(sides) and len(sides) == 2), "graded outcomes are two, and no others")
    return Definition(
        row["id"],
        name,
        row["group"],
        row["main"],
        row["of"],
        row["period"],
        forms,
        defaults,
        outcomes,
        tuple(winners),
        note,
        _combines(row, fault),
    )


def _combines(row: Mapping[str, Any], fault: _Fault) -> tuple[str, ...]:
    given = row.get("combines", [])
    texts = isinstance(given, list) and all(isinstance(each, str) for each in given)
    fault.unless(texts and ("combines" not in row or len(given) == 2), "combines are two ids")
    return tuple(given)


def _check_combination(
    definition: Definition, found: Mapping[str, Definition], pairs: set[frozenset[str]], fault: _Fault
) -> None:
    """Refuse a combination that is not of two kinds, or not every outcome of which is of one of each."""
    said = {each.combines for each in definition.outcomes}
    if not definition.combines:
        fault.unless(said == {()}, "its outcomes combine others, and it says of which kinds not")
        return
    fault.unless(set(definition.combines) <= set(found), "combines kinds that are not there")
    fault.unless(len(set(definition.combines)) == 2, "combines a kind with itself")
    one, other = (found[each] for each in definition.combines)
    choices = {(mine.outcome_id, its.outcome_id) for mine in one.outcomes for its in other.outcomes}
    fault.unless(
        said == choices and len(choices) == len(definition.outcomes), "its outcomes are not all pairs, once each"
    )
    names = [*one.specifiers, *other.specifiers]
    fault.unless(sorted(names) == sorted(definition.specifiers), "its specifiers are not those of both kinds")
    fault.unless(frozenset(definition.combines) not in pairs, "another definition combines these two")
    pairs.add(frozenset(definition.combines))


def _specifiers(row: Mapping[str, Any], fault: _Fault) -> tuple[dict[str, str], dict[str, str]]:
    forms, defaults = row["specifiers"], row.get("defaults", {})
    fault.unless(isinstance(forms, dict) and isinstance(defaults, dict), "specifiers and defaults are objects")
    for name, form in forms.items():
        fault.unless(_matches("specifier", name) and name not in _TAKEN, f"{name} is no name for a specifier")
        fault.unless(form in FORMS, f"{name} is one of {', '.join(FORMS)}")
    for name, value in defaults.items():
        fits = name in forms and isinstance(value, str) and canonical_value(forms[name], value) == value
        fault.unless(fits, f"the default of {name} is no canonical value of a specifier")
    longest = sum(len(name) + 1 + LONGEST_VALUES[form] for name, form in forms.items()) + max(len(forms) - 1, 0)
    fault.unless(longest <= LONGEST_SPECIFIERS, f"its specifiers can have {longest} characters")
    return forms, defaults


_TAKEN = {"home", "away", "first", "second", "regular", "extra", "all", "penalties", "lead", "scorer"}
"""What expressions call other things."""


def _placeholders(forms: Mapping[str, str]) -> set[str]:
    signed = {sign + name for name, form in forms.items() if form == "handicap" for sign in "+-"}
    return {"home", "away", *forms, *signed}


def _shows(name: str, specifier: str) -> bool:
    return any(found.lstrip("+-") == specifier for found in _PLACEHOLDER.findall(name))


def _name(given: Any, placeholders: Iterable[str], fault: _Fault) -> dict[str, str]:
    for language in LANGUAGES:
        fault.unless(isinstance(given, dict) and given.get(language), f"has no name in {_LANGUAGE[language]}")
    fault.unless(set(given) == set(LANGUAGES), "has names in other languages")
    for text in given.values():
        fits = isinstance(text, str) and len(text) <= LONGEST_NAME and text.isprintable() and text == text.strip()
        fault.unless(fits, f"a name has at most {LONGEST_NAME} characters on one line: {text}")
        fault.unless(set(_PLACEHOLDER.findall(text)) <= set(placeholders), f"an unknown placeholder: {text}")
        fault.unless(not {"{", "}"} & set(_PLACEHOLDER.sub("", text)), f"a brace alone: {text}")
    return dict(given)


_LANGUAGE = {"en": "English", "sw": "Kiswahili"}


def _outcomes(rows: Any, placeholders: Iterable[str], fault: _Fault) -> tuple[Outcome, ...]:
    fits = isinstance(rows, list) and 2 <= len(rows) <= MOST_OUTCOMES
    fault.unless(fits, f"outcomes are a list of 2 to {MOST_OUTCOMES}")
    found = tuple(_outcome(row, placeholders, fault) for row in rows)
    distinct: tuple[tuple[str, Callable[[Outcome], str]], ...] = (
        ("id", lambda o: o.outcome_id),
        ("key", lambda o: o.key),
    )
    for what, of in distinct:
        fault.unless(len({of(each) for each in found}) == len(found), f"two outcomes have the same {what}")
    return found


def _outcome(row: Any, placeholders: Iterable[str], fault: _Fault) -> Outcome:
    fault.unless(isinstance(row, dict), "an outcome is an object")
    fault = fault.within(f"outcome {row.get('id')!r}")
    expressions = set(row) - {"id", "key", "name", "combines"}
    decides = expressions in ({"wins"}, {"graded"}) and all(isinstance(row[which], str) for which in expressions)
    fault.unless(decides, "has id, key, name, and one of wins and graded")
    fault.unless(_matches("outcome", row.get("id")), f"its id has 1 to {LONGEST_OUTCOME_ID} letters, digits or : . _ -")
    fault.unless(_matches("key", row.get("key")), "its key has 1 to 12 capital letters, digits or : / &")
    name = _name(row.get("name"), placeholders, fault)
    combines = _combines(row, fault)
    return Outcome(row["id"], row["key"], name, row.get("wins", ""), row.get("graded", ""), combines)
