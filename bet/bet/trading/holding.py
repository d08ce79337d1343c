"""How traders hold the results of a market or of a fixture: nothing settles until another one releases them."""

from bet import wording
from bet.catalogue.fixtures import get_fixture
from bet.markets import guards, kinds
from bet.settlement import holds
from bet.settlement.holds import HELD, RELEASED, is_held
from bet.table import hold_key, table
from bet.trading.games import Decision
from betsafi import clock
from betsafi.approval import alone
from betsafi.audit import Act, was_done
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Contention, Forbidden
from betsafi.people import Staff

_TRIES = 10


class SamePerson(Forbidden):
    """Whoever held results would release them too."""

    code = "SAME_PERSON"
    sw = "Mtu mwingine ndiye anayepaswa kufanya hivi."


def hold(subject_id: str, trader: Staff, reason: str, request_id: str = "") -> Decision:
    """Let results of a market, or of all markets of a fixture, wait; where they do already nothing changes.

    Results, corrections and windows are decided as ever meanwhile. A page of bets that is being settled at this moment
    is settled. Raises NotFound, Contention.
    """
    if kinds.fixture_of(subject_id) == subject_id:
        get_fixture(subject_id)
    else:
        guards.get_market(subject_id)
    about = {"held_by": trader.id, "holder_plays": trader.player_id, "held_at": clock.stamp(), "reason": reason}
    return _change("holdResults", subject_id, HELD, about, trader, reason, request_id)


def release(subject_id: str, trader: Staff, reason: str, request_id: str = "") -> Decision:
    """Let what was decided meanwhile be carried out; where nothing is held nothing changes.

    Raises SamePerson for whoever held it, as staff or as a player, Contention.
    """
    return _change("releaseResults", subject_id, RELEASED, {}, trader, reason, request_id)


def _change(
    action: str, subject_id: str, status: str, about: Item, trader: Staff, reason: str, request_id: str
) -> Decision:
    act = Act(action, hold_key(subject_id)[0], trader, reason, {"status": status}, request_id=request_id)
    for _ in range(_TRIES):
        before = holds.find_hold(subject_id)
        if was_done(table, act) or is_held(before) == (status == HELD):
            return _decision(subject_id, before, wording.STANDS)
        if before and status == RELEASED and trader.is_also(before["held_by"], before["holder_plays"]):
            raise SamePerson(wording.RELEASED_BY_ANOTHER)
        kept = {name: before[name] for name in ("held_by", "holder_plays", "held_at", "reason") if before}
        also = alone(act).writes({"status": before["status"] if before else None}, act.decision)
        try:
            now = holds.put_hold(subject_id, before, status, {**kept, **about}, *also)
        except ConditionFailed:
            continue
        return _decision(subject_id, now, wording.HELD if status == HELD else wording.RELEASED)
    raise Contention(wording.MARKET_BUSY)


def _decision(subject_id: str, hold: Item | None, message: str) -> Decision:
    traders = [hold["held_by"]] if hold and is_held(hold) else []
    return Decision(subject_id, hold["turn"] if hold else 0, traders, message)
