"""Holds of results: nothing of a market, or of a whole fixture, settles until somebody else releases it.

Results are written meanwhile as ever, and the newest of them is carried out at the release.
"""

from collections.abc import Sequence

from bet.table import hold_key, table
from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write, assign
from betsafi.telemetry import trace

HELD, RELEASED = "HELD", "RELEASED"


def find_hold(subject_id: str) -> Item | None:
    """Return what holds, or held, the results of a market or a fixture; None where nothing ever did."""
    return table.get(hold_key(subject_id))


def find_holds(subject_ids: Sequence[str]) -> dict[str, Item]:
    """Return what holds the results of those of some markets and fixtures whose results wait, by their ids."""
    keys = [hold_key(subject_id) for subject_id in subject_ids]
    found = (hold for start in range(0, len(keys), 100) for hold in table.get_many(keys[start : start + 100]))
    return {hold["subject_id"]: hold for hold in found if is_held(hold)}


def is_held(hold: Item | None) -> bool:
    """Return whether results wait."""
    return hold is not None and hold.get("status") == HELD


def put_hold(subject_id: str, before: Item | None, status: str, about: Item, *also: Write) -> Item:
    """Write that results wait, or wait no more, with `also`, and return it. Raises ConditionFailed if it changed."""
    pk, sk = hold_key(subject_id)
    turn = before["turn"] if before else 0
    stamps = {"turn": turn + 1, "changed_at": clock.stamp(), "trace": trace()}
    item = {"pk": pk, "sk": sk, "subject_id": subject_id, "status": status, **stamps, **about}
    condition = "#turn = :turn" if before else "attribute_not_exists(pk)"
    table.transact(Put(item, condition, {"turn": turn} if before else {}), *also)
    return item


def find_released(subject_id: str) -> Item | None:
    """Return the hold of what was released, as long as its results are still to be published anew; else None."""
    hold = find_hold(subject_id)
    return None if hold is None or is_held(hold) or "told" in hold else hold


def note_told(released: Item) -> None:
    """Note that the results of what was released were published anew, unless it was held again meanwhile."""
    told, turn = {"told": True}, {"turn": released["turn"]}
    try:
        table.write(Update(hold_key(released["subject_id"]), assign(told), "#turn = :turn", {**told, **turn}))
    except ConditionFailed:
        return
