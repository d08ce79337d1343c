"""The code that a number was sent last for a purpose: one item, replaced, tried and used up under conditions."""

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write
from users.table import Purpose, code_key, table


def find_code(phone_number: str, purpose: Purpose = Purpose.SIGN_IN) -> Item | None:
    """Return the code that was sent last to a number, hashed, or None."""
    return table.get(code_key(phone_number, purpose))


def keep_code(phone_number: str, purpose: Purpose, seen: Item | None, code: Item) -> bool:
    """Put a code in place of the one that was seen; return False where another, or a try, came in between."""
    pk, sk = code_key(phone_number, purpose)
    condition = "#sent_at = :seen AND #tries = :tries" if seen else "attribute_not_exists(pk)"
    values = {"seen": seen["sent_at"], "tries": seen["tries"]} if seen else {}
    try:
        table.write(Put({"pk": pk, "sk": sk, **code}, condition, values))
    except ConditionFailed:
        return False
    return True


def count_try(phone_number: str, purpose: Purpose, challenge: str, most: int) -> Item | None:
    """Count one try at a number's code and return the code; None where no try is left, or none is any more in time.

    A code that was spent has tries for the challenge alone that spent it; one that is locked has none.
    """
    update = Update(
        code_key(phone_number, purpose),
        "ADD #tries :one",
        "attribute_not_exists(#locked_until) AND #expires_at > :now AND "
        "(#spent_by = :challenge OR (attribute_not_exists(#spent_by) AND #tries < :most))",
        {"one": 1, "now": clock.stamp(), "challenge": challenge, "most": most},
    )
    try:
        return table.write(update)
    except ConditionFailed:
        return None


def spend_code(code: Item, challenge: str) -> bool:
    """Use a code up for one challenge; return whether that challenge has it, now or since an earlier try."""
    update = Update(
        (code["pk"], code["sk"]),
        "SET #spent_by = :challenge",
        "#sent_at = :seen AND (attribute_not_exists(#spent_by) OR #spent_by = :challenge)",
        {"challenge": challenge, "seen": code["sent_at"]},
    )
    try:
        table.write(update)
    except ConditionFailed:
        return False
    return True


def lock_code(code: Item, until: str, *also: Write) -> bool:
    """Take no code of this number and purpose before a moment, and write `also`; return whether it is this call that
    locked them."""
    update = Update(
        (code["pk"], code["sk"]),
        "SET #locked_until = :until",
        "#sent_at = :seen AND attribute_not_exists(#locked_until)",
        {"until": until, "seen": code["sent_at"]},
    )
    try:
        table.transact(update, *also)
    except ConditionFailed:
        return False
    return True


def unlocked(phone_number: str, purpose: Purpose) -> Update:
    """Return the write that ends a lock, and forgets the wrong answers behind it."""
    change = "SET #tries = :none REMOVE #locked_until, #wrong, #wrong_since"
    return Update(code_key(phone_number, purpose), change, values={"none": 0})
