"""Cursors of a player's log: a place in it, which says nothing to anybody and is of use to its player alone. No I/O.

Whoever has one learns neither whose it is nor how to make another's; it is no secret, for it opens nothing.
"""

import base64
import hashlib

from betsafi.cursors import BAD_CURSOR
from betsafi.errors import InvalidCursor

_NUMBER_BYTES, _MARK_BYTES = 5, 10
_CHARACTERS = (_NUMBER_BYTES + _MARK_BYTES) * 4 // 3


def cursor_at(number: int, user_id: str, log_id: str) -> str:
    """Return the cursor to what follows a number in a player's log; `log_id` names the table that the log is in."""
    mark = hashlib.sha256(f"{log_id}\n{user_id}\n{number}".encode()).digest()[:_MARK_BYTES]
    return base64.urlsafe_b64encode(number.to_bytes(_NUMBER_BYTES) + mark).decode()


def number_at(cursor: object, user_id: str, log_id: str) -> int:
    """Return the number of a cursor. Raises InvalidCursor for one that this player was not given for this log."""
    if not isinstance(cursor, str) or len(cursor) != _CHARACTERS:
        raise InvalidCursor(BAD_CURSOR)
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(cursor)[:_NUMBER_BYTES])
    except ValueError as error:
        raise InvalidCursor(BAD_CURSOR) from error
    if cursor != cursor_at(number, user_id, log_id):
        raise InvalidCursor(BAD_CURSOR)
    return number
