"""What people of the staff decide by hand: one of them, or two (docs/decisions.md, 22 and 66).

Two people are the same request made twice, by different people: the first proposes it, and a second one who says the
same has it carried out. Nobody decides about what is their own, as staff or as the player that they also are. Each
step is kept in the trail (`betsafi.audit`); what carries a decision out takes its `writes` into its own transaction.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from betsafi import audit, clock, people
from betsafi.audit import DONE, PROPOSED, REFUSED, Act
from betsafi.dynamodb import ConditionFailed, Item, Page, Put, Table, Update, Write
from betsafi.errors import Conflict, NotFound
from betsafi.people import Staff

EXPIRED = "EXPIRED"
OPEN = "PROPOSALS"
"""The queue of what waits for a second person, in tables with the index `by_queue`."""
_SK = "PROPOSAL"
_STANDS_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Agreement:
    """What is decided now: the `staff` who did, as they stand now, the proposer first; and why each of them."""

    act: Act
    staff: tuple[Staff, ...]
    reasons: tuple[str, ...]
    closing: tuple[Write, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Who they are."""
        return tuple(person.id for person in self.staff)

    @property
    def named(self) -> dict[str, Any]:
        """Return what items, entries and events say of who decided."""
        return {"decided_by": list(self.people), "decided_because": list(self.reasons)}

    @property
    def approved_by(self) -> str | None:
        """The second person; None where one was enough."""
        return self.people[1] if len(self.people) > 1 else None

    def writes(self, before: Item, after: Item) -> tuple[Write, ...]:
        """Return what belongs into the transaction that carries it out: the proposal's end first, the act last."""
        return (*self.closing, audit.put(self.act, DONE, before, after, self.people))


def alone(act: Act) -> Agreement:
    """Return the decision of one person about what never takes two. Raises Forbidden for one's own."""
    act.by.keep_away_from(act.user_id)
    return Agreement(act, (act.by,), (act.reason,))


def decide(table: Table, act: Act, seen: Item, alone_below: int = 0) -> Agreement | None:
    """See `decide_on`, about what stands now."""
    return decide_on(table, act, find(table, act.pk), seen, alone_below)


def decide_on(table: Table, act: Act, standing: Item | None, seen: Item, alone_below: int = 0) -> Agreement | None:
    """Return what is decided: by two people, or by one who may; else keep this proposal and return None.

    `standing` is the proposal that the caller found: what came since is not replaced. `seen` is the state that the
    decision is made for. One person is enough below `alone_below` cents, and once for each player: otherwise a large
    sum is many small ones. One's own proposal may be replaced, and one that was refused, is about another state or
    older than a day. Raises Forbidden for one's own, Conflict when somebody else proposed otherwise, or at this moment,
    or may do less since than when they proposed.
    """
    act.by.keep_away_from(act.user_id)
    decision = {"action": act.action, **act.decision}
    waits = standing is not None and status(standing, seen) == PROPOSED
    if standing and waits and not is_proposer(act.by, standing):
        if standing["decision"] != decision:
            raise Conflict("Somebody else proposed otherwise. Talk to them, or refuse it; it stands for a day.")
        proposer = _who_proposed(standing)
        proposer.keep_away_from(act.user_id)
        return Agreement(act, (proposer, act.by), (standing["note"], act.reason), (_end(standing, DONE, act.by.id),))
    mark = (f"ALONE#{act.by.id}", act.user_id)
    if act.cents < alone_below and table.get(mark) is None:
        once = Put({"pk": mark[0], "sk": mark[1], "at": clock.stamp(), "subject": act.pk})
        return Agreement(act, (act.by,), (act.reason,), (_proposal(act, decision, seen, DONE, standing), once))
    if standing and waits and standing["decision"] == decision:
        return None
    try:
        proposal = _proposal(act, decision, seen, PROPOSED, standing)
        table.transact(proposal, audit.put(act, PROPOSED, seen, act.decision))
    except ConditionFailed as failure:
        now = find(table, act.pk)
        if not now or now["decision"] != decision or not is_proposer(act.by, now):
            raise Conflict("Somebody else proposed at this moment. Look again.") from failure
    return None


def is_proposer(person: Staff, proposal: Item) -> bool:
    """Return whether a proposal is this person's, as staff or as the player that they also are."""
    return person.is_also(proposal["proposed_by"], proposal["proposer_plays"])


def _who_proposed(proposal: Item) -> Staff:
    """Return who proposed something, as they stand now. Raises Conflict where they may do less than they could then."""
    person = people.find_staff(proposal["proposed_by"])
    if not person.groups.issuperset(proposal["proposer_groups"]):
        raise Conflict("Who proposed this may not any more. Refuse it, and have it proposed by somebody else.")
    return person


def _proposal(act: Act, decision: Item, seen: Item, how: str, standing: Item | None) -> Put:
    """The proposal, or what one person decided alone, in the place of what stands there."""
    item = {
        "pk": act.pk,
        "sk": _SK,
        "status": how,
        "decision": decision,
        "about": seen,
        "user_id": act.user_id,
        "proposed_by": act.by.id,
        "proposer_plays": act.by.player_id,
        "proposer_groups": sorted(act.by.groups),
        "note": act.reason,
        "proposed_at": clock.stamp(),
    }
    if how == PROPOSED:
        item |= {"queue": OPEN, "at": item["proposed_at"]}
    if standing is None:
        return Put(item)
    before = {"at": standing["proposed_at"], "was": standing["status"]}
    return Put(item, "#proposed_at = :at AND #status = :was", before)


def refuse(table: Table, act: Act) -> None:
    """End a proposal without its being carried out; one's own too. Raises NotFound where nothing is proposed."""
    standing = find(table, act.pk)
    if standing is None or status(standing) != PROPOSED:
        raise NotFound("Nothing is proposed here.")
    before = {"proposedBy": standing["proposed_by"], **standing["decision"]}
    refused = audit.put(act, REFUSED, before, {})
    try:
        table.transact(_end(standing, REFUSED, act.by.id), refused)
    except ConditionFailed as failure:
        raise Conflict("This was decided at this moment. Look again.") from failure


def find(table: Table, pk: str) -> Item | None:
    """Return the newest proposal about something, or None."""
    return table.get((pk, _SK))


def waiting(table: Table, limit: int, cursor: str | None) -> Page:
    """Return a page of what was proposed within a day and nobody ended, newest first. Raises InvalidCursor.

    One that was made for another state than the present is among them.
    """
    since = clock.stamp(clock.now() - _STANDS_FOR)
    return table.query(OPEN, index="by_queue", newest_first=True, limit=limit, cursor=cursor, starting_at=since)


def status(proposal: Item, seen: Item | None = None) -> str:
    """Return PROPOSED while a second person may agree, else how it ended: DONE, REFUSED or EXPIRED.

    With `seen` a proposal that was made for another state has expired.
    """
    if proposal["status"] != PROPOSED:
        return str(proposal["status"])
    young = clock.now() - clock.parse_stamp(proposal["proposed_at"]) <= _STANDS_FOR
    return PROPOSED if young and (seen is None or proposal["about"] == seen) else EXPIRED


def _end(standing: Item, how: str, person: str) -> Update:
    return Update(
        (standing["pk"], _SK),
        "SET #status = :how, #ended_by = :person, #ended_at = :now REMOVE #queue, #at",
        condition="#status = :proposed AND #proposed_at = :at",
        values={
            "how": how,
            "person": person,
            "now": clock.stamp(),
            "proposed": PROPOSED,
            "at": standing["proposed_at"],
        },
    )
