"""The table of frontend-api: ids and numbers, nothing that another service keeps.

`USER#<id>` / `UPDATES`: a player's log. `last` is the number of their newest update; `entries` has the things that
changed, each under the number of its newest change, as [number, seconds since 1970, kind, id, posted]; what changed up
to `floor` may be missing. The item stays while its player does: a number that was given out is never given again.
Of who was erased it says that alone (`erased`), without a number that an update could be written after.
"""

from betsafi.dynamodb import Key, Table
from betsafi.settings import TableSettings, read_settings

table = Table(read_settings(TableSettings).table_name)


def log_key(user_id: str) -> Key:
    """Where a player's log is."""
    return f"USER#{user_id}", "UPDATES"
