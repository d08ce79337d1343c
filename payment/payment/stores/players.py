"""What is kept of players: account numbers, prompts' references, what they withdrew on a day, whether one was paid."""

from betsafi import clock
from betsafi.dynamodb import ANY, Item, Key, Put, Update
from betsafi.errors import Contention
from payment import numbers, wording
from payment.stores import payments
from payment.table import table

TRIES = 20
"""How many numbers are tried for one that is free."""


def number_of(user_id: str) -> str:
    """Return the player's account number, taken at the first call and for ever. Raises Contention: none is free."""
    for attempt in range(TRIES):
        number = numbers.account_number(user_id, attempt)
        standing = table.get(number_key(number)) or table.put_new(claim_number(number, user_id).item)
        if standing is None or standing["user_id"] == user_id:
            return number
    raise Contention(wording.NO_NUMBER_FREE)


def number_key(number: str) -> Key:
    """Return the key under which stands whose account number it is."""
    return f"NUMBER#{number}", "NUMBER"


def claim_number(number: str, user_id: str) -> Put:
    """The claim of an account number, for ever."""
    pk, sk = number_key(number)
    return Put({"pk": pk, "sk": sk, "user_id": user_id})


def player_of(number: str) -> str | None:
    """Return whose account number this is, or None."""
    found = table.get(number_key(number))
    return found["user_id"] if found else None


def claim_reference(reference: str, payment_id: str) -> Put:
    """The claim of the reference that a deposit's prompt carries."""
    return Put({"pk": f"REFERENCE#{reference}", "sk": "REFERENCE", "payment_id": payment_id})


def prompt_of(reference: str) -> Item | None:
    """Return the deposit whose prompt carried this reference, or None."""
    found = table.get((f"REFERENCE#{reference}", "REFERENCE"))
    return payments.find(found["payment_id"]) if found else None


def count_prompt(user_id: str, now: int, pause_seconds: int) -> Update:
    """What lets a player have one prompt in so many seconds; the item that refuses it has `next_at`."""
    return Update(
        _prompted(user_id),
        "SET #next_at = :next",
        condition="attribute_not_exists(#next_at) OR #next_at <= :now",
        values={"next": now + pause_seconds, "now": now},
    )


def next_prompt_at(user_id: str) -> int:
    """Return from which second of the epoch on the player may have the next prompt; 0: they never had one."""
    return int((table.get(_prompted(user_id)) or {}).get("next_at", 0))


def withdrawn_on(user_id: str, day: str) -> int:
    """Return how many cents of withdrawals count in a day of the player."""
    return int((table.get(_day(user_id, day)) or {}).get("withdrawn", 0))


def take_from_day(user_id: str, day: str, amount_cents: int, most_cents: int) -> Update:
    """What counts a withdrawal in the player's day; the item that refuses it has `withdrawn`."""
    return Update(
        _day(user_id, day),
        "ADD #withdrawn :amount",
        condition=("attribute_not_exists(#withdrawn) OR " if amount_cents <= most_cents else "")
        + "#withdrawn <= :room",
        values={"amount": amount_cents, "room": most_cents - amount_cents},
    )


def give_back_to_day(withdrawal: Item) -> Update:
    """Room in the player's day again, for a withdrawal that was not paid."""
    day = _day(withdrawal["user_id"], withdrawal["day"])
    return Update(day, "ADD #withdrawn :minus", values={"minus": -withdrawal["amount_cents"]})


def mark_paid(user_id: str, sent_at: str) -> Update:
    """That a withdrawal of the player was completed, and of which moment the number was that it went to."""
    mark = "SET #first_at = if_not_exists(#first_at, :now), #last_at = :sent"
    return Update(_paid_mark(user_id), mark, ANY, {"now": clock.stamp(), "sent": sent_at})


def was_paid_before(user_id: str) -> bool:
    """Return whether a withdrawal of the player was ever completed."""
    return table.get(_paid_mark(user_id)) is not None


def paid_last(user_id: str) -> str:
    """Return when the withdrawal was asked for or reviewed that was completed last; "": none, or it is not known."""
    return str((table.get(_paid_mark(user_id)) or {}).get("last_at", ""))


def _prompted(user_id: str) -> Key:
    return f"PLAYER#{user_id}", "PROMPT"


def _day(user_id: str, day: str) -> Key:
    return f"PLAYER#{user_id}", f"DAY#{day}"


def _paid_mark(user_id: str) -> Key:
    return f"PLAYER#{user_id}", "PAID"
