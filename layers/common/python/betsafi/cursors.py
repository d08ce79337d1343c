"""Opaque cursors: where a page ended, given out and taken back, and refused where another list gave it out."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from betsafi.errors import InvalidCursor
from betsafi.languages import Both

BAD_CURSOR = Both(
    "This cursor is not valid. Start again from the first page.",
    "Cursor hii si sahihi. Anza tena kwenye ukurasa wa kwanza.",
)


def cursor_after(last: Mapping[str, Any] | None) -> str | None:
    """Return the cursor to what follows a key in DynamoDB's wire form; None where nothing does."""
    if not last:
        return None
    return base64.urlsafe_b64encode(json.dumps(last, separators=(",", ":")).encode()).decode().rstrip("=")


def start_key(cursor: str, pk_name: str, pk: str, names: set[str]) -> dict[str, Any]:
    """Return the key that a cursor of this partition has. Raises InvalidCursor unless it has just these names."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        ours = (
            key[pk_name] == {"S": pk}
            and set(key) == names
            and all(
                isinstance(value, dict) and list(value) == ["S"] and isinstance(value["S"], str) and value["S"].encode()
                for value in key.values()
            )
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidCursor(BAD_CURSOR) from error
    if not ours:
        raise InvalidCursor(
            Both(
                "This cursor belongs to another list. Start again from the first page.",
                "Cursor hii ni ya orodha nyingine. Anza tena kwenye ukurasa wa kwanza.",
            )
        )
    return dict(key)
