"""What the calculator is asked: JSON, checked field by field."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bet.markets import kinds, outcomes
from bet.markets.record import Record, match_record
from bet.payouts import bonus, multipliers, systems
from bet.payouts.taxes import Tariff, tariff_on
from bet.refusals import UnknownMarket, WrongBanker
from bet.slips.limits import limits_for
from bet.slips.slip import MAX_LEGS
from betsafi import clock
from betsafi.errors import DomainError, NotFound
from betsafi.ids import identifier
from betsafi.money import parse_amount
from betsafi.odds import canonical_odds

LARGEST = 100_000
"""Bytes; forty legs, each with its own match, take some sixty thousand."""

RESULTS = (*multipliers.RESULTS, "OPEN")
_SHAPES = ("k", "ks", "kind")
_GIVEN, _COMPUTED = ("result", "deadHeat"), ("market", "outcome")
"""What a leg has of which the result is given, or computed from a match."""


class BadInput(Exception):
    """What is wrong: a stable code, a sentence, and the field as a path ("legs[0].odds"; None: all of it)."""

    def __init__(self, message: str, field: str | None, code: str = "INVALID_INPUT") -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field


@dataclass(frozen=True)
class Slip:
    """What is asked for, in the product's own terms; an open leg has no result."""

    stake_cents: int
    legs: list[dict[str, Any]]
    system: systems.System
    ladder: bonus.Ladder | None
    tariff: Tariff


def read(text: bytes) -> Slip:
    """Return what is asked for. Raises BadInput."""
    if len(text) > LARGEST:
        raise BadInput(f"This is more than {LARGEST:,} bytes.", None)
    asked = _object(_json(text), None, needs=("stake", "legs"), takes=("match", "system", "bonus", "placedAt"))
    with _at("stake"):
        stake_cents = parse_amount(asked["stake"])
    legs = asked["legs"]
    if not isinstance(legs, list) or not 1 <= len(legs) <= MAX_LEGS:
        raise BadInput(f"legs is a list of 1 to {MAX_LEGS} legs.", "legs")
    matches = _Matches(asked.get("match"))
    found = [_leg(leg, f"legs[{n}]", matches) for n, leg in enumerate(legs)]
    matches.check_used()
    return Slip(
        stake_cents,
        found,
        _system(asked.get("system"), len(legs)),
        _ladder(asked.get("bonus")),
        _tariff(asked.get("placedAt")),
    )


