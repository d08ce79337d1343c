"""The fields for a player's own bets: placing them, taking them back, looking at them; and slips that are shared."""

from typing import Any

from bet import presenting
from bet.payouts.bonus import ladder_on
from bet.refusals import BetRefused
from bet.slips import bets as kept
from bet.slips import cancelling, placing, quoting, receipts, sharing
from bet.slips.limits import limits_for
from bet.slips.price import Reason
from bet.slips.slip import selections, slip, wanted_system
from betsafi import clock, inputs
from betsafi.dynamodb import Page
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier

handler = Fields()
_MOST_EXPORTED = 50


@handler.query("bets")
def bets(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's bets, newest first. Raises InvalidInput, InvalidCursor."""
    since, until = inputs.between(arguments)
    return _bets(caller.user_id, arguments, frozenset(arguments.get("statuses") or ()), since, until)


@handler.player("bets")
def player_bets(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a player's bets, newest first, for staff. Raises InvalidInput, InvalidCursor."""
    return _bets(identifier(arguments["userId"], name="userId"), arguments)


@handler.query("bet")
def bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's bets. Raises NotFound."""
    return presenting.bet(*receipts.bet_with_receipt(caller.user_id, identifier(arguments["id"], name="id")))


@handler.export("bet")
def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that is kept of a player's bets: each with what the player saw."""
    page = kept.bets_of(user_id, _MOST_EXPORTED, cursor)
    seen = receipts.receipts_of(page.items)
    return Page([{**bet, "seen": seen.get(bet["bet_id"])} for bet in page.items], page.cursor)


@handler.query("quoteSlip")
def quote_slip(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what would become of a slip if it were placed now: see `quoting.quote`."""
    today = clock.now().astimezone(clock.NAIROBI).date()
    return presenting.quote(quoting.quote(caller.user_id, slip(arguments["input"])), ladder_on(today), caller.language)


@handler.mutation("placeBet")
def place_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Place a bet: see `placing.place`. What its check refuses has all that the check found as `info.slip`."""
    wanted = slip(arguments["input"])
    try:
        return _shown(placing.place(caller.user_id, wanted))
    except BetRefused as refusal:
        if checked := refusal.checked:
            reasons = [Reason(*each) for each in checked.refusals]
            refusal.info["slip"] = presenting.against(wanted, checked, reasons, caller.language)
        raise


@handler.mutation("cancelBet")
def cancel_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take one of the caller's bets back: see `cancelling.cancel`."""
    return _shown(cancelling.cancel(caller.user_id, identifier(arguments["id"], name="id")))


@handler.mutation("shareSlip")
def share_slip(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep a slip under a booking code: see `sharing.share`."""
    now = clock.now()
    most = limits_for(now.astimezone(clock.NAIROBI).date(), ()).max_lines
    found = sharing.share(selections(arguments["selections"]), wanted_system(arguments.get("system")), most)
    return presenting.shared(found, now)


@handler.public("sharedSlip")
def shared_slip(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what was shared under a booking code, at the prices of now. Raises InvalidInput, NotFound."""
    return presenting.shared(sharing.shared(arguments["code"]), clock.now())


@handler.query("repeatBet")
def repeat_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the slip of one of the caller's bets, at the prices of now, to place it again. Raises NotFound."""
    return presenting.shared(sharing.again(caller.user_id, identifier(arguments["id"], name="id")), clock.now())


@handler.update("bet")
def bet_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's bet as it now stands, for their subscribers: see `presenting.bet_for_subscribers`."""
    user_id, bet_id = (identifier(arguments[name], name=name) for name in ("userId", "bet"))
    found, receipt = receipts.bet_with_receipt(user_id, bet_id)
    return presenting.bet_for_subscribers(found, arguments.get("betPosted"), receipt)


@handler.changes("bets")
def changed_bets(caller: Caller, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a player's bets among what changed, as they now stand: see `presenting.bet_for_subscribers`."""
    posted = {each["id"]: each["posted"] for each in asked}
    found = receipts.bets_with_receipts(caller.user_id, list(posted))
    shown = (presenting.bet_for_subscribers(bet, posted[bet["bet_id"]], receipt) for bet, receipt in found)
    return [bet for bet in shown if bet]


def _bets(user_id: str, arguments: dict[str, Any], *wanted: Any) -> dict[str, Any]:
    page = kept.bets_of(user_id, page_limit(arguments, 20), arguments.get("cursor"), *wanted)
    seen = receipts.receipts_of(page.items)
    return {"items": [presenting.bet(bet, seen.get(bet["bet_id"])) for bet in page.items], "cursor": page.cursor}


def _shown(bet: dict[str, Any]) -> dict[str, Any]:
    return presenting.bet(bet, receipts.receipts_of([bet]).get(bet["bet_id"]))
