"""Cursors of a player's log: a place in it, which says nothing to anybody and is of use to its player alone. No I/O."""

from betsafi.cursors import BAD_CURSOR, cursor_to, place_of
from betsafi.errors import InvalidCursor

_DIGITS = 14
"""So all cursors are of one length, and a number is written in one way."""


def cursor_at(number: int, user_id: str, log_id: str) -> str:
    """Return the cursor to what follows a number in a player's log; `log_id` names the table that the log is in."""
    return cursor_to([f"{number:0{_DIGITS}d}"], _name(user_id, log_id))


def number_at(cursor: object, user_id: str, log_id: str) -> int:
    """Return the number of a cursor. Raises InvalidCursor for one that this player was not given for this log."""
    (number,) = place_of(cursor, _name(user_id, log_id), 1)
    if len(number) != _DIGITS or not (number.isascii() and number.isdigit()):
        raise InvalidCursor(BAD_CURSOR)
    return int(number)


def _name(user_id: str, log_id: str) -> str:
    return f"{log_id} updates {user_id}"
