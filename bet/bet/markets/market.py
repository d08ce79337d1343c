"""A market as a bet meets it, and what a bet reserves on one. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple


class Game(NamedTuple):
    """What a slip knows of a market's fixture: its tier, and names by language, which never change."""

    tier: str = "STANDARD"
    competition: Mapping[str, str] = MappingProxyType({})
    home: Mapping[str, str] = MappingProxyType({})
    away: Mapping[str, str] = MappingProxyType({})


NO_GAME = Game()


@dataclass(frozen=True)
class Market:
    """A market as the guard that a bet uses has it: `guard` of `guards`.

    `odds` by selection; `exposure`: by selection, what the guard's open bets with it would pay together, in cents;
    `limit_cents`: what that may be at most on this guard; `counts_from`: the result that reopened the market (0: none).
    """

    market_id: str
    fixture_id: str
    definition_id: str
    specifiers: str
    version: int
    status: str
    fixture_status: str
    starts_at: datetime
    odds: dict[str, str]
    exposure: dict[str, int]
    limit_cents: int
    guard: int
    guards: int = 1
    counts_from: int = 0
    game: Game = NO_GAME


class Reservation(NamedTuple):
    """Where a bet reserves what it could pay; the leg has seen results up to `result_version` (0: none)."""

    market_id: str
    guard: int
    outcome_id: str
    result_version: int
