"""What people of the staff do, written down in the transaction that does it: neither is there without the other.

Each act is an item of its own in its service's table, `AUDIT#<id>` / `AUDIT`, and is published as `…StaffActed`; users
keeps all of them in one trail. An act that has a request id of its caller is kept under an id derived from it, so that
the same call again finds it and does nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item, Put, Table
from betsafi.errors import IdempotencyKeyReused
from betsafi.ids import derive_id, fingerprint, request_id
from betsafi.people import Staff
from betsafi.telemetry import trace

SK = "AUDIT"
DONE, PROPOSED, REFUSED = "DONE", "PROPOSED", "REFUSED"


@dataclass(frozen=True)
class Act:
    """What somebody of the staff wants done. `action` is the API's field and `pk` what it is about, in its table.

    `decision` is what is decided; a second person must say the same. `user_id` is the player whose money or account it
    is, if it is one's, and `cents` how much money. `request_id` is the caller's id of this one call.
    """

    action: str
    pk: str
    by: Staff
    reason: str = ""
    decision: Item = field(default_factory=dict)
    user_id: str = ""
    cents: int = 0
    request_id: str = ""

    @property
    def id(self) -> str:
        """What the act is kept under: the same for the same request of one person."""
        return derive_id("act", self.action, self.by.id, self.request_id or f"{self.pk} {clock.stamp()}")

    @property
    def print(self) -> str:
        """Two acts with the same print ask for the same."""
        return fingerprint([self.pk, self.decision, self.user_id, self.cents, self.reason])


def call_id(arguments: dict[str, Any]) -> str:
    """Return the request id of a staff command, "" where the caller gave none. Raises InvalidInput."""
    given = arguments.get("clientRequestId")
    return "" if given is None else request_id(given)


def was_done(table: Table, act: Act) -> bool:
    """Return whether the same call was carried out before. Raises IdempotencyKeyReused for another body."""
    found = table.get((f"AUDIT#{act.id}", SK)) if act.request_id else None
    if found is not None and found["fingerprint"] != act.print:
        raise IdempotencyKeyReused("This clientRequestId was used for another request. Use a new one.")
    return found is not None


def put(act: Act, outcome: str, before: Item, after: Item, people: Sequence[str] = ()) -> Put:
    """Return the write that keeps an act: it belongs into the transaction of what was done.

    `people` are those who decided, the proposer first; nobody else where one person was enough.
    """
    act_id = act.id
    item = {
        "pk": f"AUDIT#{act_id}",
        "sk": SK,
        "act_id": act_id,
        "action": act.action,
        "outcome": outcome,
        "staff_id": act.by.id,
        "decided_by": list(people) or [act.by.id],
        "subject": act.pk,
        "user_id": act.user_id or None,
        "amount_cents": act.cents or None,
        "reason": act.reason,
        "decision": act.decision,
        "before": before,
        "after": after,
        "acted_at": clock.stamp(),
        "fingerprint": act.print,
        "trace": trace(),
    }
    return Put(item)


def named(item: Item) -> dict[str, Any]:
    """Return who decided by hand what an item says, and why, as events name them; nothing where nobody did."""
    return {name: item[name] for name in ("decided_by", "decided_because") if name in item}
