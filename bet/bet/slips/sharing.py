"""Booking codes: a slip under eight characters that one can say on the phone, until its last game begins.

A code follows from what is shared, so that the same slip has one code, whoever shares it, and no code says who did.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta

from bet import wording
from bet.markets import guards
from bet.markets.market import Market
from bet.payouts.systems import System, check_system
from bet.refusals import MarketClosed, UnknownMarket
from bet.slips import bets
from bet.slips.price import Shared, kept_system, system_of
from bet.slips.slip import Selection, WantedSystem
from bet.table import shared_key, table
from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Contention, InvalidInput, NotFound

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals, without those that look alike (0 O, 1 I L) and U, which makes words."""
LENGTH = 8
_TRIES = 5
_ANY_BET = "00000000"
_KEPT_AFTER = timedelta(days=1)


def share(selections: Sequence[Selection], wanted: WantedSystem | None, max_lines: int) -> Shared:
    """Keep a slip under a code until its last game begins. The same slip again has the same code.

    Raises UnknownMarket, MarketClosed once all its games have begun, and what speaks against its system.
    """
    picks = [(pick.market_id, pick.outcome_id) for pick in selections]
    markets = _markets(picks)
    for market_id, outcome_id in picks:
        if market_id not in markets or outcome_id not in markets[market_id].odds:
            raise UnknownMarket(wording.UNKNOWN_SELECTION, marketId=market_id)
    last = max(market.starts_at for market in markets.values())
    if last <= clock.now():
        raise MarketClosed(wording.BETTING_CLOSED, marketId=picks[0][0])
    system = system_of(wanted, len(picks))
    check_system(system, len(picks), max_lines)
    content = {"picks": [list(pick) for pick in picks], **_kept(system, len(picks))}
    for salt in range(_TRIES):
        code = code_of(content, salt)
        pk, sk = shared_key(code)
        facts = {**content, "expires_at": clock.stamp(last), "forget_at": int((last + _KEPT_AFTER).timestamp())}
        found = table.put_new({"pk": pk, "sk": sk, **facts}) or facts
        if all(found.get(name) == content.get(name) for name in ("picks", "system")):
            return Shared(picks, content.get("system"), markets, code, found["expires_at"])
    raise Contention(wording.NO_CODE)


def shared(code: str) -> Shared:
    """Return what was shared under a code, at the prices of now. Raises InvalidInput for no code, NotFound."""
    plain = code.upper().replace("-", "").replace(" ", "")
    if len(plain) != LENGTH or set(plain) - set(ALPHABET):
        raise InvalidInput(wording.BOOKING_CODE)
    found = table.get(shared_key(plain))
    if found is None or found["expires_at"] <= clock.stamp():
        raise NotFound(wording.NO_SHARED_SLIP)
    picks = [(market_id, outcome_id) for market_id, outcome_id in found["picks"]]
    return Shared(picks, found.get("system"), _markets(picks, fresh=True), plain, found["expires_at"])


def again(user_id: str, bet_id: str) -> Shared:
    """Return the slip of a player's own bet, at the prices of now. Raises NotFound."""
    bet = bets.get_bet(user_id, bet_id)
    picks = [(leg["market_id"], leg["outcome_id"]) for leg in bet["legs"]]
    return Shared(picks, bet.get("system"), _markets(picks))


def code_of(content: Item, salt: int = 0) -> str:
    """Return the code of what is shared; another one for each salt."""
    text = json.dumps([content, salt], sort_keys=True, separators=(",", ":"))
    number, code = int.from_bytes(hashlib.sha256(text.encode()).digest()), ""
    for _ in range(LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        code += ALPHABET[letter]
    return code


def _kept(system: System, legs: int) -> Item:
    return {} if system.is_multi(legs) else {"system": kept_system(system)}


def _markets(picks: Sequence[tuple[str, str]], *, fresh: bool = False) -> dict[str, Market]:
    """Return the picks' markets; `fresh` ones are for an answer that is itself kept for a while."""
    return guards.markets_for(_ANY_BET, [market_id for market_id, _ in picks], fresh=fresh)
