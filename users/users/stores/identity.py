"""Who a player says they are: one item, sealed, and the claim of their document once they are verified by it."""

from betsafi import clock
from betsafi.dynamodb import ANY, ConditionFailed, Item, Put, Update, Write, assign
from betsafi.errors import Conflict
from betsafi.telemetry import trace
from users import wording
from users.rules import PENDING, REJECTED, UNVERIFIED, VERIFIED
from users.table import KNOWN, document_key, gone, identity_key, player_pk, profile_key, table, write_below


class DocumentTaken(Exception):
    """Another account has this document; nothing was written."""


class Meanwhile(Conflict):
    """What was asked is already being looked at, or was decided."""

    code = "IDENTITY_DECIDED"
    sw = "Utambulisho wako unathibitishwa au umeshathibitishwa. Tafadhali wasiliana nasi ili kuubadilisha."


def find_identity(user_id: str) -> Item:
    """Return how a player's identity stands; UNVERIFIED in version 0 where they never said who they are."""
    return table.get(identity_key(user_id)) or {"user_id": user_id, "state": UNVERIFIED, "version": 0, "reasons": []}


def submit_identity(seen: Item, document: str, sealed: str, print_: str, day: str, asks: int) -> Item:
    """Keep what a player says of themselves, PENDING, whoever has the document; return it.

    Raises Erased, Meanwhile where it is not as it was seen any more.
    """
    user_id = seen["user_id"]
    pk, sk = identity_key(user_id)
    item = {
        "pk": pk,
        "sk": sk,
        "user_id": user_id,
        "state": PENDING,
        "version": seen["version"] + 1,
        "reasons": [],
        "document": document,
        "sealed": sealed,
        "fingerprint": print_,
        "asked_at": clock.stamp(),
        "day": day,
        "asks": asks,
        "trace": trace(),
    }
    unchanged = "#version = :seen" if seen["version"] else "attribute_not_exists(pk)"
    try:
        write_below(player_pk(user_id), Put(item, unchanged, {"seen": seen["version"]} if seen["version"] else {}))
    except ConditionFailed as failure:
        raise Meanwhile(wording.IDENTITY_DECIDED) from failure
    return item


def verify_identity(seen: Item, birthdate: str) -> None:
    """Say that a PENDING identity is verified, in its version, and when the player was born; claim the document.

    One that was decided already stays as it is. Raises DocumentTaken.
    """
    user_id = seen["user_id"]
    pk, sk = document_key(seen["document"])
    claim = {"pk": pk, "sk": sk, "user_id": user_id, "claimed_at": clock.stamp()}
    try:
        _decide(
            seen,
            VERIFIED,
            [],
            Put(claim, "attribute_not_exists(#user_id) OR #user_id = :user", {"user": user_id}),
            Update(profile_key(user_id), "SET #birthdate = :born", KNOWN, {"born": birthdate}),
        )
    except ConditionFailed as failure:
        if 1 in failure.found:
            raise DocumentTaken from failure
        raise


def reject_identity(seen: Item, reason: str) -> None:
    """Say why a PENDING identity is rejected, in its version; one that was decided already stays as it is."""
    _decide(seen, REJECTED, [reason])


def _decide(seen: Item, state: str, reasons: list[str], *also: Write) -> None:
    values: Item = {"state": state, "reasons": reasons, "decided_at": clock.stamp(), "trace": trace()}
    decided = Update(
        identity_key(seen["user_id"]),
        f"{assign(values)} ADD #version :one",
        "#state = :pending AND #version = :seen",
        {**values, "one": 1, "pending": PENDING, "seen": seen["version"]},
    )
    try:
        table.transact(decided, *also)
    except ConditionFailed as failure:
        if 0 not in failure.found:
            raise


def accept_terms(user_id: str, terms: str, privacy: str) -> Item:
    """Keep that a player accepted these versions, and when they first did; return the profile. Raises NotFound, Erased.

    Every acceptance stays; the profile says which is the last.
    """
    now = clock.stamp()
    kept = Update(
        (player_pk(user_id), f"TERMS#{terms}#{privacy}"),
        "SET #accepted_at = if_not_exists(#accepted_at, :now), #user_id = :user",
        ANY,
        {"now": now, "user": user_id},
    )
    values = {"terms": terms, "privacy": privacy, "terms_at": now, "trace": trace()}
    try:
        table.transact(kept, Update(profile_key(user_id), assign(values), KNOWN, values))
    except ConditionFailed as failure:
        raise gone(failure.item) from failure
    return table.get(profile_key(user_id)) or {}
