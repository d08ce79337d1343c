"""Opaque cursors: where a page ended, given out and taken back, and refused where another list gave it out.

A cursor has only what the name of its list does not say, and whoever takes one makes that name anew: a player's list is
theirs by the token that they ask with. The name is what a cursor is marked and masked with. So there is no secret to
keep: who does not know the list can read nothing, and who made a cursor of their own would get to their own list.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from betsafi.errors import InvalidCursor
from betsafi.languages import Both

BAD_CURSOR = Both(
    "This cursor is not valid. Start again from the first page.",
    "Cursor hii si sahihi. Anza tena kwenye ukurasa wa kwanza.",
)
_FORM = "1"
"""How cursors are made: with another number all that were given out are refused."""
_MARK_BYTES = 10


def cursor_to(place: Sequence[str], name: str) -> str:
    """Return the cursor to a place, texts without NUL, in the list of this name."""
    body = "\0".join(place).encode()
    mark = _bytes("mark", name, body, _MARK_BYTES)
    return base64.urlsafe_b64encode(mark + _masked(body, mark, name)).decode().rstrip("=")


def place_of(cursor: object, name: str, texts: int) -> list[str]:
    """Return the place of so many texts that a cursor leads to. Raises InvalidCursor for another list's, and nonsense.

    Somebody who knows the list's name may have made it: the texts are input.
    """
    try:
        if not isinstance(cursor, str):
            raise TypeError
        given = base64.b64decode((cursor + "=" * (-len(cursor) % 4)).encode("ascii"), b"-_", validate=True)
        place = _masked(given[_MARK_BYTES:], given[:_MARK_BYTES], name).decode().split("\0")
    except (ValueError, TypeError) as error:
        raise InvalidCursor(BAD_CURSOR) from error
    if cursor != cursor_to(place, name) or len(place) != texts:
        raise InvalidCursor(BAD_CURSOR)
    return place


def _masked(body: bytes, mark: bytes, name: str) -> bytes:
    stream = _bytes("mask", name, mark, len(body))
    return bytes(one ^ other for one, other in zip(body, stream, strict=True))


def _bytes(use: str, name: str, of: bytes, length: int) -> bytes:
    return hashlib.shake_256(f"{_FORM} {use} {name}\0".encode() + of).digest(length)


def after_key(last: Mapping[str, Any] | None, pk_name: str, name: str) -> str | None:
    """Return the cursor to what follows a key in DynamoDB's wire form; None where nothing does.

    The partition that is asked, `pk_name`, is not in it: `name` says which it is.
    """
    return cursor_to([last[each]["S"] for each in sorted(last) if each != pk_name], name) if last else None


def start_key(cursor: str, key: Mapping[str, str], names: set[str], name: str) -> dict[str, Any]:
    """Return the whole key in wire form: `key` is what the list says of it, the cursor has its other `names`.

    Raises InvalidCursor.
    """
    others = sorted(names - key.keys())
    place = place_of(cursor, name, len(others))
    return {each: {"S": value} for each, value in {**key, **dict(zip(others, place, strict=True))}.items()}
