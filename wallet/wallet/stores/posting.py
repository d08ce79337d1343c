"""How an entry is posted: once, under its own id, in one transaction with what it changes of its player's account."""

from collections.abc import Mapping
from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item, Key, Put, Write
from betsafi.errors import IdempotencyKeyReused
from betsafi.telemetry import trace
from wallet import wording
from wallet.rules import ledger
from wallet.rules.ledger import Entry
from wallet.stores import accounts, changes
from wallet.stores.changes import Change
from wallet.table import table

Names = Mapping[str, Any]
"""Who decided by hand what an entry posts, and why: its `decided_by` and `decided_because`."""

NOBODY: Names = {}
"""What follows by itself names nobody."""


def post(
    user_id: str,
    entry: Entry,
    key: Key,
    change: Change,
    *also: Write,
    facts: Item | None = None,
    cause: Item | None = None,
) -> None:
    """Write an entry and what it changes of the account, all or nothing. Position 0 is the account, 1 the entry.

    An entry that changes the player's debt says what is owed after it: its guard has seen the debt before.
    """
    cents = ledger.balance_changes(user_id, entry.postings)
    told = dict(facts or {})
    if cents["receivable"]:
        told["owed"] = -change.values["debt"] - cents["receivable"]
    account = accounts.changed(user_id, changes.moved(cents) + change, cause)
    table.transact(account, Put(entry_item(entry, key, {"user_id": user_id, **told})), *also)


def post_once(entry: Entry, key: Key, facts: Item | None = None) -> None:
    """Write an entry that touches no player's account. Raises IdempotencyKeyReused for its id with another body."""
    if (found := table.put_new(entry_item(entry, key, facts or {}))) is not None:
        same_or_refuse(found, entry)


def entry_item(entry: Entry, key: Key, facts: Item) -> Item:
    """Return an entry as it is kept, with what else is known of it."""
    return {
        "pk": key[0],
        "sk": key[1],
        "at": clock.stamp(),
        "entry_id": entry.id,
        "entry_kind": entry.kind,
        "reference": entry.reference,
        "postings": [[account, cents] for account, cents in entry.postings],
        "fingerprint": entry.fingerprint,
        **({"note": entry.note} if entry.note else {}),
        **({"decided_by": list(entry.decided_by)} if entry.decided_by else {}),
        **({"decided_because": list(entry.decided_because)} if entry.decided_because else {}),
        "trace": trace(),
        **facts,
    }


def same_or_refuse(found: Item, entry: Entry) -> None:
    """Raise IdempotencyKeyReused where what stands under an entry's id is another entry."""
    if found["fingerprint"] != entry.fingerprint:
        raise IdempotencyKeyReused(wording.ID_USED)
