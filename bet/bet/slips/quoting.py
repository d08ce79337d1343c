"""What would become of a slip if it were placed now: the same rules, and nothing is written.

One look at the markets, which may be cached, and one at the player's account.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bet import wallet_api, wording
from bet.payouts.payout import largest_stake
from bet.payouts.systems import multi
from bet.payouts.taxes import tariff_on, tax_cents
from bet.refusals import LineStakeLimit, PayoutLimit, StakeLimit
from bet.slips import bets
from bet.slips.assessing import assess
from bet.slips.placing import promise
from bet.slips.price import Checked, PricedSlip, Quote, Reason, room, total_odds
from bet.slips.slip import Slip
from bet.wallet_api import Promise
from betsafi import clock
from betsafi.errors import DomainError, Unavailable
from betsafi.service_client import Refused

_NOBODYS = "none"
_BY_THE_STAKE = (StakeLimit, LineStakeLimit)


def quote(user_id: str, slip: Slip) -> Quote:
    """Return what would become of the slip if it were placed now; that the wallet does not answer is a reason too."""
    checked = assess(bets.bet_id_of(user_id, slip.request_id), slip)
    priced = checked.priced
    wanted = promise(priced) if priced else None
    reasons = [Reason(*refusal) for refusal in checked.refusals]
    account: dict[str, Any] = {}
    today = clock.now().astimezone(clock.NAIROBI).date()
    try:
        account = wallet_api.room(user_id, *((wanted.day, wanted.same) if wanted else (today.isoformat(), _NOBODYS)))
    except (Refused, Unavailable) as error:
        reasons.append(Reason(None, error))
    reasons += [Reason(None, error) for error in _refusals(account, slip.stake_cents, wanted)] if account else []
    if priced is None:
        return Quote(slip, checked, None, None, None, reasons)
    system = priced.system or multi(len(priced.legs))
    taxes = tax_cents(slip.stake_cents, priced.payout_cents, "WON", tariff_on(today))
    largest = _largest(checked, priced, account, wanted) if account and wanted else None
    return Quote(slip, checked, total_odds(priced.legs, system), taxes, largest, reasons)


def _refusals(account: dict[str, Any], stake_cents: int, wanted: Promise | None) -> Iterator[DomainError]:
    """Yield what speaks against a stake on an account, in the order in which the wallet refuses it."""
    for cap in account["caps"]:
        if stake_cents > cap["mostCents"]:
            yield Refused(409, cap["code"], cap["message"], cap["info"], cap.get("sw") or "")
    for sort, left in _left(account, wanted).items() if wanted else ():
        if wanted and wanted.cents > left:
            yield PayoutLimit(wording.PAYOUT_LIMITS[sort], limit=sort, leftCents=max(0, left))


def _left(account: dict[str, Any], wanted: Promise) -> dict[str, int]:
    """Return what the account can still promise on equal bets, and of the day."""
    percent = account["factorPercent"]
    return {
        "same": wanted.most_of_same * percent // 100 - account["sameCents"],
        "day": wanted.most_of_day * percent // 100 - account["dayCents"],
    }


def _largest(checked: Checked, priced: PricedSlip, account: dict[str, Any], wanted: Promise) -> int | None:
    """Return the largest stake that nothing would speak against; None if there is none."""
    if any(not isinstance(refusal.error, _BY_THE_STAKE) for refusal in checked.refusals):
        return None
    limits, lines = checked.limits, checked.system.lines(len(priced.legs)) if checked.system else 1
    payout = min(limits.max_payout_cents, *_left(account, wanted).values(), *map(room, priced.legs))
    most = min([limits.max_stake_cents, *(cap["mostCents"] for cap in account["caps"])])
    stake = largest_stake(payout, most, _rows(priced), priced.system, priced.ladder) if payout > 0 else 0
    least = max(limits.min_stake_cents, lines * limits.min_line_stake_cents if lines > 1 else 0)
    return stake if stake >= least else None


def _rows(priced: PricedSlip) -> Sequence[dict[str, str]]:
    return [{"odds": leg.odds} for leg in priced.legs]
