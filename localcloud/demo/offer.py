"""What there is to bet on in the demo: competitions, teams, fixtures and their markets, made as traders make them."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from localcloud.demo.app import App, AppError

SAMPLE = Path(__file__).with_name("samples") / "offer.json"
_FOOTBALL = "sr:sport:1"
_JOURNEY = {
    "id": "journey",
    "country": {"id": "KE", "name": {"en": "Kenya"}},
    "name": {"en": "Club friendlies", "sw": "Mechi za kirafiki"},
    "tier": "STANDARD",
}
_TEAMS = ("Kisumu Stars", "Nakuru Rovers")
_CREATE = "mutation($input: CreateFixtureInput!) { createFixture(input: $input) { id } }"
_ADD = (
    "mutation($fixture: ID!, $markets: [MarketInput!]!) { addMarkets(fixtureId: $fixture, markets: $markets) { id } }"
)

Markets = Mapping[str, Mapping[str, str]]
"""Odds by outcome, by `definition/specifiers`, for example {"18/total=2.5": {"12": "1.95", "13": "1.85"}}."""


def seed_offer(trader: App, now: datetime) -> None:
    """Create the sample's fixtures, some hours from now; those that are there already stay as they are."""
    sample = json.loads(SAMPLE.read_text())
    for competition in sample["competitions"]:
        _keep(trader, "Competition", competition)
    for fixture in sample["fixtures"]:
        starts_at = now + timedelta(hours=fixture["startsInHours"])
        # A day's run of the sample has ids of its own, so that there is always something to bet on.
        fixture_id = f"{fixture['id']}-{starts_at:%m%d}"
        teams = fixture["home"], fixture["away"]
        create(trader, fixture_id, fixture["competition"], teams, f"{starts_at:%Y-%m-%dT%H}:00:00Z", fixture["markets"])


def create_games(trader: App, games: Mapping[str, Markets], starts_at: str = "") -> None:
    """Create fixtures of the journey, in two hours unless said, with their markets, by their ids."""
    _keep(trader, "Competition", _JOURNEY)
    begins = starts_at or f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
    for fixture_id, markets in games.items():
        create(trader, fixture_id, _JOURNEY["id"], _TEAMS, begins, markets)


def create(
    trader: App, fixture_id: str, competition: object, teams: tuple[str, str], starts_at: str, markets: Markets
) -> None:
    """Create a fixture of two teams, named here, with these markets; one that is there already stays as it is.

    Raises AppError, with CONFLICT for other markets under these ids.
    """
    ids = [re.sub(r"\W+", "-", team.lower()) for team in teams]
    for team_id, team in zip(ids, teams, strict=True):
        _keep(trader, "Team", {"id": team_id, "name": {"en": team}})
    home, away = ids
    given = {"id": fixture_id, "competitionId": competition, "homeTeamId": home, "awayTeamId": away}
    try:
        trader.ask(_CREATE, input={**given, "startsAt": starts_at})
    except AppError as error:
        if error.type != "CONFLICT":
            raise
    trader.ask(_ADD, fixture=fixture_id, markets=[_market(kind, odds) for kind, odds in markets.items()])


def _market(kind: str, odds: Mapping[str, str]) -> dict[str, Any]:
    definition, _, specifiers = kind.partition("/")
    rows = [{"outcomeId": outcome, "odds": price} for outcome, price in odds.items()]
    return {"definitionId": definition, "specifiers": specifiers or None, "odds": rows}


def _keep(trader: App, kind: str, given: Mapping[str, Any]) -> None:
    document = f"mutation($input: {kind}Input!) {{ put{kind}(input: $input) {{ id }} }}"
    trader.ask(document, input={"sportId": _FOOTBALL, **given})
