"""Two people, one change: the first proposes it, a second and different one who says the same has it carried out.

No second field and no state of its own: the same request made twice, by different people (docs/decisions.md, 22).
"""

from datetime import timedelta

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Table
from betsafi.errors import Conflict

_STANDS_FOR = timedelta(days=1)


def propose(table: Table, pk: str, decision: Item, about: Item, person: str, note: str = "") -> Item | None:
    """Return the standing proposal when somebody else proposed the same decision; else keep this one and return None.

    The proposal is kept under `pk` and PROPOSAL. `about` is the state that the decision was made for. One's own
    proposal may be replaced, and one that is about another state or older than a day. Raises Conflict when somebody
    else proposed otherwise.
    """
    proposal = {
        "pk": pk,
        "sk": "PROPOSAL",
        "decision": decision,
        "about": about,
        "proposed_by": person,
        "note": note,
        "proposed_at": clock.stamp(),
    }
    standing = table.get((pk, "PROPOSAL"))
    if standing is not None and standing["proposed_by"] not in ("", person) and _stands(standing, about):
        if standing["decision"] == decision:
            return standing
        raise Conflict("Somebody else proposed otherwise. Talk to them; after a day it may be replaced.")
    free = "attribute_not_exists(pk) OR #proposed_at = :before"
    try:
        table.write(Put(proposal, free, {"before": standing["proposed_at"] if standing else ""}))
    except ConditionFailed as failure:
        raise Conflict("Somebody else proposed at this moment. Look again.") from failure
    return None


def _stands(proposal: Item, about: Item) -> bool:
    young = clock.now() - clock.parse_stamp(proposal["proposed_at"]) <= _STANDS_FOR
    return young and bool(proposal["about"] == about)
