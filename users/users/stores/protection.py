"""What protects a player: one item, replaced under its version."""

from dataclasses import fields

from betsafi.dynamodb import ConditionFailed, Item, Put, Update
from betsafi.telemetry import trace
from users.protection import Standing
from users.table import player_pk, protection_key, table, write_below


def find_protection(user_id: str) -> Standing:
    """Return what protects a player, read consistently."""
    return Standing.of(table.get(protection_key(user_id)))


def new_protection(user_id: str, standing: Standing) -> Put:
    """Return the write of a player's first protection; it belongs into the transaction that makes the player."""
    return Put(_item(user_id, standing))


def replace_protection(user_id: str, seen: Standing, standing: Standing) -> bool:
    """Put a version in the place of the one that was seen; return False where another came in between.

    Raises NotFound, Erased.
    """
    write = new_protection(user_id, standing)
    if seen.version:
        write = Put(write.item, "#version = :seen", {"seen": seen.version})
    try:
        write_below(player_pk(user_id), write)
    except ConditionFailed:
        return False
    return True


def mark_reached(user_id: str, version: int) -> None:
    """Keep that wallet and payment have a version, or a newer one."""
    update = Update(protection_key(user_id), "SET #reached = :version", "#reached < :version", {"version": version})
    try:
        table.write(update)
    except ConditionFailed:
        return  # a newer one has reached them


def _item(user_id: str, standing: Standing) -> Item:
    pk, sk = protection_key(user_id)
    given = {one.name: getattr(standing, one.name) for one in fields(standing)}
    kept = {name: value for name, value in given.items() if value is not None}
    return {"pk": pk, "sk": sk, "user_id": user_id, **kept, "trace": trace()}
