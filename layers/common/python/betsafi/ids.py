"""Identifiers derived from what they name, so that a replay is recognised, and fingerprints of requests."""

import hashlib
import json
import re
import uuid
from typing import Any

from betsafi.errors import InvalidInput
from betsafi.languages import Both

PATTERN = r"[A-Za-z0-9:._-]{1,128}"
"""What an id looks like in a path or a body of a service's API: it separates nothing and needs no escaping."""

LONGEST = 128
"""How many characters an id may have, here and in every event."""

NO_PATH_ID = Both(
    f"{{name}} has 1 to {LONGEST} letters, digits or : . _ -",
    f"{{name}} ina herufi au tarakimu 1 hadi {LONGEST}, au : . _ -",
)

_NAMESPACE = uuid.UUID("3a0c2f4e-5d0b-5b43-9a55-7f2f1b6f6e10")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9:._/=|+-]+")
_PATH_IDENTIFIER = re.compile(PATTERN)


def derive_id(*parts: str | int) -> str:
    """Return the same UUID for the same parts, for ever."""
    return str(uuid.uuid5(_NAMESPACE, "|".join(str(part) for part in parts)))


def fingerprint(body: Any) -> str:
    """Return a digest of a JSON-like value that does not depend on the order of keys."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]


def request_id(text: Any) -> str:
    """Return a caller's request id unchanged. Raises InvalidInput unless it is 8 to 64 letters, digits, - or _."""
    if not isinstance(text, str) or not _REQUEST_ID.fullmatch(text):
        raise InvalidInput(
            Both(
                "clientRequestId must be 8 to 64 letters, digits, hyphens or underscores.",
                "clientRequestId lazima iwe herufi, tarakimu, - au _, kuanzia 8 hadi 64.",
            ),
            field="clientRequestId",
            min=8,
            max=64,
        )
    return text


def identifier(text: Any, longest: int = LONGEST, *, name: str = "An id") -> str:
    """Return an id unchanged: ours, or a feed's such as `sr:match:123/18/total=2.5|x=1`. `name` is its field's.

    Raises InvalidInput unless it is 1 to `longest` letters, digits or : . _ - / = | +
    """
    if not isinstance(text, str) or not _IDENTIFIER.fullmatch(text) or len(text) > longest:
        raise InvalidInput(
            Both(
                f"{name} has 1 to {longest} letters, digits or : . _ - / = | +",
                f"{name} ina herufi au tarakimu 1 hadi {longest}, au : . _ - / = | +",
            ),
            field=name,
            min=1,
            max=longest,
        )
    return text


def path_identifier(text: Any, name: str) -> str:
    """Return an id that stands in an API's path or body. Raises InvalidInput unless it fits PATTERN."""
    if not isinstance(text, str) or not _PATH_IDENTIFIER.fullmatch(text):
        raise InvalidInput(NO_PATH_ID.format(name=name), field=name, min=1, max=LONGEST)
    return text
