"""The receipts that are kept, each with its bet's first leg, in the transaction that accepts it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bet import wording
from bet.slips.bets import leg_key
from bet.table import bet_key, table
from betsafi.dynamodb import Item
from betsafi.errors import NotFound

_MOST_KNOWN = 1_000
_known: dict[str, str] = {}
"""Texts of receipts by bet that were written or read here: a receipt never changes."""


def bet_with_receipt(user_id: str, bet_id: str) -> tuple[Item, str | None]:
    """Return a player's own bet and the text of its receipt, which an accepted one has. Raises NotFound."""
    for found in bets_with_receipts(user_id, [bet_id]):
        return found
    raise NotFound(wording.NO_BET)


def bets_with_receipts(user_id: str, bet_ids: Sequence[str]) -> list[tuple[Item, str | None]]:
    """Return those of at most 50 bets that are the player's own, each with the text of its receipt, if it has one."""
    found = {bet["bet_id"]: bet for bet in table.get_many([bet_key(user_id, bet_id) for bet_id in bet_ids])}
    texts = receipts_of(list(found.values()))
    return [(bet, texts.get(bet_id)) for bet_id in bet_ids if (bet := found.get(bet_id))]


def receipts_of(bets: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the texts of the receipts of at most 100 bets, by bet."""
    wanted = {bet["bet_id"]: leg_key(bet, bet["legs"][0]) for bet in bets if "receipt" in bet}
    found = {bet_id: _known[bet_id] for bet_id in wanted if bet_id in _known}
    for leg in table.get_many([key for bet_id, key in wanted.items() if bet_id not in found]):
        found[leg["bet_id"]] = leg["receipt"]
    for bet_id, text in found.items():
        remember(bet_id, text)  # which may forget all others
    return found


def remember(bet_id: str, text: str) -> None:
    """Keep the text of a receipt that stands in the table, so that it is not read again here."""
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[bet_id] = text
