"""The notifications table: a player's inbox, one item a subject, `USER#<id>` / `NOTE#<subject>`. No contact details.

A subject is a bet, a payment or the account's status. Its item is the note of the newest version that is known, so that
no older fact can come after it; the note's id, `<subject>.<version>`, is that note's alone. `status` is UNREAD or READ.
`delivery` is PENDING until the carrier has answered, then SENT or FAILED (with `failure`, its code); a note for the
inbox alone is SENT from the start. `fact` names what it is about; `told_cents` is what the bet pays by the result
that the player was last notified of.
"""

from betsafi.dynamodb import Key, Table
from betsafi.settings import TableSettings, read_settings

table = Table(read_settings(TableSettings).table_name)


def inbox_pk(user_id: str) -> str:
    """Below what a player's notes are."""
    return f"USER#{user_id}"


def note_key(user_id: str, subject: str) -> Key:
    """Where the newest note about a subject is."""
    return inbox_pk(user_id), f"NOTE#{subject}"
