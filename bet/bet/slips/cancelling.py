"""How a player takes a bet back: within the grace period, before the first game begins, while every market is open.

A market is suspended because something happened: whoever could take a bet back then would know more than when they bet.
"""

from bet import wording
from bet.markets import exposure, guards
from bet.markets.market import Reservation
from bet.markets.status import check_betting, check_open
from bet.slips import bets, grace
from bet.table import table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Write
from betsafi.errors import Contention

_TRIES = 4


def cancel(user_id: str, bet_id: str) -> Item:
    """Take the bet back and return it; a cancelled bet stays cancelled.

    Raises NotFound, TooLateToCancel, BettingSuspended, MarketSuspended or MarketClosed while no bets are taken,
    Contention.
    """
    for _ in range(_TRIES):
        bet = bets.get_bet(user_id, bet_id)
        if bet["status"] == "CANCELLED":
            return bet
        _check(bet)
        try:
            return take_back(bet)
        except ConditionFailed:
            continue
    raise Contention(wording.NOT_CANCELLED)


def take_back(bet: Item) -> Item:
    """Take an ACCEPTED bet back, and what it reserves.

    Raises ConditionFailed: position 0 is the bet (it changed meanwhile), then the guards of markets that take no bets.
    """
    update, cancelled = bets.change(bet, {"status": "CANCELLED", "cancelled_at": clock.stamp()})
    writes: list[Write] = [update]
    for leg in bet["legs"]:
        place = Reservation(leg["market_id"], leg["guard"], leg["outcome_id"], leg.get("result_version", 0))
        writes.append(exposure.give_back(place, bet["potential_payout_cents"]))
    table.transact(*writes)
    return cancelled


def _check(bet: Item) -> None:
    now = clock.now()
    grace.check(bet, now)
    used, is_open = guards.guards_used_by(bet)
    check_betting(is_open)
    for guard in used:
        starts_at = clock.parse_stamp(guard["starts_at"])
        check_open(guard["market_id"], guard["status"], guard["fixture_status"], starts_at, now)
