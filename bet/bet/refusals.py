"""Why a bet is not taken."""

from betsafi.errors import DomainError, InvalidInput


class BetRefused(DomainError):
    """The bet is not taken; any stake held for it goes back."""

    status = 409


class UnknownMarket(BetRefused):
    """A selection names a market or an outcome that does not exist."""

    code = "UNKNOWN_MARKET"
    status = 404


class BettingSuspended(BetRefused):
    """No bets are taken at all for now. `info.sentences`: in both languages."""

    code = "BETTING_SUSPENDED"


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


class OddsLimit(BetRefused):
    """The odds of one of its lines together are above the most, `info.most`."""

    code = "ODDS_LIMIT"


class TooManyLegs(BetRefused):
    """The slip has more `info.legs` than `info.most`."""

    code = "TOO_MANY_LEGS"


class PayoutLimit(BetRefused):
    """The player's other bets leave no room for what this one could pay: those of its day, or equal ones.

    `info`: `limit` (day, same) and `leftCents`. The account refuses it, when the stake is held.
    """

    code = "PAYOUT_LIMIT"


class SameEvent(BetRefused):
    """Two selections of one slip depend on the same game.

    `info.combined`: what says two `legs` (positions) together and can be bet on in their place, at odds of its own.
    """

    code = "SAME_EVENT"


class TimedOut(BetRefused):
    """The bet could not be accepted in time."""

    code = "BET_TIMED_OUT"


class Contradiction(InvalidInput):
    """A match record says two things that cannot both be."""

    code = "CONTRADICTION"


class BelowMargin(InvalidInput):
    """Odds leave less than the least margin of their competition's tier.

    `info.markets`: each such market (`marketId`) with its `book` and the `least` one, in per cent.
    """

    code = "BELOW_MARGIN"


class SystemRefused(BetRefused):
    """There are no lines of so many legs on this slip. `info`: `k`, or the slip's `ks`, and `legs` without bankers."""

    code = "INVALID_SYSTEM"


class UnknownSystem(SystemRefused):
    """There is no system of this name, `info.kind`."""

    code = "UNKNOWN_SYSTEM"


class WrongBanker(BetRefused):
    """A banker is no leg of the slip, or is one twice. `info`: the `banker`'s position, and the slip's `legs`."""

    code = "INVALID_BANKER"


class TooManyLines(BetRefused):
    """The system has more `info.lines` than `info.most`."""

    code = "TOO_MANY_LINES"


class LineStakeLimit(BetRefused):
    """A line's share of the stake is below the smallest. `info`: the `lines`, and the `stake` that they need."""

    code = "LINE_STAKE_LIMIT"
