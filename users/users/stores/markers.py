"""A player's marks of harm: one item, changed under its version, in the queue HARM while a person is asked to look."""

from collections.abc import Sequence

from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write
from users.table import player_pk, table, write_below

HARM = "HARM"


def find_markers(user_id: str) -> Item | None:
    """Return the marks of a player, or None."""
    return table.get((player_pk(user_id), "MARKERS"))


def put_markers(user_id: str, seen: Item | None, changes: Item, *also: Write) -> bool:
    """Put changed marks in place of those that were seen, and write `also`; return False where others came between.

    Raises NotFound, Erased.
    """
    pk, version = player_pk(user_id), (seen or {"version": 0})["version"]
    item = {**(seen or {"pk": pk, "sk": "MARKERS", "user_id": user_id}), **changes, "version": version + 1}
    put = Put(item, "#version = :seen", {"seen": version}) if seen else Put(item)
    try:
        write_below(pk, put, *also)
    except ConditionFailed:
        return False
    return True


def looked_at(markers: Item | None, at: str) -> Sequence[Write]:
    """Return the write by which somebody has looked: only marks after it ask for a person again."""
    if markers is None:
        return ()
    key = (markers["pk"], markers["sk"])
    update = "SET #looked_at = :at_now, #version = #version + :one REMOVE #queue, #at"
    return (Update(key, update, "#version = :seen", {"at_now": at, "one": 1, "seen": markers["version"]}),)
