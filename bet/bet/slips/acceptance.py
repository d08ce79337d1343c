"""How a bet begins: PENDING, then ACCEPTED in one transaction or REJECTED, whoever comes first."""

from collections.abc import Callable
from datetime import timedelta

from bet import wording
from bet.markets import exposure
from bet.markets.market import Market
from bet.refusals import TimedOut
from bet.slips import bets, receipts
from bet.slips.price import Leg, PricedSlip, kept_system, system_of
from bet.slips.receipt import hash_of, receipt_text
from bet.slips.slip import Slip
from bet.table import bet_key, table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Update, Write, assign
from betsafi.errors import DomainError
from betsafi.telemetry import logger, trace


class NotDueYet(Exception):
    """The bet may still be accepted."""


def put_pending(user_id: str, bet_id: str, slip: Slip, accept_seconds: int) -> Item:
    """Write the bet as PENDING and return it, or the bet that stands under this id."""
    now = clock.now()
    pk, sk = bet_key(user_id, bet_id)
    system = system_of(slip.system, len(slip.selections))
    item = {
        "pk": pk,
        "sk": sk,
        "at": clock.stamp(now),
        "user_id": user_id,
        "bet_id": bet_id,
        "request_id": slip.request_id,
        "status": "PENDING",
        "stake_cents": slip.stake_cents,
        "policy": slip.policy,
        "legs": [
            {"market_id": pick.market_id, "outcome_id": pick.outcome_id, "odds": pick.odds} for pick in slip.selections
        ],
        **({} if system.is_multi(len(slip.selections)) else {"system": kept_system(system)}),
        "accept_before": clock.stamp(now + timedelta(seconds=accept_seconds)),
        "fingerprint": slip.fingerprint,
        "revision": 0,
        "settlement_version": 0,
        "trace": trace(),
    }
    return table.put_new(item) or item


def accept(bet: Item, priced: PricedSlip, on_conflict: Callable[[Market], None]) -> Item:
    """Accept a PENDING bet in one transaction: the bet, a guard and a leg item for each leg. Return the bet.

    Each guard reserves what the bet could pay, and is one whose game has not begun at the moment of the write.
    `on_conflict` is called with a market whose guard was being written by others, once a try.
    Raises ConditionFailed: position 0 is the bet (not pending any more, or too late), then guards and index items.
    """
    accepted: Item = {
        "status": "ACCEPTED",
        "legs": [_taken(leg) for leg in priced.legs],
        "potential_payout_cents": priced.payout_cents,
        "starts_at": clock.stamp(min(leg.market.starts_at for leg in priced.legs)),
        "accepted_at": clock.stamp(),
        **({"bonus": priced.ladder.since.isoformat()} if priced.ladder else {}),
        **bets.changed_once_more(bet),
    }
    text = receipt_text({**bet, **accepted}, priced)
    accepted["receipt"] = hash_of(text)
    writes: list[Write] = [
        Update(
            bets.key(bet),
            assign(accepted),
            condition="#status = :pending AND #accept_before > :now",
            values={**accepted, "pending": "PENDING", "now": clock.stamp},
        )
    ]
    markets: dict[int, Market] = {}
    listed = bets.put_legs(bet, accepted["legs"], text)
    for leg, put in zip(priced.legs, listed, strict=True):
        markets[len(writes)] = leg.market
        writes += [exposure.reserve(leg.market, leg.outcome_id, priced.payout_cents), put]

    def met(position: int) -> None:
        if position in markets:
            on_conflict(markets[position])

    table.transact(*writes, on_conflict=met)
    receipts.remember(bet["bet_id"], text)
    return {**bet, **accepted}


def _taken(leg: Leg) -> Item:
    return {
        "market_id": leg.market.market_id,
        "fixture_id": leg.market.fixture_id,
        "outcome_id": leg.outcome_id,
        "odds": leg.odds,
        "guard": leg.market.guard,
        # On a market that was reopened this bet is counted already, and knows the result that was taken back.
        **({"result_version": leg.market.counts_from} if leg.market.counts_from else {}),
    }


def reject(bet: Item, refusal: DomainError) -> Item:
    """Turn a PENDING bet into a REJECTED one; return the bet as it then stands, whoever decided it."""
    told = {"en": refusal.said("en"), "sw": refusal.said("sw")}
    rejected = {"status": "REJECTED", "reason": refusal.code, "refusal": told, **bets.changed_once_more(bet)}
    update = Update(
        bets.key(bet),
        assign(rejected),
        condition="#status = :pending",
        values={**rejected, "pending": "PENDING"},
    )
    try:
        return table.write(update)
    except ConditionFailed as failure:
        if failure.item is None:
            raise
        return failure.item


def time_out(user_id: str, bet_id: str) -> None:
    """Reject a bet that is still PENDING past its time. Raises NotDueYet before, NotFound."""
    bet = bets.get_bet(user_id, bet_id)
    if bet["status"] != "PENDING":
        return
    if clock.stamp() <= bet["accept_before"]:
        raise NotDueYet(bet["bet_id"])
    reject(bet, TimedOut(wording.TIMED_OUT))
    logger.info("bet timed out", bet_id=bet["bet_id"])
