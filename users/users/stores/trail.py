"""What staff of every service did, in one trail: each act under `TRAIL`, and again under who did it and which player it
concerns, so that each of these is one query. An act is written once, however often it comes, and never changed. What
this service does to a player by itself, and authorities ask for, is in it too, under SYSTEM.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Page, Put
from users.table import table


@dataclass(frozen=True)
class Filter:
    """Which acts are wanted: of somebody, about a player, by the API's field, between two stamps."""

    staff_id: str = ""
    user_id: str = ""
    action: str = ""
    since: str | None = None
    until: str | None = None

    @property
    def pk(self) -> str:
        """Where the fewest acts are looked through."""
        return _by_staff(self.staff_id) if self.staff_id else _about(self.user_id) if self.user_id else "TRAIL"

    def fits(self, item: Item) -> bool:
        """Return whether an act of that time is wanted."""
        asked = (("staffId", self.staff_id), ("userId", self.user_id), ("action", self.action))
        return all(not wanted or item.get(name) == wanted for name, wanted in asked)


SYSTEM = "SYSTEM"


def keep(service: str, act: Mapping[str, Any]) -> None:
    """Write an act of a service, as its event describes it, once."""
    try:
        table.transact(*_puts(service, act))
    except ConditionFailed:
        return  # all of them stand there: they are written together


def done_by_system(action: str, user_id: str, act_id: str, **decision: str) -> list[Put]:
    """Return the writes of what was done to a player without anybody of the staff."""
    act = {
        "actId": act_id,
        "actedAt": clock.stamp(),
        "action": action,
        "outcome": "DONE",
        "staffId": SYSTEM,
        "decidedBy": [],
        "subject": f"USER#{user_id}",
        "userId": user_id,
        "reason": "",
        "decision": decision,
        "before": {},
        "after": {},
    }
    return _puts("users", act)


def _puts(service: str, act: Mapping[str, Any]) -> list[Put]:
    item = {**act, "service": service, "sk": f"{act['actedAt']}#{service}#{act['actId']}"}
    places = ["TRAIL", _by_staff(act["staffId"])]
    if act.get("userId"):
        places.append(_about(act["userId"]))
    return [Put({**item, "pk": pk}) for pk in places]


def page(wanted: Filter, limit: int, cursor: str | None) -> Page:
    """Return a page of the acts that are wanted, newest first: as `Table.query_wanted`."""
    until = f"{wanted.until}$" if wanted.until else None  # "$" comes after "#", so the acts of that moment are in
    between = {"newest_first": True, "starting_at": wanted.since, "ending_at": until}
    return table.query_wanted(wanted.pk, wanted.fits, limit, cursor, **between)


def _by_staff(staff_id: str) -> str:
    return f"TRAIL#STAFF#{staff_id}"


def _about(user_id: str) -> str:
    return f"TRAIL#USER#{user_id}"
