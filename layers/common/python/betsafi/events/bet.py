"""Facts about fixtures, odds and bets."""

from typing import ClassVar, Literal

from pydantic import Field

from betsafi.events import acts
from betsafi.events.model import Cents, Event, Id, Model, Odds, Stamp, Version

Result = Literal["WON", "LOST", "VOID", "HALF_WON", "HALF_LOST"]


class FixtureChanged(Event):
    """A fixture was created, moved, postponed or closed, or has another score.

    `goals` by period, the home team's first: REGULAR, and those that there are; none in version 0 of the score.
    """

    source = "betsafi.bet"
    fixture_id: Id
    status: str
    starts_at: Stamp
    score_version: Version = 0
    goals: dict[str, list[int]] = Field(default_factory=dict)


class OddsChanged(Event):
    """A market has a new version of its prices or its status, or of its fixture's start or status.

    Version 2 names outcomes, as feeds do: of 1X2, 1 is home, 2 the draw and 3 away. Version 1 had the keys 1, X and 2.
    """

    source = "betsafi.bet"
    version: ClassVar[int] = 2
    reads: ClassVar[frozenset[int]] = frozenset({1, 2})
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


class Window(Model):
    """Of bets that were placed between two moments, both included, or before or after one, the leg is void."""

    placed_from: Stamp | None = None
    placed_to: Stamp | None = None


class MarketSettled(Event, acts.ByHand):
    """A market has a (new version of its) result; its bets are being settled. Outcomes without one stay open.

    Version 2 names outcomes, as `OddsChanged` does, and has half results, dead heats ("n/d" by outcome), and windows in
    which bets are cancelled; there may be windows alone.
    """

    source = "betsafi.bet"
    version: ClassVar[int] = 2
    reads: ClassVar[frozenset[int]] = frozenset({1, 2})
    fixture_id: Id
    market_id: Id
    result_version: Version
    results: dict[str, Result]
    dead_heats: dict[str, str] = Field(default_factory=dict)
    windows: list[Window] = Field(default_factory=list)


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


class BetRepriced(_BetEvent):
    """Two people let a leg of an open bet count at other odds, by their `correction_version`-th decision of it: it can
    pay another sum."""

    potential_payout_cents: Cents
    correction_version: Version


class BetProgressed(_BetEvent):
    """A leg of an open bet has a result, or another one, and the bet is still to be decided; no money moves.

    `result_version` is the reckoning by which it is open: 0 where it was never decided.
    """

    result_version: Version


class BetStaffActed(acts.StaffActed):
    """Somebody of the staff did, proposed or refused something in this service: see `acts.StaffActed`."""

    source = "betsafi.bet"


del _BetEvent
