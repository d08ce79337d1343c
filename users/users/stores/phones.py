"""Changes of a phone number: what a player asked for, and the move of the number's claim, in one transaction."""

from typing import Any

from betsafi import approval, clock
from betsafi.approval import Agreement
from betsafi.audit import Act
from betsafi.dynamodb import ANY, ConditionFailed, Item, Page, Put, Update, Write, assign
from betsafi.errors import Conflict
from betsafi.telemetry import trace
from users import wording
from users.stores.asks import keep_ask
from users.stores.people import claim_of, free_for
from users.table import KNOWN, left_key, phone_change_key, profile_key, table

QUEUE = "PHONE_REVIEW"


class NumberTaken(Conflict):
    """Another account has the number, or had it until recently."""

    code = "NUMBER_TAKEN"
    sw = "Namba hii ni ya akaunti nyingine. Tafadhali wasiliana nasi."


def ask_change(user_id: str, number: str, day: str, most: int) -> bool:
    """Note which number a player wants, in place of what they wanted before; return whether it is not too often."""
    values: Item = {"user_id": user_id, "number": number, "asked_at": clock.stamp(), "state": "ASKED"}
    return keep_ask(phone_change_key(user_id), values, day, most, ("queue", "at", "reason"))


def find_change(user_id: str) -> Item | None:
    """Return what a player asked for last, and how it stands, or None."""
    return table.get(phone_change_key(user_id))


def review_change(change: Item, reason: str) -> Item:
    """Put a change before staff and return it. Raises Conflict where another was asked for meanwhile."""
    values = {"state": "REVIEW", "reason": reason, "queue": QUEUE, "at": change["asked_at"]}
    return _if_unchanged(change, Update(phone_change_key(change["user_id"]), assign(values), values=values))


def _if_unchanged(change: Item, update: Update, *also: Write) -> Item:
    guarded = Update(
        update.key,
        update.update,
        "#asked_at = :seen AND #state = :was",
        {**update.values, "seen": change["asked_at"], "was": change["state"]},
    )
    try:
        table.transact(guarded, *also)
    except ConditionFailed as failure:
        raise Conflict(wording.PHONE_CHANGED_MEANWHILE) from failure
    return {**change, **update.values}


def refuse_change(change: Item, *also: Write) -> Item:
    """End a change that staff refused, and write `also`, or neither. Raises Conflict as `review_change`."""
    key = phone_change_key(change["user_id"])
    return _if_unchanged(
        change, Update(key, "SET #state = :state REMOVE #queue, #at", values={"state": "REFUSED"}), *also
    )


def move_number(change: Item, old: Item, kept_until: str, *also: Write) -> None:
    """Give a player the number that they asked for, keep the old one from others until a moment, and write `also`.

    `old` is the claim of the number that they have. Raises NumberTaken, Conflict where something changed meanwhile.
    """
    user_id, now = change["user_id"], clock.stamp()
    number: dict[str, Any] = {"phone_number": change["number"], "phone_changed_at": now, "trace": trace()}
    seen = {"seen": change["asked_at"], "was": change["state"]}
    leaves = {"kept_until": kept_until, "last_user": user_id}
    left = old["pk"].removeprefix("PHONE#")
    pk, sk = left_key(user_id, left)
    writes = (
        free_for(claim_of(change["number"], user_id, old["sub"])),
        Update(
            (old["pk"], old["sk"]),
            f"{assign(leaves)} REMOVE #user_id, #sub",
            "#user_id = :last_user",
            leaves,
        ),
        Update(profile_key(user_id), assign(number), KNOWN, number),
        Update(
            phone_change_key(user_id),
            "SET #state = :moved REMOVE #queue, #at",
            "#asked_at = :seen AND #state = :was",
            {**seen, "moved": "MOVED"},
        ),
        Put({"pk": pk, "sk": sk, "user_id": user_id, "number": left, "left_at": now}, ANY),
    )
    try:
        table.transact(*writes, *also)
    except ConditionFailed as failure:
        if 0 in failure.found:
            raise NumberTaken(wording.NUMBER_TAKEN) from failure
        raise Conflict(wording.PHONE_CHANGED_MEANWHILE) from failure


def list_phone_reviews(limit: int, cursor: str | None) -> Page:
    """Return a page of changes that wait for staff, oldest first. Raises InvalidCursor."""
    return table.query(QUEUE, index="by_queue", limit=limit, cursor=cursor)


def decide_change(act: Act, seen: Item) -> Agreement | None:
    """See `approval.decide`."""
    return approval.decide(table, act, seen)
