"""Players' logs of updates: a number and what it is about are one conditional write."""

from collections.abc import Sequence

from betsafi import clock
from betsafi.dynamodb import ANY, ConditionFailed, Item, Page, Put
from betsafi.errors import Contention
from frontend.log import Entry, Log, Thing, appended
from frontend.table import log_key, table

TRIES = 20
"""How often a change looks again where another writer was quicker."""

LOG_ID = table.name
"""A restored table has another name, and gives numbers anew that were given out after its moment: cursors of the one
before are refused."""


def append(user_id: str, updates: Sequence[Sequence[Thing]]) -> Log | None:
    """Note updates under the next numbers, and return the log: the last of them has its last number. Of a player who
    was erased nothing is noted: None. Raises Contention.

    What stands in the log has its number for good, so nobody who reads a number can miss a lower one.
    """
    item = table.get(log_key(user_id))
    for attempt in range(TRIES):
        if item and "erased" in item:
            return None
        seen = _log(item)
        log = appended(seen, updates, int(clock.now().timestamp()))
        try:
            _write(user_id, log, None if item is None else seen.last)
            return log
        except ConditionFailed as failure:
            item = failure.item
        if attempt > 1:
            clock.sleep_with_jitter(attempt)
    raise Contention("The log is busy.")


def read(user_id: str) -> Log:
    """Return a player's log, read consistently; an empty one where nothing ever changed, or they were erased."""
    return _log(table.get(log_key(user_id)))


def kept(user_id: str, cursor: str | None) -> Page:
    """Return a page of everything below a player's id. Raises InvalidCursor."""
    return table.query(log_key(user_id)[0], cursor=cursor)


def forget(user_id: str) -> None:
    """Forget what changed for a player who was erased, for good: an update that comes later meets no number."""
    pk, sk = log_key(user_id)
    table.write(Put({"pk": pk, "sk": sk, "erased": True}, ANY))


def _write(user_id: str, log: Log, seen: int | None) -> None:
    pk, sk = log_key(user_id)
    entries = [[each.number, each.at, each.thing.kind, each.thing.id, each.thing.posted] for each in log.entries]
    item = {"pk": pk, "sk": sk, "last": log.last, "floor": log.floor, "entries": entries}
    table.write(Put(item) if seen is None else Put(item, "#last = :seen", {"seen": seen}))


def _log(item: Item | None) -> Log:
    if item is None or "erased" in item:
        return Log()
    entries = (Entry(number, at, Thing(kind, id_, posted)) for number, at, kind, id_, posted in item["entries"])
    return Log(item["last"], item["floor"], tuple(entries))
