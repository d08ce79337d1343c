"""What support does for, and about, a player: notes, tags, interventions, and a look at what is masked."""

from betsafi import clock
from betsafi.approval import alone
from betsafi.audit import Act
from betsafi.dynamodb import ConditionFailed, Item, Write
from betsafi.errors import Conflict, NotFound
from betsafi.ids import fingerprint
from betsafi.people import Staff
from users import wording
from users.stores import markers, people, records, staff
from users.table import player_pk


def add_note(user_id: str, text: str, by: Staff, request_id: str) -> None:
    """Keep a note about a player; its words are in this table and not in the trail. Raises NotFound, Forbidden."""
    act = Act("addPlayerNote", player_pk(user_id), by, "", {"note": fingerprint(text)}, user_id, request_id=request_id)
    note = records.put_record(records.NOTE, user_id, act.id, {"text": text, "by": by.id})
    _do(act, {}, act.decision, note)


def set_tags(user_id: str, tags: list[str], reason: str, by: Staff, request_id: str) -> None:
    """Give a player these tags in place of what they had. Raises NotFound, Forbidden, Conflict."""
    act = Act("setPlayerTags", player_pk(user_id), by, reason, {"tags": tags}, user_id, request_id=request_id)

    seen = records.find_tags(user_id)
    before = {"tags": seen["tags"] if seen else []}
    _do(act, before, {"tags": tags}, records.put_tags(user_id, tags, seen))


def intervene(user_id: str, done: Item, reason: str, by: Staff, request_id: str) -> None:
    """Keep what was done so that betting does a player no harm, and why. Raises NotFound, Forbidden.

    `done` has the kind, by whom and what came of it; the words stay in this table.
    """
    decision = {"kind": done["kind"], "by": done["by"], "outcome": fingerprint(done["outcome"])}
    act = Act("recordIntervention", player_pk(user_id), by, reason, decision, user_id, request_id=request_id)
    line = records.put_record(records.INTERVENTION, user_id, act.id, {**done, "why": reason, "staff_id": by.id})
    _do(act, {}, decision, line, *markers.looked_at(markers.find_markers(user_id), clock.stamp()))


def find(number: str, reason: str, by: Staff, request_id: str) -> str:
    """Return who has a phone number; that they were looked for is kept, without it. Raises NotFound, Forbidden."""
    if (claim := people.find_claim(number)) is None:
        raise NotFound(wording.NO_ONE_S_NUMBER)
    user_id = str(claim["user_id"])
    _do(Act("findPlayer", player_pk(user_id), by, reason, {}, user_id, request_id=request_id), {}, {"shown": "user_id"})
    return user_id


def unmask(user_id: str, attribute: str, reason: str, by: Staff, request_id: str) -> str | None:
    """Return an attribute of a player's profile that is masked otherwise; that it was looked at is kept first.

    Raises NotFound, Forbidden.
    """
    act = Act("unmask", player_pk(user_id), by, reason, {"field": attribute}, user_id, request_id=request_id)
    _do(act, {}, {"shown": attribute})
    return people.get_profile(user_id).get(attribute)


def _do(act: Act, before: Item, after: Item, *writes: Write) -> None:
    """Do once what an act asks for, with the act. Raises NotFound, Forbidden, Conflict where something came between."""
    people.get_profile(act.user_id)
    if staff.was_done(act):
        return
    try:
        records.keep(act.user_id, *writes, *alone(act).writes(before, after))
    except ConditionFailed as failure:
        raise Conflict(wording.CHANGED_MEANWHILE) from failure
