"""What the calculator is asked: JSON, checked field by field."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bet.payouts import bonus, multipliers, systems
from bet.payouts.taxes import Tariff, tariff_on
from bet.refusals import WrongBanker
from bet.slips.limits import limits_for
from bet.slips.slip import MAX_LEGS
from betsafi import clock
from betsafi.errors import DomainError
from betsafi.money import parse_amount
from betsafi.odds import canonical_odds

LARGEST = 100_000
"""Bytes; forty legs take three thousand."""

RESULTS = (*multipliers.RESULTS, "OPEN")
_SHAPES = ("k", "ks", "kind")


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
    asked = _object(_json(text), None, needs=("stake", "legs"), takes=("system", "bonus", "placedAt"))
    with _at("stake"):
        stake_cents = parse_amount(asked["stake"])
    legs = asked["legs"]
    if not isinstance(legs, list) or not 1 <= len(legs) <= MAX_LEGS:
        raise BadInput(f"legs is a list of 1 to {MAX_LEGS} legs.", "legs")
    return Slip(
        stake_cents,
        [_leg(leg, f"legs[{n}]") for n, leg in enumerate(legs)],
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


def _object(given: Any, place: str | None, needs: Sequence[str], takes: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise BadInput("This is an object, written {…}.", place)
    for key in needs:
        if key not in given:
            raise BadInput(f"{key} is missing.", _path(place, key))
    for key in given:
        if key not in (*needs, *takes):
            known = ", ".join((*needs, *takes))
            raise BadInput(f"Nothing of this name is known here; there are {known}.", _path(place, key[:40]))
    return given


def _path(place: str | None, key: str) -> str:
    return f"{place}.{key}" if place else key


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say of what the product's own rules refuse in here where it stands."""
    try:
        yield
    except DomainError as error:
        field = error.info.get("field")
        raise BadInput(error.message, _path(place, field) if field else place, error.code) from error


def _leg(given: Any, place: str) -> dict[str, Any]:
    given = _object(given, place, needs=("odds", "result"), takes=("deadHeat",))
    with _at(f"{place}.odds"):
        odds = canonical_odds(given["odds"])
    result = _result(given, place)
    dead_heat = given.get("deadHeat")
    if dead_heat is not None:
        with _at(f"{place}.deadHeat"):
            multipliers.parse_dead_heat(dead_heat)
        if result is None:
            raise BadInput("A leg that is open has no dead heat yet.", f"{place}.deadHeat")
    return {"odds": odds, "result": result, "dead_heat": dead_heat}


def _result(leg: Mapping[str, Any], place: str) -> str | None:
    """Return what a leg came to; None while it is open.

    This is the place of results that are computed: of a leg that names a market, from the `match` that is asked with.
    """
    result = leg["result"]
    if not isinstance(result, str) or result not in RESULTS:
        raise BadInput(f"A result is one of {', '.join(RESULTS)}.", f"{place}.result")
    return None if result == "OPEN" else result


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
