"""A slip as it stands now: checked by the rules on the markets that its bet will use, by configuration of today."""

from functools import partial

from bet.markets import guards
from bet.markets.combined import combinations
from bet.payouts.bonus import ladder_on
from bet.slips.limits import limits_for
from bet.slips.price import Checked, check
from bet.slips.slip import Slip
from betsafi import clock


def assess(bet_id: str, slip: Slip, *, fresh: bool = False) -> Checked:
    """Return the slip checked on the guards that this bet uses, and writes nothing.

    What speaks against it by a cached price is believed only after a look at the real one, which also looks for markets
    that combine two legs of one game.
    """
    picks = [(pick.market_id, pick.outcome_id) for pick in slip.selections]
    together = combinations(picks) if fresh else []
    wanted = [market_id for market_id, _ in picks] + [each.market_id for each in together]
    markets = guards.markets_for(bet_id, wanted, fresh=fresh)
    now = clock.now()
    today = now.astimezone(clock.NAIROBI).date()
    checked = check(slip, markets, partial(limits_for, today), ladder_on(today), now, guards.betting_open())
    if checked.refusals and not fresh:
        return assess(bet_id, slip, fresh=True)
    return checked