def _json(text: bytes) -> Any:
    try:
        return json.loads(text.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput("This is no JSON text in UTF-8.", None, "INVALID_JSON") from error


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadInput("A name stands twice in one object.", None, "INVALID_JSON")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _object(given: Any, place: str | None, needs: Sequence[str], takes: Sequence[str] | None) -> Mapping[str, Any]:
    """Return an object that has what it needs, and nothing else but what it takes (None: whatever it has)."""
    if not isinstance(given, dict):
        raise BadInput("This is an object, written {…}.", place)
    for key in needs:
        if key not in given:
            raise BadInput(f"{key} is missing.", _path(place, key))
    if takes is None:
        return given
    for key in given:
        if key not in (*needs, *takes):
            known = ", ".join((*needs, *takes))
            raise BadInput(f"Nothing of this name is known here; there are {known}.", _path(place, key[:40]))
    return given


def _path(place: str | None, key: str) -> str:
    return f"{place}.{key}" if place else key


@contextmanager
def _at(place: str, *, one: bool = False) -> Iterator[None]:
    """Say of what the product's own rules refuse in here where it stands. `one`: a value that has no fields itself."""
    try:
        yield
    except DomainError as error:
        field = error.info.get("field")
        raise BadInput(error.message, _path(place, field) if field and not one else place, error.code) from error


class _Matches:
    """The records in `match`: of the one game that legs are of, or of several by their fixtures' ids."""

    def __init__(self, given: Any) -> None:
        self._given = given
        self._one = isinstance(given, dict) and ("goals" in given or "ended" in given)
        self._checked: dict[str, Record] = {}

    def of(self, fixture_id: str, leg: str) -> Record:
        """Return the record of a leg's game. Raises BadInput where there is none."""
        if fixture_id not in self._checked:
            if self._given is None:
                raise BadInput("match is missing: the record that this leg is decided by.", "match")
            if self._one and self._checked:
                raise BadInput(f"This is one game, and {leg} is of another: write {{fixture: record}}.", "match")
            games = {fixture_id: self._given} if self._one else _object(self._given, "match", (), None)
            if fixture_id not in games:
                raise BadInput(f"There is no record of {fixture_id}, which {leg} is of.", "match")
            with _at("match" if self._one else f"match.{fixture_id}"):
                self._checked[fixture_id] = match_record(games[fixture_id])
        return self._checked[fixture_id]

    def check_used(self) -> None:
        """Raise BadInput for a match that no leg is decided by."""
        if self._given is not None and not self._checked:
            raise BadInput("No leg names a market, so a match decides nothing.", "match")


def _leg(given: Any, place: str, matches: _Matches) -> dict[str, Any]:
    given = _object(given, place, needs=("odds",), takes=(*_GIVEN, *_COMPUTED))
    with _at(f"{place}.odds"):
        odds = canonical_odds(given["odds"])
    if any(name in given for name in _COMPUTED):
        return {"odds": odds, "result": _computed(given, place, matches), "dead_heat": None}
    result = _result(given, place)
    dead_heat = given.get("deadHeat")
    if dead_heat is not None:
        with _at(f"{place}.deadHeat"):
            multipliers.parse_dead_heat(dead_heat)
        if result is None:
            raise BadInput("A leg that is open has no dead heat yet.", f"{place}.deadHeat")
    return {"odds": odds, "result": result, "dead_heat": dead_heat}


def _result(leg: Mapping[str, Any], place: str) -> str | None:
    """Return what a leg came to, as it is given; None while it is open."""
    if "result" not in leg:
        raise BadInput("A leg has a result, or a market and an outcome.", f"{place}.result")
    result = leg["result"]
    if not isinstance(result, str) or result not in RESULTS:
        raise BadInput(f"A result is one of {', '.join(RESULTS)}.", f"{place}.result")
    return None if result == "OPEN" else result


def _computed(leg: Mapping[str, Any], place: str, matches: _Matches) -> str | None:
    """Return what a leg came to by its match; None while that leaves it open."""
    for name in _GIVEN:
        if name in leg:
            raise BadInput(f"A leg with a market has no {name}: its match decides it.", f"{place}.{name}")
    for name in _COMPUTED:
        if not isinstance(leg.get(name), str):
            raise BadInput(f"A leg that its match decides has {name}, a text.", f"{place}.{name}")
    market = leg["market"]
    with _at(f"{place}.market", one=True):
        try:
            definition = kinds.definition_of(market)
        except NotFound as error:
            raise UnknownMarket("This is of no known kind; a market is written sr:match:123/18/total=2.5.") from error
        specifiers = kinds.canonical_specifiers(definition, kinds.specifiers_of(market))
        fixture_id = identifier(kinds.fixture_of(market), kinds.LONGEST_FIXTURE_ID, name="fixtureId")
    written = kinds.market_id(fixture_id, definition, specifiers)
    if market != written:
        raise BadInput(f"This market is written {written}.", f"{place}.market")
    with _at(f"{place}.outcome"):
        outcome = kinds.outcome(definition, leg["outcome"])
    return outcomes.results(definition, specifiers, matches.of(fixture_id, place))[outcome.outcome_id]


def _system(given: Any, legs: int) -> systems.System:
    if given is None:
        return systems.multi(legs)
    given = _object(given, "system", needs=(), takes=(*_SHAPES, "bankers"))
    shapes = [shape for shape in _SHAPES if given.get(shape) is not None]
    if len(shapes) != 1:
        raise BadInput("A system has one of k, ks and kind.", "system")
    place, value = f"system.{shapes[0]}", given[shapes[0]]
    bankers = tuple(_counts([] if given.get("bankers") is None else given["bankers"], "system.bankers"))
    try:
        if shapes[0] == "kind":
            system = systems.named(value, legs, bankers)
        else:
            system = systems.System(tuple(_counts([value] if shapes[0] == "k" else value, place)), bankers)
        today = clock.now().astimezone(clock.NAIROBI).date()
        systems.check_system(system, legs, limits_for(today, ()).max_lines)
    except DomainError as error:
        wrong = "system.bankers" if isinstance(error, WrongBanker) else place
        raise BadInput(error.message, wrong, error.code) from error
    return system


def _counts(given: Any, place: str) -> list[int]:
    if not isinstance(given, list) or not all(type(value) is int for value in given) or len(given) > MAX_LEGS:
        raise BadInput(f"Whole numbers, at most {MAX_LEGS}.", place)
    return given


def _ladder(given: Any) -> bonus.Ladder | None:
    if given is None:
        return None
    with _at("bonus"):
        return bonus.read_ladder(given)


def _tariff(given: Any) -> Tariff:
    try:
        return tariff_on(_day(given))
    except LookupError as error:
        raise BadInput("No taxes are known for that day.", "placedAt") from error


def _day(given: Any) -> date:
    if given is None:
        return clock.now().astimezone(clock.NAIROBI).date()
    try:
        at = datetime.fromisoformat(given)
        if at.tzinfo is None:
            raise ValueError("no zone")
        return at.astimezone(clock.NAIROBI).date()
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput('placedAt is a time with its zone, such as "2026-12-01T15:00:00Z".', "placedAt") from error
