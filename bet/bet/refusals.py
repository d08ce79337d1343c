"""Why a bet is not taken."""

from typing import Any

from betsafi.errors import DomainError, InvalidInput


class BetRefused(DomainError):
    """The bet is not taken; any stake held for it goes back."""

    status = 409
    checked: Any = None
    """All that was found of the slip (`slips.price.Checked`), where it was its check that refused it."""


class UnknownMarket(BetRefused):
    """A selection names a market or an outcome that does not exist."""

    code = "UNKNOWN_MARKET"
    sw = "Chaguo hili halipo."
    status = 404


class BettingSuspended(BetRefused):
    """No bets are taken at all for now."""

    code = "BETTING_SUSPENDED"
    sw = "Kwa sasa hatupokei mikeka. Tafadhali jaribu tena baadaye."


class MarketSuspended(BetRefused):
    """A market takes no bets for now."""

    code = "MARKET_SUSPENDED"
    sw = "Soko hili limesimamishwa kwa muda. Tafadhali jaribu tena baada ya muda mfupi."


class MarketClosed(BetRefused):
    """The game has begun or the market is settled."""

    code = "MARKET_CLOSED"
    sw = "Ubashiri wa mchezo huu umefungwa."


class OddsChanged(BetRefused):
    """The price moved and the slip's policy does not take the new one. `info.selections` has the new odds."""

    code = "ODDS_CHANGED"
    sw = "Odds zimebadilika. Angalia odds mpya na uweke mkeka tena."


class StakeLimit(BetRefused):
    """The stake is below the minimum or above what is taken on this selection.

    `info`: `minCents`, `maxCents` or `maxPayoutCents`, where one of these is the reason.
    """

    code = "STAKE_LIMIT"
    sw = "Dau hili haliko ndani ya kiwango kinachoruhusiwa. Chagua dau lingine."


class ExposureLimit(StakeLimit):
    """A selection has no room left for what this bet could pay. To players it is a StakeLimit."""


class OddsLimit(BetRefused):
    """The odds of one of its lines together are above the most, `info.most`."""

    code = "ODDS_LIMIT"
    sw = "Odds za mkeka huu kwa pamoja ni kubwa kuliko zinazoruhusiwa. Ondoa chaguo moja au zaidi."


class TooManyLegs(BetRefused):
    """The slip has more `info.legs` than `info.most`."""

    code = "TOO_MANY_LEGS"
    sw = "Mkeka huu una chaguo nyingi kuliko zinazoruhusiwa."


class PayoutLimit(BetRefused):
    """The player's other bets leave no room for what this one could pay: those of its day, or equal ones.

    `info`: `limit` (day, same) and `leftCents`. The account refuses it, when the stake is held.
    """

    code = "PAYOUT_LIMIT"
    sw = "Mkeka huu pamoja na mingine yako ungeweza kulipa zaidi ya kinachoruhusiwa. Chagua dau dogo zaidi."


class SameEvent(BetRefused):
    """Two selections of one slip depend on the same game.

    `info.combined`: what says two `legs` (positions) together and can be bet on in their place, at odds of its own.
    """

    code = "SAME_EVENT"
    sw = "Chaguo mbili za mchezo mmoja haziwezi kuunganishwa."


class TimedOut(BetRefused):
    """The bet could not be accepted in time."""

    code = "BET_TIMED_OUT"
    sw = "Mkeka haukukubaliwa kwa wakati. Tafadhali jaribu tena."


class Contradiction(InvalidInput):
    """A match record says two things that cannot both be."""

    code = "CONTRADICTION"
    sw = "Taarifa za mchezo zinapingana. Zirekebishe na ujaribu tena."


class BelowMargin(InvalidInput):
    """Odds leave less than the least margin of their competition's tier.

    `info.markets`: each such market (`marketId`) with its `book` and the `least` one, in per cent.
    """

    code = "BELOW_MARGIN"
    sw = "Odds hizi zinaacha faida ndogo kuliko inayotakiwa."


class SystemRefused(BetRefused):
    """There are no lines of so many legs on this slip. `info`: `k`, or the slip's `ks`, and `legs` without bankers."""

    code = "INVALID_SYSTEM"
    sw = "Mfumo huu hauwezekani kwa chaguo za mkeka huu."


class UnknownSystem(SystemRefused):
    """There is no system of this name, `info.kind`."""

    code = "UNKNOWN_SYSTEM"
    sw = "Hakuna mfumo wenye jina hili."


class WrongBanker(BetRefused):
    """A banker is no leg of the slip, or is one twice. `info`: the `banker`'s position, and the slip's `legs`."""

    code = "INVALID_BANKER"
    sw = "Banker lazima iwe chaguo la mkeka huu, mara moja tu."


class TooManyLines(BetRefused):
    """The system has more `info.lines` than `info.most`."""

    code = "TOO_MANY_LINES"
    sw = "Mfumo huu una mistari mingi mno. Punguza chaguo, au ongeza banker."


class LineStakeLimit(BetRefused):
    """A line's share of the stake is below the smallest. `info`: the `lines`, and the `stake` that they need."""

    code = "LINE_STAKE_LIMIT"
    sw = "Dau kwa kila mstari ni dogo mno. Ongeza dau, au punguza mistari."
