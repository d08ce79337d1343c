"""A fixture as traders give it, checked. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bet import wording
from bet.markets.definition import LONGEST_FIXTURE_ID, TIERS, Tier, market_of, prices
from betsafi import inputs
from betsafi.errors import InvalidInput
from betsafi.ids import identifier


@dataclass(frozen=True)
class NewFixture:
    """A fixture and the prices of its 1X2 market; its competition's tier decides what the market may cost."""

    fixture_id: str
    competition: str
    home: str
    away: str
    starts_at: datetime
    odds: dict[str, str]
    tier: Tier = "STANDARD"

    @property
    def market_id(self) -> str:
        """The id of the fixture's 1X2 market."""
        return market_of(self.fixture_id)


def new_fixture(given: dict[str, Any]) -> NewFixture:
    """Return the checked fixture of `createFixture`. Raises InvalidInput, InvalidOdds."""
    starts_at = inputs.moment(given["startsAt"], "startsAt")
    names = {name: inputs.text(given[name], name, 1, 80) for name in ("competition", "home", "away")}
    tier = given.get("tier") or "STANDARD"
    if tier not in TIERS:
        raise InvalidInput(wording.UNKNOWN_TIER)
    fixture_id = identifier(given["id"], LONGEST_FIXTURE_ID, name="id")
    return NewFixture(fixture_id, starts_at=starts_at, odds=prices(given["odds"]), tier=tier, **names)
