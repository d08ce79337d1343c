"""The fields for a player's own bets: placing them, taking them back, looking at them."""

from typing import Any

from bet import presenting
from bet.slips import bets as kept
from bet.slips import cancelling, placing
from bet.slips.slip import slip
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier

handler = Fields()


@handler.query("bets")
def bets(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's bets, newest first. Raises InvalidInput, InvalidCursor."""
    page = kept.bets_of(caller.user_id, page_limit(arguments, 20), arguments.get("cursor"))
    return {"items": [presenting.bet(bet) for bet in page.items], "cursor": page.cursor}


@handler.query("bet")
def bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's bets. Raises NotFound."""
    return presenting.bet(kept.get_bet(caller.user_id, identifier(arguments["id"], name="id")))


@handler.mutation("placeBet")
def place_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Place a bet: see `placing.place`."""
    return presenting.bet(placing.place(caller.user_id, slip(arguments["input"])))


@handler.mutation("cancelBet")
def cancel_bet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take one of the caller's bets back: see `cancelling.cancel`."""
    return presenting.bet(cancelling.cancel(caller.user_id, identifier(arguments["id"], name="id")))


@handler.update("bet")
def bet_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's bet as it now stands, for their subscribers: see `presenting.bet_for_subscribers`."""
    user_id, bet_id = (identifier(arguments[name], name=name) for name in ("userId", "bet"))
    found = kept.get_bet(user_id, bet_id)
    return presenting.bet_for_subscribers(found, arguments.get("betPosted"))
