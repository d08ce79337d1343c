"""The notifications table. No contact details.

`USER#<id>` / `NOTE#<subject>`: a player's inbox, one item a subject. A subject is a bet, a payment or the account's
status. Its item is the note of the newest version that is known, so that no older fact can come after it; the note's
id, `<subject>.<version>`, is that note's alone. `status` is UNREAD or READ. `fact` names what it is about;
`told_cents` is what the bet pays by the result that the player was last notified of; `words` is the version of its
template's words.

`delivery` is KEPT where the note is for the inbox alone (`failure`: why it did not go out, if it should have); PENDING
while it waits for its `channel`; SENDING while a function has it, until `claimed_until`; SENT when
the carrier took it, DELIVERED when the carrier says that it arrived; FAILED when no channel is `left` (`failure`: the
last one's code).

`USER#<id>` / `READ`: up to which moment (`through`) no note is unread, so that nobody counts them from the first on.

`USER#<id>` / `PREFERENCES`: the channels that a player chose, by category; whether they want offers; the endpoints of
their apps; of who was erased that they were (`erased`), under a version that nothing written before meets.
`PROTECTION`: until when they may not play, as users says. `SENT#<day>`: the notes that count towards the day's limit.
`TOKEN#<hash>` / `CLAIM`: whose app a push token is now. `REPORT#<id>` / `NOTE`: of which note a carrier reports under
an id.
"""

import hashlib

from betsafi.dynamodb import Key, Table
from betsafi.settings import TableSettings, read_settings

table = Table(read_settings(TableSettings).table_name)


def inbox_pk(user_id: str) -> str:
    """Below what a player's notes are."""
    return f"USER#{user_id}"


def note_key(user_id: str, subject: str) -> Key:
    """Where the newest note about a subject is."""
    return f"USER#{user_id}", f"NOTE#{subject}"


def read_key(user_id: str) -> Key:
    """Where it is kept up to which moment no note of a player is unread."""
    return f"USER#{user_id}", "READ"


def preferences_key(user_id: str) -> Key:
    """Where a player's choices are."""
    return f"USER#{user_id}", "PREFERENCES"


def protection_key(user_id: str) -> Key:
    """Where it is kept until when a player may not play."""
    return f"USER#{user_id}", "PROTECTION"


def day_key(user_id: str, day: str) -> Key:
    """Where it is counted what a player was sent on a day."""
    return f"USER#{user_id}", f"SENT#{day}"


def token_hash(token: str) -> str:
    """Return what a push token is known by: the token itself is kept by SNS alone."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def token_key(hashed: str) -> Key:
    """Where it is kept whose app a push token is."""
    return f"TOKEN#{hashed}", "CLAIM"


def report_key(carrier_id: str) -> Key:
    """Where it is kept of which note a carrier reports."""
    return f"REPORT#{carrier_id}", "NOTE"
