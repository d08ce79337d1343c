"""What we keep of a player beside the profile: notes and tags of staff, and what was done against harm by betting."""

from betsafi import clock
from betsafi.dynamodb import Item, Page, Put, Write
from betsafi.telemetry import trace
from users.table import player_pk, table, write_below

NOTE, INTERVENTION = "NOTE", "INTERVENTION"


def put_record(kind: str, user_id: str, record_id: str, facts: Item, at: str = "") -> Put:
    """Return the write that keeps a note or an intervention, once for each id and moment (without one: now)."""
    now = at or clock.stamp()
    kept = {"user_id": user_id, "id": record_id, "noted_at": now, **facts, "trace": trace()}
    return Put({"pk": player_pk(user_id), "sk": f"{kind}#{now}#{record_id}", **kept})


def keep(user_id: str, *writes: Write) -> None:
    """Do these writes about a player, or none. Raises NotFound, Erased, ConditionFailed."""
    write_below(player_pk(user_id), *writes)


def records(kind: str, user_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of a player's notes or interventions, newest first. Raises InvalidCursor."""
    return table.query(player_pk(user_id), f"{kind}#", newest_first=True, limit=limit, cursor=cursor)


def put_tags(user_id: str, tags: list[str], seen: Item | None) -> Put:
    """Return the write that gives a player these tags in place of those that were seen."""
    item = {"pk": player_pk(user_id), "sk": "TAGS", "tags": tags, "version": (seen or {"version": 0})["version"] + 1}
    if seen is None:
        return Put(item)
    return Put(item, "#version = :seen", {"seen": seen["version"]})


def find_tags(user_id: str) -> Item | None:
    """Return the tags that a player has, with their version; None where they never had any."""
    return table.get((player_pk(user_id), "TAGS"))


def stops(user_id: str) -> list[Item]:
    """Return the last twenty times that we stopped a player's account, newest first."""
    return table.query(player_pk(user_id), "STOP#", newest_first=True, limit=20).items


def waiting(queue: str, limit: int, cursor: str | None) -> Page:
    """Return a page of what waits for staff, what is due first. Raises InvalidCursor."""
    return table.query(queue, index="by_queue", limit=limit, cursor=cursor)
