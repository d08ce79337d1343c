"""One bet that two people decide: void, or at other odds. It is kept beside the bet, which takes it by a message."""

from bet.settlement import arithmetic
from bet.settlement.worker import save_steps
from bet.slips.bets import get_bet
from bet.table import correction_key, table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Write
from betsafi.errors import Contention
from betsafi.telemetry import logger, trace

_TRIES = 10


def find_correction(bet_id: str) -> Item:
    """Return what was decided of a bet, in version 0 where nothing was."""
    return table.get(correction_key(bet_id)) or {"correction_version": 0, "voided": False, "odds": {}}


def put_correction(bet: Item, before: Item, given: Item, *also: Write) -> Item:
    """Write the next version of what is decided of a bet, with `also`, and return it.

    Raises ConditionFailed where there is a newer one than `before`.
    """
    pk, sk = correction_key(bet["bet_id"])
    seen = before["correction_version"]
    about = {
        "user_id": bet["user_id"],
        "bet_id": bet["bet_id"],
        "correction_version": seen + 1,
        "decided_at": clock.stamp(),
        "trace": trace(),
    }
    item = {**before, **given, **about, "pk": pk, "sk": sk}
    newest = "#correction_version = :seen" if seen else "attribute_not_exists(pk)"
    table.transact(Put(item, newest, {"seen": seen} if seen else {}), *also)
    return item


def carry_out(user_id: str, bet_id: str) -> None:
    """Let a bet take what was decided of it, once. Raises NotFound, Contention."""
    for _ in range(_TRIES):
        step = arithmetic.corrected(get_bet(user_id, bet_id), find_correction(bet_id), clock.stamp())
        if step is None:
            return
        try:
            save_steps([step])
        except ConditionFailed:
            continue
        logger.info("bet corrected", bet_id=bet_id)
        return
    raise Contention("The bet is busy.")
