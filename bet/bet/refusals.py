"""Why a bet is not taken."""

from betsafi.errors import DomainError


class BetRefused(DomainError):
    """The bet is not taken; any stake held for it goes back."""

    status = 409


class UnknownMarket(BetRefused):
    """A selection names a market or an outcome that does not exist."""

    code = "UNKNOWN_MARKET"
    status = 404


class MarketSuspended(BetRefused):
    """A market takes no bets for now."""

    code = "MARKET_SUSPENDED"


class MarketClosed(BetRefused):
    """The game has begun or the market is settled."""

    code = "MARKET_CLOSED"


class OddsChanged(BetRefused):
    """The price moved and the slip's policy does not take the new one. `info.selections` has the new odds."""

    code = "ODDS_CHANGED"


class StakeLimit(BetRefused):
    """The stake is below the minimum or above what is taken on this selection."""

    code = "STAKE_LIMIT"


class ExposureLimit(StakeLimit):
    """A selection has no room left for what this bet could pay. To players it is a StakeLimit."""


class SameEvent(BetRefused):
    """Two selections of one slip depend on the same game."""

    code = "SAME_EVENT"


class TimedOut(BetRefused):
    """The bet could not be accepted in time."""

    code = "BET_TIMED_OUT"
