"""How a bet is placed: PENDING first, then the stake, then one transaction that accepts; any refusal gives all back.

Only this saga accepts, and only before the bet's `accept_before`. If it dies, the follow-up rejects the bet and the
stake goes back; if the player asks again with the same request id in time, it goes on where it stopped.
"""

from collections import Counter
from dataclasses import dataclass

from bet import wallet_api, wording
from bet.markets import changing
from bet.markets.market import Market
from bet.refusals import BetRefused, ExposureLimit, StakeLimit, TimedOut
from bet.slips import acceptance, bets
from bet.slips.assessing import assess
from bet.slips.price import PricedSlip
from bet.slips.slip import Slip
from bet.wallet_api import Promise
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Conflict, Contention, DomainError, IdempotencyKeyReused, Unavailable
from betsafi.service_client import Refused
from betsafi.settings import read_settings
from betsafi.telemetry import count, logger

_TRIES = 4
_BUSY = 3
"""Tries of one bet that met others on a guard, from which on the market gets more guards."""


@dataclass(frozen=True)
class Settings:
    """How long a bet may take to be accepted."""

    accept_seconds: int = 10


settings = read_settings(Settings)


def place(user_id: str, slip: Slip) -> Item:
    """Place the bet and return it, accepted or as an earlier call with the same request id left it.

    Raises BetRefused (with its reason), Refused by the wallet, IdempotencyKeyReused, Contention, Unavailable. After any
    of these the bet, if it was written at all, is rejected and holds no money, now or shortly.
    """
    bet_id = bets.bet_id_of(user_id, slip.request_id)
    try:
        priced = _price(bet_id, slip)
    except BetRefused as refusal:
        # Nothing is written yet, unless this is a repeat: then what the first call came to is returned.
        if (earlier := bets.find_bet(user_id, bet_id)) is None:
            raise
        return _standing(earlier, slip) or _give_up(earlier, refusal)
    bet = acceptance.put_pending(user_id, bet_id, slip, settings.accept_seconds)
    return _standing(bet, slip) or _resume(bet, slip, priced)


def _standing(bet: Item, slip: Slip) -> Item | None:
    """Return a bet that is decided already; None while it is PENDING. Raises IdempotencyKeyReused for another bet."""
    if bet["fingerprint"] != slip.fingerprint:
        raise IdempotencyKeyReused(wording.KEY_REUSED)
    return bet if bet["status"] != "PENDING" else None


def _resume(bet: Item, slip: Slip, priced: PricedSlip) -> Item:
    try:
        wallet_api.hold_stake(bet["user_id"], bet["bet_id"], bet["stake_cents"], promise(priced))
        return _accept(bet, slip, priced)
    except (BetRefused, Refused, Contention, Unavailable) as refusal:
        return _give_up(bet, refusal)


def promise(priced: PricedSlip) -> Promise:
    """Return what a slip could pay, as the account counts it."""
    day = priced.payout_day.isoformat()
    return Promise(priced.payout_cents, day, priced.most_of_day_cents, priced.same, priced.most_of_same_cents)


def _price(bet_id: str, slip: Slip, *, fresh: bool = False) -> PricedSlip:
    """Price the slip by the guards that the bet uses. Raises BetRefused."""
    try:
        return assess(bet_id, slip, fresh=fresh).accepted()
    except ExposureLimit:
        count("BetRefusedForExposure")
        raise


def _accept(bet: Item, slip: Slip, priced: PricedSlip) -> Item:
    met: Counter[tuple[str, int]] = Counter()
    try:
        return _try_to_accept(bet, slip, priced, met)
    finally:
        for (market_id, had), times in met.items():
            if times >= _BUSY:
                _relieve(market_id, had)


def _relieve(market_id: str, had: int) -> None:
    """Give a market on which bets get into each other's way twice the guards, if nobody else has done so already."""
    try:
        changing.add_guards(market_id, 2 * had, seen=had, seconds=1)
        logger.info("guards added", market_id=market_id)
    except (Conflict, Contention) as error:
        logger.warning("no guards added", market_id=market_id, error=error.code)


def _try_to_accept(bet: Item, slip: Slip, priced: PricedSlip, met: Counter[tuple[str, int]]) -> Item:
    """Accept the bet as it was priced; where a guard has changed since, at the price that it has now."""

    def meet(market: Market) -> None:
        met[market.market_id, market.guards] += 1

    for attempt in range(_TRIES):
        if attempt:
            priced = _price(bet["bet_id"], slip, fresh=True)
        try:
            accepted = acceptance.accept(bet, priced, meet)
            _watch_room(priced)
            return accepted
        except ConditionFailed as failure:
            if 0 in failure.found:
                current = bets.get_bet(bet["user_id"], bet["bet_id"])
                if current["status"] == "PENDING":
                    raise TimedOut(wording.TIMED_OUT) from failure
                return current
    raise StakeLimit(wording.GREAT_DEMAND)


def _watch_room(priced: PricedSlip) -> None:
    """Count, for the alarm, that a selection of an accepted bet has little room left on its guard."""
    for leg in priced.legs:
        if 5 * (leg.market.exposure[leg.outcome_id] + priced.payout_cents) > 4 * leg.market.limit_cents:
            count("ExposureNearLimit")
            logger.warning("exposure near limit", market_id=leg.market.market_id, outcome_id=leg.outcome_id)


def _give_up(bet: Item, refusal: DomainError) -> Item:
    """Reject the bet, then give its stake back; should that call not get through, the BetRejected event does it."""
    decided = acceptance.reject(bet, refusal)
    if decided["status"] != "REJECTED":
        return decided
    if not isinstance(refusal, Refused):
        try:
            wallet_api.release_stake(bet["user_id"], bet["bet_id"], refusal.code)
        except (Refused, Unavailable) as error:
            logger.warning("release left to the event", bet_id=bet["bet_id"], error=error.code)
    raise refusal
