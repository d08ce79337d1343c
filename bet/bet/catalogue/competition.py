"""Competitions and teams as traders give them, checked. No I/O."""

from typing import Any, NamedTuple

from bet import wording
from bet.catalogue import rules
from bet.catalogue.names import Names, names
from bet.catalogue.rules import Rules
from bet.catalogue.sports import sport
from bet.markets.tiers import TIERS, Tier
from betsafi.errors import InvalidInput
from betsafi.ids import path_identifier


class Competition(NamedTuple):
    """A competition. `tier` decides what its markets may cost; `rules` are its own, the operator's hold without any."""

    id: str
    sport_id: str
    country_id: str
    country: Names
    name: Names
    tier: Tier
    rules: tuple[Rules, ...] = ()


class Team(NamedTuple):
    """A team, or a player of a sport without teams."""

    id: str
    sport_id: str
    name: Names


def competition(given: dict[str, Any]) -> Competition:
    """Return the checked competition of `putCompetition`. Raises InvalidInput."""
    if given["tier"] not in TIERS:
        raise InvalidInput(wording.UNKNOWN_TIER)
    return Competition(
        path_identifier(given["id"], name="id"),
        sport(given["sportId"]),
        path_identifier(given["country"]["id"], name="country.id"),
        names(given["country"]["name"], "country.name"),
        names(given["name"], "name"),
        given["tier"],
        tuple(rules.rules(given.get("rules") or [])),
    )


def team(given: dict[str, Any]) -> Team:
    """Return the checked team of `putTeam`. Raises InvalidInput."""
    return Team(path_identifier(given["id"], name="id"), sport(given["sportId"]), names(given["name"], "name"))
