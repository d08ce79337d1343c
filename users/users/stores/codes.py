"""The code that a number was sent last: one item, replaced, tried and used up under conditions."""

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Update
from users.table import code_key, table


def find_code(phone_number: str) -> Item | None:
    """Return the code that was sent last to a number, hashed, or None."""
    return table.get(code_key(phone_number))


def keep_code(phone_number: str, seen: Item | None, code: Item) -> bool:
    """Put a code in place of the one that was seen; return False where another came in between."""
    pk, sk = code_key(phone_number)
    condition = "#sent_at = :seen" if seen else "attribute_not_exists(pk)"
    try:
        table.write(Put({"pk": pk, "sk": sk, **code}, condition, {"seen": seen["sent_at"]} if seen else {}))
    except ConditionFailed:
        return False
    return True


def count_try(phone_number: str, challenge: str, most: int) -> Item | None:
    """Count one try at a number's code and return the code; None where no try is left, or none is any more in time.

    A code that was spent has tries for the challenge alone that spent it.
    """
    update = Update(
        code_key(phone_number),
        "ADD #tries :one",
        "#expires_at > :now AND (#spent_by = :challenge OR (attribute_not_exists(#spent_by) AND #tries < :most))",
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
