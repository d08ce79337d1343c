"""Facts about fixtures, odds and bets."""

from typing import Literal

from betsafi.events import acts
from betsafi.events.model import Cents, Event, Id, Odds, Stamp, Version

Result = Literal["WON", "LOST", "VOID"]


class FixtureChanged(Event):
    """A fixture was created, moved, postponed or closed."""

    source = "betsafi.bet"
    fixture_id: Id
    status: str
    starts_at: Stamp


class OddsChanged(Event):
    """A market has a new version of its prices or its status."""

    source = "betsafi.bet"
    fixture_id: Id
    market_id: Id
    market_version: Version
    status: str
    odds: dict[str, Odds]


class MarketSuspended(Event):
    """A market takes no bets for now."""

    source = "betsafi.bet"
    fixture_id: Id
    market_id: Id
    market_version: Version


class MarketSettled(Event, acts.ByHand):
    """A market has a (new version of its) result; its bets are being settled."""

    source = "betsafi.bet"
    fixture_id: Id
    market_id: Id
    result_version: Version
    results: dict[str, Result]


class MarketRolledBack(Event, acts.ByHand):
    """A market's result was taken back, under the next version of it: the bets that it decided are being reopened."""

    source = "betsafi.bet"
    fixture_id: Id
    market_id: Id
    result_version: Version


class _BetEvent(Event):
    # Of two facts about one bet, the one of the lower `bet_version` is discarded.
    source = "betsafi.bet"
    bet_id: Id
    user_id: Id
    stake_cents: Cents
    bet_version: Version | None = None


class BetAccepted(_BetEvent):
    """The stake is held and the bet stands at these odds."""

    potential_payout_cents: Cents


class BetRejected(_BetEvent):
    """The bet was refused; any stake held for it goes back."""

    reason: str


class BetCancelled(_BetEvent):
    """The player took the bet back within the grace period; the stake goes back."""


class BetSettled(_BetEvent):
    """The bet's result by its `result_version`-th reckoning. `payout_cents` is absolute, stake included."""

    result_version: Version
    payout_cents: Cents
    outcome: Literal["WON", "LOST", "VOID"]


class BetReopened(_BetEvent):
    """A corrected result took back what decided the bet: it is open again, as of its `result_version`-th reckoning."""

    result_version: Version


class BetStaffActed(acts.StaffActed):
    """Somebody of the staff did, proposed or refused something in this service: see `acts.StaffActed`."""

    source = "betsafi.bet"


del _BetEvent
