"""Accounts that we stopped: why, until when that is decided, what the player says to it and what we answered.

Each stop is an item of its own, under the version of the profile's status that it began with; the profile has its code
and its deadline. While it stands it waits in a queue for staff: `APPEALS` from the player's appeal to our answer, else
`STOPS` at its deadline.
"""

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write
from betsafi.errors import Conflict
from betsafi.protection import PlayerStatus
from betsafi.telemetry import trace
from users import wording
from users.table import KNOWN, profile_key, stop_key, table

STOPS, APPEALS = "STOPS", "APPEALS"


class NotStopped(Conflict):
    """The account is not stopped, or nobody wrote down why."""

    code = "NOT_STOPPED"
    sw = "Akaunti hii haijasimamishwa."


class AlreadyAppealed(Conflict):
    """The player said something to this stop already."""

    code = "ALREADY_APPEALED"
    sw = "Umeshakata rufaa. Tutakujibu kwenye ujumbe wako."


class NoAppeal(Conflict):
    """No appeal waits for an answer."""

    code = "NO_APPEAL"
    sw = "Hakuna rufaa inayosubiri jibu hapa."


def is_stopped(profile: Item) -> bool:
    """Return whether we stopped an account, with its money or without."""
    return bool(profile["status"] != "ACTIVE")


def find_stop(profile: Item) -> Item | None:
    """Return the stop that stands; None where none does, or none was written down."""
    return table.get(stop_key(profile["user_id"], profile["status_version"])) if is_stopped(profile) else None


def get_stop(profile: Item) -> Item:
    """Return the stop that stands. Raises NotStopped."""
    if (stop := find_stop(profile)) is None:
        raise NotStopped(wording.NOT_STOPPED)
    return stop


def stop(profile: Item, status: PlayerStatus, code: str, deadline: str, staff_id: str, *also: Write) -> bool:
    """Stop an account (SUSPENDED, or FROZEN with its money), or give its stop another reason, deadline or status, and
    write `also`; return False, with nothing written, where the profile is not as it was seen any more.

    The same again changes nothing.
    """
    changes = {"status": status, "stop_code": code, "stop_deadline": deadline}
    if all(profile.get(name) == value for name, value in changes.items()):
        return True
    version = profile["status_version"] + 1
    pk, sk = stop_key(profile["user_id"], version)
    begun = {
        "pk": pk,
        "sk": sk,
        "user_id": profile["user_id"],
        "version": version,
        "code": code,
        "deadline": deadline,
        "money_held": status == "FROZEN",
        "stopped_by": staff_id,
        "stopped_at": clock.stamp(),
        **_due(deadline),
        "trace": trace(),
    }
    return _written(_changed(profile, changes), Put(begun), *_ended(find_stop(profile)), *also)


def reinstate(profile: Item, *also: Write) -> bool:
    """Let a player bet again, and write `also`, or neither; return False where the profile is not as it was seen."""
    return not is_stopped(profile) or _written(_reinstated(profile), *_ended(find_stop(profile)), *also)


def appeal(profile: Item, text: str) -> Item:
    """Keep what a player says to the stop that stands; return it. Raises NotStopped, AlreadyAppealed."""
    standing = get_stop(profile)
    said = {"text": text, "at": clock.stamp()}
    update = Update(
        (standing["pk"], standing["sk"]),
        "SET #appeal = :appeal, #queue = :queue, #at = :at",
        "attribute_exists(pk) AND attribute_not_exists(#appeal) AND attribute_not_exists(#ended_at)",
        {"appeal": said, "queue": APPEALS, "at": said["at"]},
    )
    try:
        return table.write(update)
    except ConditionFailed as failure:
        found = failure.item or {}
        if found.get("appeal", {}).get("text") == text:
            return found
        raise (AlreadyAppealed(wording.APPEALED) if "appeal" in found else NotStopped(wording.NOT_STOPPED)) from failure


def answer(profile: Item, standing: Item, lifted: bool, text: str, staff_id: str, *also: Write) -> None:
    """Answer the appeal to the stop that stands, which ends it or leaves it, and write `also`. Raises NoAppeal."""
    given = {"outcome": "LIFTED" if lifted else "UPHELD", "text": text, "by": staff_id, "at": clock.stamp()}
    rest, gone = ("#ended_at = :now", " REMOVE #queue, #at") if lifted else ("#queue = :queue, #at = :at", "")
    waits = {"now": clock.stamp()} if lifted else _due(standing["deadline"])
    update = Update(
        (standing["pk"], standing["sk"]),
        f"SET #answer = :answer, #trace = :trace, {rest}{gone}",
        "attribute_exists(#appeal) AND attribute_not_exists(#answer) AND attribute_not_exists(#ended_at)",
        {"answer": given, "trace": trace(), **waits},
    )
    if not _written(update, *([_reinstated(profile)] if lifted else []), *also):
        raise NoAppeal(wording.NO_APPEAL)


def _due(deadline: str) -> Item:
    """When a stop is to be decided: at the end of that day in Nairobi."""
    return {"queue": STOPS, "at": f"{deadline}T21:00:00.000000Z"}


def _changed(profile: Item, changes: Item, removed: str = "") -> Update:
    """Return the change of a profile's status under the next version, if it is still as it was seen."""
    names = ", ".join(f"#{name} = :{name}" for name in changes)
    return Update(
        profile_key(profile["user_id"]),
        f"SET {names}, #trace = :trace, #status_version = #status_version + :one{removed}",
        f"#status_version = :seen AND {KNOWN}",
        {**changes, "trace": trace(), "one": 1, "seen": profile["status_version"]},
    )


def _reinstated(profile: Item) -> Update:
    return _changed(profile, {"status": "ACTIVE"}, " REMOVE #stop_code, #stop_deadline")


def _ended(stop: Item | None) -> list[Write]:
    """Return the end of a stop, if there is one: it waits for nobody any more."""
    if stop is None:
        return []
    ended = {"now": clock.stamp(), "trace": trace()}
    return [Update((stop["pk"], stop["sk"]), "SET #ended_at = :now, #trace = :trace REMOVE #queue, #at", values=ended)]


def _written(*writes: Write) -> bool:
    """Do all writes, or none where somebody else was quicker; return which."""
    try:
        table.transact(*writes)
    except ConditionFailed:
        return False
    return True
