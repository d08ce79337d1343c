"""How two traders decide one bet: it is void, or a leg counts at other odds. The bet follows from the stream."""

from collections.abc import Callable

from bet import wording
from bet.markets import limits
from bet.settlement import arithmetic
from bet.settlement.correcting import find_correction, put_correction
from bet.slips.bets import get_bet
from bet.table import correction_key, table
from bet.trading.games import Decision
from betsafi import approval
from betsafi.audit import Act, was_done
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Conflict, Contention, InvalidInput
from betsafi.people import Staff

_TRIES = 10


def void_bet(user_id: str, bet_id: str, trader: Staff, reason: str, request_id: str = "") -> Decision:
    """Void a bet, open or settled: the stake comes back, whatever becomes of its legs.

    Raises NotFound, Forbidden for one's own, Conflict for a bet that is rejected or cancelled, or where somebody else
    proposed otherwise, Contention.
    """
    act = _act("voidBet", user_id, bet_id, {"voided": True}, trader, reason, request_id)
    return _decide(act, user_id, bet_id, lambda bet, before: {"voided": True})


def reprice_bet(
    user_id: str, bet_id: str, market_id: str, odds: str, trader: Staff, reason: str, request_id: str = ""
) -> Decision:
    """Let a leg count at other odds (canonical decimal string) than those it was taken at.

    Raises InvalidInput for a market that is not on the bet, Conflict for a bet that could then pay more than one may,
    and what `void_bet` raises.
    """

    def becomes(bet: Item, before: Item) -> Item:
        if all(leg["market_id"] != market_id for leg in bet["legs"]):
            raise InvalidInput(wording.NOT_ON_THE_BET)
        counts = {**before["odds"], market_id: odds}  # the bet may not have taken what was decided before
        legs = [{**leg, "odds": counts.get(leg["market_id"], leg["odds"])} for leg in bet["legs"]]
        if arithmetic.best(bet, legs) > limits.settings.max_payout_cents:
            raise Conflict(wording.largest_payout(limits.settings.max_payout_cents))
        return {"odds": counts}

    decision = {"marketId": market_id, "odds": odds}
    return _decide(_act("repriceBet", user_id, bet_id, decision, trader, reason, request_id), user_id, bet_id, becomes)


def refuse(bet_id: str, trader: Staff, reason: str, request_id: str = "") -> None:
    """End what another trader proposed for a bet; one's own too. Raises NotFound, Conflict."""
    act = _act("refuseBetDecision", "", bet_id, {}, trader, reason, request_id)
    if not was_done(table, act):
        approval.refuse(table, act)


def _decide(act: Act, user_id: str, bet_id: str, becomes: Callable[[Item, Item], Item]) -> Decision:
    for _ in range(_TRIES):
        bet, before = get_bet(user_id, bet_id), find_correction(bet_id)
        seen = {"version": before["correction_version"]}
        if was_done(table, act):
            proposal = approval.find(table, act.pk)
            if proposal and approval.status(proposal, seen) == "PROPOSED":
                return Decision(bet_id, None, [act.by.id], wording.PROPOSED_BEFORE)
            return _decided(bet_id, before, wording.BET_STANDS)
        if bet["status"] not in ("ACCEPTED", "SETTLED"):
            raise Conflict(wording.NOT_LIVE)
        after = becomes(bet, before)
        if all(before[name] == value for name, value in after.items()):
            return _decided(bet_id, before, wording.BET_STANDS)
        agreed = approval.decide(table, act, seen)
        if agreed is None:
            return Decision(bet_id, None, [act.by.id], wording.proposed(wording.ONE_BET))
        trail = agreed.writes({name: before[name] for name in after}, act.decision)
        try:
            made = put_correction(bet, before, {**after, **agreed.named}, *trail)
        except ConditionFailed:
            continue
        return _decided(bet_id, made, wording.BET_FOLLOWS)
    raise Contention(wording.MARKET_BUSY)


def _decided(bet_id: str, correction: Item, message: str) -> Decision:
    return Decision(bet_id, correction["correction_version"], correction.get("decided_by", []), message)


def _act(action: str, user_id: str, bet_id: str, decision: Item, trader: Staff, reason: str, request_id: str) -> Act:
    pk, _ = correction_key(bet_id)
    return Act(action, pk, trader, reason, decision, user_id, request_id=request_id)
