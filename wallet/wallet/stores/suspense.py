"""Money that touches no player: transfers of the house, and what a provider took that belongs to nobody we know yet."""

from dataclasses import replace

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Write
from betsafi.errors import Conflict, NotFound
from betsafi.telemetry import trace
from wallet.rules import ledger
from wallet.rules.ledger import Entry
from wallet.rules.providers import STANDARD, Provider
from wallet.stores.posting import NOBODY, Names, entry_item, post_once
from wallet.table import system_key, table


class AlreadyBooked(Conflict):
    """Money that moved under this receipt is in the ledger already; it is booked once."""

    code = "ALREADY_BOOKED"
    sw = "Risiti hii imeshaingizwa kwenye hesabu."

    def __init__(self) -> None:
        super().__init__("This receipt is booked already. Look at what was booked before you ask again.")


def post_system(entry: Entry) -> None:
    """Post an entry that touches no player, once. Raises IdempotencyKeyReused for the same id with another body."""
    post_once(entry, system_key(entry.id))


def is_booked(entry: Entry) -> bool:
    """Return whether an entry of this id is posted already."""
    return table.get(system_key(entry.id)) is not None


def book(entry: Entry, *also: Write) -> None:
    """Post what moved money of ours outside, once, and write `also`, of which the first ends its proposal, or neither.

    Nothing is posted where somebody else ended the proposal at this moment. Raises AlreadyBooked, Conflict.
    """
    try:
        table.transact(Put(entry_item(entry, system_key(entry.id), {})), *also)
    except ConditionFailed as failure:
        if 1 in failure.found:
            return
        if 0 in failure.found:
            raise AlreadyBooked from failure
        raise Conflict("Somebody else decided at this moment. Look again.") from failure


def return_suspense(receipt: str, amount: int, named: Names = NOBODY, provider: Provider = STANDARD) -> None:
    """Send money in suspense back. Raises NotFound, Conflict, IdempotencyKeyReused if it was assigned."""
    check_standing(receipt, amount)
    post_once(replace(ledger.suspense_return(receipt, amount, provider), **named), system_key(receipt, 1))


def check_standing(receipt: str, amount: int) -> None:
    """Raise NotFound where nothing came in under a receipt, Conflict unless it is just as much."""
    found = table.get(system_key(receipt))
    if found is None or found["entry_kind"] != "SUSPENSE_IN":
        raise NotFound("There is no such money in suspense.")
    standing = sum(cents for name, cents in found["postings"] if name == ledger.SUSPENSE)
    if amount != standing:
        raise Conflict("Suspense is assigned or returned as a whole.", amountCents=standing)


def assigned_to(receipt: str, user_id: str) -> Item:
    """Return the marker that money in suspense is spoken for; its postings are the player's entry's."""
    pk, sk = system_key(receipt, 1)
    return {
        "pk": pk,
        "sk": sk,
        "at": clock.stamp(),
        "entry_id": receipt,
        "entry_kind": "SUSPENSE_RESOLVED",
        "reference": f"assigned to {user_id}",
        "postings": [],
        "fingerprint": "",
        "trace": trace(),
    }
